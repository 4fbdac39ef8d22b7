// What a message says now and said before.

import type { Change } from "../../model/event";
import { canonicalText, type JsonObject } from "../../model/json";
import { changesOf, memberOf } from "../inbound/changes";

export function messageChanges(now: JsonObject | undefined, before: JsonObject | undefined): Change[] {
	if (now === undefined || before === undefined) return [];
	const fields = [...new Set([...Object.keys(now), ...Object.keys(before)])];
	// `edited` only says that there was an edit, and when.
	const changed = fields.filter((field) => field !== "edited" && differs(field, { now, before }));
	return changesOf(changed, { now, before });
}

/** True if the field holds something else than before. */
export function differs(field: string, { now, before }: { now: JsonObject; before?: JsonObject | undefined }): boolean {
	return canonicalText(memberOf(now, field)) !== canonicalText(memberOf(before, field));
}
