// Stripe's own library asks for objects at the addresses that we ask at.

import Stripe from "stripe";
import { expect, test } from "vitest";
import { requestOf } from "../actions";

/** The address that the library asks at. */
async function askedBy(retrieve: (stripe: Stripe) => Promise<unknown>): Promise<string> {
	const asked: string[] = [];
	const httpClient = Stripe.createFetchHttpClient(async (url: unknown) => {
		asked.push(String(url));
		return new Response('{"id":"x"}', { status: 200, headers: { "content-type": "application/json" } });
	});
	await retrieve(new Stripe("sk_test_x", { httpClient, telemetry: false }));
	return asked.join();
}

test.each<[string, string, (stripe: Stripe, id: string) => Promise<unknown>]>([
	["charge", "ch_1", (stripe, id) => stripe.charges.retrieve(id)],
	["checkout_session", "cs_1", (stripe, id) => stripe.checkout.sessions.retrieve(id)],
	["customer", "cus_1", (stripe, id) => stripe.customers.retrieve(id)],
	["dispute", "dp_1", (stripe, id) => stripe.disputes.retrieve(id)],
	["invoice", "in_1", (stripe, id) => stripe.invoices.retrieve(id)],
	["payment_intent", "pi_1", (stripe, id) => stripe.paymentIntents.retrieve(id)],
	["payment_method", "pm_1", (stripe, id) => stripe.paymentMethods.retrieve(id)],
	["payout", "po_1", (stripe, id) => stripe.payouts.retrieve(id)],
	["price", "price_1", (stripe, id) => stripe.prices.retrieve(id)],
	["product", "prod_1", (stripe, id) => stripe.products.retrieve(id)],
	["refund", "re_1", (stripe, id) => stripe.refunds.retrieve(id)],
	["setup_intent", "seti_1", (stripe, id) => stripe.setupIntents.retrieve(id)],
	["subscription", "sub_1", (stripe, id) => stripe.subscriptions.retrieve(id)],
])("a %s", async (type, id, retrieve) => {
	expect(requestOf("stripe.get_object", { type, id }).url).toBe(await askedBy((stripe) => retrieve(stripe, id)));
});
