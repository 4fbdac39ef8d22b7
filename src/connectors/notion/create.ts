// Creating pages. Notion recognises no repeated request, so where a text property is set aside for it, the page keeps the
// key of its step, and is found by it. There is such a property in data sources only: the pages within a page have none.

import { z } from "zod";
import { Json } from "../../model/json";
import { err } from "../../model/result";
import type { Found, Mark } from "../connector";
import { objectAt, valueAt } from "../inbound/read";
import { unclear } from "../outbound/failure";
import { type Done, jsonAction, pathOf } from "../outbound/json-api";
import { absentOnceSettled } from "../outbound/settled";
import { undoWith } from "../outbound/undo";
import { notionApi } from "./api";
import { NotionId, PAGE_FIELDS, Page, Properties, pathOfPage, plainText, summary } from "./page";

const Parent = z.union([
	z.strictObject({ data_source_id: NotionId.describe("The data source that the page becomes a row of.") }),
	z.strictObject({ page_id: NotionId.describe("Or the page that it is put within.") }),
]);
const Create = z.strictObject({
	parent: Parent,
	properties: Properties,
	children: z.array(z.record(z.string(), Json)).max(100).optional().describe("Its content, as blocks of Notion's API."),
});

export const createPage = jsonAction(notionApi, {
	about:
		"Creates a page in a data source or within a page. Only in a data source, and with the connection's key_property, can it be found again if Notion's answer is lost; otherwise people have to look.",
	input: Create,
	output: PAGE_FIELDS,
	repeatable: false,
	undo: "notion.trash_page",
	writes: { entity: "page", fields: ["*"] },
	// The answer is the page, and it is looked for.
	scopes: ["insert content", "read content"],
	mark: "The author, which is the bot of the connection, and the key in its key_property.",
	call: ({ parent, properties, children }, { mark, config: { key_property } }) => {
		const body = { parent, properties, ...(children !== undefined && { children }) };
		const path = "/v1/pages";
		if (key_property === undefined || "page_id" in parent) return { method: "POST", path, body };
		if (Object.hasOwn(properties, key_property)) return err("with.properties: the key_property is not to be set");
		const key = { rich_text: [{ text: { content: mark.idempotency_key } }] };
		return { method: "POST", path, body: { ...body, properties: { ...properties, [key_property]: key } } };
	},
	done: [200],
	result: (page) => created(page),
	probe: {
		call: ({ parent }, { mark, config: { key_property } }) => {
			// Nothing tells what is there, and something has to be asked: what it was to be created in.
			if ("page_id" in parent) return { method: "GET", path: pathOfPage(parent.page_id) };
			const path = pathOf`/v1/data_sources/${parent.data_source_id}`;
			if (key_property === undefined) return { method: "GET", path };
			const filter = { property: key_property, rich_text: { equals: mark.idempotency_key } };
			return { method: "POST", path: `${path}/query`, body: { filter, page_size: PAGE_SIZE } };
		},
		find: (list, { mark, now }) => (valueAt(list, "object") === "list" ? look(list, mark, now) : UNKNOWABLE),
	},
});

/** Of pages with the same key, more than one is a defect, and more than two tell no more. */
const PAGE_SIZE = 2;

const UNKNOWABLE = unclear("a page can be found only in a data source, and by the connection's key_property");

/**
 * Notion works on a request for up to 60 seconds (https://developers.notion.com/reference/status-codes, at 503), and does not
 * say that a query finds at once what was written; so it is given as long again.
 */
const SETTLED_MS = 120_000;

/** Absent only if Notion has looked through everything and found nothing at all. */
function look(list: Json, mark: Mark, now: number): Found {
	const results = valueAt(list, "results");
	if (!Array.isArray(results)) return unclear("Notion answered without results");
	const found = results
		.map((page) => (carries(page, mark.idempotency_key) ? created(page) : undefined))
		.find((one) => one !== undefined);
	if (found !== undefined) return { kind: "found", ...found };
	const isComplete = valueAt(list, "request_status.type") !== "incomplete" && valueAt(list, "has_more") === false;
	if (isComplete && results.length === 0) {
		return absentOnceSettled(SETTLED_MS, { mark, now, reason: "Notion does not find it yet" });
	}
	return unclear(`it is not among the ${results.length} pages that Notion found, and they may not be all`);
}

/** Which property holds the key is not told here, and no other holds it. */
function carries(page: Json, key: string): boolean {
	const properties = Object.values(objectAt(page, "properties") ?? {});
	return properties.some((property) => plainText(property, "rich_text") === key);
}

function created(page: Json): Done | undefined {
	const told = summary(page);
	return told && { ...told, ...undoWith(Page, { page_id: told.output.id }) };
}
