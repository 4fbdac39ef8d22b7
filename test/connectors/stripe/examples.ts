// Stripe, for the contract tests.

import type { GoodAction, GoodDelivery } from "../examples";

export const deliveries: GoodDelivery[] = [
	{
		body: {
			id: "evt_1",
			object: "event",
			type: "customer.updated",
			created: 1_795_168_796,
			related_object: { id: "a", type: "b" },
			data: { object: { id: "cus_1", object: "customer", a: { b: 1 } }, previous_attributes: { a: { b: 2 }, c: 1 } },
			request: { id: "req_1", idempotency_key: "k" },
		},
	},
];

export const actions: Record<string, GoodAction> = {
	get_object: {
		config: {},
		credentials: { token: "s3cret" },
		input: { type: "customer", id: "cus_1" },
		done: [200, { id: "cus_1", object: "customer", email: "dana@fern.example" }],
		// An id of another type is refused, so only products, which have any, can be asked for in its place.
		knobs: { type: ["product"] },
	},
};

export const knobs = {
	own_key_prefix: ["k"],
	account: ["acct_1"],
	api_version: ["2026-10-28.clover"],
};
