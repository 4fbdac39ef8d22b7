// What a Shopify event is about. Things are named by their global ids, as both generations know them, so that an order's
// deletion, which comes with a bare number, is about the same order as its creation.

import type { JsonObject } from "../../model/json";
import type { Delivery, NormalizedEvent } from "../connector";
import { idAt, isObject, textAt, valueAt } from "../inbound/read";

type Entity = NormalizedEvent["entity"];

interface About {
	/** The type of what the topic is about. */
	entity: string;
	/** The kind in its global id. */
	gid?: string;
	/** The global id that a header states. */
	stated: string | undefined;
	/** The shop's domain. */
	shop: string | undefined;
}

/** What names the thing itself, then what it belongs to; where nothing does, it is about the shop. */
export function entityOf(delivery: Delivery, json: JsonObject, about: About): Entity | undefined {
	const { entity: type, stated, shop } = about;
	const id =
		stated ??
		globalId(json, type) ??
		numbered(delivery, json, about) ??
		inPayload(json, about) ??
		other(delivery, json);
	if (id !== undefined) return { type, id };
	return shop === undefined ? undefined : { type: "shop", id: shop };
}

/** Some topics put the thing into a member of its name. */
function globalId(json: JsonObject, type: string): string | undefined {
	return textAt(json, "admin_graphql_api_id") ?? textAt(json, `${type}.admin_graphql_api_id`);
}

/** Where the number stands: of an edited order in its edit, of what privacy laws ask for in what they ask about. */
function numbered(delivery: Delivery, json: JsonObject, { entity, gid }: About): string | undefined {
	const inside = [`${entity}.id`, `${entity}_edit.${entity}_id`, `${entity}_id`, `${entity}Id`];
	const paths = entity === "shop" ? ["shop_id", "id"] : ["id", ...inside];
	for (const path of paths) {
		const id = idAt(delivery, json, path);
		if (id !== undefined) return gid !== undefined && /^\d+$/.test(id) ? `gid://shopify/${gid}/${id}` : id;
	}
	return undefined;
}

const GLOBAL_ID = /gid:\/\/shopify\/([A-Za-z]+)\/[^'\]\s]+/;

/**
 * Events state the thing in the paths of what changed, like `product[id: 'gid://shopify/Product/1'].title`, and in the
 * variables of the query whose answer they carry.
 */
function inPayload(json: JsonObject, { gid }: About): string | undefined {
	const texts = [...changedPaths(json), ...Object.values(objectOf(json.query_variables))];
	for (const text of texts) {
		const [id, kind] = GLOBAL_ID.exec(typeof text === "string" ? text : "") ?? [];
		if (id !== undefined && (gid === undefined || kind === gid)) return id;
	}
	return undefined;
}

/** The paths in `fields_changed`: a list, or since 2026-09 lists of what was added, updated and removed. */
export function changedPaths(json: JsonObject): string[] {
	const changed = valueAt(json, "fields_changed");
	const lists = Array.isArray(changed) ? [changed] : Object.values(objectOf(changed));
	return lists.flat().filter((path) => typeof path === "string");
}

function objectOf(json: JsonObject[string] | undefined): JsonObject {
	return isObject(json) ? json : {};
}

/** Carts and checkouts have tokens, stocks an item and a place. */
function other(delivery: Delivery, json: JsonObject): string | undefined {
	const token = textAt(json, "token");
	if (token !== undefined) return token;
	const [item, location] = ["inventory_item_id", "location_id"].map((path) => idAt(delivery, json, path));
	return item === undefined || location === undefined ? undefined : `${item}:${location}`;
}
