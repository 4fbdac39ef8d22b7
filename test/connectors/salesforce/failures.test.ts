// What Salesforce's refusals mean, for every action.

import { describe, expect, test } from "vitest";
import { actionNames } from "../../../src/connectors";
import { actionOf, answer, judged } from "../actions";

const actions = actionNames().filter((name) => name.startsWith("salesforce."));

test("every action may be repeated", () => {
	expect(actions.map((name) => name.split(".")[1])).toEqual([
		"delete_record",
		"get_record",
		"restore_record",
		"update_record",
		"upsert_record",
	]);
	expect(actions.every((name) => actionOf(name).repeatable)).toBe(true);
});

function refusal(errorCode: string, message = "s3cret a@b") {
	return [{ message, errorCode, fields: ["Email"] }];
}

describe.each(actions)("%s", (use) => {
	test.each([
		[400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "invalid"],
		[400, "REQUIRED_FIELD_MISSING", "invalid"],
		[400, "DUPLICATES_DETECTED", "invalid"],
		[400, "INVALID_FIELD", "invalid"],
		[400, "INSUFFICIENT_ACCESS_OR_READONLY", "permission"],
		[400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "permission"],
		[403, "API_DISABLED_FOR_ORG", "permission"],
		[401, "INVALID_SESSION_ID", "auth"],
		[403, "INVALID_SESSION_ID", "auth"],
		[401, "INVALID_AUTH_HEADER", "auth"],
		[405, "METHOD_NOT_ALLOWED", "invalid"],
		[414, "URI_TOO_LONG", "invalid"],
	])("is over with %d %s: %s", (status, code, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `Salesforce answered ${status}, ${code}` };
		expect(judged(use, answer(status, refusal(code)))).toEqual(outcome);
	});

	test.each([
		[400, "invalid"],
		[401, "auth"],
		[403, "permission"],
		[412, "invalid"],
	])("is over with %d without a code: %s", (status, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `Salesforce answered ${status}` };
		const odd = [[{ errorCode: "INSUFFICIENT_ACCESS a@b" }], [{ errorCode: 1 }], { error: "invalid_grant" }];
		for (const body of ["", "<html>", "[]", ...odd]) {
			expect(judged(use, answer(status, body))).toEqual(outcome);
		}
	});

	test("follows no redirect", () => {
		const reason = "Salesforce answered 302; redirects are not followed";
		expect(judged(use, answer(302))).toEqual({ kind: "permanent", class: "policy", reason });
	});

	test("is tried again where the record was locked", () => {
		const reason = "Salesforce answered 400, UNABLE_TO_LOCK_ROW";
		expect(judged(use, answer(400, refusal("UNABLE_TO_LOCK_ROW")))).toEqual({ kind: "transient", reason });
	});

	test.each([408, 429, 500, 502, 503, 504])("is tried again after %d", (status) => {
		const reason = `Salesforce answered ${status}`;
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason });
		const later = { kind: "transient", reason: `${reason}, SERVER_UNAVAILABLE`, after_ms: 9_000 };
		expect(judged(use, answer(status, refusal("SERVER_UNAVAILABLE"), { "retry-after": "9" }))).toEqual(later);
	});

	test.each([
		["the day's requests are used up", "TotalRequests Limit exceeded.", {}, 3_600_000],
		["the day's requests are used up", "TotalRequests Limit exceeded.", used(99_999), 3_600_000],
		["the day's requests are used up", "", used(100_000), 3_600_000],
		["the day's requests are used up", "", used(100_001), 3_600_000],
		["nobody says which limit it is", "", {}, 3_600_000],
		["nobody says which limit it is", "", { "sforce-limit-info": "api-usage=many" }, 3_600_000],
		["nobody says which limit it is", "", { "sforce-limit-info": "per-app-api-usage=1/250" }, 3_600_000],
		["too much is under way", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", {}, 60_000],
		["too much is under way", "ConcurrentRequests Limit exceeded.", used(100_001), 60_000],
		["too much is under way", "", used(10_018), 60_000],
		["Salesforce says how long", "TotalRequests Limit exceeded.", { "retry-after": "7" }, 7_000],
	])("waits where %s: %j %j", (_, message, headers: Record<string, string>, after_ms) => {
		const reason = "Salesforce answered 403, REQUEST_LIMIT_EXCEEDED";
		const response = answer(403, refusal("REQUEST_LIMIT_EXCEEDED", message), headers);
		expect(judged(use, response)).toEqual({ kind: "transient", reason, after_ms });
	});
});

function used(requests: number): Record<string, string> {
	return { "sforce-limit-info": `api-usage=${requests}/100000; api-bursts=1/750` };
}

test.each(actions.filter((use) => use !== "salesforce.delete_record"))("%s is over where the record is gone", (use) => {
	for (const [status, code] of [
		[404, "NOT_FOUND"],
		[404, "ENTITY_IS_DELETED"],
		[400, "ENTITY_IS_DELETED"],
	] as const) {
		const outcome = { kind: "permanent", class: "not_found", reason: `Salesforce answered ${status}, ${code}` };
		expect(judged(use, answer(status, refusal(code)))).toEqual(outcome);
	}
});
