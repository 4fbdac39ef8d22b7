// What our own writes leave in a thing: the only way to tell them, since Shopify names no actor.

import type { Json, JsonObject } from "../../model/json";
import { isObject, valueAt } from "../inbound/read";

/** True if the thing carries one of them as a tag, as the name of an attribute, or as the namespace of a metafield. */
export function isMarked(json: JsonObject, own: string[]): boolean {
	if (own.length === 0) return false;
	return things(json).some((thing) => marksIn(thing).some((mark) => own.includes(mark)));
}

/** Webhooks are the thing; Events carry it in the answer to a query. */
function things(json: JsonObject): JsonObject[] {
	const data = valueAt(json, "data");
	return [json, ...(isObject(data) ? Object.values(data).filter(isObject) : [])];
}

function marksIn(thing: JsonObject): string[] {
	return [
		...tagsOf(valueAt(thing, "tags")),
		...textsIn(valueAt(thing, "note_attributes"), "name"),
		...textsIn(valueAt(thing, "customAttributes"), "key"),
		...textsIn(valueAt(thing, "metafields"), "namespace"),
	];
}

/** Separated by commas, or a list. */
function tagsOf(tags: Json | undefined): string[] {
	const list = typeof tags === "string" ? tags.split(",") : Array.isArray(tags) ? tags : [];
	return list.filter((tag) => typeof tag === "string").map((tag) => tag.trim());
}

function textsIn(list: Json | undefined, key: string): string[] {
	if (!Array.isArray(list)) return [];
	return list.map((item) => valueAt(item, key)).filter((text) => typeof text === "string");
}
