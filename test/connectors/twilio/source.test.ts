// How Twilio's callbacks become events.

import { describe, expect, test } from "vitest";
import { twilio } from "../../../src/connectors/twilio/twilio";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

function event(form: JsonObject, settings: JsonObject = {}, token = "t1") {
	return eventOf("twilio", deliveryOf(JSON.stringify(form), { "i-twilio-idempotency-token": token }), settings);
}

/** A sid like Twilio's, told by its beginning and a number. */
function sid(short: string): string {
	return short.slice(0, 2) + short.slice(2).padStart(32, "0");
}

const OURS = "+447700900002";
const THEIRS = "+447700900001";

describe("a message", () => {
	test("that comes in was received from whoever sent it", () => {
		const form = {
			MessageSid: sid("SM1"),
			SmsMessageSid: sid("SM1"),
			SmsStatus: "received",
			From: THEIRS,
			To: OURS,
			Body: "Hi",
		};
		expect(event(form, { own: [OURS] })).toEqual({
			delivery_key: sid("SM1"),
			event_type: "message.received",
			native_type: "message.received",
			entity: { type: "message", id: sid("SM1") },
			actor: { kind: "human", id: THEIRS },
			changes: [],
			data: form,
		});
	});

	test("that is told of in the older way is on its way, too", () => {
		const form = { MessageSid: sid("SM1"), SmsSid: sid("SM1"), SmsStatus: "sent", From: OURS, To: THEIRS };
		expect(event(form)).toMatchObject({
			delivery_key: `${sid("SM1")}:sent`,
			event_type: "message.sent",
			actor: { kind: "automation" },
		});
	});

	test("that comes in by our messaging service is not ours for that", () => {
		const form = { MessageSid: sid("SM1"), From: THEIRS, MessagingServiceSid: sid("MG1") };
		expect(event(form, { own: [sid("MG1")] }).actor.kind).toBe("human");
		expect(event({ ...form, MessageStatus: "sent" }, { own: [sid("MG1")] }).actor.kind).toBe("self");
	});

	test.each([
		["queued", "message.queued"],
		["sent", "message.sent"],
		["delivered", "message.delivered"],
		["undelivered", "message.undelivered"],
		["failed", "message.failed"],
		["read", "message.read"],
		["canceled", "message.cancelled"],
		["partially_delivered", "message.partially_delivered"],
	])("of the status %s is %s, once", (MessageStatus, event_type) => {
		const form = { MessageSid: sid("SM1"), MessageStatus, From: OURS, To: THEIRS };
		const key = `${sid("SM1")}:${MessageStatus}`;
		expect(event(form)).toMatchObject({ event_type, native_type: `message.${MessageStatus}`, delivery_key: key });
		expect(event(form, {}, "t2").delivery_key).toBe(key);
	});

	test("on its way is of an automation, and ours by the number that it is from", () => {
		const form = { MessageSid: sid("SM1"), MessageStatus: "delivered", From: OURS, To: THEIRS };
		expect(event(form).actor).toEqual({ kind: "automation", id: OURS });
		expect(event(form, { own: [THEIRS] }).actor).toEqual({ kind: "automation", id: OURS });
		expect(event(form, { own: [OURS] }).actor).toEqual({ kind: "self", id: OURS });
	});
});

describe("a call", () => {
	const ringing = { CallSid: sid("CA1"), CallStatus: "ringing", Direction: "inbound", From: THEIRS, To: OURS };

	test("that comes in is of whoever dials", () => {
		expect(event(ringing)).toMatchObject({
			delivery_key: expect.stringMatching(`^${sid("CA1")}:ringing:t1:[0-9a-f]{32}$`),
			event_type: "call.ringing",
			entity: { type: "call", id: sid("CA1") },
			actor: { kind: "human", id: THEIRS },
		});
	});

	test("on its way is of nobody in particular, with the time that callbacks of calls have", () => {
		const form = {
			...ringing,
			CallStatus: "completed",
			SequenceNumber: "3",
			Timestamp: "Fri, 20 Nov 2026 09:59:56 +0000",
		};
		expect(event(form)).toMatchObject({
			delivery_key: `${sid("CA1")}:completed:3`,
			event_type: "call.completed",
			actor: { kind: "automation", id: THEIRS },
			occurred_at: Date.parse("2026-11-20T09:59:56Z"),
		});
		expect(event({ ...form, From: OURS }, { own: [OURS] }).actor.kind).toBe("self");
		expect(event({ ...ringing, SequenceNumber: "1" }).actor.kind).toBe("automation");
		expect(event({ ...ringing, Direction: "outbound-api" }).actor.kind).toBe("automation");
	});

	test.each([
		["in-progress", "call.in_progress"],
		["no-answer", "call.no_answer"],
		["canceled", "call.cancelled"],
		["busy", "call.busy"],
	])("of the status %s is %s", (CallStatus, event_type) => {
		expect(event({ ...ringing, CallStatus })).toMatchObject({ event_type, native_type: `call.${CallStatus}` });
	});

	test("is asked about more than once with the same status, each time with another token", () => {
		const form = { ...ringing, CallStatus: "in-progress", Digits: "1" };
		const key = (token: string, more: JsonObject = {}) => event({ ...form, ...more }, {}, token).delivery_key;
		expect(key("t1")).toBe(key("t1"));
		expect(key("t1")).not.toBe(key("t2"));
	});

	test("is asked about more than once without a token, each time in other words", () => {
		const key = (more: JsonObject) =>
			event({ ...ringing, CallStatus: "in-progress", Digits: "1", ...more }, {}, "").delivery_key;
		expect(key({ Digits: "2" })).not.toBe(key({}));
		expect(key({ RetryCount: "1" })).toBe(key({}));
		expect(key({ Tags: ["b", "a", "b"] })).toBe(key({ Tags: ["a", "b"] }));
		expect(key({ Tags: ["a", "c"] })).not.toBe(key({ Tags: ["a", "b"] }));
	});

	test("is what its transcriptions are about", () => {
		const form = { CallSid: sid("CA1"), CallStatus: "completed", TranscriptionSid: sid("TR1") };
		expect(event({ ...form, TranscriptionStatus: "completed", RecordingSid: sid("RE1") })).toMatchObject({
			delivery_key: `${sid("CA1")}:completed:${sid("TR1")}`,
			event_type: "call_transcription.completed",
			entity: { type: "call", id: sid("CA1") },
		});
		const said = { ...form, TranscriptionEvent: "transcription-content", SequenceId: "2" };
		expect(event(said)).toMatchObject({
			delivery_key: `${sid("CA1")}:transcription-content:${sid("TR1")}:2`,
			event_type: "call_transcription.transcription_content",
		});
	});

	test("is what its recordings are about", () => {
		const form = {
			CallSid: sid("CA1"),
			RecordingSid: sid("RE1"),
			RecordingStatus: "completed",
			CallStatus: "completed",
		};
		expect(event(form)).toMatchObject({
			delivery_key: `${sid("CA1")}:completed:${sid("RE1")}`,
			event_type: "call_recording.completed",
			entity: { type: "call", id: sid("CA1") },
		});
	});
});

describe("a conversation", () => {
	const added = {
		ConversationSid: sid("CH1"),
		EventType: "onMessageAdded",
		MessageSid: sid("IM1"),
		Author: "dana",
		DateCreated: "2026-11-20T09:59:56.000Z",
	};

	test.each([
		["onMessageAdded", "conversation_message.created"],
		["onMessageUpdated", "conversation_message.updated"],
		["onConversationAdded", "conversation.created"],
		["onConversationStateUpdated", "conversation_state.updated"],
		["onParticipantRemoved", "conversation_participant.deleted"],
		["onSomethingElse", "conversation.on_something_else"],
	])("hears %s as %s", (EventType, event_type) => {
		expect(event({ ...added, EventType })).toMatchObject({
			event_type,
			native_type: `conversation.${EventType}`,
			entity: { type: "conversation", id: sid("CH1") },
		});
	});

	test("does not say whether its author is a person, but whether it is us", () => {
		expect(event(added)).toMatchObject({
			delivery_key: expect.stringMatching(`^${sid("CH1")}:onMessageAdded:${sid("IM1")}:[0-9a-f]{32}$`),
			actor: { kind: "unknown", id: "dana" },
			occurred_at: Date.parse("2026-11-20T09:59:56Z"),
		});
		expect(event(added, { own: ["dana"] }).actor).toEqual({ kind: "self", id: "dana" });
	});

	test("hears of every change, also where it has no time", () => {
		const key = (Body: string) => event({ ...added, EventType: "onMessageUpdated", Body }).delivery_key;
		expect(key("a")).not.toBe(key("b"));
		expect(event({ ...added, RetryCount: "1" }).delivery_key).toBe(event(added).delivery_key);
	});

	test("hears of a message's second change, too", () => {
		const changed = (DateUpdated: string) =>
			event({ ...added, EventType: "onMessageUpdated", DateUpdated }).delivery_key;
		expect(changed("2026-11-20T09:59:57Z")).not.toBe(changed("2026-11-20T09:59:58Z"));
	});
});

test.each([
	[
		{ RoomSid: sid("RM1"), StatusCallbackEvent: "participant-connected", SequenceNumber: "2" },
		"room.participant_connected",
		"room",
		`${sid("RM1")}:participant-connected:2`,
	],
	[
		{ ConferenceSid: sid("CF1"), StatusCallbackEvent: "participant-join", CallSid: sid("CA1"), SequenceNumber: "1" },
		"conference.participant_join",
		"conference",
		`${sid("CF1")}:participant-join:1`,
	],
])("%j is %s", (form, event_type, type, delivery_key) => {
	expect(event(form)).toMatchObject({ event_type, entity: { type }, delivery_key });
});

test.each([
	["[]", "the body is neither a form nor a JSON object"],
	["{}", "the body names no message, call, room or conversation"],
	['{"MessageSid":""}', "the body names no message, call, room or conversation"],
	[`{"MessageSid":["${sid("SM1")}","${sid("SM2")}"]}`, "what stands in MessageSid is no sid"],
	[`{"CallSid":"${sid("CA1")}"}`, "the body names no message, call, room or conversation"],
	[`{"ConversationSid":"${sid("CH1")}"}`, "the body names no message, call, room or conversation"],
	['{"MessageSid":"SM1"}', "what stands in MessageSid is no sid"],
	[`{"MessageSid":"${sid("SM1")}0"}`, "what stands in MessageSid is no sid"],
	[`{"MessageSid":"${sid("sm1")}"}`, "what stands in MessageSid is no sid"],
	[`{"MessageSid":"${sid("SM1")}","AccountSid":"AC1"}`, "what stands in AccountSid is no sid"],
	[`{"CallSid":"${sid("CA1")}","RecordingStatus":"a","RecordingSid":"RE1"}`, "what stands in RecordingSid is no sid"],
])("%s is refused with the reason", (body, reason) => {
	expect(refusalOf("twilio", deliveryOf(body))).toBe(reason);
});

test("is a form, and is answered with no instructions", () => {
	const { side, config } = sourceOf("twilio");
	expect(side.body?.(config)).toBe("form");
	expect(side.acknowledgement?.(config)).toEqual({
		content_type: "text/xml",
		body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
	});
});

test.each([
	"hooks.example.test",
	"https://a b",
	"https://hooks.example.test/#rc=3",
	"ftp://hooks.example.test",
	"https://",
])("%s is no address that Twilio was given", (public_url) => {
	expect(twilio.source?.config.safeParse({ public_url }).success).toBe(false);
});

test("the words of the documentation are those that events have", () => {
	for (const { native, event_type, entity } of twilio.source?.vocabulary ?? []) {
		const [noun = "", status = ""] = native.split(".");
		const forms: Record<string, JsonObject> = {
			call: { CallSid: sid("CA1"), CallStatus: status },
			conversation: { ConversationSid: sid("CH1"), EventType: status },
			message: { MessageSid: sid("SM1"), MessageStatus: status },
		};
		expect(event(forms[noun] ?? {})).toMatchObject({ native_type: native, event_type, entity: { type: entity } });
	}
});
