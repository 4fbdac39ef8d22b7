// How Zendesk's deliveries become events.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const detail = { id: "48213", actor_id: "402200113", tags: ["export", "vip"], via: { channel: "api" } };
const meta = { sequence: { id: "8F31C0DE", position: 2 } };

function bodyOf(name: string, event: JsonObject = {}, more: JsonObject = {}): JsonObject {
	return {
		id: "7d0f6a54",
		type: `zen:event-type:${name}`,
		subject: "zen:ticket:48213",
		time: "2026-11-20T09:59:57.412907151Z",
		detail,
		event: { ...event, meta },
		...more,
	};
}

function eventIn(body: JsonObject, settings: JsonObject = {}) {
	return eventOf("zendesk", deliveryOf(JSON.stringify(body)), settings);
}

describe("the type", () => {
	test.each([
		["ticket.created", "ticket.created", "ticket"],
		["ticket.comment_added", "ticket_comment.created", "ticket"],
		["ticket.merged", "ticket.merged", "ticket"],
		["ticket.soft_deleted", "ticket.deleted", "ticket"],
		["ticket.permanently_deleted", "ticket.deleted", "ticket"],
		["ticket.marked_as_spam", "ticket.deleted", "ticket"],
		["ticket.undeleted", "ticket.restored", "ticket"],
		["messaging_ticket.message_added", "conversation_message.created", "ticket"],
		["user.created", "user.created", "user"],
		["user.deleted", "user.deleted", "user"],
		["user.merged", "user.merged", "user"],
		["user.group_membership_created", "user_group_membership.created", "user"],
		["user.identity_deleted", "user_identity.deleted", "user"],
		["organization.created", "company.created", "company"],
		["organization.deleted", "company.deleted", "company"],
		["article.published", "article.published", "article"],
		["ticket.invented_added", "ticket_invented.created", "ticket"],
		["from_tomorrow", "from_tomorrow.created", "from_tomorrow"],
		["Odd Noun.Odd-Verb", "odd_noun.odd_verb", "odd_noun"],
		["ticket.toString", "ticket.tostring", "ticket"],
		["constructor", "constructor.created", "constructor"],
	])("of %s is %s, about a %s", (name, type, entity) => {
		const found = eventIn(bodyOf(name));
		expect(found.event_type).toBe(type);
		expect(found.native_type).toBe(`zen:event-type:${name}`);
		expect(found.entity).toEqual({ type: entity, id: "48213" });
	});

	test("is the same with the slash that some names are documented with", () => {
		expect(eventIn({ ...bodyOf(""), type: "zen:event-type/user.merged" }).event_type).toBe("user.merged");
	});

	test("is told to the documentation for every event that is known", () => {
		const { vocabulary } = sourceOf("zendesk").side;
		expect(vocabulary.length).toBeGreaterThan(50);
		for (const { native, event_type, entity } of vocabulary) {
			const found = eventIn({ ...bodyOf(""), type: native });
			expect([found.event_type, found.entity.type]).toEqual([event_type, entity]);
		}
	});
});

describe("the changes", () => {
	test.each([
		["agent_assignment_changed", "assignee_id"],
		["brand_changed", "brand_id"],
		["custom_status_changed", "custom_status_id"],
		["description_changed", "description"],
		["external_id_changed", "external_id"],
		["form_changed", "ticket_form_id"],
		["group_assignment_changed", "group_id"],
		["organization_changed", "organization_id"],
		["problem_link_changed", "problem_id"],
		["requester_changed", "requester_id"],
		["subject_changed", "subject"],
		["submitter_changed", "submitter_id"],
		["task_due_at_changed", "due_at"],
		["sla_policy_changed", "sla_policy"],
	])("of ticket.%s are those of %s", (name, field) => {
		const found = eventIn(bodyOf(`ticket.${name}`, { previous: "OLD", current: "NEW" }));
		expect(found.event_type).toBe("ticket.updated");
		expect(found.changes).toEqual([{ field, from: "OLD", to: "NEW" }]);
	});

	test.each(["status", "priority", "type"])("of %s are written as the REST API writes it", (field) => {
		const found = eventIn(bodyOf(`ticket.${field}_changed`, { previous: "OPEN", current: null }));
		expect(found.changes).toEqual([{ field, from: "open", to: null }]);
	});

	test("of a custom field name the field", () => {
		const values = { previous: "a", current: "b" };
		for (const id of ["360001", 360001]) {
			const found = eventIn(bodyOf("ticket.custom_field_changed", { ...values, field: { id } }));
			expect(found.changes).toEqual([{ field: "custom_fields.360001", from: "a", to: "b" }]);
		}
		const old = eventIn(bodyOf("ticket.custom_field_changed", { ...values, custom_field: { id: 7 } }));
		expect(old.changes[0]?.field).toBe("custom_fields.7");
		expect(eventIn(bodyOf("ticket.custom_field_changed", values)).changes[0]?.field).toBe("custom_fields");
	});

	test("of tags are all tags before and after", () => {
		const found = eventIn(bodyOf("ticket.tags_changed", { tags_added: ["vip"], tags_removed: ["new"] }));
		expect(found.changes).toEqual([{ field: "tags", from: ["export", "new"], to: ["export", "vip"] }]);
		expect(eventIn(bodyOf("ticket.tags_changed", { tags_added: ["vip"] })).changes).toEqual([{ field: "tags" }]);
	});

	test("of a comment are what became of it", () => {
		expect(eventIn(bodyOf("ticket.comment_made_private")).changes).toEqual([
			{ field: "public", from: true, to: false },
		]);
		expect(eventIn(bodyOf("ticket.comment_redacted")).changes).toEqual([{ field: "body" }]);
		expect(eventIn(bodyOf("ticket.attachment_linked_to_comment")).event_type).toBe("ticket_comment.updated");
	});

	test("are none where nothing was there before", () => {
		for (const name of ["ticket.created", "ticket.comment_added", "ticket.merged"]) {
			expect(eventIn(bodyOf(name, { previous: "a", current: "b" })).changes).toEqual([]);
		}
	});
});

describe("the entity", () => {
	test("is the subject where the event has no more of it", () => {
		const body = { ...bodyOf("agent.state_changed"), detail: { agent_id: "12" }, subject: "zen:agent:12" };
		expect(eventIn(body).entity).toEqual({ type: "agent", id: "12" });
	});

	test("keeps every digit of an id that a double cannot hold", () => {
		const body = JSON.stringify(bodyOf("ticket.created")).replace('"48213"', "90071992547409931");
		expect(eventOf("zendesk", deliveryOf(body)).entity.id).toBe("90071992547409931");
	});
});

describe("the actor", () => {
	const OWN = { own: ["402277777"], automations: ["402288888"] };

	function actorIn(id: string | number | undefined, event: JsonObject = {}, settings: JsonObject = OWN) {
		const { actor_id: _, ...rest } = detail;
		const about = id === undefined ? rest : { ...rest, actor_id: id };
		return eventIn(bodyOf("ticket.comment_added", event, { detail: about }), settings).actor;
	}

	test.each([
		["ourselves", "402277777", "self"],
		["ourselves, by a number", 402277777, "self"],
		["another program", "402288888", "automation"],
		["Zendesk", "-1", "system"],
		["Zendesk, by a number", -1, "system"],
		["an agent, once our own are known", "402200113", "human"],
		["nobody", undefined, "unknown"],
	])("is %s", (_, id, kind) => {
		expect(actorIn(id).kind).toBe(kind);
	});

	test("is not guessed as long as our own users are not known", () => {
		expect(actorIn("402200113", {}, {}).kind).toBe("unknown");
		expect(actorIn("402200113", {}, { automations: ["402288888"] }).kind).toBe("unknown");
		expect(actorIn("-1", {}, {}).kind).toBe("system");
	});

	test("is a customer who wrote the comment", () => {
		const comment = { id: 1, author: { id: "402299001", is_staff: false, name: "Dana" } };
		expect(actorIn("402299001", { comment }, {})).toEqual({ kind: "human", id: "402299001", name: "Dana" });
		expect(actorIn(undefined, { comment }, {})).toEqual({ kind: "human", id: "402299001", name: "Dana" });
	});

	test("is who wrote it down, and not the customer in whose name", () => {
		const comment = { id: 1, author: { id: "402299001", is_staff: false, name: "Dana" } };
		expect(actorIn("402277777", { comment })).toEqual({ kind: "self", id: "402277777" });
		expect(actorIn("402200113", { comment }, {})).toEqual({ kind: "unknown", id: "402200113" });
	});

	test.each([
		["system", "system"],
		["end_user", "human"],
		["agent", "unknown"],
		["constructor", "unknown"],
	])("of a message is by its own word: %s", (type, kind) => {
		const actor = { id: "402299001", type, name: "Dana" };
		expect(actorIn(undefined, { actor }, {})).toEqual({ kind, id: "402299001", name: "Dana" });
	});

	test("of a message is wholly who sent it, whoever else is named", () => {
		const actor = { id: "402299001", type: "end_user", name: "Dana" };
		expect(actorIn("402200113", { actor }, {})).toEqual({ kind: "human", id: "402299001", name: "Dana" });
		expect(actorIn("402277777", { actor: { type: "end_user" } })).toEqual({ kind: "human" });
	});

	test("is not whatever the ticket was created by", () => {
		for (const channel of ["api", "web_service", "web_form", "system"]) {
			const body = bodyOf("ticket.status_changed", {}, { detail: { ...detail, via: { channel } } });
			expect(eventIn(body, OWN).actor).toEqual({ kind: "human", id: "402200113" });
		}
	});

	test("of a new ticket is ourselves if its external id is ours", () => {
		const ours = { detail: { ...detail, external_id: "sb_run_1_open" } };
		expect(eventIn(bodyOf("ticket.created", {}, ours)).actor.kind).toBe("self");
		expect(eventIn(bodyOf("ticket.created", {}, ours), { own_key_prefix: "flow_" }).actor.kind).toBe("unknown");
		expect(eventIn(bodyOf("ticket.status_changed", {}, ours)).actor.kind).toBe("unknown");
		expect(eventIn(bodyOf("ticket.created", {}, { detail: { ...detail, external_id: null } })).actor.kind).toBe(
			"unknown",
		);
	});
});

describe("the time", () => {
	test("is given to the nanosecond, and kept to the millisecond", () => {
		const found = eventIn(bodyOf("ticket.created"));
		expect(found.occurred_at).toBe(Date.parse("2026-11-20T09:59:57.412Z"));
	});

	test("goes before the position in the order, because that begins anew with every update", () => {
		const first = eventIn(bodyOf("ticket.created")).sequence ?? "";
		const sameUpdate = { event: { meta: { sequence: { id: "8F31C0DE", position: 10 } } } };
		const second = eventIn(bodyOf("ticket.created", {}, sameUpdate)).sequence ?? "";
		const nextUpdate = { time: "2026-11-20T09:59:58Z", event: { meta: { sequence: { id: "9", position: 1 } } } };
		const third = eventIn(bodyOf("ticket.created", {}, nextUpdate)).sequence ?? "";
		expect(first).toBe("1795168797412000002");
		expect([BigInt(first) < BigInt(second), BigInt(second) < BigInt(third)]).toEqual([true, true]);
	});

	test.each([
		["no time", { time: "yesterday" }],
		["no position", { event: {} }],
		["half a position", { event: { meta: { sequence: { position: 1.5 } } } }],
		["a position beyond all updates", { event: { meta: { sequence: { position: 1e6 } } } }],
	])("orders nothing with %s", (_, more: JsonObject) => {
		expect(eventIn(bodyOf("ticket.created", {}, more)).sequence).toBeUndefined();
	});
});

describe("a delivery without an event", () => {
	const noEvent = "the body has no id and type, so it is no Zendesk event; a trigger's needs the setting kind: trigger";
	test.each([
		["an array", [], "the body is not a JSON object"],
		["no id", { type: "zen:event-type:ticket.created" }, noEvent],
		["no type", { id: "e1" }, noEvent],
		["a type without a noun", { id: "e1", type: "zen:event-type:.created" }, noEvent],
		["a type that is none", { id: "e1", type: "ticket.created" }, noEvent],
		[
			"nothing that it is about",
			{ id: "e1", type: "zen:event-type:ticket.created" },
			"the event ticket.created names nothing that it could be about",
		],
	])("says why: %s", (_, body, reason) => {
		expect(refusalOf("zendesk", deliveryOf(JSON.stringify(body)))).toBe(reason);
	});
});

describe("a trigger", () => {
	const headers = { "x-zendesk-webhook-invocation-id": "01JD5A1B" };
	const body = {
		type: "ticket.updated",
		ticket_id: "48213",
		updated_at: "2026-11-20T09:59:57Z",
		actor_id: "402277777",
		id: "not the event's",
	};

	function triggered(json: JsonObject = body, settings: JsonObject = {}) {
		return eventOf("zendesk", deliveryOf(JSON.stringify(json), headers), { kind: "trigger", ...settings });
	}

	test("says what its template says, under the id of its header", () => {
		expect(triggered()).toEqual({
			delivery_key: "01JD5A1B",
			event_type: "ticket.updated",
			native_type: "ticket.updated",
			entity: { type: "ticket", id: "48213" },
			actor: { kind: "unknown", id: "402277777" },
			occurred_at: Date.parse("2026-11-20T09:59:57Z"),
			changes: [],
			data: body,
		});
	});

	test("is recognised as our own by its user", () => {
		expect(triggered(body, { own: ["402277777"] }).actor).toEqual({ kind: "self", id: "402277777" });
	});

	test("is read by a template of any other shape", () => {
		const other = { what: "Escalated", ticketID: 7, by: { id: "9", role: "bot" } };
		const template = {
			event_type: "what",
			entity_id: "ticketID",
			entity_type: "value:request",
			actor_id: "by.id",
			actor_kind: "by.role",
		};
		expect(triggered(other, { template })).toMatchObject({
			event_type: "Escalated",
			entity: { type: "request", id: "7" },
			actor: { kind: "automation", id: "9" },
		});
	});

	test("is no event without its header, and none without a type or a ticket", () => {
		const read = (json: JsonObject, sent: Record<string, string>) =>
			refusalOf("zendesk", deliveryOf(JSON.stringify(json), sent), { kind: "trigger" });
		expect(read(body, {})).toContain("no event id");
		expect(read({ ticket_id: "1" }, headers)).toContain("no event type");
		expect(read({ type: "a" }, headers)).toContain("no entity id");
	});

	test("has the only template that there can be", () => {
		const { config } = sourceOf("zendesk").side;
		expect(config.safeParse({ template: {} }).success).toBe(false);
		expect(config.safeParse({ kind: "trigger", template: {} }).success).toBe(true);
		expect(config.safeParse({ kind: "trigger", template: { event_id: "id" } }).success).toBe(false);
	});
});
