// How Intercom's notifications become events.

import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const item = { type: "conversation", id: "215470001", state: "closed" };

function bodyOf(topic: string, about: JsonObject = item): JsonObject {
	return { type: "notification_event", id: "notif_1", topic, created_at: 1_795_168_795, data: { item: about } };
}

function eventIn(body: JsonObject, settings: JsonObject = {}) {
	return eventOf("intercom", deliveryOf(JSON.stringify(body)), settings);
}

describe("the type", () => {
	test.each([
		["conversation.user.created", "conversation.created", "conversation"],
		["conversation.admin.single.created", "conversation.created", "conversation"],
		["conversation.user.replied", "conversation_message.created", "conversation"],
		["conversation.admin.replied", "conversation_message.created", "conversation"],
		["conversation.operator.replied", "conversation_message.created", "conversation"],
		["conversation.admin.noted", "conversation_note.created", "conversation"],
		["conversation.admin.closed", "conversation.closed", "conversation"],
		["conversation.admin.opened", "conversation.reopened", "conversation"],
		["conversation.admin.snoozed", "conversation.updated", "conversation"],
		["conversation.deleted", "conversation.deleted", "conversation"],
		["ticket.created", "ticket.created", "ticket"],
		["ticket.state.updated", "ticket.updated", "ticket"],
		["ticket.closed", "ticket.closed", "ticket"],
		["ticket.note.created", "ticket_comment.created", "ticket"],
		["ticket.admin.replied", "ticket_comment.created", "ticket"],
		["contact.user.created", "contact.created", "contact"],
		["contact.lead.created", "contact.created", "contact"],
		["contact.user.updated", "contact.updated", "contact"],
		["contact.archived", "contact.archived", "contact"],
		["contact.unarchived", "contact.unarchived", "contact"],
		["contact.deleted", "contact.deleted", "contact"],
		["contact.merged", "contact.merged", "contact"],
		["company.created", "company.created", "company"],
		["conversation.read", "conversation.read", "conversation"],
		["conversation_part.tag.created", "conversation_part_tag.created", "conversation_part"],
		["admin.away_mode_updated", "admin.away_mode_updated", "admin"],
		["from_tomorrow", "from_tomorrow.created", "from_tomorrow"],
		["Odd Noun.Odd-Verb", "odd_noun.odd_verb", "odd_noun"],
		["constructor", "constructor.created", "constructor"],
	])("of %s is %s, about a %s", (topic, type, entity) => {
		const found = eventIn(bodyOf(topic));
		expect([found.event_type, found.native_type]).toEqual([type, topic]);
		expect(found.entity).toEqual({ type: entity, id: "215470001" });
	});

	test("is told to the documentation for every topic that is known", () => {
		const { vocabulary } = sourceOf("intercom").side;
		expect(vocabulary.length).toBeGreaterThan(40);
		for (const { native, event_type, entity } of vocabulary) {
			const found = eventIn(bodyOf(native, { id: "1", contact: { id: "1" } }));
			expect([found.event_type, found.entity.type]).toEqual([event_type, entity]);
		}
	});

	test("of a tag is about the contact that has it", () => {
		const about = { type: "contact_tag", id: "9", tag: { id: "9" }, contact: { id: "66f0" } };
		expect(eventIn(bodyOf("contact.user.tag.created", about)).entity).toEqual({ type: "contact", id: "66f0" });
	});
});

describe("the changes", () => {
	test.each([
		["conversation.admin.assigned", "admin_assignee_id", 814860],
		["conversation.admin.open.assigned", "admin_assignee_id", 814860],
		["conversation.admin.closed", "state", "closed"],
		["conversation.admin.opened", "state", "open"],
		["conversation.admin.snoozed", "state", "snoozed"],
		["conversation.admin.unsnoozed", "state", "open"],
		["conversation.priority.updated", "priority", "priority"],
		["conversation.rating.added", "conversation_rating", { rating: 5 }],
		["contact.email.updated", "email", "dana@example.com"],
		["contact.unsubscribed", "unsubscribed_from_emails", true],
		["ticket.state.updated", "ticket_state", "resolved"],
		["ticket.admin.assigned", "admin_assignee_id", "814860"],
		["ticket.team.assigned", "team_assignee_id", "5017691"],
	])("of %s are those of %s", (topic, field, to: Json) => {
		expect(eventIn(bodyOf(topic, { ...item, [field]: to })).changes).toEqual([{ field, to }]);
	});

	test("are none of a new message", () => {
		expect(eventIn(bodyOf("conversation.user.replied")).changes).toEqual([]);
	});
});

describe("the actor", () => {
	const OWN = { own: ["814860"] };

	function actorIn(part: JsonObject, settings: JsonObject = OWN) {
		const parts = { conversation_parts: [{ author: { type: "bot", id: "1" } }, part] };
		return eventIn(bodyOf("conversation.admin.replied", { ...item, conversation_parts: parts }), settings).actor;
	}

	test.each([
		["user", "66f0", "human"],
		["lead", "66f0", "human"],
		["contact", "66f0", "human"],
		["admin", "1", "human"],
		["admin", "814860", "self"],
		["bot", "814860", "self"],
		["bot", "1", "automation"],
		["team", "1", "unknown"],
		["constructor", "1", "unknown"],
		// A contact's id is of another kind than an admin's.
		["user", "814860", "human"],
	])("of the newest part, %s %s, is %s", (type, id, kind) => {
		expect(actorIn({ author: { type, id, name: "Dana" } })).toEqual({ kind, id, name: "Dana" });
	});

	test("that is an admin is not guessed as long as our own are not known", () => {
		expect(actorIn({ author: { type: "admin", id: "1" } }, {}).kind).toBe("unknown");
	});

	test("that is an admin is a program if an app wrote the part, or the AI agent", () => {
		expect(actorIn({ author: { type: "admin", id: "1" }, app_package_code: "other" }).kind).toBe("automation");
		expect(actorIn({ author: { type: "admin", id: "1" }, app_package_code: null }).kind).toBe("human");
		expect(actorIn({ author: { type: "admin", id: "1", from_ai_agent: true } }).kind).toBe("automation");
		expect(actorIn({ author: { type: "admin", id: "814860" }, app_package_code: "ours" }).kind).toBe("self");
	});

	test("of a new conversation is who began it", () => {
		const about = {
			...item,
			source: { author: { type: "user", id: "66f0" } },
			conversation_parts: { conversation_parts: [{ author: { type: "bot", id: "1" } }] },
		};
		expect(eventIn(bodyOf("conversation.user.created", about)).actor).toEqual({ kind: "human", id: "66f0" });
		expect(eventIn(bodyOf("conversation.user.replied", about)).actor.kind).toBe("automation");
	});

	test("of a ticket is who wrote its newest part", () => {
		const ticket_parts = { ticket_parts: [{ author: { type: "user", id: "66f0" } }] };
		expect(eventIn(bodyOf("ticket.contact.replied", { id: "9", ticket_parts })).actor.kind).toBe("human");
	});

	test("is not known where there are no parts", () => {
		const began = { ...item, source: { author: { type: "user", id: "66f0" } } };
		expect(eventIn(bodyOf("conversation.admin.closed", began), OWN).actor).toEqual({ kind: "unknown" });
		expect(eventIn(bodyOf("contact.user.updated", { type: "contact", id: "66f0" }), OWN).actor.kind).toBe("unknown");
	});
});

test("a redelivery is the same event, though its body is another", () => {
	const again = { ...bodyOf("conversation.read"), delivery_attempts: 2, delivery_status: "retry" };
	expect(eventIn(again).delivery_key).toBe(eventIn(bodyOf("conversation.read")).delivery_key);
	expect(eventIn(again).occurred_at).toBe(1_795_168_795_000);
});

test("a try by hand is answered and is no event", () => {
	const { side, config } = sourceOf("intercom");
	const ping = { type: "notification_event", id: null, topic: "ping", data: { item: { type: "ping" } } };
	expect(side.normalize(deliveryOf(JSON.stringify(ping)), ping, config)).toEqual({
		ok: true,
		value: { kind: "answer", body: "{}", content_type: "application/json" },
	});
});

describe("a delivery without an event", () => {
	test.each([
		["an array", [], "the body is not a JSON object"],
		["no id", { topic: "conversation.read" }, "the body has no id and topic, so it is no notification"],
		["no topic", { id: "notif_1" }, "the body has no id and topic, so it is no notification"],
		["no noun", { id: "notif_1", topic: ".created" }, "the body has no id and topic, so it is no notification"],
		["no item", { id: "notif_1", topic: "conversation.read" }, "the notification of conversation.read names no item"],
	])("says why: %s", (_, body, reason) => {
		expect(refusalOf("intercom", deliveryOf(JSON.stringify(body)))).toBe(reason);
	});
});
