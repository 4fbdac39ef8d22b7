// What Shopify calls its events, and what they are called here. Both generations name a resource and an action:
// `orders/updated` is a topic of the older one, `Order` and `update` are topic and action of Events.

import type { VocabularyRow } from "../connector";
import { snakeCase } from "../inbound/snake-case";

/** What a resource is called here, and in Shopify's global ids. */
interface Resource {
	noun: string;
	gid?: string;
}

const RESOURCES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
	["app", { noun: "app", gid: "Shop" }],
	["carts", { noun: "cart" }],
	["checkouts", { noun: "checkout" }],
	["collections", { noun: "collection", gid: "Collection" }],
	["companies", { noun: "company", gid: "Company" }],
	["customers", { noun: "customer", gid: "Customer" }],
	["disputes", { noun: "dispute", gid: "ShopifyPaymentsDispute" }],
	["draft_orders", { noun: "draft_order", gid: "DraftOrder" }],
	["fulfillments", { noun: "fulfillment", gid: "Fulfillment" }],
	["inventory_items", { noun: "inventory_item", gid: "InventoryItem" }],
	["inventory_levels", { noun: "inventory_level" }],
	["locations", { noun: "location", gid: "Location" }],
	["orders", { noun: "order", gid: "Order" }],
	["products", { noun: "product", gid: "Product" }],
	["refunds", { noun: "refund", gid: "Refund" }],
	["shop", { noun: "shop", gid: "Shop" }],
]);

const VERBS: ReadonlyMap<string, string> = new Map([
	["add", "created"],
	["connect", "connected"],
	["create", "created"],
	["data_request", "data_requested"],
	["delete", "deleted"],
	["disconnect", "disconnected"],
	["edited", "updated"],
	["finish", "finished"],
	["publish", "published"],
	["redact", "redaction_requested"],
	["remove", "deleted"],
	["update", "updated"],
]);

/** What a topic, as `native_type` has it, becomes. */
export interface Topic {
	event_type: string;
	/** The type of what it is about. */
	entity: string;
	/** The kind in the global id of what it is about, where a plain number can be written as one. */
	gid?: string;
}

/** The action stands at the end, after a slash or as in `customer.tags_added`. An unknown topic keeps its words. */
export function topicOf(native: string): Topic {
	const [, name = native, action = "created"] = /^(.+)[/.]([^/.]+)$/.exec(native) ?? [];
	const { noun, gid } = resourceOf(name);
	const verb = VERBS.get(action) ?? snakeCase(action);
	return { event_type: `${noun}.${verb}`, entity: gid === "Shop" ? "shop" : noun, ...(gid !== undefined && { gid }) };
}

function resourceOf(name: string): Resource {
	const known = RESOURCES.get(name);
	if (known !== undefined) return known;
	// Events spell a resource as global ids do.
	if (/^[A-Z]/.test(name)) return { noun: snakeCase(name), gid: name };
	return { noun: snakeCase(name).replace(/ies$/, "y").replace(/s$/, "") };
}

/** https://shopify.dev/docs/api/webhooks: those that workflows ask for, and those that every app must answer. */
const TOPICS = [
	"app/uninstalled",
	"bulk_operations/finish",
	...["create", "update"].map((action) => `carts/${action}`),
	...["create", "delete", "update"].map((action) => `checkouts/${action}`),
	...["add", "remove", "update"].map((action) => `collection_listings/${action}`),
	...["create", "delete", "update"].map((action) => `collections/${action}`),
	...["create", "delete", "update"].map((action) => `companies/${action}`),
	...["create", "data_request", "delete", "redact", "update"].map((action) => `customers/${action}`),
	...["create", "update"].map((action) => `disputes/${action}`),
	...["create", "delete", "update"].map((action) => `draft_orders/${action}`),
	...["create", "update"].map((action) => `fulfillments/${action}`),
	...["create", "delete", "update"].map((action) => `inventory_items/${action}`),
	"inventory_levels/update",
	...["create", "delete", "update"].map((action) => `locations/${action}`),
	...["cancelled", "create", "delete", "edited", "fulfilled", "paid", "updated"].map((action) => `orders/${action}`),
	...["add", "remove", "update"].map((action) => `product_listings/${action}`),
	...["create", "delete", "update"].map((action) => `products/${action}`),
	"refunds/create",
	"shop/redact",
	"shop/update",
	...["create", "delete", "publish", "update"].map((action) => `themes/${action}`),
	...["Customer", "Order", "Product"].flatMap((topic) =>
		["create", "delete", "update"].map((action) => `${topic}/${action}`),
	),
];

export const vocabulary: readonly VocabularyRow[] = TOPICS.map((native) => {
	const { event_type, entity } = topicOf(native);
	return { native, event_type, entity };
});
