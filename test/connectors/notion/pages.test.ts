// The requests that read, change and trash pages, and what they make of answers.

import { describe, expect, test } from "vitest";
import { answer, judged, MARKED, problemOf, requestOf } from "../actions";
import { PAGE, PROPERTIES, trash, update } from "./golden";

const url = `https://api.notion.com/v1/pages/${PAGE}`;
const reading = {
	accept: "application/json",
	"notion-version": "2025-09-03",
	"user-agent": "signalbox",
	authorization: "Bearer t0ken",
	...MARKED,
};
const headers = { ...reading, "content-type": "application/json" };
const secret_headers = ["authorization"];

const title = [{ plain_text: "Paid " }, { plain_text: "✓" }, { plain_text: 1 }, null];
const page = {
	object: "page",
	id: PAGE,
	url: "https://www.notion.so/p",
	in_trash: false,
	created_time: "2026-11-20T09:58:00.000Z",
	last_edited_time: "2026-11-20T09:59:00.000Z",
	properties: { Amount: { id: "bDf%5B", type: "number", number: 7.5 }, Name: { id: "title", type: "title", title } },
};
const output = { id: PAGE, url: page.url, in_trash: false, last_edited_time: page.last_edited_time };

describe("update_page", () => {
	const input = { page_id: PAGE, properties: PROPERTIES };

	test("is this request", () => {
		expect(requestOf("notion.update_page", input)).toEqual({
			method: "PATCH",
			url,
			headers,
			secret_headers,
			body: JSON.stringify(update),
		});
	});

	test("is a success with the page as it is then", () => {
		expect(judged("notion.update_page", answer(200, page), input)).toEqual({ kind: "succeeded", output });
	});

	test("is tried again if the answer is no page", () => {
		const reason = "Notion answered 200 and did not say what it did";
		expect(judged("notion.update_page", answer(200, {}), input)).toEqual({ kind: "transient", reason });
	});

	test("is not a success because the page is in the trash", () => {
		const message = "Can't edit block that is archived. You must unarchive the block before editing.";
		const refused = answer(400, { object: "error", status: 400, code: "validation_error", message });
		const reason = "Notion answered 400, validation_error";
		expect(judged("notion.update_page", refused, input)).toEqual({ kind: "permanent", class: "invalid", reason });
	});
});

describe("trash_page", () => {
	const input = { page_id: PAGE };

	test("is this request", () => {
		expect(requestOf("notion.trash_page", input)).toEqual({
			method: "PATCH",
			url,
			headers,
			secret_headers,
			body: JSON.stringify(trash),
		});
	});

	test.each([
		[200, { ...page, in_trash: true }],
		[200, { object: "page", id: PAGE }],
		[400, { code: "validation_error", message: "Can't edit block that is archived. You must unarchive the block…" }],
		[400, { code: "validation_error", message: "Can't edit page that is in the trash." }],
	])("is done with %d %j", (status, body) => {
		const outcome = { kind: "succeeded", output: { id: PAGE } };
		expect(judged("notion.trash_page", answer(status, body), input)).toEqual(outcome);
	});

	test.each([
		[400, { code: "validation_error", message: "Can't edit page on block with an archived ancestor." }, "invalid"],
		[400, { code: "validation_error", message: "body.in_trash should be a boolean" }, "invalid"],
		[400, { code: "invalid_json", message: "Can't edit block that is archived." }, "invalid"],
		[404, { code: "object_not_found", message: "Could not find page with ID" }, "not_found"],
	])("is not done with %d %j", (status, body, failure) => {
		const reason = `Notion answered ${status}, ${body.code}`;
		const outcome = { kind: "permanent", class: failure, reason };
		expect(judged("notion.trash_page", answer(status, body), input)).toEqual(outcome);
	});

	test("is not done by a failing server, whatever it says", () => {
		const body = { code: "validation_error", message: "Can't edit block that is archived." };
		const reason = "Notion answered 500, validation_error";
		expect(judged("notion.trash_page", answer(500, body), input)).toEqual({ kind: "transient", reason });
	});

	test("is tried again if the answer is no page", () => {
		const reason = "Notion answered 200 and did not say what it did";
		expect(judged("notion.trash_page", answer(200, "[]"), input)).toEqual({ kind: "transient", reason });
	});
});

describe("get_page", () => {
	const input = { page_id: PAGE };

	test("is this request", () => {
		expect(requestOf("notion.get_page", input)).toEqual({
			method: "GET",
			url,
			headers: reading,
			secret_headers,
			body: null,
		});
	});

	test("gives the page with its title as text and its properties as Notion writes them", () => {
		const { created_time, properties } = page;
		expect(judged("notion.get_page", answer(200, page), input)).toEqual({
			kind: "succeeded",
			output: { ...output, title: "Paid ✓", created_time, properties },
		});
	});

	test.each([
		[{}, null],
		[{ Name: { type: "title" } }, null],
		[{ Name: { type: "title", title: [] } }, ""],
		[{ title: { type: "rich_text", title } }, null],
	])("gives of the properties %j the title %j", (properties, title) => {
		const { created_time } = page;
		expect(judged("notion.get_page", answer(200, { ...page, properties }), input)).toEqual({
			kind: "succeeded",
			output: { ...output, title, created_time, properties },
		});
	});

	test.each([{}, [], { object: "page", id: PAGE }, { ...page, object: "error" }, { ...page, properties: [] }])(
		"has read nothing with 200 %j",
		(body) => {
			const reason = "Notion answered 200 and did not say what it did";
			expect(judged("notion.get_page", answer(200, body), input)).toEqual({ kind: "transient", reason });
		},
	);
});

test.each(["notion.update_page", "notion.trash_page", "notion.get_page"])("%s is about a page by its id", (use) => {
	for (const page_id of ["", "..", "a/b", PAGE.slice(1), `${PAGE}0`, 7]) {
		expect(problemOf(use, { page_id, properties: {} })).toMatch(/^with\.page_id: /);
	}
	const undashed = PAGE.replaceAll("-", "").toUpperCase();
	const input = { page_id: undashed, ...(use === "notion.update_page" && { properties: {} }) };
	expect(requestOf(use, input).url).toBe(`https://api.notion.com/v1/pages/${undashed}`);
});
