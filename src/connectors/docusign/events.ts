// What each event of DocuSign Connect is called, and who causes it where that lies in its nature.
// https://developers.docusign.com/platform/webhooks/connect/event-triggers

import type { VocabularyRow } from "../connector";

/** `by`: who does that, the sender's side or a recipient; unset where it can be either, or DocuSign by itself. */
interface EventRow extends VocabularyRow {
	by?: "sender" | "recipient";
}

/** What recipients do is about their envelope. */
const ROWS: readonly EventRow[] = [
	{ native: "envelope-created", event_type: "envelope.created", entity: "envelope", by: "sender" },
	{ native: "envelope-sent", event_type: "envelope.sent", entity: "envelope", by: "sender" },
	{ native: "envelope-resent", event_type: "envelope.resent", entity: "envelope" },
	{ native: "envelope-delivered", event_type: "envelope.delivered", entity: "envelope" },
	{ native: "envelope-completed", event_type: "envelope.completed", entity: "envelope" },
	{ native: "envelope-declined", event_type: "envelope.declined", entity: "envelope", by: "recipient" },
	{ native: "envelope-voided", event_type: "envelope.voided", entity: "envelope" },
	{ native: "envelope-corrected", event_type: "envelope.updated", entity: "envelope" },
	{ native: "envelope-deleted", event_type: "envelope.deleted", entity: "envelope" },
	{ native: "envelope-discard", event_type: "envelope.deleted", entity: "envelope" },
	{ native: "recipient-sent", event_type: "envelope_recipient.sent", entity: "envelope" },
	{ native: "recipient-resent", event_type: "envelope_recipient.resent", entity: "envelope" },
	{
		native: "recipient-delivered",
		event_type: "envelope_recipient.delivered",
		entity: "envelope",
		by: "recipient",
	},
	{
		native: "recipient-completed",
		event_type: "envelope_recipient.completed",
		entity: "envelope",
		by: "recipient",
	},
	{ native: "recipient-declined", event_type: "envelope_recipient.declined", entity: "envelope", by: "recipient" },
	{ native: "recipient-reassign", event_type: "envelope_recipient.delegated", entity: "envelope", by: "recipient" },
	{ native: "recipient-delegate", event_type: "envelope_recipient.delegated", entity: "envelope" },
	{ native: "template-created", event_type: "template.created", entity: "template" },
	{ native: "template-modified", event_type: "template.updated", entity: "template" },
	{ native: "template-deleted", event_type: "template.deleted", entity: "template" },
];

const BY_NATIVE: ReadonlyMap<string, EventRow> = new Map(ROWS.map((row) => [row.native, row]));

export const VOCABULARY: readonly VocabularyRow[] = ROWS.map(({ native, event_type, entity }) => ({
	native,
	event_type,
	entity,
}));

const NATIVE = /^([a-z]+)-([a-z0-9]+(?:-[a-z0-9]+)*)$/;

/** What an event of this name is called; undefined if it is none. Those that are not in the table keep their own words. */
export function namesOf(native: string): Pick<EventRow, "event_type" | "by"> | undefined {
	const known = BY_NATIVE.get(native);
	if (known !== undefined) return known;
	const [, noun, verb] = NATIVE.exec(native) ?? [];
	if (noun === undefined || verb === undefined) return undefined;
	return { event_type: `${noun === "recipient" ? "envelope_recipient" : noun}.${verb.replaceAll("-", "_")}` };
}
