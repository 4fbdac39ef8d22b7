// From a verified delivery to its events, whether it has just come or was kept because it could not be read.

import type { Delivery, NormalizedEvent, SourceSide } from "../connectors/connector";
import type { CanonicalEvent } from "../model/event";
import type { Json } from "../model/json";
import { ok, type Result } from "../model/result";
import type { Source } from "../model/source";
import { canonicalEvent } from "./canonical";
import { type BodyKind, parseBody, statedKind } from "./parse";

export interface Taken {
	source: Source;
	side: SourceSide;
	delivery: Delivery;
	/** What a kept one was trusted with when it came. */
	trust?: CanonicalEvent["trust"];
}

/** `unread`: why some of it is no event. `answer`: what the system wants to hear, and nothing else is to be done. */
export type Reading =
	| { kind: "events"; events: CanonicalEvent[]; unread: string[] }
	| { kind: "answer"; body: string; content_type: string };

/** What the system is known to send. */
export function kindOf({ source, side }: Pick<Taken, "source" | "side">): BodyKind {
	return side.body?.(source.config) ?? "json";
}

/** Systems that send forms may be told to send JSON. */
export function jsonOf(taken: Taken): Result<Json, { detail: string }> {
	const kind = kindOf(taken);
	return parseBody(taken.delivery.body, kind === "form" ? statedKind(taken.delivery.headers) : kind);
}

export function readingOf(taken: Taken, json: Json): Result<Reading, string> {
	const normalized = taken.side.normalize(taken.delivery, json, taken.source.config);
	if (!normalized.ok) return normalized;
	const said = normalized.value;
	if (said.kind === "answer") return ok(said);
	const { events, problems } = canonicalEvents(said.events, taken);
	return ok({ kind: "events", events, unread: [said.unreadable ?? [], problems].flat() });
}

/** Those that can be kept, and why the others cannot. */
function canonicalEvents(
	found: NormalizedEvent[],
	{ source, side, delivery, trust = side.trust(source.config) }: Taken,
): { events: CanonicalEvent[]; problems: string[] } {
	const { received_at, body } = delivery;
	const all = found.map((each) => canonicalEvent(each, { source, trust, received_at, body_bytes: body.byteLength }));
	return {
		events: all.flatMap((event) => (event.ok ? [event.value] : [])),
		problems: all.flatMap((event) => (event.ok ? [] : [event.error])),
	};
}
