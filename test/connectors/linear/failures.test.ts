// What Linear's refusals mean, for every action and every look.

import { describe, expect, test } from "vitest";
import { actionNames } from "../../../src/connectors";
import { actionOf, answer, found, judged } from "../actions";
import { NOW } from "../deliveries";

const actions = actionNames().filter((name) => name.startsWith("linear."));
const once = actions.filter((name) => !actionOf(name).repeatable);
const again = actions.filter((name) => actionOf(name).repeatable);

test("what creates must not be repeated, the others may be", () => {
	expect(once).toEqual(["linear.create_comment", "linear.create_issue"]);
	expect(again).toEqual(["linear.archive_issue", "linear.delete_comment", "linear.get_issue", "linear.update_issue"]);
});

function refusal(extensions: object, more: object = {}) {
	return { errors: [{ message: "No.", path: ["call"], extensions, ...more }], data: null };
}

describe.each(actions)("%s", (use) => {
	test.each([
		[{ code: "AUTHENTICATION_ERROR", type: "authentication error" }, "auth"],
		[{ type: "authentication error" }, "auth"],
		[{ code: "FORBIDDEN", type: "forbidden" }, "permission"],
		[{ type: "feature not accessible" }, "permission"],
		[{ code: "USAGE_LIMIT_EXCEEDED" }, "permission"],
		[{ type: "usage limit exceeded" }, "permission"],
		[{ code: "INPUT_ERROR", type: "invalid input" }, "invalid"],
		[{ code: "INPUT_ERROR" }, "invalid"],
		[{ code: "INVALID_INPUT" }, "invalid"],
		[{ type: "user error" }, "invalid"],
		[{ type: "graphql error" }, "invalid"],
		[{ code: "GRAPHQL_VALIDATION_FAILED" }, "invalid"],
	])("is over with %j: %s", (extensions: { code?: string; type?: string }, failure) => {
		const reason = `Linear answered ${extensions.code ?? extensions.type}`;
		const outcome = { kind: "permanent", class: failure, reason };
		for (const status of [200, 400]) expect(judged(use, answer(status, refusal(extensions)))).toEqual(outcome);
	});

	test("is over where Linear says that it did not succeed", () => {
		const outcome = { kind: "permanent", class: "invalid", reason: "Linear answered that it did not succeed" };
		expect(judged(use, answer(200, { data: { call: { success: false } } }))).toEqual(outcome);
	});

	test.each([
		[400, "invalid"],
		[401, "auth"],
		[403, "permission"],
		[404, "not_found"],
	])("is judged by %d where no error says more: %s", (status, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `Linear answered ${status}` };
		for (const body of ["", "<html>", "[]", { errors: [] }, { errors: "no" }, refusal({ code: "FROM_TOMORROW" })]) {
			expect(judged(use, answer(status, body))).toEqual(outcome);
		}
	});

	test("follows no redirect", () => {
		const reason = "Linear answered 302; redirects are not followed";
		expect(judged(use, answer(302))).toEqual({ kind: "permanent", class: "policy", reason });
	});

	const at = (ms: number) => String(NOW + ms);
	test.each<[Record<string, string>, number | undefined]>([
		[{}, undefined],
		[{ "retry-after": "7", "x-ratelimit-requests-reset": at(90_000) }, 7_000],
		[{ "x-ratelimit-requests-reset": at(90_000) }, 90_000],
		[{ "x-ratelimit-requests-remaining": "0", "x-ratelimit-requests-reset": at(90_000) }, 90_000],
		[
			{
				...{ "x-ratelimit-requests-remaining": "12", "x-ratelimit-requests-reset": at(90_000) },
				...{ "x-ratelimit-complexity-remaining": "0", "x-ratelimit-complexity-reset": at(30_000) },
			},
			30_000,
		],
		[
			{
				...{ "x-ratelimit-requests-remaining": "0", "x-ratelimit-requests-reset": at(20_000) },
				...{ "x-ratelimit-endpoint-requests-remaining": "0", "x-ratelimit-endpoint-requests-reset": at(60_000) },
			},
			60_000,
		],
		[{ "x-ratelimit-requests-reset": at(-5) }, 0],
		[{ "x-ratelimit-requests-reset": "999999999999999" }, 31 * 86_400_000],
		[{ "x-ratelimit-requests-reset": "soon" }, undefined],
	])("waits where Linear limits, as %j say", (headers, after_ms) => {
		const wait = after_ms === undefined ? {} : { after_ms };
		const body = refusal({ code: "RATELIMITED", type: "ratelimited" });
		for (const status of [200, 400, 429]) {
			const outcome = { kind: "transient", reason: "Linear answered RATELIMITED", ...wait };
			expect(judged(use, answer(status, body, headers))).toEqual(outcome);
		}
		const outcome = { kind: "transient", reason: "Linear answered 429", ...wait };
		expect(judged(use, answer(429, "", headers))).toEqual(outcome);
	});

	test("waits where one word of two says so", () => {
		const outcome = { kind: "transient", reason: "Linear answered RATELIMITED" };
		expect(judged(use, answer(400, refusal({ code: "RATELIMITED", type: "user error" })))).toEqual(outcome);
	});

	test("is tried again where something else held the lock", () => {
		const outcome = { kind: "transient", reason: "Linear answered lock timeout" };
		expect(judged(use, answer(200, refusal({ type: "lock timeout" })))).toEqual(outcome);
	});

	test("tells nothing of an error but its code", () => {
		const odd = [{ code: "tok3n: s3cret" }, { code: 7 }, { type: "x".repeat(99) }, {}, "s3cret"];
		for (const extensions of odd) {
			const outcome = judged(use, answer(200, { errors: [{ message: "s3cret", extensions }], data: null }));
			expect(outcome).toMatchObject({ reason: "Linear answered 200 with an error" });
		}
	});
});

/** Answers that leave open what was done, with the reason. */
const OPEN: [status: number, body: unknown, reason: string][] = [
	[500, "", "Linear answered 500"],
	[502, "<html>", "Linear answered 502"],
	[504, "", "Linear answered 504"],
	[500, refusal({ code: "INTERNAL_SERVER_ERROR" }), "Linear answered 500"],
	[200, refusal({ code: "INTERNAL_SERVER_ERROR" }), "Linear answered INTERNAL_SERVER_ERROR"],
	[200, refusal({ type: "internal error" }), "Linear answered internal error"],
	[200, refusal({ type: "unknown" }), "Linear answered unknown"],
	[200, refusal({ code: "FORBIDDEN" }, { path: ["call", "issue"] }), "Linear answered FORBIDDEN"],
	[200, "", "Linear answered 200 and did not say what it did"],
	[200, { data: null }, "Linear answered 200 and did not say what it did"],
	[200, { data: { call: { success: "yes" } } }, "Linear answered 200 and did not say what it did"],
	[200, '{"data":{"call":{"success":true', "Linear answered 200 and did not say what it did"],
];

test.each(OPEN)("%d %j leaves open what was done", (status, body, reason) => {
	for (const use of once) {
		expect(judged(use, answer(status, body))).toEqual({ kind: "unknown", reason, timed_out: false });
	}
	for (const use of again) expect(judged(use, answer(status, body))).toEqual({ kind: "transient", reason });
});

describe.each(once)("the look for what %s did", (use) => {
	test.each<[number, unknown, Record<string, string>, object]>([
		[200, refusal({ code: "AUTHENTICATION_ERROR" }), {}, { reason: "Linear answered AUTHENTICATION_ERROR" }],
		[200, refusal({ code: "FORBIDDEN" }), {}, { reason: "Linear answered FORBIDDEN" }],
		[401, "", {}, { reason: "Linear answered 401" }],
		[500, "", {}, { reason: "Linear answered 500" }],
		[302, "", {}, { reason: "Linear answered 302; redirects are not followed" }],
		[
			400,
			refusal({ code: "RATELIMITED" }),
			{ "x-ratelimit-requests-reset": String(NOW + 9_000) },
			{ reason: "Linear answered RATELIMITED", after_ms: 9_000 },
		],
		[204, "", {}, { reason: "Linear answered 204 and did not say what it did" }],
		[200, "", {}, { reason: "Linear answered without a list" }],
		[200, { data: null }, {}, { reason: "Linear answered without a list" }],
		[200, { data: { call: { nodes: {} } } }, {}, { reason: "Linear answered without a list" }],
		[200, { data: { call: { nodes: [null, {}] } } }, {}, { reason: "Linear answered with others" }],
	])("settles nothing with %d %j %j", (status, body, headers, unclear) => {
		expect(found(use, answer(status, body, headers))).toMatchObject({ kind: "unclear", ...unclear });
	});
});
