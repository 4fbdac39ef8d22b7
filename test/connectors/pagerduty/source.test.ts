// How PagerDuty's webhooks become events.

import { describe, expect, test } from "vitest";
import type { Change } from "../../../src/model/event";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const dana = { id: "PDANA01", summary: "Dana Okafor", type: "user_reference" };
const integration = { id: "PXMQRWJ", summary: "Events API V2", type: "inbound_integration_reference" };
const reference = { id: "QFERN12INC", summary: "Checkout latency", type: "incident_reference" };
const incident = {
	id: "QFERN12INC",
	type: "incident",
	status: "triggered",
	incident_key: "db01/disk",
	assignees: [dana],
	escalation_policy: { id: "PFERNEP" },
	priority: null,
	service: { id: "PFERNSVC", type: "service_reference" },
	incident_type: { name: "major" },
};
const service = { id: "PFERNSVC", type: "service", summary: "Checkout" };

function bodyOf(event_type: string, data: object, more: JsonObject = {}) {
	return {
		event: {
			id: "01JD5PD000000000000000001",
			event_type,
			resource_type: event_type.split(".")[0] ?? "",
			occurred_at: "2026-11-20T09:59:55.169Z",
			agent: dana,
			client: { name: "PagerDuty" },
			data,
			...more,
		},
	};
}

function event(body: object, settings: JsonObject = {}) {
	return eventOf("pagerduty", deliveryOf(JSON.stringify(body)), settings);
}

type Case = [native: string, data: object, event_type: string, entity: string, changes: Change[]];

const fields = {
	custom_fields: [
		{ id: "F1", name: "region", value: "EU" },
		{ id: "F2", name: "tier", value: ["1", "2"] },
	],
	changed_custom_fields: [
		{ id: "F2", name: "tier", value: ["1"] },
		{ id: "F3", name: "gone", value: "x" },
		{ id: "F4", value: "nameless" },
		null,
	],
};
const changedFields: Change[] = [{ field: "custom_fields.tier", to: ["1", "2"] }, { field: "custom_fields.gone" }];

const known: Case[] = [
	["incident.triggered", incident, "incident.created", "incident", []],
	["incident.acknowledged", incident, "incident.acknowledged", "incident", [{ field: "status", to: "acknowledged" }]],
	["incident.unacknowledged", incident, "incident.updated", "incident", [{ field: "status", to: "triggered" }]],
	["incident.resolved", incident, "incident.resolved", "incident", [{ field: "status", to: "resolved" }]],
	["incident.reopened", incident, "incident.reopened", "incident", [{ field: "status", to: "triggered" }]],
	["incident.reassigned", incident, "incident.updated", "incident", [{ field: "assignees", to: [dana] }]],
	["incident.escalated", incident, "incident.updated", "incident", [{ field: "assignees", to: [dana] }]],
	[
		"incident.delegated",
		incident,
		"incident.updated",
		"incident",
		[{ field: "escalation_policy", to: { id: "PFERNEP" } }],
	],
	["incident.priority_updated", incident, "incident.updated", "incident", [{ field: "priority", to: null }]],
	["incident.service_updated", incident, "incident.updated", "incident", [{ field: "service", to: incident.service }]],
	[
		"incident.incident_type.changed",
		incident,
		"incident.updated",
		"incident",
		[{ field: "incident_type", to: { name: "major" } }],
	],
	[
		"incident.conference_bridge.updated",
		{ incident: reference, type: "incident_conference_bridge", conference_url: "https://example.com" },
		"incident.updated",
		"incident",
		[{ field: "conference_bridge" }],
	],
	[
		"incident.custom_field_values.updated",
		{ incident: reference, type: "incident_field_values", ...fields },
		"incident.updated",
		"incident",
		changedFields,
	],
	[
		"incident.role.assigned",
		{ type: "incident_role_assignment", incident_role_assignments: [{ id: "r1", incident: reference }] },
		"incident.updated",
		"incident",
		[{ field: "roles" }],
	],
	[
		"incident.annotated",
		{ incident: reference, id: "P2LA89X", content: "a", type: "incident_note" },
		"incident_note.created",
		"incident",
		[],
	],
	[
		"incident.status_update_published",
		{ incident: reference, id: "P2LA89X", message: "a", type: "incident_status_update" },
		"incident_update.created",
		"incident",
		[],
	],
	[
		"incident.responder.added",
		{ incident: reference, user: dana, state: "pending", type: "incident_responder" },
		"incident_responder.created",
		"incident",
		[],
	],
	[
		"incident.responder.replied",
		{ incident: reference, user: dana, state: "accepted", type: "incident_responder" },
		"incident_responder.updated",
		"incident",
		[{ field: "state", to: "accepted" }],
	],
	[
		"incident.task.created",
		{ incident: reference, id: "PTASK", type: "incident_task", status: "todo" },
		"incident_task.created",
		"incident",
		[],
	],
	[
		"incident.task.updated",
		{ incident: reference, id: "PTASK", type: "incident_task", status: "todo" },
		"incident_task.updated",
		"incident",
		[],
	],
	[
		"incident.task.completed",
		{ incident: reference, id: "PTASK", type: "incident_task", status: "done" },
		"incident_task.completed",
		"incident",
		[{ field: "status", to: "done" }],
	],
	["service.created", service, "service.created", "service", []],
	["service.updated", service, "service.updated", "service", []],
	[
		"service.custom_field_values.updated",
		{ service: { id: "PFERNSVC" }, type: "service_field_values", ...fields },
		"service.updated",
		"service",
		changedFields,
	],
	["service.deleted", service, "service.deleted", "service", []],
	["pagey.ping", { message: "Hello from your friend Pagey!", type: "ping" }, "hook.pinged", "hook", []],
];

const unknown: Case[] = [
	["incident.workflow.started", { incident: reference, id: "P3SNKQS" }, "incident_workflow.started", "incident", []],
	[
		"incident.action_invocation.terminated",
		{ incident: reference, id: "01CELD6T9C2JS745I7CAK0LRRF" },
		"incident_action_invocation.terminated",
		"incident",
		[],
	],
	["incident.merged", incident, "incident.merged", "incident", []],
	["service.archived", service, "service.archived", "service", []],
	["team.created", { id: "PTEAM", type: "team" }, "team.created", "team", []],
];

const IDS: Record<string, string> = { incident: "QFERN12INC", service: "PFERNSVC", hook: "pagey", team: "PTEAM" };

test.each([...known, ...unknown])("%s of %j becomes %s of the %s", (native, data, event_type, type, changes) => {
	const body = bodyOf(native, data);
	expect(event(body)).toEqual({
		delivery_key: "01JD5PD000000000000000001",
		event_type,
		native_type: native,
		entity: { type, id: IDS[type] },
		actor: native === "pagey.ping" ? { kind: "system" } : { kind: "human", id: "PDANA01", name: "Dana Okafor" },
		occurred_at: Date.parse("2026-11-20T09:59:55.169Z"),
		changes,
		data: JSON.parse(JSON.stringify(body)),
	});
});

test("the vocabulary is the events that are known, with what they become", () => {
	const { side } = sourceOf("pagerduty");
	expect(side.vocabulary).toEqual(known.map(([native, , event_type, entity]) => ({ native, event_type, entity })));
});

describe("the actor", () => {
	const by = (agent: unknown, client: unknown = null, incident_key = "db01/disk") =>
		({ agent, client, data: { ...incident, incident_key } }) as JsonObject;
	const id = "PXMQRWJ";

	test.each([
		["a person", by(dana), { kind: "human", id: "PDANA01", name: "Dana Okafor" }],
		["an integration", by(integration), { kind: "automation", id, name: "Events API V2" }],
		["a service", by({ id: "P1", type: "service_reference" }), { kind: "automation", id: "P1" }],
		["a bot", by({ id: "P1", type: "bot_user_reference" }), { kind: "automation", id: "P1" }],
		["PagerDuty itself", by(null), { kind: "automation" }],
		["nobody who is named", by(undefined), { kind: "unknown" }],
		["somebody of no type", by({ id: "P1" }), { kind: "unknown", id: "P1" }],
		["an agent that is no object", by("PDANA01"), { kind: "unknown" }],
		["our client", by(integration, { name: "signalbox" }), { kind: "self", id, name: "Events API V2" }],
		["our client, and no agent", by(null, { name: "signalbox" }), { kind: "self" }],
		["a client like ours", by(integration, { name: "signalbox2" }), { kind: "automation", id, name: "Events API V2" }],
		["our key", by(integration, null, "sb_run_1.page"), { kind: "self", id, name: "Events API V2" }],
		["our key, by a service", by({ id: "P1", type: "service_reference" }, null, "sb_1"), { kind: "self", id: "P1" }],
		[
			"a person who acts on what we have opened",
			by(dana, null, "sb_1"),
			{ kind: "human", id: "PDANA01", name: "Dana Okafor" },
		],
		["a person by our client", by(dana, { name: "signalbox" }), { kind: "human", id: "PDANA01", name: "Dana Okafor" }],
		["PagerDuty itself on what we have opened", by(null, null, "sb_1"), { kind: "automation" }],
		[
			"a workflow on what we have opened",
			by({ id: "P1", type: "workflow_reference" }, null, "sb_1"),
			{ kind: "automation", id: "P1" },
		],
		[
			"a key that holds our prefix further on",
			by(integration, null, "x_sb_1"),
			{ kind: "automation", id, name: "Events API V2" },
		],
	])("of %s", (_, more, actor) => {
		for (const native of ["incident.triggered", "incident.acknowledged", "incident.resolved"]) {
			expect(event(bodyOf(native, incident, more)).actor).toEqual(actor);
		}
	});

	test.each(["incident.escalated", "incident.reopened", "incident.priority_updated"])(
		"of %s is not us by a key or a client: events cannot do that",
		(native) => {
			const more = by(integration, { name: "signalbox" }, "sb_1");
			expect(event(bodyOf(native, incident, more)).actor.kind).toBe("automation");
		},
	);

	test("is us by the agents that the settings name, of whatever kind, whatever they do", () => {
		const note = { incident: reference, id: "P2LA89X", type: "incident_note" };
		expect(event(bodyOf("incident.annotated", note), { own: ["PDANA01"] }).actor.kind).toBe("self");
		expect(event(bodyOf("incident.annotated", note), { own: ["PDANA02"] }).actor.kind).toBe("human");
		const more = { agent: integration };
		expect(event(bodyOf("incident.escalated", incident, more), { own: [id] }).actor.kind).toBe("self");
	});

	test("is us by the client and the prefix that the settings name", () => {
		const settings = { own_client: "flow", own_key_prefix: "flow/" };
		const kind = (more: JsonObject) => event(bodyOf("incident.resolved", incident, more), settings).actor.kind;
		expect(kind(by(integration, { name: "flow" }))).toBe("self");
		expect(kind(by(integration, null, "flow/checkout"))).toBe("self");
		expect(kind(by(integration, { name: "signalbox" }, "sb_1"))).toBe("automation");
	});
});

test("the event's own id tells a redelivery, and not the header, which is not signed", () => {
	const body = JSON.stringify(bodyOf("incident.resolved", incident));
	const keys = ["01A", "01B"].map((id) => eventOf("pagerduty", deliveryOf(body, { "x-webhook-id": id })).delivery_key);
	expect(new Set(keys)).toEqual(new Set(["01JD5PD000000000000000001"]));
});

test("a note is never about itself, whatever else is missing", () => {
	const note = { id: "P2LA89X", content: "a", type: "incident_note" };
	const reason = "the event names nothing that it could be about";
	expect(refusalOf("pagerduty", deliveryOf(JSON.stringify(bodyOf("incident.annotated", note))))).toBe(reason);
});

const NO_EVENT = "the body has no event with an id and a type, so it is no PagerDuty webhook of version 3";
const NOTHING = "the event names nothing that it could be about";

test.each([
	["no object", [], "the body is not a JSON object"],
	["messages, as in version 2", { messages: [{ event: "incident.trigger" }] }, NO_EVENT],
	["an event without an id", bodyOf("incident.resolved", incident, { id: "" }), NO_EVENT],
	["an event without a type", bodyOf("", incident), NO_EVENT],
	["no data", { event: { id: "a", event_type: "incident.resolved", data: null } }, "the event has no data"],
	["an incident without an id", bodyOf("incident.resolved", { type: "incident" }), NOTHING],
	["something without a type", bodyOf("incident.resolved", { id: "P1" }), NOTHING],
	["a new type of nothing", bodyOf("team.created", { id: "P1" }, { resource_type: null }), NOTHING],
	["a type without a word", bodyOf("...", incident, { resource_type: "incident" }), NOTHING],
])("a body with %s is refused with the reason", (_, body, reason) => {
	expect(refusalOf("pagerduty", deliveryOf(JSON.stringify(body)))).toBe(reason);
});
