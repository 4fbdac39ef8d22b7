// What HubSpot's refusals mean, for every action.

import { describe, expect, test } from "vitest";
import { actionNames } from "../../../src/connectors";
import { actionOf, answer, judged } from "../actions";

const actions = actionNames().filter((name) => name.startsWith("hubspot."));
const once = actions.filter((name) => !actionOf(name).repeatable);
const again = actions.filter((name) => actionOf(name).repeatable);

test("one action must not be repeated, the others may be", () => {
	expect(once).toEqual(["hubspot.create_note"]);
	expect(again).toEqual([
		"hubspot.delete_note",
		"hubspot.get_object",
		"hubspot.update_object",
		"hubspot.upsert_object",
	]);
});

const error = (fields: object) => ({ status: "error", message: "No dana@example.com.", correlationId: "c", ...fields });

describe.each(actions)("%s", (use) => {
	test.each([
		[400, "VALIDATION_ERROR", "invalid"],
		[401, "EXPIRED_AUTHENTICATION", "auth"],
		[403, "MISSING_SCOPES", "permission"],
		[414, "URI_TOO_LONG", "invalid"],
	])("is over with %d %s: %s", (status, category, failure) => {
		const reason = `HubSpot answered ${status}, ${category}`;
		const outcome = { kind: "permanent", class: failure, reason };
		expect(judged(use, answer(status, error({ category })))).toEqual(outcome);
		expect(judged(use, answer(status))).toEqual({ ...outcome, reason: `HubSpot answered ${status}` });
	});

	test("tells nothing of an answer but codes", () => {
		const told = judged(use, answer(400, error({ category: "No dana@example.com." })));
		expect(told).toMatchObject({ reason: "HubSpot answered 400" });
	});

	test.each([
		["SECONDLY", 1_000],
		["TEN_SECONDLY_ROLLING", 10_000],
		["DAILY", 3_600_000],
	])("waits out the limit %s", (policyName, after_ms) => {
		const reason = `HubSpot answered 429, ${policyName}`;
		const body = error({ category: "RATE_LIMITS", policyName });
		expect(judged(use, answer(429, body))).toEqual({ kind: "transient", reason, after_ms });
		const header = { "retry-after": "7" };
		expect(judged(use, answer(429, body, header))).toEqual({ kind: "transient", reason, after_ms: 7_000 });
	});

	test.each([
		[423, {}, 2_000],
		[423, { "retry-after": "5" }, 5_000],
		[429, { "retry-after": "7" }, 7_000],
		[477, { "retry-after": "86400" }, 86_400_000],
	])("comes back after %d with %j", (status, headers, after_ms) => {
		const reason = `HubSpot answered ${status}`;
		expect(judged(use, answer(status, "", { ...headers }))).toEqual({ kind: "transient", reason, after_ms });
	});

	test.each([429, 477])("comes back after %d, whenever", (status) => {
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason: `HubSpot answered ${status}` });
	});

	test("follows no redirect", () => {
		const reason = "HubSpot answered 301; redirects are not followed";
		expect(judged(use, answer(301))).toEqual({ kind: "permanent", class: "policy", reason });
	});
});

const FAILING = [500, 502, 503, 504, 521, 522, 523, 524];

test.each(once)("%s leaves open what a failing server did", (use) => {
	for (const status of FAILING) {
		const outcome = { kind: "unknown", reason: `HubSpot answered ${status}`, timed_out: false };
		expect(judged(use, answer(status))).toEqual(outcome);
	}
	const reason = "HubSpot answered 200 and did not say what it did";
	expect(judged(use, answer(200))).toEqual({ kind: "unknown", reason, timed_out: false });
});

test.each(again)("%s is tried again after a failing server", (use) => {
	for (const status of FAILING) {
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason: `HubSpot answered ${status}` });
	}
});

test.each(["hubspot.create_note", "hubspot.get_object", "hubspot.update_object", "hubspot.upsert_object"])(
	"%s is over where there is nothing to act on",
	(use) => {
		const outcome = { kind: "permanent", class: "not_found", reason: "HubSpot answered 404, OBJECT_NOT_FOUND" };
		expect(judged(use, answer(404, error({ category: "OBJECT_NOT_FOUND" })))).toEqual(outcome);
	},
);

test.each(["hubspot.update_object", "hubspot.upsert_object"])("%s is over where another record is so", (use) => {
	const outcome = { kind: "permanent", class: "invalid", reason: "HubSpot answered 409, CONFLICT" };
	expect(judged(use, answer(409, error({ category: "CONFLICT" })))).toEqual(outcome);
});
