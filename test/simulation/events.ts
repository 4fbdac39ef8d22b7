// The events of one history: a burst, told late or out of order, of one or two deals, by people who may be asked later.

import type { CanonicalEvent } from "../../src/model/event";
import type { Prng } from "./prng";
import { START } from "./world";

export const TENANT = "acme";
/** What an event can be about, for joins: two sources tell of them. */
export const KINDS = ["a", "b", "c", "d"] as const;
export type Kind = (typeof KINDS)[number];

export interface Planned {
	event: CanonicalEvent;
	at: number;
}

export function eventsOf(prng: Prng, scale: number, most: number): Planned[] {
	const isSequenced = prng.chance(0.4);
	const entities = prng.between(1, 2);
	const burst = prng.between(1, most);
	let at = START + 1_000;
	return Array.from({ length: burst }, (_, n) => {
		at += Math.floor(prng.next() * scale * prng.pick([0, 0.1, 1, 2]));
		// Some happened well before they are told.
		const happenedAt = at - (prng.chance(0.4) ? Math.floor(prng.next() * scale * 2) : 0);
		return { event: eventOf(prng, n, { happenedAt, entities, isSequenced }), at };
	});
}

function eventOf(
	prng: Prng,
	n: number,
	{ happenedAt, entities, isSequenced }: { happenedAt: number; entities: number; isSequenced: boolean },
): CanonicalEvent {
	const trace_id = (n + 1).toString(16).padStart(32, "0");
	const id = String(prng.between(1, entities));
	const time = new Date(happenedAt).toISOString();
	const kind = prng.pick(KINDS);
	const source = kind === "a" || kind === "b" ? "crm" : "billing";
	return {
		id: `evt_${trace_id}`,
		tenant_id: TENANT,
		source,
		source_system: source,
		event_type: "deal.updated",
		native_type: "deal.updated",
		entity: { type: "deal", id },
		entity_id: `crm/deal/${id}`,
		actor: { kind: "human", id: prng.pick(["u_ann", "u_bob", "u_eve"]) },
		timestamp: time,
		received_at: time,
		...(isSequenced ? { sequence: String(10n ** 20n + BigInt(happenedAt)) } : {}),
		changes: [{ field: "stage", from: n, to: n + 1 }],
		data: { n, group: prng.between(1, 2), kind, items: Array.from({ length: prng.between(0, 6) }, (_, i) => i) },
		trust: "signed",
		trace: { trace_id, hops: 0, path: [] },
		schema_version: 1,
	};
}

export function kindOf(event: CanonicalEvent): Kind {
	return KINDS.find((kind) => kind === event.data.kind) ?? "a";
}

/** How many elements a step that fans out over the event's list has. */
export function itemsOf(event: CanonicalEvent): number {
	return Array.isArray(event.data.items) ? event.data.items.length : 0;
}
