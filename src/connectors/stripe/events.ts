// What Stripe calls its events, and what they are called here. Most names are a noun and a verb as they stand.

import type { VocabularyRow } from "../connector";

/** What is called otherwise here, so that it has the same name from every system. */
const NOUNS: ReadonlyMap<string, string> = new Map([
	["charge.dispute", "dispute"],
	["charge.refund", "refund"],
	["checkout.session", "checkout"],
	["customer.subscription", "subscription"],
]);

/** Verbs that have another spelling here. */
const VERBS: ReadonlyMap<string, string> = new Map([["canceled", "cancelled"]]);

/** What Stripe calls an event's object, or what stands before the verb in the event's name. */
export function nounOf(name: string): string {
	return NOUNS.get(name) ?? name.replaceAll(".", "_");
}

/** Thin events begin with the version of their API, like `v1.billing.meter.error_report_triggered`. */
export function eventTypeOf(native: string): string {
	const [, name, verb = ""] = /^(?:v\d+\.)?(.+)\.([^.]+)$/.exec(native) ?? [];
	return name === undefined ? native : `${nounOf(name)}.${VERBS.get(verb) ?? verb}`;
}

/** https://docs.stripe.com/api/events/types: those whose idea other systems have too. */
const COMMON: Readonly<Record<string, readonly string[]>> = {
	charge: ["failed", "refunded", "succeeded", "updated"],
	"charge.dispute": ["closed", "created", "updated"],
	"checkout.session": ["completed"],
	customer: ["created", "deleted", "updated"],
	"customer.subscription": ["created", "deleted", "updated"],
	invoice: ["created", "deleted", "paid", "payment_failed", "sent", "updated"],
	payment_intent: ["canceled", "created", "payment_failed", "succeeded"],
	payout: ["created", "failed", "paid", "updated"],
	product: ["created", "deleted", "updated"],
	refund: ["created", "failed", "updated"],
};

export const vocabulary: readonly VocabularyRow[] = Object.entries(COMMON).flatMap(([name, verbs]) =>
	verbs.map((verb) => ({
		native: `${name}.${verb}`,
		event_type: eventTypeOf(`${name}.${verb}`),
		entity: nounOf(name),
	})),
);
