// The last step of every `normalize`: events, held to the lengths that the canonical event allows.

import type { Actor } from "../../model/event";
import { err, ok, type Result } from "../../model/result";
import type { Normalized, NormalizedEvent } from "../connector";
import { MAX_ID } from "./read";

const MAX_CHANGES = 1_000;
const MAX_ACTOR = 256;

export function oneEvent(event: NormalizedEvent): Result<Normalized, string> {
	const fit = fitEvent(event);
	return fit.ok ? ok({ kind: "events", events: [fit.value] }) : fit;
}

/**
 * What identifies an event must fit, or it is refused: cut ids could make two things one. What only describes it is
 * left out instead, and of very many changes the first thousand are kept; `data` has all of it.
 */
export function fitEvent(event: NormalizedEvent): Result<NormalizedEvent, string> {
	const tooLong =
		limit("event type", event.event_type, 200) ??
		limit("native type", event.native_type, 200) ??
		limit("entity type", event.entity.type, 64) ??
		limit("entity id", event.entity.id, MAX_ID) ??
		limit("event id", event.delivery_key, MAX_ID);
	if (tooLong !== undefined) return err(tooLong);
	return ok({ ...event, actor: fitActor(event.actor), changes: fitChanges(event) });
}

function limit(what: string, text: string, max: number): string | undefined {
	return text.length > max ? `the ${what} is ${text.length} characters long; at most ${max} are possible` : undefined;
}

function fitActor(actor: Actor): Actor {
	const { kind, id, name } = actor;
	return {
		kind,
		...(id !== undefined && id.length <= MAX_ACTOR && { id }),
		...(name !== undefined && name.length <= MAX_ACTOR && { name }),
	};
}

function fitChanges(event: NormalizedEvent): NormalizedEvent["changes"] {
	return event.changes.filter((change) => change.field.length <= 256).slice(0, MAX_CHANGES);
}
