// The canonical event: what every connector's deliveries become before anything else looks at them.

import { z } from "zod";
import { Json, type JsonObject } from "./json";
import { Name } from "./name";

export const ACTOR_KINDS = ["human", "automation", "system", "self", "mixed", "unknown"] as const;

/**
 * How far a delivery can be believed. `signed`: body and time are signed. `signed_untimed`: the body
 * is signed, a capture can be replayed for ever. `bearer`: the caller is authenticated, the body is not
 * covered. `token`: a shared secret came along, nothing is signed.
 */
export const TRUST_LEVELS = ["signed", "signed_untimed", "bearer", "token"] as const;

export const EventId = z.string().regex(/^evt_[0-9a-f]{32}$/);
export const TraceId = z.string().regex(/^[0-9a-f]{32}$/);

export const Actor = z.strictObject({
	kind: z.enum(ACTOR_KINDS),
	id: z.string().max(256).optional(),
	name: z.string().max(256).optional(),
});
export type Actor = z.infer<typeof Actor>;

export const Change = z.strictObject({
	field: z.string().max(256),
	from: Json.optional(),
	to: Json.optional(),
});
export type Change = z.infer<typeof Change>;

/**
 * What the source sent. It was parsed from JSON, so whatever is in it is JSON; walking it again would cost more than all
 * other checks together.
 */
const Data = z.custom<JsonObject>(
	(value) => typeof value === "object" && value !== null && !Array.isArray(value),
	"must be an object",
);

export const CanonicalEvent = z.strictObject({
	id: EventId,
	tenant_id: Name,
	source: Name,
	source_system: Name,
	event_type: z.string().min(1).max(200),
	native_type: z.string().min(1).max(200),
	entity: z.strictObject({ type: z.string().min(1).max(64), id: z.string().min(1).max(400) }),
	entity_id: z.string().min(1).max(530),
	actor: Actor,
	timestamp: z.iso.datetime({ offset: false }),
	received_at: z.iso.datetime({ offset: false }),
	sequence: z.string().max(64).optional(),
	changes: z.array(Change).max(1_000),
	data: Data,
	trust: z.enum(TRUST_LEVELS),
	trace: z.strictObject({
		trace_id: TraceId,
		hops: z.int().min(0),
		path: z.array(z.string()).max(64),
		caused_by: z.strictObject({ run: z.string(), step: z.string() }).optional(),
	}),
	schema_version: z.literal(1),
});
export type CanonicalEvent = z.infer<typeof CanonicalEvent>;

/** What tells which of two events of one entity is the newer, whatever order they arrive in. */
export type OrderKey = Pick<CanonicalEvent, "timestamp" | "sequence">;
