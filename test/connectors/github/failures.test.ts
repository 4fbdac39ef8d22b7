// What GitHub's refusals mean, for every action and every look.

import { describe, expect, test } from "vitest";
import { actionNames } from "../../../src/connectors";
import { actionOf, answer, found, judged } from "../actions";
import { NOW_S } from "../deliveries";

const actions = actionNames().filter((name) => name.startsWith("github."));
const once = actions.filter((name) => !actionOf(name).repeatable);
const again = actions.filter((name) => actionOf(name).repeatable);

test("two actions must not be repeated, the others may be", () => {
	expect(once).toEqual(["github.create_comment", "github.create_issue"]);
	expect(again).toEqual(["github.close_issue", "github.delete_comment", "github.get_issue"]);
});

const SECONDARY = {
	message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
};

const TOO_QUICK = {
	message: "Validation Failed",
	errors: [{ resource: "IssueComment", code: "unprocessable", field: "data", message: "was submitted too quickly" }],
};

describe.each(actions)("%s", (use) => {
	test.each([
		[400, "invalid"],
		[401, "auth"],
		[403, "permission"],
		[410, "not_found"],
		[422, "invalid"],
		[451, "invalid"],
	])("is over with %d: %s", (status, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `GitHub answered ${status}` };
		expect(judged(use, answer(status, { message: "No." }))).toEqual(outcome);
		expect(judged(use, answer(status, { message: "No." }, { "x-ratelimit-remaining": "41" }))).toEqual(outcome);
	});

	test.each([
		[422, { message: "Validation Failed", errors: [{ code: "invalid", value: "was submitted too quickly" }, null, 7] }],
		[422, { message: "Validation Failed", errors: { message: "was submitted too quickly" } }],
		[422, "was submitted too quickly"],
		[400, TOO_QUICK],
	])("is over with %d, if it is not GitHub's errors that speak of haste: %j", (status, body) => {
		const reason = `GitHub answered ${status}`;
		expect(judged(use, answer(status, body))).toEqual({ kind: "permanent", class: "invalid", reason });
	});

	test("follows no redirect", () => {
		const reason = "GitHub answered 301; redirects are not followed";
		expect(judged(use, answer(301))).toEqual({ kind: "permanent", class: "policy", reason });
	});

	test.each([
		[429, {}, "", 60_000],
		[429, { "retry-after": "7" }, "", 7_000],
		[403, { "retry-after": "7" }, "", 7_000],
		[403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW_S + 90) }, "", 90_000],
		[429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW_S + 90) }, "", 90_000],
		[429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW_S - 5) }, "", 0],
		[429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "999999999999" }, "", 31 * 86_400_000],
		[429, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon" }, "", 60_000],
		[403, { "x-ratelimit-remaining": "0" }, "", 60_000],
		[403, { "x-ratelimit-remaining": "0", "retry-after": "7", "x-ratelimit-reset": "1" }, "", 7_000],
		[429, { "x-ratelimit-remaining": "4", "x-ratelimit-reset": String(NOW_S + 90) }, "", 60_000],
		[403, { "x-ratelimit-remaining": "4" }, SECONDARY, 60_000],
		[422, {}, TOO_QUICK, 60_000],
		[422, { "retry-after": "7", "x-ratelimit-remaining": "0" }, TOO_QUICK, 60_000],
		[422, { "retry-after": "90" }, TOO_QUICK, 90_000],
		[422, {}, { message: "Validation Failed", errors: ["was submitted too quickly"] }, 60_000],
		[422, {}, { message: "The comment was submitted too quickly." }, 60_000],
		[403, {}, { message: "You have triggered an abuse detection mechanism." }, 60_000],
	])("waits after %d with %j", (status, headers: Record<string, string>, body, after_ms) => {
		const reason = `GitHub answered ${status}: a rate limit`;
		expect(judged(use, answer(status, body, headers))).toEqual({ kind: "transient", reason, after_ms });
	});
});

test.each(once)("%s leaves open what a failing server did", (use) => {
	for (const status of [408, 500, 502, 503, 504]) {
		const reason = `GitHub answered ${status}`;
		expect(judged(use, answer(status))).toEqual({ kind: "unknown", reason, timed_out: false });
	}
	for (const status of [200, 202, 204]) {
		const reason = `GitHub answered ${status} and did not say what it did`;
		expect(judged(use, answer(status))).toEqual({ kind: "unknown", reason, timed_out: false });
	}
});

test.each(again)("%s is tried again after a failing server", (use) => {
	for (const status of [408, 500, 502, 503, 504]) {
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason: `GitHub answered ${status}` });
	}
	const later = { kind: "transient", reason: "GitHub answered 503", after_ms: 9_000 };
	expect(judged(use, answer(503, "", { "retry-after": "9" }))).toEqual(later);
	const reason = "GitHub answered 202 and did not say what it did";
	expect(judged(use, answer(202))).toEqual({ kind: "transient", reason });
});

describe.each(once)("the look for what %s did", (use) => {
	test.each([
		[401, "", {}, { reason: "GitHub answered 401" }],
		[403, "", {}, { reason: "GitHub answered 403" }],
		[404, "", {}, { reason: "GitHub answered 404" }],
		[410, "", {}, { reason: "GitHub answered 410" }],
		[301, "", {}, { reason: "GitHub answered 301; redirects are not followed" }],
		[500, "", {}, { reason: "GitHub answered 500" }],
		[503, "", { "retry-after": "9" }, { reason: "GitHub answered 503", after_ms: 9_000 }],
		[403, SECONDARY, {}, { reason: "GitHub answered 403: a rate limit", after_ms: 60_000 }],
		[429, "", { "retry-after": "7" }, { reason: "GitHub answered 429: a rate limit", after_ms: 7_000 }],
		[204, "", {}, { reason: "GitHub answered 204 and did not say what it did" }],
		[200, "", {}, { reason: "GitHub answered without a list that can be read" }],
		[200, "[{", {}, { reason: "GitHub answered without a list that can be read" }],
		[200, "{}", {}, { reason: "GitHub answered without a list that can be read" }],
		[200, "null", {}, { reason: "GitHub answered without a list that can be read" }],
	])("settles nothing with %d %j %j", (status, body, headers: Record<string, string>, unclear) => {
		expect(found(use, answer(status, body, headers))).toMatchObject({ kind: "unclear", ...unclear });
	});

	test("finds nothing in a list that is whole and does not hold it", () => {
		const others = [
			"",
			"<!-- signalbox:sb_run_1_tel -->",
			"<!-- signalbox:sb_run_1_tell2 -->",
			"signalbox:sb_run_1_tell",
		];
		const list = [
			...others.map((body, i) => ({ id: i + 1, number: i + 1, body })),
			{ body: null },
			{ body: 1 },
			{},
			null,
			7,
		];
		expect(found(use, answer(200, list))).toEqual({ kind: "absent" });
		expect(found(use, answer(200, []))).toEqual({ kind: "absent" });
		const most = Array.from({ length: 99 }, (_, i) => ({ id: i + 1, number: i + 1, body: "" }));
		expect(found(use, answer(200, most))).toEqual({ kind: "absent" });
	});

	test.each([
		['<https://api.github.com/repositories/1/issues?page=2>; rel="next"', "unclear"],
		[
			'<https://a.b?page=1>; rel="first", <https://a.b?after=c>; rel="next", <https://a.b?page=9>; rel="last"',
			"unclear",
		],
		["<https://a.b?page=2>; rel=next", "unclear"],
		['<https://a.b?page=1>; rel="prev", <https://a.b?page=1>; rel="first"', "absent"],
		['<https://a.b?next=1>; rel="last"', "absent"],
		["", "absent"],
	])("goes by the next page that a short one may have: %s: %s", (link, kind) => {
		expect(found(use, answer(200, [{ id: 1, body: "" }], { link }))).toMatchObject({ kind });
		expect(found(use, answer(200, [], { link }))).toMatchObject({ kind });
	});

	test("settles nothing where a page is full and does not hold it", () => {
		const page = Array.from({ length: 100 }, (_, i) => ({ id: i + 1, number: i + 1, body: "" }));
		const reason = "it is not among the 100 that GitHub listed, and there may be more";
		expect(found(use, answer(200, page))).toMatchObject({ kind: "unclear", reason });
	});
});
