// The request that notion.create_page makes, and how a page is looked for that may have been created.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import type { Result } from "../../../src/model/result";
import { actionOf, answer, found, judged, lookFor, MARKED, mark, problemOf, requestOf } from "../actions";
import { NOW } from "../deliveries";
import { CHILDREN, PAGE, PARENT, PROPERTIES, query, row, SOURCE, within } from "./golden";

const headers = {
	accept: "application/json",
	"content-type": "application/json",
	"notion-version": "2025-09-03",
	"user-agent": "signalbox",
	authorization: "Bearer t0ken",
	...MARKED,
};
const { "content-type": _, ...reading } = headers;
const secret_headers = ["authorization"];
const keyed = { config: { key_property: "Key" }, credentials: { token: "t0ken" } };
const input = { parent: { data_source_id: SOURCE }, properties: PROPERTIES, children: CHILDREN };
const action = actionOf("notion.create_page");

function bodyOf(built: Result<{ body: string | null }, string> | undefined): unknown {
	if (built?.ok !== true) throw new Error(built?.error);
	return JSON.parse(built.value.body ?? "null");
}

describe("create_page", () => {
	test("is this request in a data source that has a property for the key", () => {
		expect(action.build(input, keyed, mark)).toEqual({
			ok: true,
			value: {
				method: "POST",
				url: "https://api.notion.com/v1/pages",
				headers,
				secret_headers,
				body: expect.any(String),
			},
		});
		expect(bodyOf(action.build(input, keyed, mark))).toEqual(row);
	});

	test("carries no key where there is no property for it", () => {
		expect(JSON.parse(requestOf("notion.create_page", input).body ?? "")).toEqual({ ...row, properties: PROPERTIES });
	});

	test("carries no key within a page, whose properties are nothing but a title", () => {
		expect(bodyOf(action.build(within, keyed, mark))).toEqual(within);
	});

	test("takes ids with and without hyphens", () => {
		const parent = { data_source_id: SOURCE.replaceAll("-", "") };
		expect(bodyOf(action.build({ ...input, parent }, keyed, mark))).toEqual({ ...row, parent });
	});

	test("goes to where the connection says that Notion is", () => {
		const config = { base_url: "https://proxy.example.com/notion/" };
		const built = action.build(input, { ...keyed, config }, mark);
		expect(built.ok && built.value.url).toBe("https://proxy.example.com/notion/v1/pages");
	});

	test.each<[string, JsonObject, RegExp]>([
		["no parent", { properties: {} }, /^with\.parent: /],
		["two parents", { ...input, parent: { data_source_id: SOURCE, page_id: PAGE } }, /^with\.parent: /],
		["a parent that is no id", { ...input, parent: { page_id: "../users" } }, /^with\.parent\.page_id: /],
		["no properties", { parent: input.parent }, /^with\.properties: /],
		["a property that is no object", { ...input, properties: { Name: "Paid" } }, /^with\.properties\.Name: /],
		["more blocks than Notion takes", { ...input, children: Array(101).fill(CHILDREN[0]) }, /^with\.children: /],
	])("is refused with %s", (_, given, problem) => {
		expect(problemOf("notion.create_page", given)).toMatch(problem);
	});

	test("is refused with a key of its own", () => {
		const properties = { ...PROPERTIES, Key: { rich_text: [] } };
		const built = action.build({ ...input, properties }, keyed, mark);
		expect(built).toEqual({ ok: false, error: "with.properties: the key_property is not to be set" });
		expect(action.build({ ...input, properties }, { ...keyed, config: {} }, mark).ok).toBe(true);
	});

	test("is a success with where the page stands, and with what puts it into the trash", () => {
		const last_edited_time = "2026-11-20T09:59:00.000Z";
		const page = { object: "page", id: PAGE, url: "https://www.notion.so/p", in_trash: false, last_edited_time };
		expect(judged("notion.create_page", answer(200, page), input)).toEqual({
			kind: "succeeded",
			output: { id: PAGE, url: "https://www.notion.so/p", in_trash: false, last_edited_time },
			undo: { page_id: PAGE },
		});
	});

	test("is a success also where the connection may not read what it has created", () => {
		expect(judged("notion.create_page", answer(200, { object: "page", id: PAGE }), input)).toEqual({
			kind: "succeeded",
			output: { id: PAGE, url: null, in_trash: null, last_edited_time: null },
			undo: { page_id: PAGE },
		});
	});

	test("cannot be undone if its id is none", () => {
		const outcome = judged("notion.create_page", answer(200, { object: "page", id: "x" }), input);
		expect(outcome).toEqual({
			kind: "succeeded",
			output: { id: "x", url: null, in_trash: null, last_edited_time: null },
		});
	});

	test.each(["", "[]", "{}", '{"object":"error","code":"x"}', `{"object":"list","id":"${PAGE}"}`])(
		"is left open by 200 %s",
		(body) => {
			const reason = "Notion answered 200 and did not say what it did";
			expect(judged("notion.create_page", answer(200, body), input)).toEqual({
				kind: "unknown",
				reason,
				timed_out: false,
			});
		},
	);
});

describe("the look for a page", () => {
	test("asks the data source for the key", () => {
		const built = action.probe?.build(input, keyed, mark);
		expect(built).toEqual({
			ok: true,
			value: {
				method: "POST",
				url: `https://api.notion.com/v1/data_sources/${SOURCE}/query`,
				headers,
				secret_headers,
				body: expect.any(String),
			},
		});
		expect(bodyOf(built)).toEqual(query);
	});

	test.each<[string, JsonObject, JsonObject, string]>([
		["without a property for the key", input, {}, `/v1/data_sources/${SOURCE}`],
		["within a page", within, {}, `/v1/pages/${PARENT}`],
		["within a page, with a property for the key", within, keyed.config, `/v1/pages/${PARENT}`],
	])("asks only for its parent %s", (_, given, config, path) => {
		expect(action.probe?.build(given, { ...keyed, config }, mark)).toEqual({
			ok: true,
			value: { method: "GET", url: `https://api.notion.com${path}`, headers: reading, secret_headers, body: null },
		});
	});

	test("asks for no key by itself", () => {
		expect(lookFor("notion.create_page", input).method).toBe("GET");
	});

	const text = (...pieces: string[]) => pieces.map((plain_text) => ({ type: "text", plain_text }));
	const property = (...pieces: string[]) => ({ id: "XGe%40", type: "rich_text", rich_text: text(...pieces) });
	const page = (id: string, properties: JsonObject) => ({ object: "page", id, url: null, in_trash: false, properties });
	const list = (results: unknown, more: JsonObject = {}) => ({
		object: "list",
		results,
		next_cursor: null,
		has_more: false,
		...more,
	});
	const ours = page(PAGE, { Name: { type: "title", title: text("Paid") }, Key: property("sb_run_1_tell") });
	const look = (body: unknown, ended_ms = 120_000) =>
		action.probe?.read(answer(200, body), NOW, { input, mark: { ...mark, tried_at: NOW - ended_ms } });

	test.each([
		["alone", [ours]],
		["among others", [page("x", { Key: property("sb_run_1_tel") }), ours]],
		["in pieces", [page(PAGE, { Key: property("sb_run_1", "_tell") })]],
		["under any name", [page(PAGE, { Schlüssel: property("sb_run_1_tell") })]],
		["twice", [ours, page(SOURCE, { Key: property("sb_run_1_tell") })]],
	])("finds it %s", (_, results) => {
		const outcome = {
			kind: "found",
			output: { id: PAGE, url: null, in_trash: false, last_edited_time: null },
			undo: { page_id: PAGE },
		};
		expect(look(list(results))).toEqual(outcome);
		expect(look(list(results, { has_more: true }))).toEqual(outcome);
	});

	test("is sure of its absence only where Notion has found nothing in all there is", () => {
		expect(look(list([]))).toEqual({ kind: "absent" });
		expect(look(list([], { request_status: { type: "complete" } }))).toEqual({ kind: "absent" });
	});

	test.each([
		[0, 120_000],
		[119_999.5, 1],
	])(
		"waits for what Notion may still be doing: %d ms after the attempt has ended, for %d more",
		(ended_ms, after_ms) => {
			const reason = "Notion does not find it yet";
			expect(look(list([]), ended_ms)).toMatchObject({ kind: "unclear", reason, after_ms });
			expect(look(list([ours]), ended_ms)).toMatchObject({ kind: "found" });
		},
	);

	const incomplete = { type: "incomplete", incomplete_reason: "query_result_limit_reached" };
	test.each([
		["there may be more", list([], { has_more: true })],
		["nobody says whether there is more", list([], { has_more: null })],
		["Notion has stopped looking", list([], { request_status: incomplete })],
		["what was found has no key that can be read", list([{ object: "page", id: PAGE }])],
		["what was found has another key", list([page(PAGE, { Key: property("sb_run_1_tell2") })])],
		["what was found has it as its title", list([page(PAGE, { Name: { title: text("sb_run_1_tell") } })])],
		["what was found is no page", list([{ ...ours, object: "data_source" }])],
		["what was found is nothing", list([null])],
	])("settles nothing where %s", (_, body) => {
		const { length } = body.results as unknown[];
		const reason = `it is not among the ${length} pages that Notion found, and they may not be all`;
		expect(look(body)).toMatchObject({ kind: "unclear", reason });
	});

	test.each([{ object: "data_source", id: SOURCE }, { object: "page", id: PARENT }, {}, [], null])(
		"settles nothing where there was nothing to ask for: %j",
		(body) => {
			const reason = "a page can be found only in a data source, and by the connection's key_property";
			expect(look(body)).toMatchObject({ kind: "unclear", reason });
		},
	);

	test.each([
		[200, { object: "list" }, {}, { reason: "Notion answered without results" }],
		[400, { code: "validation_error" }, {}, { reason: "Notion answered 400, validation_error" }],
		[404, { code: "object_not_found" }, {}, { reason: "Notion answered 404, object_not_found" }],
		[409, { code: "conflict_error" }, {}, { reason: "Notion answered 409, conflict_error" }],
		[429, "", { "retry-after": "7" }, { reason: "Notion answered 429", after_ms: 7_000 }],
		[503, "", { "retry-after": "9" }, { reason: "Notion answered 503", after_ms: 9_000 }],
		[529, "", { "retry-after": "9" }, { reason: "Notion answered 529", after_ms: 9_000 }],
		[204, "", {}, { reason: "Notion answered 204 and did not say what it did" }],
	])("settles nothing with %d %j", (status, body, headers: Record<string, string>, unclear) => {
		expect(found("notion.create_page", answer(status, body, headers), input)).toMatchObject({
			kind: "unclear",
			...unclear,
		});
	});
});
