// What Twilio's callbacks are about. They name no event: which one it is shows in the parameters that they have.

import type { JsonObject } from "../../model/json";
import type { VocabularyRow } from "../connector";
import { valueAt } from "../inbound/read";
import { snakeCase } from "../inbound/snake-case";

/** One kind of callback. It is one if it has one of its sids, and a status unless there is one for none. */
export interface Kind {
	noun: string;
	/** What names the thing that the event is about. */
	sid: readonly string[];
	/** What it is about, where that is something else than the noun says. */
	entity?: string;
	/** Where it stands what happened. */
	status: string;
	/** Where it stood before there was `status`; `received` is no status there. */
	legacy?: string;
	/** What happened where nothing says so. */
	unstated?: string;
	/** What goes into the key besides sid and status. */
	also: readonly string[];
	/** That of `also` which is another in every event of one status; `null` where every status comes once. */
	numbered?: string | null;
}

/**
 * The most particular first: a conversation's message has a message's sid too, a recording and what was said its call's.
 * https://www.twilio.com/docs/messaging/guides/track-outbound-message-status,
 * https://www.twilio.com/docs/voice/api/call-resource#statuscallbackevent,
 * https://www.twilio.com/docs/conversations/conversations-webhooks
 */
export const KINDS: readonly Kind[] = [
	{
		noun: "conversation",
		sid: ["ConversationSid"],
		status: "EventType",
		also: ["MessageSid", "ParticipantSid", "DateUpdated"],
	},
	{
		noun: "room",
		sid: ["RoomSid"],
		status: "StatusCallbackEvent",
		also: ["SequenceNumber"],
		numbered: "SequenceNumber",
	},
	{
		noun: "conference",
		sid: ["ConferenceSid"],
		status: "StatusCallbackEvent",
		also: ["SequenceNumber"],
		numbered: "SequenceNumber",
	},
	{
		noun: "call_transcription",
		entity: "call",
		sid: ["CallSid"],
		status: "TranscriptionStatus",
		also: ["TranscriptionSid"],
		numbered: "TranscriptionSid",
	},
	// While the call goes on.
	{
		noun: "call_transcription",
		entity: "call",
		sid: ["CallSid"],
		status: "TranscriptionEvent",
		also: ["TranscriptionSid", "SequenceId"],
		numbered: "SequenceId",
	},
	{
		noun: "call_recording",
		entity: "call",
		sid: ["CallSid"],
		status: "RecordingStatus",
		also: ["RecordingSid"],
		numbered: "RecordingSid",
	},
	{
		noun: "message",
		sid: ["MessageSid", "SmsSid"],
		status: "MessageStatus",
		legacy: "SmsStatus",
		unstated: "received",
		also: [],
		numbered: null,
	},
	{ noun: "call", sid: ["CallSid"], status: "CallStatus", also: ["SequenceNumber"], numbered: "SequenceNumber" },
];

const SID_FIELDS = new Set([
	"AccountSid",
	...KINDS.flatMap(({ sid, also }) => [...sid, ...also.filter((name) => name.endsWith("Sid"))]),
]);

/** By https://www.twilio.com/docs/glossary/what-is-a-sid; what stands after the two letters is mostly hex. */
const SID = /^[A-Z]{2}\w{32}$/;

/**
 * The first field that holds something else than the sid it is for. The form is signed without anything between names and
 * values, so where one ends and the next begins would else be anybody's choice.
 */
export function noSidIn(json: JsonObject): string | undefined {
	return [...SID_FIELDS].find((name) => {
		const value = valueAt(json, name) ?? "";
		return value !== "" && !(typeof value === "string" && SID.test(value));
	});
}

/** `message.delivered` of a message whose status is `delivered`, `conversation_message.created` of `onMessageAdded`. */
export function eventTypeOf({ noun }: Kind, status: string): string {
	const [, thing, change] = /^on([A-Z][A-Za-z]*?)(Added|Removed|Updated)$/.exec(status) ?? [];
	if (thing === undefined || change === undefined) return `${noun}.${VERBS.get(status) ?? snakeCase(status)}`;
	const within = snakeCase(thing);
	return `${within.startsWith(noun) ? within : `${noun}_${within}`}.${VERBS.get(change) ?? snakeCase(change)}`;
}

const VERBS: ReadonlyMap<string, string> = new Map([
	["Added", "created"],
	["Removed", "deleted"],
	["canceled", "cancelled"],
]);

const STATUSES: Readonly<Record<string, readonly string[]>> = {
	call: ["busy", "canceled", "completed", "failed", "in-progress", "no-answer", "ringing"],
	conversation: ["Conversation", "Message"].flatMap((thing) => [
		`on${thing}Added`,
		`on${thing}Removed`,
		`on${thing}Updated`,
	]),
	message: ["canceled", "delivered", "failed", "queued", "read", "received", "sent", "undelivered"],
};

export const vocabulary: readonly VocabularyRow[] = KINDS.flatMap((kind) =>
	(STATUSES[kind.noun] ?? []).map((status) => ({
		native: `${kind.noun}.${status}`,
		event_type: eventTypeOf(kind, status),
		entity: kind.entity ?? kind.noun,
	})),
);
