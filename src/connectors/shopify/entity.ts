// What a Shopify event is about. Things are named by their global ids, as both generations know them, so that an order's
// deletion, which comes with a bare number, is about the same order as its creation.

import type { JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Delivery, NormalizedEvent } from "../connector";
import { idAt, isObject, textAt, valueAt } from "../inbound/read";

type Entity = NormalizedEvent["entity"];

interface About {
	/** The type of what the topic is about. */
	entity: string;
	/** The kind in its global id. */
	gid?: string;
	/** The id that a header states, which is not signed. */
	stated: string | undefined;
	/** The shop's domain. */
	shop: string | undefined;
}

/** `isNamed` is false where nothing names the thing, and the shop stands for it. */
export interface Found {
	entity: Entity;
	isNamed: boolean;
}

/**
 * What names the thing itself, then what it belongs to; where nothing does, it is about the shop. The body is signed and
 * goes before the header, which must not contradict it.
 */
export function entityOf(delivery: Delivery, json: JsonObject, about: About): Result<Found, string> {
	const { entity: type, shop } = about;
	const signed =
		globalId(json, type) ?? numbered(delivery, json, about) ?? inPayload(json, about) ?? other(delivery, json);
	const stated = about.stated === undefined ? undefined : withKind(about.stated, about.gid);
	if (signed !== undefined && stated !== undefined && !areOne(signed, stated)) {
		return err(`the body is about ${signed}, and the header about ${stated}`);
	}
	const id = signed ?? stated;
	if (id !== undefined) return ok({ entity: { type, id }, isNamed: true });
	if (shop === undefined) return err("it names nothing that it could be about");
	return ok({ entity: { type: "shop", id: shop }, isNamed: false });
}

/** A number in a global id is the same thing as that number where no kind is known. */
function areOne(signed: string, stated: string): boolean {
	if (signed === stated) return true;
	const numbers = [signed, stated].map((id) => /(?:^|\/)(\w+)$/.exec(id)?.[1]);
	const areOfKinds = [signed, stated].every((id) => id.startsWith("gid:"));
	return !areOfKinds && numbers[0] !== undefined && numbers[0] === numbers[1];
}

/** Some topics put the thing into a member of its name. */
function globalId(json: JsonObject, type: string): string | undefined {
	return textAt(json, "admin_graphql_api_id") ?? textAt(json, `${type}.admin_graphql_api_id`);
}

/** Where the number stands: of an edited order in its edit, of what is listed in its listing, of what privacy laws ask for in what they ask about. */
function numbered(delivery: Delivery, json: JsonObject, { entity, gid }: About): string | undefined {
	const [, listed] = /^(.+)_listing$/.exec(entity) ?? [];
	const listing = listed === undefined ? [] : [`${entity}.${listed}_id`];
	const inside = [...listing, `${entity}.id`, `${entity}_edit.${entity}_id`, `${entity}_id`, `${entity}Id`];
	const paths = entity === "shop" ? ["shop_id", "id"] : ["id", ...inside];
	for (const path of paths) {
		const id = idAt(delivery, json, path);
		if (id !== undefined) return withKind(id, gid);
	}
	return undefined;
}

function withKind(id: string, gid: string | undefined): string {
	return gid !== undefined && /^\d+$/.test(id) ? `gid://shopify/${gid}/${id}` : id;
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
