// How Jira's deliveries become events.

import { describe, expect, test } from "vitest";
import { EVENTS } from "../../../src/connectors/jira/events";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const headers = { "x-atlassian-webhook-identifier": "w1" };
const timestamp = 1_795_168_798_000;
const dana = { accountId: "712020:d", accountType: "atlassian", displayName: "Dana Okafor" };
const bot = { accountId: "557058:b", accountType: "app", displayName: "Flow" };
const issue = { id: "10412", key: "FERN-12", fields: { labels: [] } };

function event(webhookEvent: string, payload: JsonObject | string = {}, settings: JsonObject = {}) {
	const body =
		typeof payload === "string" ? payload : JSON.stringify({ timestamp, webhookEvent, user: dana, ...payload });
	return eventOf("jira", deliveryOf(body, headers), settings);
}

test("a delivery becomes one event, with all that it says", () => {
	const payload = { timestamp, webhookEvent: "jira:issue_created", user: dana, issue };
	expect(event("jira:issue_created", payload)).toEqual({
		delivery_key: "w1",
		event_type: "issue.created",
		native_type: "jira:issue_created",
		entity: { type: "issue", id: "10412" },
		actor: { kind: "human", id: "712020:d", name: "Dana Okafor" },
		occurred_at: timestamp,
		changes: [],
		data: payload,
	});
});

describe("a source", () => {
	test("believes signatures of an administrator's webhook, and tokens of an app's", () => {
		const { side, config } = sourceOf("jira");
		expect(side.trust(config)).toBe("signed_untimed");
		expect(side.verification(config)).toMatchObject({ kind: "hmac", hash: "SHA-256", signed: "{body}" });
		const oauth = sourceOf("jira", { webhook: "oauth" });
		expect(oauth.side.trust(oauth.config)).toBe("bearer");
		expect(oauth.side.verification(oauth.config)).toEqual({ kind: "jwt", tolerance_s: 60 });
	});
});

/** For each native event: the canonical one, and what it is about if this payload is all there is. */
const KINDS: [native: string, payload: JsonObject, event_type: string, entity: string][] = [
	["jira:issue_created", { issue }, "issue.created", "issue 10412"],
	["jira:issue_updated", { issue }, "issue.updated", "issue 10412"],
	["jira:issue_deleted", { issue }, "issue.deleted", "issue 10412"],
	["comment_created", { issue, comment: { id: "7" } }, "issue_comment.created", "issue 10412"],
	["comment_updated", { issue, comment: { id: "7" } }, "issue_comment.updated", "issue 10412"],
	["comment_deleted", { issue, comment: { id: "7" } }, "issue_comment.deleted", "issue 10412"],
	["issue_property_set", { issue, property: { key: "k" } }, "issue_property.updated", "issue 10412"],
	["issue_property_deleted", { issue, property: { key: "k" } }, "issue_property.deleted", "issue 10412"],
	["worklog_created", { worklog: { id: "1", issueId: "10412" } }, "issue_worklog.created", "issue 10412"],
	["worklog_updated", { worklog: { id: "1", issueId: "10412" } }, "issue_worklog.updated", "issue 10412"],
	["worklog_deleted", { worklog: { id: "1", issueId: "10412" } }, "issue_worklog.deleted", "issue 10412"],
	["issuelink_created", { issueLink: { id: 1, sourceIssueId: 10412 } }, "issue_link.created", "issue 10412"],
	["issuelink_deleted", { issueLink: { id: 1, sourceIssueId: 10412 } }, "issue_link.deleted", "issue 10412"],
	["attachment_created", { attachment: { id: "9" }, issue }, "issue_attachment.created", "issue 10412"],
	["attachment_deleted", { attachment: { id: "9" }, issue }, "issue_attachment.deleted", "issue 10412"],
	["sprint_created", { sprint: { id: 42 } }, "sprint.created", "sprint 42"],
	["sprint_updated", { sprint: { id: 42 } }, "sprint.updated", "sprint 42"],
	["sprint_started", { sprint: { id: 42 } }, "sprint.started", "sprint 42"],
	["sprint_closed", { sprint: { id: 42 } }, "sprint.closed", "sprint 42"],
	["sprint_deleted", { sprint: { id: 42 } }, "sprint.deleted", "sprint 42"],
	["board_created", { board: { id: 5 } }, "board.created", "board 5"],
	["board_updated", { board: { id: 5 } }, "board.updated", "board 5"],
	["board_deleted", { board: { id: 5 } }, "board.deleted", "board 5"],
	["board_configuration_changed", { board: { id: 5 } }, "board.updated", "board 5"],
	["jira:version_created", { version: { id: "10000" } }, "version.created", "version 10000"],
	["jira:version_updated", { version: { id: "10000" } }, "version.updated", "version 10000"],
	["jira:version_moved", { version: { id: "10000" } }, "version.updated", "version 10000"],
	["jira:version_released", { version: { id: "10000" } }, "version.released", "version 10000"],
	["jira:version_unreleased", { version: { id: "10000" } }, "version.unreleased", "version 10000"],
	["jira:version_merged", { version: { id: "10000" } }, "version.merged", "version 10000"],
	["jira:version_deleted", { version: { id: "10000" } }, "version.deleted", "version 10000"],
	["project_created", { project: { id: 3 } }, "project.created", "project 3"],
	["project_updated", { project: { id: 3 } }, "project.updated", "project 3"],
	["project_deleted", { project: { id: 3 } }, "project.deleted", "project 3"],
	["project_soft_deleted", { project: { id: 3 } }, "project.deleted", "project 3"],
	["project_restored_deleted", { project: { id: 3 } }, "project.restored", "project 3"],
	["project_archived", { project: { id: 3 } }, "project.archived", "project 3"],
	["project_restored_archived", { project: { id: 3 } }, "project.unarchived", "project 3"],
	["issuetype_created", { issuetype: { id: "6" } }, "issue_type.created", "issue_type 6"],
	["issuetype_updated", { issuetype: { id: "6" } }, "issue_type.updated", "issue_type 6"],
	["issuetype_deleted", { issueType: { id: "6" } }, "issue_type.deleted", "issue_type 6"],
	["filter_created", { filter: { id: "8" } }, "filter.created", "filter 8"],
	["filter_updated", { filter: { id: "8" } }, "filter.updated", "filter 8"],
	["filter_deleted", { filter: { id: "8" } }, "filter.deleted", "filter 8"],
	["user_created", { user: dana }, "user.created", "user 712020:d"],
	["user_updated", { user: dana }, "user.updated", "user 712020:d"],
	["user_deleted", { user: dana }, "user.deleted", "user 712020:d"],
	["option_attachments_changed", {}, "setting.updated", "site own_site"],
	["option_issuelinks_changed", {}, "setting.updated", "site own_site"],
	["option_subtasks_changed", {}, "setting.updated", "site own_site"],
	["option_timetracking_changed", {}, "setting.updated", "site own_site"],
	["option_timetracking_provider_changed", {}, "setting.updated", "site own_site"],
	["option_unassigned_issues_changed", {}, "setting.updated", "site own_site"],
	["option_voting_changed", {}, "setting.updated", "site own_site"],
	["option_watching_changed", {}, "setting.updated", "site own_site"],
];

describe("a native event", () => {
	test.each(KINDS)("%s with %j is %s about the %s", (native, payload, event_type, entity) => {
		const found = event(native, payload);
		expect(found.event_type).toBe(event_type);
		expect(found.native_type).toBe(native);
		expect(`${found.entity.type} ${found.entity.id}`).toBe(entity);
	});

	test("is in this list if it is in the table, and the table is the vocabulary", () => {
		expect(KINDS.map(([native]) => native).sort()).toEqual([...EVENTS.keys()]);
		expect(sourceOf("jira").side.vocabulary).toEqual(
			[...EVENTS].map(([native, { event_type, entity }]) => ({ native, event_type, entity })),
		);
	});

	test.each([
		["plan_created", { plan: { id: 4 } }, "plan.created", "plan 4"],
		["jira:custom_field_deleted", { issue }, "custom_field.deleted", "issue 10412"],
		["app_access_to_objects_blocked", { project: { id: 3 } }, "app_access_to_objects.blocked", "project 3"],
		["jira_expression_evaluation_failed", {}, "jira_expression_evaluation.failed", "site own_site"],
		["Goal Reached!", {}, "goal.reached", "site own_site"],
		["news", {}, "news.updated", "site own_site"],
		["news_read", { project: { id: 3 }, issue }, "news.read", "issue 10412"],
		["☃", {}, "event.updated", "site own_site"],
		["toString", {}, "tostring.updated", "site own_site"],
		["__proto__", {}, "proto.updated", "site own_site"],
	])("that Jira adds later still has a type and a place: %s with %j is %s about the %s", (native, payload, ...rest) => {
		const { event_type, entity, native_type } = event(native, payload);
		expect([event_type, `${entity.type} ${entity.id}`]).toEqual(rest);
		expect(native_type).toBe(native);
	});
});

describe("the entity", () => {
	const self = "https://fern.atlassian.net/rest/api/2/issue/10412/comment/7";

	test.each([
		["comment_created", { comment: { id: "7", self } }],
		["comment_deleted", { comment: { self: "https://api.atlassian.com/ex/jira/1/rest/api/3/issue/10412" } }],
		["worklog_created", { worklog: { self: "https://fern.atlassian.net/rest/api/2/issue/10412/worklog/1" } }],
		["issue_property_set", { property: { self: "https://fern.atlassian.net/rest/api/3/issue/10412/properties/k" } }],
	])("of %s is the issue in its address, where the issue is left out", (native, payload) => {
		expect(event(native, payload).entity).toEqual({ type: "issue", id: "10412" });
	});

	test("of a file or a property whose issue is not told is that itself", () => {
		expect(event("attachment_created", { attachment: { id: "9" } }).entity).toEqual({
			type: "issue_attachment",
			id: "9",
		});
		expect(event("issue_property_set", { property: { key: "k", value: 1 } }).entity).toEqual({
			type: "issue_property",
			id: "k",
		});
	});

	test("keeps every digit of an id that a double cannot hold", () => {
		const body = '{"webhookEvent":"issuelink_created","issueLink":{"sourceIssueId":90071992547409931}}';
		expect(event("", body).entity.id).toBe("90071992547409931");
	});

	test.each([
		["jira:issue_updated", {}, "issue"],
		["jira:issue_updated", { issue: { key: "FERN-12" } }, "issue"],
		["comment_created", { comment: { id: "7", self: "https://fern.atlassian.net/browse/FERN-12" } }, "issue"],
		["comment_created", { comment: { self: "https://a.b/rest/api/2/issue/FERN-12/comment/7" } }, "issue"],
		["worklog_created", { worklog: { id: "1" }, project: { id: 3 } }, "issue"],
		["sprint_started", { sprint: { name: "1" }, issue }, "sprint"],
		["user_created", { user: { displayName: "a" } }, "user"],
	])("is never made up: %s with %j is refused", (webhookEvent, payload, type) => {
		const delivery = deliveryOf(JSON.stringify({ webhookEvent, ...payload }), headers);
		expect(refusalOf("jira", delivery)).toBe(`the event names no ${type} that it could be about`);
	});
});

describe("the actor", () => {
	const service = { own: ["557058:b"] };

	test.each([
		["a person", dana, "human"],
		["a customer of a portal", { accountId: "qm:1", accountType: "customer" }, "human"],
		["an app", bot, "automation"],
		["an account of a kind from tomorrow", { accountId: "1", accountType: "agent" }, "unknown"],
		["an account without a kind", { accountId: "1" }, "unknown"],
		["an account with a kind like a built-in name", { accountId: "1", accountType: "constructor" }, "unknown"],
	])("is %s", (_, user, kind) => {
		expect(event("jira:issue_updated", { issue, user }).actor).toEqual({
			kind,
			id: user.accountId,
			...("displayName" in user && { name: user.displayName }),
		});
	});

	test("is us by the account ids in the settings, whatever kind of account they are", () => {
		expect(event("jira:issue_updated", { issue, user: bot }, service).actor.kind).toBe("self");
		expect(event("jira:issue_updated", { issue }, { own: ["712020:d"] }).actor.kind).toBe("self");
		expect(event("jira:issue_updated", { issue, user: { ...dana, accountId: "557058:B" } }, service).actor.kind).toBe(
			"human",
		);
	});

	test.each(["jira:issue_updated", "issuelink_created", "sprint_started", "comment_deleted", "worklog_deleted"])(
		"of %s without a user is nobody that we know",
		(native) => {
			const things = {
				issue,
				issueLink: { sourceIssueId: 1 },
				sprint: { id: 1 },
				comment: { author: dana, updateAuthor: dana },
				worklog: { author: dana, updateAuthor: dana },
			};
			for (const user of [undefined, null, "dana", []]) {
				const delivery = deliveryOf(JSON.stringify({ webhookEvent: native, ...things, user }), headers);
				expect(eventOf("jira", delivery).actor).toEqual({ kind: "unknown" });
			}
		},
	);

	test.each([
		["comment_created", "comment", "author"],
		["comment_updated", "comment", "updateAuthor"],
		["worklog_created", "worklog", "author"],
		["worklog_updated", "worklog", "updateAuthor"],
		["attachment_created", "attachment", "author"],
	])("of %s without a user is %s.%s", (webhookEvent, object, member) => {
		const payload = { webhookEvent, issue, [object]: { author: dana, updateAuthor: dana, [member]: bot } };
		const delivery = deliveryOf(JSON.stringify(payload), headers);
		expect(eventOf("jira", delivery).actor).toEqual({ kind: "automation", id: "557058:b", name: "Flow" });
		expect(eventOf("jira", delivery, service).actor.kind).toBe("self");
	});

	test("of a comment is its user, if there is one", () => {
		expect(event("comment_created", { issue, comment: { author: bot } }).actor.id).toBe("712020:d");
	});

	test("of an account is not the account", () => {
		expect(event("user_updated", { user: bot }, service).actor).toEqual({ kind: "unknown" });
	});
});

describe("our own marks", () => {
	const history = { generator: { id: "signalbox", type: "application" } };

	test.each([
		["issue_property_set", { issue, property: { key: "signalbox", value: {} } }],
		["issue_property_deleted", { issue, property: { key: "signalbox" } }],
		[
			"comment_created",
			{
				issue,
				comment: {
					properties: [
						{ key: "a", value: { k: "" } },
						{ key: "signalbox", value: { k: "1" } },
					],
				},
			},
		],
		["jira:issue_created", { issue: { id: "1", fields: { labels: ["bug", "signalbox-sb_1.tell"] } } }],
		["jira:issue_updated", { issue, changelog: { historyMetadata: history, items: [] } }],
	])("tell that we caused %s under a person's grant: %j", (native, payload) => {
		expect(event(native, payload).actor).toEqual({ kind: "self", id: "712020:d", name: "Dana Okafor" });
	});

	test.each([
		["issue_property_set", { issue, property: { key: "signalbox2" } }],
		["issue_property_set", { issue, property: { value: "signalbox" } }],
		["comment_updated", { issue, comment: { properties: [{ key: "signalbox" }] } }],
		["comment_deleted", { issue, comment: { properties: [{ key: "signalbox" }] } }],
		["comment_created", { issue, comment: { properties: [null, "signalbox", {}] } }],
		["jira:issue_updated", { issue: { id: "1", fields: { labels: ["signalbox-sb_1.tell"] } } }],
		["jira:issue_created", { issue: { id: "1", fields: { labels: ["signalbox", "x-signalbox-1", 1, null] } } }],
		["jira:issue_created", { issue: { id: "1", fields: { labels: "signalbox-1" } } }],
		["jira:issue_updated", { issue, changelog: { historyMetadata: { generator: { id: "other" } } } }],
	])("do not make what people do with it afterwards ours: %s %j", (native, payload) => {
		expect(event(native, payload).actor.kind).toBe("human");
	});

	test("are what the settings say", () => {
		const settings = { own_properties: ["acme.sync"], own_label_prefix: "acme-" };
		const set = (key: string) => event("issue_property_set", { issue, property: { key } }, settings).actor.kind;
		expect([set("acme.sync"), set("signalbox")]).toEqual(["self", "human"]);
		const labelled = (label: string) =>
			event("jira:issue_created", { issue: { id: "1", fields: { labels: [label] } } }, settings).actor.kind;
		expect([labelled("acme-1"), labelled("signalbox-1")]).toEqual(["self", "human"]);
	});
});

describe("the changes", () => {
	function changes(items: unknown) {
		return event(
			"jira:issue_updated",
			JSON.stringify({ webhookEvent: "jira:issue_updated", issue, changelog: { items } }),
		).changes;
	}

	test("are as people read them, by the ids of their fields", () => {
		expect(
			changes([
				{ field: "status", fieldId: "status", from: "1", fromString: "To Do", to: "3", toString: "Doing" },
				{ field: "Story Points", fieldId: "customfield_10016", from: null, fromString: null, to: null, toString: "5" },
				{ field: "assignee", from: "712020:d", fromString: "Dana", to: null, toString: null },
				{ field: "Link", fromString: null, from: "a", toString: null, to: "FERN-13" },
			]),
		).toEqual([
			{ field: "status", from: "To Do", to: "Doing" },
			{ field: "customfield_10016", from: null, to: "5" },
			{ field: "assignee", from: "Dana", to: null },
			{ field: "Link", from: "a", to: "FERN-13" },
		]);
	});

	test("hold what stands at toString, and never a function", () => {
		expect(changes([{ field: "a" }])).toEqual([{ field: "a", from: undefined, to: undefined }]);
		expect(changes([{ field: "toString", toString: { a: 1 } }])).toEqual([
			{ field: "toString", from: undefined, to: { a: 1 } },
		]);
		expect(changes([{ fieldId: "constructor", toString: "" }])).toEqual([
			{ field: "constructor", from: undefined, to: "" },
		]);
	});

	test.each([undefined, null, {}, "text", [null, "a", 1, {}, { field: 1 }, { field: "" }]])(
		"are none where there are none: %j",
		(items) => {
			expect(changes(items)).toEqual([]);
		},
	);

	test("of a property are its value", () => {
		const property = { key: "acme.sync", value: { at: 1 } };
		expect(event("issue_property_set", { issue, property }).changes).toEqual([{ field: "acme.sync", to: { at: 1 } }]);
		expect(event("issue_property_deleted", { issue, property }).changes).toEqual([]);
	});
});

test.each([
	[1_795_168_798_000.9, 1_795_168_798_000],
	[0, 0],
	[-1, undefined],
	[1e300, undefined],
	["2026-11-20T09:59:58.000Z", undefined],
	[null, undefined],
])("the time is in milliseconds: %j is %j", (time, expected) => {
	expect(event("jira:issue_updated", { issue, timestamp: time }).occurred_at).toBe(expected);
});

describe("a delivery without an event", () => {
	test.each([
		["without its id", {}, "{}", "the X-Atlassian-Webhook-Identifier header is missing"],
		["with an array", headers, "[]", "the body is not a JSON object"],
		["without a name", headers, '{"issue":{"id":"1"}}', "the body has no webhookEvent, so it is no Jira event"],
		["with an empty name", headers, '{"webhookEvent":""}', "the body has no webhookEvent, so it is no Jira event"],
		["with another name", headers, '{"webhookEvent":7}', "the body has no webhookEvent, so it is no Jira event"],
	])("says why: %s", (_, given, body, reason) => {
		expect(refusalOf("jira", deliveryOf(body, given))).toBe(reason);
	});

	test("says what is too long", () => {
		const long = deliveryOf(JSON.stringify({ webhookEvent: `${"a".repeat(500)}_set` }), headers);
		expect(refusalOf("jira", long)).toContain("the event type is 504 characters long; at most");
		const id = deliveryOf(JSON.stringify({ webhookEvent: "sprint_closed", sprint: { id: "9".repeat(500) } }), headers);
		expect(refusalOf("jira", id)).toContain("the entity id is 500 characters long; at most");
	});
});
