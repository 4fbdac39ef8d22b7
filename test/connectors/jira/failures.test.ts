// What Jira's refusals mean, for every action and every look, and how its sites are reached.

import { describe, expect, test } from "vitest";
import { actionNames } from "../../../src/connectors";
import { jira } from "../../../src/connectors/jira/jira";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged } from "../actions";
import { actions as examples } from "./examples";
import { problemOf, requestOf } from "./requests";

const actions = actionNames().filter((name) => name.startsWith("jira."));
const once = actions.filter((name) => !actionOf(name).repeatable);
const again = actions.filter((name) => actionOf(name).repeatable);
const inputOf = (use: string) => examples[use.slice("jira.".length)]?.input ?? {};

test("three actions must not be repeated, the others may be", () => {
	expect(once).toEqual(["jira.create_comment", "jira.create_issue", "jira.transition_issue"]);
	expect(actions.length).toBe(9);
});

const errors = { errorMessages: [], errors: { customfield_10010: "Only people can read this.", summary: "Nor this." } };
const DELETING = ["jira.delete_comment", "jira.delete_issue", "jira.delete_property"];

describe.each(actions)("%s", (use) => {
	test.each([
		[400, "invalid"],
		[401, "auth"],
		[403, "permission"],
		[404, "not_found"],
		[410, "not_found"],
		[413, "invalid"],
		[422, "invalid"],
	])("is over with %d: %s", (status, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `Jira answered ${status}` };
		const own = ["[]", { errorMessages: ["No."], errors: {} }, { errors: { "a b": "c" } }];
		const isDone = status === 404 && DELETING.includes(use);
		for (const body of ["", "<html>", ...(isDone ? [] : own)]) {
			expect(judged(use, answer(status, body), inputOf(use))).toEqual(outcome);
		}
	});

	test("names the field that Jira objects to, and nothing else of the answer", () => {
		const reason = "Jira answered 400, customfield_10010";
		expect(judged(use, answer(400, errors))).toEqual({ kind: "permanent", class: "invalid", reason });
	});

	test("follows no redirect", () => {
		const reason = "Jira answered 302; redirects are not followed";
		expect(judged(use, answer(302))).toEqual({ kind: "permanent", class: "policy", reason });
	});

	test("comes back after a conflict with another change", () => {
		expect(judged(use, answer(409))).toEqual({ kind: "transient", reason: "Jira answered 409" });
		const later = { kind: "transient", reason: "Jira answered 409", after_ms: 2_000 };
		expect(judged(use, answer(409, "", { "retry-after": "2" }))).toEqual(later);
	});

	test.each([
		["jira-burst-based", { "retry-after": "1" }, 1_000],
		["jira-quota-global-based", { "retry-after": "1847" }, 1_847_000],
		["jira-quota-tenant-based", { "x-ratelimit-reset": "2026-11-20T10:01:30Z" }, 90_000],
		["jira-quota-tenant-based", { "x-ratelimit-reset": "2026-11-20T09:00:00Z" }, 0],
		["jira-burst-based", { "retry-after": "2", "x-ratelimit-reset": "2026-11-20T10:01:30Z" }, 2_000],
	])("pauses the whole connection after %s with %j", (limit, headers, after_ms) => {
		const response = answer(429, "", { "ratelimit-reason": limit, ...(headers as Record<string, string>) });
		const outcome = { kind: "transient", reason: `Jira answered 429, ${limit}`, after_ms };
		expect(judged(use, response, inputOf(use))).toEqual(outcome);
	});

	test.each([{}, { "x-ratelimit-reset": "soon" }, { "ratelimit-reason": "Ask Dana" }])(
		"comes back some time, where nobody says when: %j",
		(headers) => {
			const response = answer(429, "", headers as Record<string, string>);
			expect(judged(use, response, inputOf(use))).toEqual({ kind: "transient", reason: "Jira answered 429" });
		},
	);

	test("pauses one issue alone where its own limit is reached, if it writes to one", () => {
		const response = answer(429, "", { "ratelimit-reason": "jira-per-issue-on-write", "retry-after": "2" });
		const writesToIssue = !["jira.create_issue", "jira.get_issue", "jira.get_transitions"].includes(use);
		expect(judged(use, response, inputOf(use))).toEqual({
			kind: "transient",
			reason: "Jira answered 429, jira-per-issue-on-write",
			after_ms: 2_000,
			...(writesToIssue && { scope: "issue FERN-12" }),
		});
	});
});

test.each(once)("%s leaves open what a failing server did", (use) => {
	for (const status of [408, 500, 502, 503, 504]) {
		const outcome = { kind: "unknown", reason: `Jira answered ${status}`, timed_out: false };
		expect(judged(use, answer(status))).toEqual(outcome);
		expect(judged(use, answer(status, "", { "retry-after": "5" }))).toEqual(outcome);
	}
	for (const status of [200, 202]) {
		const reason = `Jira answered ${status} and did not say what it did`;
		expect(judged(use, answer(status))).toEqual({ kind: "unknown", reason, timed_out: false });
	}
});

test.each(again)("%s is tried again after a failing server", (use) => {
	for (const status of [408, 500, 502, 503, 504]) {
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason: `Jira answered ${status}` });
	}
	const later = { kind: "transient", reason: "Jira answered 503", after_ms: 9_000 };
	expect(judged(use, answer(503, "", { "retry-after": "9" }))).toEqual(later);
	const reason = "Jira answered 202 and did not say what it did";
	expect(judged(use, answer(202))).toEqual({ kind: "transient", reason });
});

describe.each(once)("the look for what %s did", (use) => {
	test.each([
		[401, {}, { reason: "Jira answered 401" }],
		[403, {}, { reason: "Jira answered 403" }],
		[404, {}, { reason: "Jira answered 404" }],
		[410, {}, { reason: "Jira answered 410" }],
		[302, {}, { reason: "Jira answered 302; redirects are not followed" }],
		[500, {}, { reason: "Jira answered 500" }],
		[503, { "retry-after": "9" }, { reason: "Jira answered 503", after_ms: 9_000 }],
		[429, { "retry-after": "7" }, { reason: "Jira answered 429", after_ms: 7_000 }],
		[204, {}, { reason: "Jira answered 204 and did not say what it did" }],
	])("settles nothing with %d %j", (status, headers, unclear) => {
		const response = answer(status, "", headers as Record<string, string>);
		expect(found(use, response, inputOf(use))).toMatchObject({ kind: "unclear", ...unclear });
	});

	test.each(["", "[{", "[]", "{}", "null", '{"issues":{},"comments":{},"changelog":{}}'])(
		"settles nothing with 200 %s",
		(body) => {
			expect(found(use, answer(200, body), inputOf(use))).toMatchObject({
				kind: "unclear",
				reason: expect.stringMatching(/^Jira answered without .* that can be read$/),
			});
		},
	);
});

describe("a site", () => {
	const CLOUD_ID = "11223344-a1b2-3b33-c444-def123456789";
	const input = { issue: "FERN-12", key: "k" };

	function sent(config: JsonObject, credentials: JsonObject) {
		const { url, headers } = requestOf("jira.delete_property", input, { connection: { config, credentials } });
		return [url.slice(0, url.indexOf("/rest/")), headers.authorization];
	}

	test("is reached by its name with an account's API token, or by its cloud id with an access token", () => {
		expect(sent({ site: "fern" }, { email: "bot@fern.test", token: "t" })).toEqual([
			"https://fern.atlassian.net",
			"Basic Ym90QGZlcm4udGVzdDp0",
		]);
		expect(sent({ cloud_id: CLOUD_ID }, { token: "t" })).toEqual([
			`https://api.atlassian.com/ex/jira/${CLOUD_ID}`,
			"Bearer t",
		]);
		expect(sent({ site: "fern", cloud_id: CLOUD_ID }, { token: "t" })[0]).toContain("api.atlassian.com");
		expect(sent({ site: "fern", base_url: "http://127.0.0.1:8080/jira/" }, { token: "t" })[0]).toBe(
			"http://127.0.0.1:8080/jira",
		);
		expect(sent({ site: "fern" }, { email: "bøt@fern.test", token: "t" })[1]).toBe("Basic YsO4dEBmZXJuLnRlc3Q6dA==");
	});

	test("is the only host that its connection may reach", () => {
		expect(jira.connection?.hosts({ site: "fern" })).toEqual(["fern.atlassian.net"]);
		expect(jira.connection?.hosts({ cloud_id: CLOUD_ID })).toEqual(["api.atlassian.com"]);
		expect(jira.connection?.hosts({ site: "fern", base_url: "https://proxy.test" })).toEqual(["proxy.test"]);
		expect(jira.connection?.hosts({})).toEqual([]);
	});

	test.each([
		[{}, "config: give cloud_id, site or base_url"],
		[{ site: "fern.atlassian.net" }, "config.site: write acme for https://acme.atlassian.net"],
		[{ site: "evil.test/" }, "config.site: write acme for https://acme.atlassian.net"],
		[{ site: "-a" }, "config.site: write acme for https://acme.atlassian.net"],
		[{ site: "" }, "config.site: write acme for https://acme.atlassian.net"],
		[{ cloud_id: "../../x" }, "config.cloud_id: write the site's cloud id, a UUID"],
	])("is not guessed: %j", (config, problem) => {
		expect(problemOf("jira.delete_property", input, { connection: { config, credentials: { token: "t" } } })).toBe(
			problem,
		);
	});

	test.each([
		[{}, "credentials.token: "],
		[{ email: "a:b", token: "t" }, "credentials.email: "],
		[{ email: "", token: "t" }, "credentials.email: "],
		[{ token: "a\nb" }, "the value of header authorization"],
	])("is not asked without credentials that can be sent: %j", (credentials, problem) => {
		const connection = { config: { site: "fern" }, credentials };
		expect(problemOf("jira.delete_property", input, { connection })).toContain(problem);
	});

	test("is acted on with the access token of an app, whoever else is named", () => {
		expect(jira.connection?.bearer?.("t", { email: "bot@fern.test", token: "old" })).toEqual({ token: "t" });
	});
});

describe("an issue", () => {
	test.each(["10412", "FERN-12", "A_1-9", "fern-12"])("may be named %s", (issue) => {
		expect(requestOf("jira.get_transitions", { issue }).url).toContain(`/rest/api/3/issue/${issue}?`);
	});

	test.each(["", "FERN", "FERN-", "-12", "FERN-12/comment", "../12", "FERN 12", "1?x", "12 ", 12, null])(
		"may not be named %j",
		(issue) => {
			for (const use of actions.filter((name) => name !== "jira.create_issue")) {
				expect(problemOf(use, { ...inputOf(use), issue })).toMatch(/^with\.issue: /);
			}
		},
	);
});
