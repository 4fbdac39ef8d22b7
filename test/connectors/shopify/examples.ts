// Shopify, for the contract tests.

import type { GoodDelivery } from "../examples";

const id = "gid://shopify/Order/820982911946154500";

export const deliveries: GoodDelivery[] = [
	{
		headers: {
			"x-shopify-topic": "orders/updated",
			"x-shopify-shop-domain": "fern.myshopify.com",
			"x-shopify-webhook-id": "w1",
			"x-shopify-event-id": "e1",
			"x-shopify-triggered-at": "2026-11-20T09:59:56.123456789Z",
		},
		body: {
			id: 1,
			admin_graphql_api_id: id,
			updated_at: "2026-11-20T09:59:56+00:00",
			tags: "vip, ours",
			note_attributes: [{ name: "gift", value: "1" }],
		},
		config: { own: ["ours"] },
	},
	{
		headers: {
			"shopify-topic": "Order",
			"shopify-action": "update",
			"shopify-shop-domain": "fern.myshopify.com",
			"shopify-webhook-id": "w1",
			"shopify-triggered-at": "2026-11-20T09:59:56Z",
		},
		body: {
			topic: "Order",
			action: "update",
			fields_changed: { added: [], updated: [`order[id: '${id}'].note`], removed: [] },
			data: { order: { id, tags: ["vip"] } },
		},
		config: { generation: "events" },
	},
];
