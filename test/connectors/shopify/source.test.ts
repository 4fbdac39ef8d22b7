// How Shopify's webhooks and Events become events.

import { describe, expect, test } from "vitest";
import { shopify } from "../../../src/connectors/shopify/shopify";
import type { Json, JsonObject } from "../../../src/model/json";
import { cpuMs } from "../../support/cpu";
import { deliveryOf, eventOf, refusalOf } from "../deliveries";

const ORDER = "gid://shopify/Order/820982911946154508";

function webhook(topic: string, body: Json | string, headers: Record<string, string> = {}) {
	return deliveryOf(typeof body === "string" ? body : JSON.stringify(body), {
		"x-shopify-topic": topic,
		"x-shopify-shop-domain": "fern.myshopify.com",
		"x-shopify-webhook-id": "w1",
		"x-shopify-event-id": "e1",
		...headers,
	});
}

function event(topic: string, body: Json | string, settings: JsonObject = {}) {
	return eventOf("shopify", webhook(topic, body), settings);
}

describe("a webhook", () => {
	test("is about the thing that it carries", () => {
		const body = { id: 1, admin_graphql_api_id: ORDER, updated_at: "2026-11-20T09:59:56+01:00" };
		expect(event("orders/create", body)).toEqual({
			delivery_key: `e1:orders/create:${ORDER}`,
			event_type: "order.created",
			native_type: "orders/create",
			entity: { type: "order", id: ORDER },
			actor: { kind: "unknown" },
			occurred_at: Date.parse("2026-11-20T08:59:56Z"),
			changes: [],
			data: body,
		});
	});

	test.each([
		["orders/updated", "order.updated", "order"],
		["orders/edited", "order.updated", "order"],
		["orders/paid", "order.paid", "order"],
		["orders/cancelled", "order.cancelled", "order"],
		["orders/delete", "order.deleted", "order"],
		["products/update", "product.updated", "product"],
		["customers/create", "customer.created", "customer"],
		["customers/data_request", "customer.data_requested", "customer"],
		["customers/redact", "customer.redaction_requested", "customer"],
		["customer.tags_added", "customer.tags_added", "customer"],
		["shop/redact", "shop.redaction_requested", "shop"],
		["app/uninstalled", "app.uninstalled", "shop"],
		["inventory_levels/update", "inventory_level.updated", "inventory_level"],
		["companies/create", "company.created", "company"],
		["refunds/create", "refund.created", "refund"],
		["product_listings/add", "product_listing.created", "product_listing"],
		["product_listings/remove", "product_listing.deleted", "product_listing"],
		["themes/publish", "theme.published", "theme"],
		["bulk_operations/finish", "bulk_operation.finished", "bulk_operation"],
		["metaobjects/create", "metaobject.created", "metaobject"],
		["product_categories/sorted", "product_category.sorted", "product_category"],
		["app/scopes_update", "app.scopes_update", "shop"],
	])("%s is %s of a %s", (topic, event_type, type) => {
		const found = event(topic, { admin_graphql_api_id: "gid://shopify/Thing/1" });
		expect(found).toMatchObject({ event_type, native_type: topic, entity: { type, id: "gid://shopify/Thing/1" } });
	});

	test.each([
		["orders/delete", '{"id":820982911946154508}', "order", ORDER],
		["orders/edited", '{"order_edit":{"id":7,"order_id":820982911946154508}}', "order", ORDER],
		["customers/redact", '{"shop_id":1,"customer":{"id":7}}', "customer", "gid://shopify/Customer/7"],
		["customers/data_request", '{"shop_id":1,"customer":{"id":7}}', "customer", "gid://shopify/Customer/7"],
		["customer.tags_added", '{"customerId":"gid://shopify/Customer/7"}', "customer", "gid://shopify/Customer/7"],
		["shop/redact", '{"shop_id":1,"shop_domain":"a"}', "shop", "gid://shopify/Shop/1"],
		["app/uninstalled", '{"id":1,"domain":"a"}', "shop", "gid://shopify/Shop/1"],
		["shop/update", '{"id":1}', "shop", "gid://shopify/Shop/1"],
		["carts/update", '{"id":"eeafa272","token":"eeafa272"}', "cart", "eeafa272"],
		["checkouts/create", '{"token":"bd5a8aa1"}', "checkout", "bd5a8aa1"],
		[
			"inventory_levels/update",
			'{"inventory_item_id":27182818284590452,"location_id":2}',
			"inventory_level",
			"27182818284590452:2",
		],
		[
			"app_subscriptions/update",
			'{"app_subscription":{"admin_graphql_api_id":"gid://shopify/AppSubscription/1"}}',
			"app_subscription",
			"gid://shopify/AppSubscription/1",
		],
		[
			"product_listings/add",
			'{"product_listing":{"product_id":820982911946154508}}',
			"product_listing",
			"820982911946154508",
		],
		["collection_listings/remove", '{"collection_listing":{"collection_id":4}}', "collection_listing", "4"],
		["segments/create", '{"id":820982911946154508}', "segment", "820982911946154508"],
		["tax_services/update", '{"url":"a"}', "shop", "fern.myshopify.com"],
	])("%s with %s is about the %s %s", (topic, body, type, id) => {
		expect(event(topic, body).entity).toEqual({ type, id });
	});

	test("is the same in every delivery of one thing's event, and another of another topic or thing", () => {
		const key = (topic: string, id: number, webhookId: string) =>
			eventOf("shopify", webhook(topic, { id }, { "x-shopify-webhook-id": webhookId })).delivery_key;
		expect(key("products/update", 1, "w1")).toBe(key("products/update", 1, "w2"));
		expect(key("products/update", 1, "w1")).not.toBe(key("products/update", 2, "w1"));
		expect(key("orders/paid", 1, "w1")).not.toBe(key("orders/updated", 1, "w1"));
	});

	test("of things that nothing names is told apart by its own id, too", () => {
		const key = (id: string) =>
			eventOf("shopify", webhook("orders/paid", {}, { "x-shopify-webhook-id": id })).delivery_key;
		expect(key("w1")).toBe("e1:orders/paid:fern.myshopify.com:w1");
		expect(key("w1")).not.toBe(key("w2"));
		const lost = webhook("orders/paid", {}, { "x-shopify-webhook-id": "" });
		expect(refusalOf("shopify", lost)).toBe("the header x-shopify-webhook-id is missing");
	});

	test("is not about what a header says", () => {
		const headers = { "x-shopify-resource-id": "gid://shopify/Order/2" };
		const about = (body: Json) => eventOf("shopify", webhook("orders/paid", body, headers)).entity;
		expect(about({ id: 1 })).toEqual({ type: "order", id: "gid://shopify/Order/1" });
		expect(about({})).toEqual({ type: "shop", id: "fern.myshopify.com" });
	});

	test("of a version that knows no event ids is told apart by its own", () => {
		const old = webhook("orders/paid", { id: 1 }, { "x-shopify-event-id": "" });
		expect(eventOf("shopify", old).delivery_key).toBe("w1");
		expect(
			refusalOf("shopify", webhook("orders/paid", { id: 1 }, { "x-shopify-event-id": "", "x-shopify-webhook-id": "" })),
		).toBe("the header x-shopify-webhook-id is missing");
	});

	test.each([
		["2026-11-20T09:59:56Z", "2026-11-20T09:59:56.123Z"],
		["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"],
		[null, "2026-11-20T09:59:56.123Z"],
	])("that was updated at %s happened at %s, whatever else the header says", (updated_at, at) => {
		const headers = { "x-shopify-triggered-at": "2026-11-20T09:59:56.123456789Z" };
		const found = eventOf("shopify", webhook("orders/paid", { id: 1, updated_at }, headers));
		expect(found.occurred_at).toBe(Date.parse(at));
	});

	test("may not say when it happened", () => {
		expect(event("orders/paid", { id: 1 }).occurred_at).toBeUndefined();
	});

	test("is not read by the headers of Events", () => {
		const headers = { "shopify-topic": "Order", "shopify-action": "update", "shopify-webhook-id": "w1" };
		expect(refusalOf("shopify", deliveryOf('{"id":1}', headers))).toBe("the header x-shopify-topic names no topic");
	});
});

describe("an event of the next generation", () => {
	const headers = {
		"shopify-topic": "Product",
		"shopify-action": "update",
		"shopify-handle": "product_updates",
		"shopify-shop-domain": "fern.myshopify.com",
		"shopify-webhook-id": "w1",
		"shopify-triggered-at": "2026-11-20T09:59:56Z",
	};
	const id = "gid://shopify/Product/1";
	const body = {
		topic: "Product",
		action: "update",
		fields_changed: {
			added: [`product[id: '${id}'].variants[id: 'gid://shopify/ProductVariant/2']`],
			updated: [
				`product[id: '${id}'].title`,
				`product[id: '${id}'].variants[id: 'gid://shopify/ProductVariant/3'].price`,
			],
			removed: [`product[id: '${id}'].variants[id: 'gid://shopify/ProductVariant/4']`],
		},
		data: { product: { title: "a", tags: ["vip", "ours"] } },
	};

	function next(payload: Json, more: Record<string, string> = {}, own: string[] = []) {
		const delivery = deliveryOf(JSON.stringify(payload), { ...headers, ...more });
		return eventOf("shopify", delivery, { generation: "events", own });
	}

	test("names what changed, and the thing by the paths of that", () => {
		expect(next(body)).toEqual({
			delivery_key: "w1",
			event_type: "product.updated",
			native_type: "Product/update",
			entity: { type: "product", id },
			actor: { kind: "unknown" },
			occurred_at: Date.parse("2026-11-20T09:59:56Z"),
			changes: [{ field: "variants" }, { field: "title" }, { field: "variants.price" }],
			data: body,
		});
	});

	test("may list what changed without saying how, as before 2026-09", () => {
		const old = { ...body, fields_changed: [`product[id: '${id}'].title`] };
		expect(next(old)).toMatchObject({ entity: { type: "product", id }, changes: [{ field: "title" }] });
	});

	test("names the thing in a header, in what was asked with, or not at all", () => {
		const bare = { topic: "Product", action: "delete", fields_changed: [] };
		const removed = { "shopify-action": "delete" };
		expect(next(bare, { ...removed, "shopify-resource-id": id }).entity).toEqual({ type: "product", id });
		const asked = { ...bare, query_variables: { shop: "gid://shopify/Shop/7", productId: id } };
		expect(next(asked, removed)).toMatchObject({ event_type: "product.deleted", entity: { type: "product", id } });
		expect(next(bare, removed).entity).toEqual({ type: "shop", id: "fern.myshopify.com" });
	});

	test("is refused if a header names another thing than the body", () => {
		const other = deliveryOf(JSON.stringify(body), { ...headers, "shopify-resource-id": "gid://shopify/Product/2" });
		expect(refusalOf("shopify", other, { generation: "events" })).toBe(
			`Product/update: the body is about ${id}, and the header about gid://shopify/Product/2`,
		);
		for (const same of [id, "1"]) expect(next(body, { "shopify-resource-id": same }).entity.id).toBe(id);
		expect(next({ id: "1" }, { "shopify-resource-id": id }).entity.id).toBe(id);
	});

	test("with paths full of brackets is read at once", () => {
		const path = `product${"[".repeat(200_000)}.title`;
		const took = cpuMs(() => expect(next({ id: 1, fields_changed: [path] }).changes).toEqual([{ field: "title" }]));
		expect(took).toBeLessThan(1_000);
	});

	test("has an event id of its own in older versions", () => {
		expect(next(body, { "shopify-event-id": "e1" }).delivery_key).toBe(`e1:Product/update:${id}`);
	});

	test("of a topic of many words has them all", () => {
		const more = { "shopify-topic": "ProductVariant", "shopify-resource-id": "gid://shopify/ProductVariant/3" };
		expect(next(body, more)).toMatchObject({
			event_type: "product_variant.updated",
			entity: { type: "product_variant", id: "gid://shopify/ProductVariant/3" },
		});
	});

	test("is ours by what its data carries", () => {
		expect(next(body, {}, ["ours"]).actor.kind).toBe("self");
		const attributes = { ...body, data: { order: { customAttributes: [{ key: "ours", value: "1" }] } } };
		expect(next(attributes, {}, ["ours"]).actor.kind).toBe("self");
	});

	test("needs an action", () => {
		const settings = { generation: "events" };
		const lost = deliveryOf("{}", { ...headers, "shopify-action": "" });
		expect(refusalOf("shopify", lost, settings)).toBe("the header shopify-topic names no topic");
	});
});

describe("our own writes", () => {
	test.each([
		["a tag", { tags: "vip, ours" }, "self"],
		["a tag in a list", { tags: ["ours"] }, "self"],
		["a note attribute", { note_attributes: [{ name: "ours", value: "1" }] }, "self"],
		["a metafield", { metafields: [{ namespace: "ours", key: "k", value: "1" }] }, "self"],
		["another tag that only begins so", { tags: "ours too" }, "unknown"],
		["the value of an attribute", { note_attributes: [{ name: "a", value: "ours" }] }, "unknown"],
		["the app that created it", { app_id: "ours", source_name: "ours" }, "unknown"],
		["nothing", {}, "unknown"],
		["things of other kinds", { tags: [1, null], note_attributes: { name: "ours" }, metafields: "ours" }, "unknown"],
	])("are told by %s", (_, fields, kind) => {
		expect(event("orders/updated", { id: 1, ...fields }, { own: ["ours"] }).actor).toEqual({ kind });
		expect(event("orders/updated", { id: 1, ...fields }).actor).toEqual({ kind: "unknown" });
	});
});

test.each([
	["no topic", "", { id: 1 }, "the header x-shopify-topic names no topic"],
	["a topic of other characters", "orders/\u2713", { id: 1 }, "the header x-shopify-topic names no topic"],
	["a list", "orders/paid", [{ id: 1 }], "the body is not a JSON object"],
])("a delivery with %s is refused with the reason", (_, topic, body, reason) => {
	expect(refusalOf("shopify", webhook(topic, body))).toBe(reason);
});

test("a delivery that names neither a thing nor a shop is refused with the reason", () => {
	const delivery = webhook("orders/paid", {}, { "x-shopify-shop-domain": "" });
	expect(refusalOf("shopify", delivery)).toBe("orders/paid: it names nothing that it could be about");
});

test("the words of the documentation are those that events have", () => {
	for (const { native, event_type, entity } of shopify.source?.vocabulary ?? []) {
		const [topic = "", action = ""] = native.split("/");
		const isNext = /^[A-Z]/.test(topic);
		const headers = { "shopify-topic": topic, "shopify-action": action, "shopify-webhook-id": "w1" };
		const delivery = isNext ? deliveryOf('{"id":1}', headers) : webhook(native, { id: 1 });
		const found = eventOf("shopify", delivery, { generation: isNext ? "events" : "webhooks" });
		expect(found).toMatchObject({ native_type: native, event_type, entity: { type: entity } });
	}
});
