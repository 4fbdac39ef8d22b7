// Stripe, for the contract tests.

import type { GoodDelivery } from "../examples";

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

export const knobs = { own_key_prefix: ["k"] };
