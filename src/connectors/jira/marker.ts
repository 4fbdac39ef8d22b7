// How our writes are told apart in Jira: by a label and an entity property on issues that we create, by a property on
// comments, and by what the history says of its cause.

import type { JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Mark } from "../connector";

/** The key of the entity property, and the name that histories give as their cause. */
export const OWN = "signalbox";
export const LABEL_PREFIX = "signalbox-";

/** What needs no quoting within a quoted JQL string. */
const KEY = /^[\w.:-]{1,200}$/;

/** A label holds no spaces and at most 255 characters. */
export function labelOf({ idempotency_key }: Mark): Result<string, string> {
	if (!KEY.test(idempotency_key)) return err("the idempotency key cannot stand in a label");
	return ok(`${LABEL_PREFIX}${idempotency_key}`);
}

export function propertyOf(mark: Mark): JsonObject {
	return { key: OWN, value: { k: mark.idempotency_key, trace: mark.trace_id } };
}

export function historyOf(mark: Mark): JsonObject {
	return {
		type: OWN,
		generator: { id: OWN, type: "application", displayName: "Signalbox" },
		cause: { id: mark.run, type: "run" },
	};
}
