// From what a connector found to the canonical event: tenant, source, times, and ids that a redelivery has again.

import { createHash } from "node:crypto";
import type { NormalizedEvent } from "../connectors/connector";
import { CanonicalEvent } from "../model/event";
import { err, ok, type Result } from "../model/result";
import type { Source } from "../model/source";

export interface Received {
	source: Source;
	trust: CanonicalEvent["trust"];
	received_at: number;
	/** Length of the body that it was found in. */
	body_bytes: number;
}

/** An object knows its name up to 1,024 bytes, and its tenant's name and what separates them stand in front. */
const MAX_ENTITY_BYTES = 900;
/** A row takes 2 MB, and there is more in it than the event. */
const MAX_EVENT_BYTES = 1_200_000;
/** The event of a body below this cannot become that large: its changes repeat its data at most once. */
const SMALL_BODY_BYTES = 100_000;

/** The event, or why it is none: the connector found something that no event can hold. */
export function canonicalEvent(
	found: NormalizedEvent,
	{ source, trust, received_at, body_bytes }: Received,
): Result<CanonicalEvent, string> {
	const trace_id = idOf(source.tenant, source.name, found.delivery_key);
	const event = CanonicalEvent.safeParse({
		id: `evt_${trace_id}`,
		tenant_id: source.tenant,
		source: source.name,
		source_system: source.connector,
		event_type: found.event_type,
		native_type: found.native_type,
		entity: found.entity,
		entity_id: `${source.connector}/${found.entity.type}/${found.entity.id}`,
		actor: found.actor,
		timestamp: new Date(found.occurred_at ?? received_at).toISOString(),
		received_at: new Date(received_at).toISOString(),
		...(found.sequence === undefined ? {} : { sequence: found.sequence }),
		changes: found.changes,
		data: found.data,
		trust,
		trace: { trace_id, hops: 0, path: [] },
		schema_version: 1,
	});
	if (!event.success) {
		const { path = [], message = "" } = event.error.issues[0] ?? {};
		return err(`${path.join(".")}: ${message}`);
	}
	const tooLarge =
		limit("the entity's id", event.data.entity_id, MAX_ENTITY_BYTES) ??
		(body_bytes < SMALL_BODY_BYTES ? null : limit("the event", JSON.stringify(event.data), MAX_EVENT_BYTES));
	return tooLarge === null ? ok(event.data) : err(tooLarge);
}

function limit(what: string, text: string, max: number): string | null {
	const bytes = new TextEncoder().encode(text).byteLength;
	return bytes <= max ? null : `${what} takes ${bytes} bytes, and at most ${max} can be kept`;
}

/** 32 hex digits from length-prefixed parts, so that no two sources share an id. */
export function idOf(...parts: string[]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(`${part.length}:${part}`);
	return hash.digest("hex").slice(0, 32);
}
