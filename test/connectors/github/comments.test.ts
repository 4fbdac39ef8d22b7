// The requests that GitHub's comment actions make, and what they make of answers.

import { describe, expect, test } from "vitest";
import { actionOf, answer, found, judged, lookFor, MARKED, mark, problemOf, requestOf } from "../actions";

const issue = { owner: "acme", repo: "shop", number: 7 };
const comment = { owner: "acme", repo: "shop", id: 492700400 };
const headers = {
	accept: "application/vnd.github+json",
	"x-github-api-version": "2022-11-28",
	"user-agent": "signalbox",
	authorization: "Bearer t0ken",
	...MARKED,
};
const secret_headers = ["authorization"];
const MARKER = "<!-- signalbox:sb_run_1_tell -->";
const url = "https://github.com/acme/shop/issues/7#issuecomment-492700400";

describe("create_comment", () => {
	const input = { ...issue, body: "Paid ✓" };

	test("is this request", () => {
		expect(requestOf("github.create_comment", input)).toEqual({
			method: "POST",
			url: "https://api.github.com/repos/acme/shop/issues/7/comments",
			headers: { ...headers, "content-type": "application/json" },
			secret_headers,
			body: JSON.stringify({ body: `Paid ✓\n\n${MARKER}` }),
		});
	});

	test("is refused without something to say", () => {
		expect(problemOf("github.create_comment", issue)).toMatch(/^with\.body: /);
		expect(problemOf("github.create_comment", { ...issue, body: "" })).toMatch(/^with\.body: Too small/);
		expect(problemOf("github.create_comment", { ...issue, body: "x".repeat(65_001) })).toMatch(/^with\.body: Too big/);
		expect(problemOf("github.create_comment", { ...input, number: "7" })).toMatch(/^with\.number: /);
	});

	test("is a success with where the comment stands, and with what deletes it", () => {
		const body = { id: 492700400, html_url: url, body: "Paid ✓" };
		expect(judged("github.create_comment", answer(201, body), input)).toEqual({
			kind: "succeeded",
			output: { id: 492700400, url },
			undo: comment,
		});
	});

	test.each(["", "[]", "{}", '{"id":"492700400"}'])("is a success with 201 %s too", (body) => {
		const outcome = { kind: "succeeded", output: { id: null, url: null } };
		expect(judged("github.create_comment", answer(201, body), input)).toEqual(outcome);
	});

	test("is final with 404", () => {
		const outcome = { kind: "permanent", class: "not_found", reason: "GitHub answered 404" };
		expect(judged("github.create_comment", answer(404), input)).toEqual(outcome);
	});

	test("is looked for by this request", () => {
		expect(lookFor("github.create_comment", input)).toEqual({
			method: "GET",
			url: "https://api.github.com/repos/acme/shop/issues/7/comments?since=2026-11-20T09%3A54%3A00Z&per_page=100",
			headers,
			secret_headers,
			body: null,
		});
	});

	test.each([
		["2026-11-20T10:00:00.000Z", "2026-11-20T09:55:00Z"],
		["2026-11-20T09:59:59.999Z", "2026-11-20T09:54:59Z"],
		["2026-11-20T00:00:00.000Z", "2026-11-19T23:55:00Z"],
		["1970-01-01T00:04:59.999Z", "1970-01-01T00:00:00Z"],
	])("is looked for since %s less five minutes, as clocks differ, in whole seconds: %s", (at, since) => {
		const connection = { config: {}, credentials: { token: "t" } };
		const { probe } = actionOf("github.create_comment");
		const built = probe?.build(input, connection, { ...mark, since: Date.parse(at) });
		expect(new URL(built?.ok ? built.value.url : "").searchParams.getAll("since")).toEqual([since]);
	});

	test("may stand on the next page, however far a full one goes back: it begins with the oldest", () => {
		const old = "2026-11-20T09:00:00Z";
		const list = Array.from({ length: 100 }, (_, i) => ({ id: i + 1, body: "", created_at: old, updated_at: old }));
		const reason = "it is not among the 100 that GitHub listed, and there may be more";
		expect(found("github.create_comment", answer(200, list), input)).toEqual({ kind: "unclear", reason });
		expect(found("github.create_comment", answer(200, list.slice(1)), input)).toEqual({ kind: "absent" });
	});

	test("is found by its marker", () => {
		const list = [
			{ id: 1, body: "Paid ✓" },
			{ id: 492700400, html_url: url, body: `Paid ✓\n\n${MARKER}` },
			{ id: 492700999, body: `> Paid ✓\n\n${MARKER}` },
		];
		expect(found("github.create_comment", answer(200, list), input)).toEqual({
			kind: "found",
			output: { id: 492700400, url },
			undo: comment,
		});
	});
});

describe("delete_comment", () => {
	test("is this request", () => {
		expect(requestOf("github.delete_comment", comment)).toEqual({
			method: "DELETE",
			url: "https://api.github.com/repos/acme/shop/issues/comments/492700400",
			headers,
			secret_headers,
			body: null,
		});
	});

	test.each([
		[204, ""],
		[404, { message: "Not Found", status: "404" }],
	])("is done with %d %j", (status, body) => {
		const outcome = { kind: "succeeded", output: { id: 492700400 } };
		expect(judged("github.delete_comment", answer(status, body), comment)).toEqual(outcome);
	});

	test.each([0, 1.5, "492700400", "1/../2"])("has no comment %j", (id) => {
		expect(problemOf("github.delete_comment", { ...comment, id })).toMatch(/^with\.id: /);
	});
});
