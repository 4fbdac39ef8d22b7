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
}

/** The event, or why it is none: the connector found something that no event can hold. */
export function canonicalEvent(
	found: NormalizedEvent,
	{ source, trust, received_at }: Received,
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
	if (event.success) return ok(event.data);
	const { path = [], message = "" } = event.error.issues[0] ?? {};
	return err(`${path.join(".")}: ${message}`);
}

/** 32 hex digits from length-prefixed parts, so that no two sources share an id. */
export function idOf(...parts: string[]): string {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(`${part.length}:${part}`);
	return hash.digest("hex").slice(0, 32);
}
