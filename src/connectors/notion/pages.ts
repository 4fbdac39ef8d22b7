// Reading pages, changing their properties, and putting them into the trash. Properties are set, not added to, so doing it
// twice is doing it once.

import type { JsonObject } from "../../model/json";
import type { OutboundResponse } from "../connector";
import { objectAt, textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { type Done, jsonAction } from "../outbound/json-api";
import { notionApi } from "./api";
import { PAGE_FIELDS, Page, Properties, pathOfPage, summary, titleOf } from "./page";

const MARK = "The author, which is the bot of the connection.";

const Update = Page.extend({ properties: Properties });

export const updatePage = jsonAction(notionApi, {
	about: "Sets properties of a page. Those that are not named stay as they are.",
	input: Update,
	output: PAGE_FIELDS,
	repeatable: true,
	writes: { entity: "page", fields: ["*"] },
	scopes: ["update content"],
	mark: MARK,
	call: ({ page_id, properties }) => ({ method: "PATCH", path: pathOfPage(page_id), body: { properties } }),
	done: [200],
	result: (page) => summary(page),
});

export const trashPage = jsonAction(notionApi, {
	about: "Puts a page into the trash, from where people can take it back. One that is there already stays there.",
	input: Page,
	output: { id: PAGE_FIELDS.id },
	repeatable: true,
	writes: { entity: "page", fields: ["in_trash"] },
	scopes: ["update content"],
	mark: MARK,
	call: ({ page_id }) => ({ method: "PATCH", path: pathOfPage(page_id), body: { in_trash: true } }),
	done: [200],
	result: (page, input) => (summary(page) === undefined ? undefined : trashed(input)),
	otherwise: (response, _now, input) => (isTrashed(response) ? { kind: "succeeded", ...trashed(input) } : undefined),
});

function trashed({ page_id }: JsonObject): Done {
	return { output: { id: page_id ?? null } };
}

/** Notion has no code for it. A page within a trashed one is another case: it would come back together with that. */
function isTrashed({ status, body }: OutboundResponse): boolean {
	const answer = parseAnswer(body);
	const message = textAt(answer, "message") ?? "";
	return (
		status === 400 &&
		textAt(answer, "code") === "validation_error" &&
		/^can't edit (block|page) that is (archived|in (the )?trash)\b/i.test(message)
	);
}

export const getPage = jsonAction(notionApi, {
	about: "Reads a page's properties as they are now. Events only name which of them have changed.",
	input: Page,
	output: {
		...PAGE_FIELDS,
		title: "Its title as plain text; null if it has none.",
		created_time: "When it was created, like 2026-11-20T09:59:00.000Z.",
		properties: "Its properties by name, as Notion's API writes them.",
	},
	reads: true,
	repeatable: true,
	scopes: ["read content"],
	call: ({ page_id }) => ({ method: "GET", path: pathOfPage(page_id) }),
	done: [200],
	result: (page) => {
		const told = summary(page);
		const properties = objectAt(page, "properties");
		if (told === undefined || properties === undefined) return undefined;
		const created_time = textAt(page, "created_time") ?? null;
		return { output: { ...told.output, title: titleOf(page), created_time, properties } };
	},
});
