// Changes told as two states of one thing.

import type { Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";

/** The fields as they were and as they are; undefined where a state does not hold one. */
export function changesOf(fields: string[], { before, now }: { before: JsonObject; now: JsonObject }): Change[] {
	return fields.map((field) => ({ field, from: memberOf(before, field), to: memberOf(now, field) }));
}

/** A member by its whole name, which may hold dots. */
export function memberOf(json: JsonObject | undefined, name: string): Json | undefined {
	return json !== undefined && Object.hasOwn(json, name) ? json[name] : undefined;
}
