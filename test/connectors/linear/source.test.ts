// How Linear's deliveries become events.

import type { LinearWebhookEventType } from "@linear/sdk/webhooks";
import { describe, expect, test } from "vitest";
import { NOUNS } from "../../../src/connectors/vocabulary";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const headers = { "linear-delivery": "d1" };
const dana = { id: "u1", type: "user", name: "Dana", email: "dana@acme.test" };
const sent = { createdAt: "2026-11-20T09:59:58.084Z", organizationId: "o1", webhookTimestamp: 1_795_168_798_800 };
const update = {
	...{ type: "Issue", action: "update", actor: dana, ...sent },
	data: { id: "i1", title: "New", stateId: "s2", updatedAt: "2026-11-20T09:59:58.084Z" },
	updatedFrom: { title: "Old", updatedAt: "2026-11-20T09:00:00.000Z" },
};

function event(body: JsonObject, own: string[] = []) {
	return eventOf("linear", deliveryOf(JSON.stringify(body), headers), { own });
}

test("an update is this event", () => {
	expect(event(update)).toEqual({
		delivery_key: "d1",
		event_type: "issue.updated",
		native_type: "Issue.update",
		entity: { type: "issue", id: "i1" },
		actor: { kind: "human", id: "u1", name: "Dana" },
		occurred_at: Date.parse("2026-11-20T09:59:58.084Z"),
		changes: [{ field: "title", from: "Old", to: "New" }],
		data: update,
	});
});

describe("the type and the entity", () => {
	const issue = { type: "issue", id: "i1" };
	const workspace = { type: "workspace", id: "o1" };
	const itself = (type: string) => ({ type, id: "x1" });
	const data = { id: "x1" };

	test.each<[LinearWebhookEventType | "Release", string, JsonObject, string, JsonObject]>([
		["Issue", "create", { data }, "issue.created", itself("issue")],
		["Issue", "update", { data }, "issue.updated", itself("issue")],
		["Issue", "remove", { data }, "issue.deleted", itself("issue")],
		["Issue", "restore", { data }, "issue.restored", itself("issue")],
		["Comment", "create", { data: { id: "x1", issueId: "i1" } }, "issue_comment.created", issue],
		["Comment", "update", { data: { id: "x1", issue: { id: "i1" } } }, "issue_comment.updated", issue],
		[
			...(["Comment", "create"] as const),
			{ data: { id: "x1", documentContent: { document: { id: "p1" } } } },
			"page_comment.created",
			{ type: "page", id: "p1" },
		],
		[
			...(["Comment", "create"] as const),
			{ data: { id: "x1", projectUpdateId: "p1" } },
			"comment.created",
			{ type: "project_update", id: "p1" },
		],
		[
			...(["Comment", "create"] as const),
			{ data: { id: "x1", initiativeUpdateId: "p1" } },
			"comment.created",
			{ type: "initiative_update", id: "p1" },
		],
		[
			...(["Comment", "create"] as const),
			{ data: { id: "x1", projectId: "p1" } },
			"comment.created",
			{ type: "project", id: "p1" },
		],
		[
			...(["Comment", "create"] as const),
			{ data: { id: "x1", initiativeId: "p1" } },
			"comment.created",
			{ type: "initiative", id: "p1" },
		],
		["Comment", "remove", { data }, "comment.deleted", itself("comment")],
		[
			...(["Comment", "create"] as const),
			{ data: { id: "x1", documentContentId: "c1" } },
			"comment.created",
			itself("comment"),
		],
		["Attachment", "create", { data: { id: "x1", issueId: "i1" } }, "attachment.created", issue],
		["Reaction", "create", { data: { id: "x1", issueId: "i1" } }, "reaction.created", issue],
		["Reaction", "remove", { data: { id: "x1", comment: { issueId: "i1" } } }, "reaction.deleted", issue],
		[
			...(["Reaction", "create"] as const),
			{ data: { id: "x1", projectUpdateId: "p1" } },
			"reaction.created",
			{ type: "project_update", id: "p1" },
		],
		[
			...(["Reaction", "create"] as const),
			{ data: { id: "x1", initiativeUpdateId: "p1" } },
			"reaction.created",
			{ type: "initiative_update", id: "p1" },
		],
		["Reaction", "create", { data }, "reaction.created", itself("reaction")],
		["IssueLabel", "create", { data }, "label.created", itself("label")],
		["Project", "update", { data }, "project.updated", itself("project")],
		[
			...(["ProjectUpdate", "create"] as const),
			{ data: { id: "x1", projectId: "p1" } },
			"project_update.created",
			{ type: "project", id: "p1" },
		],
		["Cycle", "create", { data }, "cycle.created", itself("cycle")],
		["Document", "update", { data }, "page.updated", itself("page")],
		["Initiative", "create", { data }, "initiative.created", itself("initiative")],
		[
			...(["InitiativeUpdate", "create"] as const),
			{ data: { id: "x1", initiativeId: "p1" } },
			"initiative_update.created",
			{ type: "initiative", id: "p1" },
		],
		["Customer", "create", { data }, "customer.created", itself("customer")],
		["CustomerNeed", "create", { data }, "customer_need.created", itself("customer_need")],
		["Release", "create", { data }, "release.created", itself("release")],
		["User", "update", { data }, "user.updated", itself("user")],
		["IssueSLA", "set", { issueData: { id: "i1" } }, "issue_sla.updated", issue],
		["IssueSLA", "highRisk", { issueData: { id: "i1" } }, "issue_sla.at_risk", issue],
		["IssueSLA", "breached", { issueData: { id: "i1" } }, "issue_sla.breached", issue],
		["OAuthApp", "revoked", { oauthClientId: "a1" }, "app.revoked", workspace],
		["AgentSessionEvent", "created", { agentSession: data }, "agent_session.created", itself("agent_session")],
		["AgentSessionEvent", "prompted", { agentSession: data }, "agent_session.prompted", itself("agent_session")],
		[
			...(["AppUserNotification", "issueAssignedToYou"] as const),
			{ notification: { id: "x1", issueId: "i1" } },
			"app_user_notification.issue_assigned_to_you",
			issue,
		],
		["PermissionChange", "teamAccessChanged", {}, "permission_change.team_access_changed", workspace],
		["AuditEntry", "create", { data }, "audit_entry.created", itself("audit_entry")],
	])("of %s.%s with %j is %s", (type, action, body, event_type, entity) => {
		const native_type = `${type}.${action}`;
		expect(event({ type, action, ...sent, ...body })).toMatchObject({ event_type, native_type, entity });
	});

	test.each([
		["FromTomorrow", "wasInvented", "from_tomorrow.was_invented"],
		["constructor", "toString", "constructor.to_string"],
		["Issue", "constructor", "issue.constructor"],
	])("of %s.%s, which are in no table, follow their names: %s", (type, action, event_type) => {
		expect(event({ type, action, ...sent, data: { id: "x1" } }).event_type).toBe(event_type);
	});
});

describe("the actor", () => {
	test.each<[string, JsonObject, JsonObject]>([
		["a person", dana, { kind: "human", id: "u1", name: "Dana" }],
		[
			"a person who is no user",
			{ id: "e1", type: "external user", name: "Ed" },
			{ kind: "human", id: "e1", name: "Ed" },
		],
		["the same in another spelling", { id: "e1", type: "ExternalUser" }, { kind: "human", id: "e1" }],
		["an app", { id: "a1", type: "OauthClient", name: "Flow" }, { kind: "automation", id: "a1", name: "Flow" }],
		["an app in another spelling", { id: "a1", type: "oauth client" }, { kind: "automation", id: "a1" }],
		[
			"an integration",
			{ id: "g1", type: "integration", service: "github" },
			{ kind: "automation", id: "g1", name: "github" },
		],
		["of a kind from tomorrow", { id: "x1", type: "constructor" }, { kind: "unknown", id: "x1" }],
		["of no kind", { id: "x1" }, { kind: "unknown", id: "x1" }],
	])("is %s", (_, actor, expected) => {
		expect(event({ ...update, actor }).actor).toEqual(expected);
	});

	test.each([dana, { id: "a1", type: "OauthClient", name: "Flow" }])("is us by an id in the settings: %j", (actor) => {
		const { id, name } = actor;
		expect(event({ ...update, actor }, ["a1", "u1"]).actor).toEqual({ kind: "self", id, name });
	});

	test("who is not named is not guessed", () => {
		const { actor: _, ...unnamed } = update;
		expect(event({ ...unnamed, actor: null }).actor).toEqual({ kind: "unknown" });
		expect(event(unnamed, ["undefined"]).actor).toEqual({ kind: "unknown" });
		expect(event({ ...unnamed, data: { id: "i1", creatorId: "u1" } }).actor).toEqual({ kind: "unknown" });
	});

	test("of what a bot has created is the bot, but not of what others do with it later", () => {
		const data = { id: "i1", botActor: { id: "b1", name: "GitHub" } };
		const created = { ...update, actor: null, action: "create", data };
		expect(event(created).actor).toEqual({ kind: "automation", id: "b1", name: "GitHub" });
		expect(event({ ...created, data: { id: "i1", botActor: "{}" } }).actor).toEqual({ kind: "automation" });
		expect(event({ ...created, data: { id: "i1", botActor: null } }).actor).toEqual({ kind: "unknown" });
		expect(event({ ...created, action: "update" }).actor).toEqual({ kind: "unknown" });
	});

	test("of a deadline is nobody", () => {
		const body = { type: "IssueSLA", action: "breached", ...sent, issueData: { id: "i1" } };
		expect(event(body).actor).toEqual({ kind: "system" });
	});
});

test("what is signed says when", () => {
	const { side, config } = sourceOf("linear");
	expect(side.trust(config)).toBe("signed");
});

describe("the changes", () => {
	test("are the old values and what stands there now, without the time that changes with everything", () => {
		const updatedFrom = { stateId: "s1", labelIds: [], dueDate: null, "a.b": 1, toString: "x", updatedAt: "…" };
		const data = { id: "i1", stateId: "s2", labelIds: ["l1"], dueDate: "2026-12-01", "a.b": 2 };
		expect(event({ ...update, data, updatedFrom }).changes).toEqual([
			{ field: "stateId", from: "s1", to: "s2" },
			{ field: "labelIds", from: [], to: ["l1"] },
			{ field: "dueDate", from: null, to: "2026-12-01" },
			{ field: "a.b", from: 1, to: 2 },
			{ field: "toString", from: "x", to: undefined },
		]);
	});

	test.each([undefined, null, [], "text", {}])("are none where there are none: %j", (updatedFrom) => {
		const { updatedFrom: _, ...rest } = update;
		expect(event({ ...rest, ...(updatedFrom !== undefined && { updatedFrom }) }).changes).toEqual([]);
	});
});

test.each(["yesterday", 1_795_168_798_800, null])("a time like %j is none", (createdAt) => {
	expect(event({ ...update, createdAt }).occurred_at).toBeUndefined();
});

test.each<[string, Record<string, string>, string, string]>([
	["without Linear-Delivery", {}, "{}", "the Linear-Delivery header is missing"],
	["with an array", headers, "[]", "the body is not a JSON object"],
	["without a type", headers, '{"action":"create"}', "the body has no type and action"],
	["without an action", headers, '{"type":"Issue"}', "the body has no type and action"],
	[
		"about nothing",
		headers,
		'{"type":"Issue","action":"create"}',
		"the Issue event names nothing that it could be about",
	],
	[
		"without a name",
		headers,
		'{"type":"Issue","action":"…","data":{"id":"i1"}}',
		"the body's type and action are no names",
	],
	[
		"without a type that is a name",
		headers,
		'{"type":"…","action":"create","data":{"id":"i1"}}',
		"the body's type and action are no names",
	],
])("a delivery %s says why it is refused", (_, headers, body, reason) => {
	expect(refusalOf("linear", deliveryOf(body, headers))).toBe(reason);
});

test("the vocabulary has every type of the table with every action", () => {
	const { vocabulary } = sourceOf("linear").side;
	expect(vocabulary).toContainEqual({ native: "Issue.update", event_type: "issue.updated", entity: "issue" });
	expect(vocabulary).toContainEqual({ native: "Document.remove", event_type: "page.deleted", entity: "page" });
	expect(vocabulary).toContainEqual({ native: "IssueSLA.set", event_type: "issue_sla.updated", entity: "issue" });
	expect(vocabulary).toContainEqual({ native: "OAuthApp.revoked", event_type: "app.revoked", entity: "workspace" });
	for (const [native, event_type] of [
		["AgentSessionEvent.created", "agent_session.created"],
		["AgentSessionEvent.prompted", "agent_session.prompted"],
	]) {
		expect(vocabulary).toContainEqual({ native, event_type, entity: "agent_session" });
	}
	expect(vocabulary).toContainEqual({ native: "IssueSLA.breached", event_type: "issue_sla.breached", entity: "issue" });
	expect(vocabulary.length).toBe(15 * 4 + 2 + 3 + 1);
	for (const { entity } of vocabulary) expect(Object.hasOwn(NOUNS, entity)).toBe(true);
});
