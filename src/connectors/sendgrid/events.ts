// What SendGrid calls what becomes of a mail, and what it is called here.

import type { VocabularyRow } from "../connector";

interface EventRow {
	verb: string;
	/** True where it may be a person who did it, and not a server on the mail's way. */
	byReader?: true;
}

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
const EVENTS: ReadonlyMap<string, EventRow> = new Map<string, EventRow>([
	["bounce", { verb: "bounced" }],
	["click", { verb: "clicked", byReader: true }],
	["deferred", { verb: "deferred" }],
	["delivered", { verb: "delivered" }],
	["dropped", { verb: "dropped" }],
	["group_resubscribe", { verb: "resubscribed", byReader: true }],
	["group_unsubscribe", { verb: "unsubscribed", byReader: true }],
	["open", { verb: "opened", byReader: true }],
	["processed", { verb: "queued" }],
	["spamreport", { verb: "marked_as_spam", byReader: true }],
	["unsubscribe", { verb: "unsubscribed", byReader: true }],
]);

export function eventTypeOf(native: string): string {
	return `email.${EVENTS.get(native)?.verb ?? native.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
}

export function isByReader(native: string): boolean {
	return EVENTS.get(native)?.byReader === true;
}

export const vocabulary: readonly VocabularyRow[] = [...EVENTS.keys()].map((native) => ({
	native,
	event_type: eventTypeOf(native),
	entity: "email",
}));
