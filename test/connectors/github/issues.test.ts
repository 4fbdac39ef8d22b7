// The requests that GitHub's issue actions make, and what they make of answers.

import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { github } from "../../../src/connectors/github/github";
import type { JsonObject } from "../../../src/model/json";
import { answer, found, judged, lookFor, MARKED, mark, problemOf, requestOf } from "../actions";

const repository = { owner: "acme", repo: "shop" };
const headers = {
	accept: "application/vnd.github+json",
	"x-github-api-version": "2022-11-28",
	"user-agent": "signalbox",
	authorization: "Bearer t0ken",
	...MARKED,
};
const withBody = { ...headers, "content-type": "application/json" };
const secret_headers = ["authorization"];
const MARKER = "<!-- signalbox:sb_run_1_tell -->";

/** An issue as GitHub's own collection of examples has it. */
const collection: { name: string; examples: { issue: JsonObject }[] }[] = createRequire(import.meta.url)(
	"@octokit/webhooks-examples",
);
const example = collection.find(({ name }) => name === "issues")?.examples[0]?.issue ?? {};
const summary = {
	number: 1,
	id: 444500041,
	url: "https://github.com/Codertocat/Hello-World/issues/1",
	state: "open",
};

describe("create_issue", () => {
	const input = { ...repository, title: "Paid ✓", body: "Order 7", labels: ["bug"], assignees: ["dana"] };

	test("is this request", () => {
		expect(requestOf("github.create_issue", input)).toEqual({
			method: "POST",
			url: "https://api.github.com/repos/acme/shop/issues",
			headers: withBody,
			secret_headers,
			body: JSON.stringify({
				title: "Paid ✓",
				body: `Order 7\n\n${MARKER}`,
				labels: ["bug"],
				assignees: ["dana"],
			}),
		});
	});

	test("without a body still carries the marker, and names no labels or assignees", () => {
		const { body } = requestOf("github.create_issue", { ...repository, title: "a" });
		expect(JSON.parse(body ?? "")).toEqual({ title: "a", body: MARKER });
	});

	test("fits what GitHub takes at its longest", () => {
		const { body } = requestOf("github.create_issue", { ...repository, title: "a", body: "x".repeat(65_000) });
		expect(JSON.parse(body ?? "").body.length).toBeLessThan(65_536 - 255);
		expect(problemOf("github.create_issue", { ...repository, title: "a", body: "x".repeat(65_001) })).toContain(
			"Too big",
		);
	});

	test("is not made with a key that could end the marker", () => {
		const built = github.actions?.create_issue?.build(
			{ ...repository, title: "a" },
			{ config: {}, credentials: { token: "t" } },
			{ ...mark, idempotency_key: "k --> k" },
		);
		expect(built).toEqual({ ok: false, error: "the idempotency key cannot stand in a comment" });
	});

	test("is a success with where the issue stands, and with what closes it", () => {
		expect(judged("github.create_issue", answer(201, example), input)).toEqual({
			kind: "succeeded",
			output: summary,
			undo: { ...repository, number: 1, state_reason: "not_planned" },
		});
	});

	test.each(["", "<html>", "[]", "{}", '{"number":"1"}', '{"number":-1}'])("is a success with 201 %s too", (body) => {
		expect(judged("github.create_issue", answer(201, body), input)).toEqual({
			kind: "succeeded",
			output: { number: null, id: null, url: null, state: null },
		});
	});

	test("is final with 404", () => {
		const outcome = { kind: "permanent", class: "not_found", reason: "GitHub answered 404" };
		expect(judged("github.create_issue", answer(404), input)).toEqual(outcome);
	});

	test("is looked for by this request", () => {
		expect(lookFor("github.create_issue", input)).toEqual({
			method: "GET",
			url: "https://api.github.com/repos/acme/shop/issues?state=all&sort=created&direction=desc&per_page=100",
			headers,
			secret_headers,
			body: null,
		});
	});

	test("is found by its marker, wherever in the body people left it", () => {
		const other = { ...example, id: 9, number: 9, body: "<!-- signalbox:sb_run_2_tell -->" };
		for (const body of [MARKER, `Order 7\n\n${MARKER}`, `Order 7\n\n${MARKER}\r\nSolved.`, `\ud800${MARKER}`]) {
			expect(found("github.create_issue", answer(200, [other, { ...example, body }]), input)).toEqual({
				kind: "found",
				output: summary,
				undo: { ...repository, number: 1, state_reason: "not_planned" },
			});
		}
	});

	test("is the first of those that carry its marker, because the others are copies", () => {
		const copy = { id: 900_000_000, number: 44, body: MARKER };
		const list = [copy, { ...example, body: MARKER }, { number: 3, body: MARKER }];
		expect(found("github.create_issue", answer(200, list), input)).toMatchObject({ output: { number: 1 } });
	});

	test("is found on a full page too", () => {
		const page = Array.from({ length: 99 }, (_, i) => ({ id: i + 1, number: i + 1, body: "" }));
		const list = [...page, { ...example, body: MARKER }];
		expect(found("github.create_issue", answer(200, list), input)).toMatchObject({ kind: "found", output: summary });
	});

	describe("on a full page without it", () => {
		/** The newest first, the last one created then. */
		function pageBackTo(last: unknown): JsonObject[] {
			const created = (i: number) => (i === 99 ? { created_at: last } : { created_at: "2026-11-20T09:59:57Z" });
			return JSON.parse(
				JSON.stringify(Array.from({ length: 100 }, (_, i) => ({ id: 900 - i, body: "", ...created(i) }))),
			);
		}

		const unclear = { kind: "unclear", reason: "it is not among the 100 that GitHub listed, and there may be more" };

		test.each([
			"2026-11-20T09:54:00.249Z",
			"2026-11-20T09:54:00Z",
			"2026-11-20T10:54:00+01:00",
			"2011-04-22T13:33:48Z",
		])("is absent if the page goes back to before it could have been created: %s", (last) => {
			expect(found("github.create_issue", answer(200, pageBackTo(last)), input)).toEqual({ kind: "absent" });
		});

		test.each([
			"2026-11-20T09:54:00.250Z",
			"2026-11-20T09:54:00.251Z",
			"2026-11-20T09:54:01Z",
			"2026-11-20T09:59:00Z",
			"2026-11-20T09:59:57Z",
		])("may stand on the next one, if this one goes back no further than %s", (last) => {
			expect(found("github.create_issue", answer(200, pageBackTo(last)), input)).toEqual(unclear);
		});

		test.each([undefined, null, "", "yesterday", "2026-11-20", "2026-11-20T09:00:00", 0, 1_795_160_000, {}])(
			"may stand on the next one, if nobody can read how far this one goes back: %j",
			(at) => {
				expect(found("github.create_issue", answer(200, pageBackTo(at)), input)).toEqual(unclear);
				const spoilt = pageBackTo("2026-11-20T09:00:00Z").with(7, JSON.parse(JSON.stringify({ created_at: at })));
				expect(found("github.create_issue", answer(200, spoilt), input)).toEqual(unclear);
			},
		);

		test("may stand on the next one, if this one does not begin with the newest", () => {
			const page = pageBackTo("2026-11-20T09:00:00Z");
			expect(found("github.create_issue", answer(200, page.toReversed()), input)).toEqual(unclear);
			const swapped = [...page.slice(0, 98), ...page.slice(98).toReversed()];
			expect(found("github.create_issue", answer(200, swapped), input)).toEqual(unclear);
			const mixed = page.with(50, { created_at: "2026-11-20T08:00:00Z" });
			expect(found("github.create_issue", answer(200, mixed), input)).toEqual(unclear);
		});

		test("is absent if the page goes far enough back, whether or not there is a next one", () => {
			const response = answer(200, pageBackTo("2026-11-20T09:00:00Z"), { link: '<https://a.b?page=2>; rel="next"' });
			expect(found("github.create_issue", response, input)).toEqual({ kind: "absent" });
		});
	});
});

describe("close_issue", () => {
	test("is this request", () => {
		expect(requestOf("github.close_issue", { ...repository, number: 7, state_reason: "not_planned" })).toEqual({
			method: "PATCH",
			url: "https://api.github.com/repos/acme/shop/issues/7",
			headers: withBody,
			secret_headers,
			body: '{"state":"closed","state_reason":"not_planned"}',
		});
	});

	test("closes as completed, if nobody says otherwise", () => {
		const { body } = requestOf("github.close_issue", { ...repository, number: 7 });
		expect(body).toBe('{"state":"closed","state_reason":"completed"}');
	});

	test("is a success with where the issue stands", () => {
		const outcome = { kind: "succeeded", output: { ...summary, state: "closed" } };
		expect(judged("github.close_issue", answer(200, { ...example, state: "closed" }))).toEqual(outcome);
	});

	test("is final with 404", () => {
		const outcome = { kind: "permanent", class: "not_found", reason: "GitHub answered 404" };
		expect(judged("github.close_issue", answer(404))).toEqual(outcome);
	});
});

describe("get_issue", () => {
	test("is this request", () => {
		expect(requestOf("github.get_issue", { ...repository, number: 7 })).toEqual({
			method: "GET",
			url: "https://api.github.com/repos/acme/shop/issues/7",
			headers,
			secret_headers,
			body: null,
		});
	});

	test("gives the issue as it is now, and nothing else of it", () => {
		expect(judged("github.get_issue", answer(200, example))).toEqual({
			kind: "succeeded",
			output: {
				...summary,
				title: "Spelling error in the README file",
				body: "It looks like you accidently spelled 'commit' with two 't's.",
				labels: ["bug"],
				assignees: ["Codertocat"],
				updated_at: "2019-05-15T15:20:18Z",
			},
		});
	});

	test("gives what there is of an issue that says little", () => {
		expect(
			judged("github.get_issue", answer(200, { number: 7, body: null, labels: ["a", { name: null }, 1] })),
		).toEqual({
			kind: "succeeded",
			output: {
				number: 7,
				id: null,
				url: null,
				state: null,
				title: null,
				body: null,
				labels: ["a"],
				assignees: [],
				updated_at: null,
			},
		});
	});

	test("gives as much of a long text as is worth keeping, and never half of a character", () => {
		const body = `${"x".repeat(16_383)}😀😀`;
		const outcome = judged("github.get_issue", answer(200, { ...example, body }));
		expect(outcome).toMatchObject({ output: { body: `${"x".repeat(16_383)}\ufffd` } });
	});

	test.each(["", "<html>", "[]", "{}", '{"number":"7"}'])("with 200 %s has not read an issue", (body) => {
		const reason = "GitHub answered 200 and did not say what it did";
		expect(judged("github.get_issue", answer(200, body))).toEqual({ kind: "transient", reason });
	});

	test("is final with 404", () => {
		const outcome = { kind: "permanent", class: "not_found", reason: "GitHub answered 404" };
		expect(judged("github.get_issue", answer(404))).toEqual(outcome);
	});
});

describe("a repository", () => {
	test.each([
		["a", "b"],
		["acme-inc", ".github"],
		["dana_corp", "shop.js"],
		["A1", "..."],
	])("may be called %s/%s", (owner, repo) => {
		const { url } = requestOf("github.get_issue", { owner, repo, number: 7 });
		expect(new URL(url).href).toBe(`https://api.github.com/repos/${owner}/${repo}/issues/7`);
	});

	test.each(["", ".", "..", "a/b", "%2e%2e", "a b", "a?b", "a#b", "a\\b", "a\nb", "ü", "x".repeat(101)])(
		"may not be called %j",
		(name) => {
			const reason = "write the repository's name without its owner";
			expect(problemOf("github.get_issue", { owner: "acme", repo: name, number: 7 })).toBe(`with.repo: ${reason}`);
			const login = "write the login of a user or an organisation";
			expect(problemOf("github.get_issue", { owner: name, repo: "shop", number: 7 })).toBe(`with.owner: ${login}`);
		},
	);

	test.each([0, -1, 1.5, 2 ** 53, "7", "7/comments", null])("has no issue %j", (number) => {
		expect(problemOf("github.get_issue", { ...repository, number })).toMatch(/^with\.number: /);
		expect(problemOf("github.close_issue", { ...repository, number })).toMatch(/^with\.number: /);
	});

	test("stands at api.github.com, or where the settings say", () => {
		expect(github.connection?.hosts({})).toEqual(["api.github.com"]);
		expect(github.connection?.hosts({ base_url: "https://ghe.acme.com/api/v3" })).toEqual(["ghe.acme.com"]);
		const built = github.actions?.get_issue?.build(
			{ ...repository, number: 7 },
			{ config: { base_url: "https://ghe.acme.com/api/v3/" }, credentials: { token: "t" } },
			mark,
		);
		expect(built).toMatchObject({ value: { url: "https://ghe.acme.com/api/v3/repos/acme/shop/issues/7" } });
	});

	test("is not asked without a token that can be sent", () => {
		const missing = "credentials.token: Invalid input: expected string, received undefined";
		expect(problemOf("github.get_issue", { ...repository, number: 7 }, {})).toBe(missing);
		expect(problemOf("github.get_issue", { ...repository, number: 7 }, { token: "a\nb" })).toContain("authorization");
	});
});
