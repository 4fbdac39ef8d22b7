// A page as actions are given it and as they give it back.

import { z } from "zod";
import { Json } from "../../model/json";
import { isObject, objectAt, textAt, valueAt } from "../inbound/read";
import { type Done, pathOf } from "../outbound/json-api";

export const NotionId = z
	.string()
	.regex(/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i, "write an id of 32 hex digits, with or without hyphens");

export const Page = z.strictObject({ page_id: NotionId.describe("The page's id.") });

export const Properties = z
	.record(z.string().min(1).max(255), z.record(z.string(), Json))
	.describe("Values by the property's name or id, as Notion's API writes them.");

export function pathOfPage(page_id: string): string {
	return pathOf`/v1/pages/${page_id}`;
}

/** For the documentation. */
export const PAGE_FIELDS = {
	id: "The page's id.",
	url: "Where people see the page.",
	in_trash: "True if it is in the trash.",
	last_edited_time: "When it was last changed, like 2026-11-20T09:59:00.000Z.",
};

/** Undefined if it is not a page. One whose content the connection may not read has nothing but its id. */
export function summary(page: Json): Done | undefined {
	const id = valueAt(page, "object") === "page" ? textAt(page, "id") : undefined;
	if (id === undefined) return undefined;
	const inTrash = valueAt(page, "in_trash");
	return {
		output: {
			id,
			url: textAt(page, "url") ?? null,
			in_trash: typeof inTrash === "boolean" ? inTrash : null,
			last_edited_time: textAt(page, "last_edited_time") ?? null,
		},
	};
}

/** The text of its one property of the type title. */
export function titleOf(page: Json): string | null {
	const title = Object.values(objectAt(page, "properties") ?? {}).find((value) => textAt(value, "type") === "title");
	return title === undefined ? null : plainText(title, "title");
}

/** The text of a property of one of the types that are made of pieces of text. */
export function plainText(property: Json, type: "title" | "rich_text"): string | null {
	const pieces = valueAt(property, type);
	if (!Array.isArray(pieces)) return null;
	return pieces.map((piece) => (isObject(piece) ? (textAt(piece, "plain_text") ?? "") : "")).join("");
}
