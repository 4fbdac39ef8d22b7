// Reading objects as they are now: events come late, more than once, and in any order.

import { z } from "zod";
import { isObject, textAt, valueAt } from "../inbound/read";
import { jsonAction, pathOf } from "../outbound/json-api";
import { stripeApi } from "./api";

/** What can be read: where it is, and what its ids begin with. https://docs.stripe.com/api */
const RESOURCES = {
	charge: { path: "charges", prefixes: ["ch_", "py_"] },
	checkout_session: { path: "checkout/sessions", prefixes: ["cs_"] },
	customer: { path: "customers", prefixes: ["cus_"] },
	dispute: { path: "disputes", prefixes: ["dp_", "du_"] },
	invoice: { path: "invoices", prefixes: ["in_"] },
	payment_intent: { path: "payment_intents", prefixes: ["pi_"] },
	payment_method: { path: "payment_methods", prefixes: ["pm_", "card_", "ba_", "src_"] },
	payout: { path: "payouts", prefixes: ["po_"] },
	// Plans, which are prices too, and products may have ids that people chose.
	price: { path: "prices", prefixes: [""] },
	product: { path: "products", prefixes: [""] },
	refund: { path: "refunds", prefixes: ["re_", "pyr_"] },
	setup_intent: { path: "setup_intents", prefixes: ["seti_"] },
	subscription: { path: "subscriptions", prefixes: ["sub_"] },
} as const satisfies Record<string, { path: string; prefixes: readonly string[] }>;

type ObjectType = keyof typeof RESOURCES;
const TYPES = Object.keys(RESOURCES) as [ObjectType, ...ObjectType[]];

const Input = z
	.strictObject({
		type: z.enum(TYPES).describe("What kind of object it is."),
		id: z
			.string()
			.regex(/^[A-Za-z0-9_-]{1,255}$/, "write an object's id, like cus_123")
			.describe("The object's id."),
	})
	.refine(({ type, id }) => RESOURCES[type].prefixes.some((prefix) => id.startsWith(prefix)), {
		path: ["id"],
		message: "no object of this type has such an id",
	});

export const getObject = jsonAction(stripeApi, {
	about: "Reads an object as it is now: a customer, a payment, a subscription, an invoice and others.",
	input: Input,
	output: {
		id: "The object's id.",
		type: "What Stripe calls its kind, like payment_intent.",
		status: "Its status, where it has one; otherwise null.",
		deleted: "True if it was deleted, and nothing else is known of it.",
		object: "The object as Stripe describes it.",
	},
	reads: true,
	repeatable: true,
	scopes: ["Read"],
	call: ({ type, id }, { config: { account, api_version } }) => ({
		method: "GET",
		path: `/v1/${RESOURCES[type].path}${pathOf`/${id}`}`,
		headers: {
			...(account !== undefined && { "stripe-account": account }),
			...(api_version !== undefined && { "stripe-version": api_version }),
		},
	}),
	done: [200],
	result: (object) => {
		const id = textAt(object, "id");
		if (id === undefined || !isObject(object)) return undefined;
		const type = textAt(object, "object") ?? null;
		const deleted = valueAt(object, "deleted") === true;
		return { output: { id, type, status: textAt(object, "status") ?? null, deleted, object } };
	},
});
