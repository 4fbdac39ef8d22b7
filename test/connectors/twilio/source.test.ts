// How Twilio's callbacks become events.

import { describe, expect, test } from "vitest";
import { twilio } from "../../../src/connectors/twilio/twilio";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

function event(form: JsonObject, settings: JsonObject = {}, token = "t1") {
	return eventOf("twilio", deliveryOf(JSON.stringify(form), { "i-twilio-idempotency-token": token }), settings);
}

const OURS = "+447700900002";
const THEIRS = "+447700900001";

describe("a message", () => {
	test("that comes in was received from whoever sent it", () => {
		const form = { MessageSid: "SM1", SmsMessageSid: "SM1", SmsStatus: "received", From: THEIRS, To: OURS, Body: "Hi" };
		expect(event(form, { own: [OURS] })).toEqual({
			delivery_key: "SM1",
			event_type: "message.received",
			native_type: "message.received",
			entity: { type: "message", id: "SM1" },
			actor: { kind: "human", id: THEIRS },
			changes: [],
			data: form,
		});
	});

	test("that comes in by our messaging service is not ours for that", () => {
		const form = { MessageSid: "SM1", From: THEIRS, MessagingServiceSid: "MG1" };
		expect(event(form, { own: ["MG1"] }).actor.kind).toBe("human");
		expect(event({ ...form, MessageStatus: "sent" }, { own: ["MG1"] }).actor.kind).toBe("self");
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
		const form = { MessageSid: "SM1", MessageStatus, From: OURS, To: THEIRS };
		const key = `SM1:${MessageStatus}`;
		expect(event(form)).toMatchObject({ event_type, native_type: `message.${MessageStatus}`, delivery_key: key });
		expect(event(form, {}, "t2").delivery_key).toBe(key);
	});

	test("on its way is of an automation, and ours by the number that it is from", () => {
		const form = { MessageSid: "SM1", MessageStatus: "delivered", From: OURS, To: THEIRS };
		expect(event(form).actor).toEqual({ kind: "automation", id: OURS });
		expect(event(form, { own: [THEIRS] }).actor).toEqual({ kind: "automation", id: OURS });
		expect(event(form, { own: [OURS] }).actor).toEqual({ kind: "self", id: OURS });
	});
});

describe("a call", () => {
	const ringing = { CallSid: "CA1", CallStatus: "ringing", Direction: "inbound", From: THEIRS, To: OURS };

	test("that comes in is of whoever dials", () => {
		expect(event(ringing)).toMatchObject({
			delivery_key: "CA1:ringing:t1",
			event_type: "call.ringing",
			entity: { type: "call", id: "CA1" },
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
			delivery_key: "CA1:completed:3",
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
		expect(event(form, {}, "t1").delivery_key).toBe("CA1:in-progress:t1");
		expect(event(form, {}, "t2").delivery_key).toBe("CA1:in-progress:t2");
		expect(event(form, {}, "").delivery_key).toBe("CA1:in-progress");
	});

	test("is what its recordings are about", () => {
		const form = { CallSid: "CA1", RecordingSid: "RE1", RecordingStatus: "completed", CallStatus: "completed" };
		expect(event(form)).toMatchObject({
			delivery_key: "CA1:completed:RE1",
			event_type: "call_recording.completed",
			entity: { type: "call", id: "CA1" },
		});
	});
});

describe("a conversation", () => {
	const added = {
		ConversationSid: "CH1",
		EventType: "onMessageAdded",
		MessageSid: "IM1",
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
			entity: { type: "conversation", id: "CH1" },
		});
	});

	test("does not say whether its author is a person, but whether it is us", () => {
		expect(event(added)).toMatchObject({
			delivery_key: "CH1:onMessageAdded:IM1",
			actor: { kind: "unknown", id: "dana" },
			occurred_at: Date.parse("2026-11-20T09:59:56Z"),
		});
		expect(event(added, { own: ["dana"] }).actor).toEqual({ kind: "self", id: "dana" });
	});

	test("hears of a message's second change, too", () => {
		const changed = (DateUpdated: string) =>
			event({ ...added, EventType: "onMessageUpdated", DateUpdated }).delivery_key;
		expect(changed("2026-11-20T09:59:57Z")).not.toBe(changed("2026-11-20T09:59:58Z"));
	});
});

test.each([
	[
		{ RoomSid: "RM1", StatusCallbackEvent: "participant-connected", SequenceNumber: "2" },
		"room.participant_connected",
		"room",
		"RM1:participant-connected:2",
	],
	[
		{ ConferenceSid: "CF1", StatusCallbackEvent: "participant-join", CallSid: "CA1", SequenceNumber: "1" },
		"conference.participant_join",
		"conference",
		"CF1:participant-join:1",
	],
])("%j is %s", (form, event_type, type, delivery_key) => {
	expect(event(form)).toMatchObject({ event_type, entity: { type }, delivery_key });
});

test.each([
	["[]", "the body is neither a form nor a JSON object"],
	["{}", "the body names no message, call, room or conversation"],
	['{"MessageSid":["SM1","SM2"]}', "the body names no message, call, room or conversation"],
	['{"CallSid":"CA1"}', "the body names no message, call, room or conversation"],
	['{"ConversationSid":"CH1"}', "the body names no message, call, room or conversation"],
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
			call: { CallSid: "CA1", CallStatus: status },
			conversation: { ConversationSid: "CH1", EventType: status },
			message: { MessageSid: "SM1", MessageStatus: status },
		};
		expect(event(forms[noun] ?? {})).toMatchObject({ native_type: native, event_type, entity: { type: entity } });
	}
});
