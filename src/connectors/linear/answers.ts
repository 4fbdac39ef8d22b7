// What Linear's GraphQL API answers. It answers 200 also when it refuses, and 400 where others answer 429; what happened
// stands in `errors`: https://linear.app/developers/graphql and https://linear.app/developers/rate-limiting

import type { Json, JsonObject } from "../../model/json";
import type { Outcome } from "../../model/outcome";
import type { OutboundResponse } from "../connector";
import { isObject, textAt, valueAt } from "../inbound/read";
import { snakeCase } from "../inbound/snake-case";
import { parseAnswer } from "../outbound/answer";
import { type Failure, leftOpen } from "../outbound/failure";
import { boundedWait, retryAfterMs } from "../outbound/retry-after";
import { answerBy, type PermanentClass } from "../outbound/statuses";

/** By `extensions.code`, or by `extensions.type`, where the same words are in lower case with spaces. */
const CLASSES: ReadonlyMap<string, PermanentClass> = new Map<string, PermanentClass>([
	["authentication_error", "auth"],
	["feature_not_accessible", "permission"],
	["forbidden", "permission"],
	["usage_limit_exceeded", "permission"],
	["graphql_error", "invalid"],
	["graphql_validation_failed", "invalid"],
	["input_error", "invalid"],
	["invalid_input", "invalid"],
	["user_error", "invalid"],
]);

/** Refused before anything was done. */
const LATER = new Set(["lock_timeout", "ratelimited"]);

export const linearAnswer = answerBy({ title: "Linear", first: failureIn, wait: resetMs });

function failureIn(response: OutboundResponse, now: number, repeatable: boolean): Failure | undefined {
	const body = parseAnswer(response.body);
	const root = rootOf(body);
	if (valueAt(root, "success") === false) {
		return { kind: "permanent", class: "invalid", reason: "Linear answered that it did not succeed" };
	}
	const error = errorOf(body);
	// Where only a part of an answer is missing, the call itself went well.
	if (error === undefined || isObject(root)) return undefined;
	return failureOf(error, response, { now, repeatable });
}

function failureOf(
	error: JsonObject,
	response: OutboundResponse,
	{ now, repeatable }: { now: number; repeatable: boolean },
): Failure | undefined {
	const codes = codesOf(error);
	const words = codes.map(snakeCase);
	const reason = `Linear answered ${codes[0] ?? `${response.status} with an error`}`;
	if (words.some((word) => LATER.has(word))) {
		const after_ms = retryAfterMs(response, now) ?? resetMs(response, now);
		return { kind: "transient", reason, ...(after_ms !== undefined && { after_ms }) };
	}
	// What failed below a call failed after it.
	if (depthOf(error) > 1) return leftOpen(reason, repeatable);
	const known = words.map((word) => CLASSES.get(word)).find((each) => each !== undefined);
	if (known !== undefined) return { kind: "permanent", class: isMissing(error) ? "not_found" : known, reason };
	// The status says more than a code that nobody knows, unless it says that all is well.
	return response.status >= 300 ? undefined : leftOpen(reason, repeatable);
}

/** Only what looks like a code: it goes into reasons, where nothing else of an answer belongs. */
function codesOf(error: JsonObject): string[] {
	const texts = ["extensions.code", "extensions.type"].map((path) => textAt(error, path) ?? "");
	return texts.filter((text) => /^[A-Za-z][A-Za-z_ ]{0,59}$/.test(text));
}

function depthOf(error: JsonObject): number {
	const path = valueAt(error, "path");
	return Array.isArray(path) ? path.length : 0;
}

/** Nothing else tells what is not there from other bad input. */
function isMissing(error: JsonObject): boolean {
	return /^entity not found\b/i.test(textAt(error, "message") ?? "");
}

function errorOf(body: Json | undefined): JsonObject | undefined {
	const errors = valueAt(body, "errors");
	return Array.isArray(errors) ? errors.find(isObject) : undefined;
}

/** What the one call of a document gave. */
export function rootOf(body: Json | undefined): Json | undefined {
	const data = valueAt(body, "data");
	return isObject(data) ? Object.values(data)[0] : undefined;
}

/** True if the answer says that the change was made. */
export function isDone(body: Json): boolean {
	return valueAt(rootOf(body), "success") === true;
}

/** True if the answer says that what the call is about does not exist. */
export function saysMissing(response: OutboundResponse): boolean {
	const body = parseAnswer(response.body);
	const error = errorOf(body);
	return error !== undefined && !isObject(rootOf(body)) && depthOf(error) < 2 && isMissing(error);
}

/** Nobody but us makes that id, so an earlier request has taken effect. What it made, a look will tell. */
export function takenBefore(response: OutboundResponse): Outcome | undefined {
	const message = textAt(errorOf(parseAnswer(response.body)), "message") ?? "";
	if (!/^conflict on insert of (Issue|Comment)\b/i.test(message)) return undefined;
	return { kind: "unknown", reason: "Linear answered that there is one with this id", timed_out: false };
}

const LIMITS = ["x-ratelimit-requests", "x-ratelimit-complexity", "x-ratelimit-endpoint-requests"];

/** Resets are in epoch milliseconds. The last of those counts that are used up; if none says so, that of requests. */
function resetMs({ headers }: OutboundResponse, now: number): number | undefined {
	const usedUp = LIMITS.filter((limit) => headers[`${limit}-remaining`] === "0");
	const resets = (usedUp.length > 0 ? usedUp : LIMITS.slice(0, 1)).map((limit) => headers[`${limit}-reset`] ?? "");
	const times = resets.filter((reset) => /^\d{1,15}$/.test(reset)).map(Number);
	return times.length === 0 ? undefined : boundedWait(Math.max(...times) - now);
}
