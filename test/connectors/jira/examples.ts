// Jira, for the contract tests.

import type { Json } from "../../../src/model/json";
import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

const headers = { "x-atlassian-webhook-identifier": "w1" };
const timestamp = 1_795_168_798_000;
const dana = { accountId: "712020:d", accountType: "atlassian", displayName: "Dana" };

export const deliveries: GoodDelivery[] = [
	{
		headers,
		body: {
			timestamp,
			webhookEvent: "jira:issue_updated",
			user: dana,
			issue: { id: "10412", key: "FERN-12", fields: { labels: ["a"] } },
			changelog: {
				id: "1",
				items: [{ field: "status", fieldId: "status", from: "1", fromString: "To Do", to: "3", toString: "Doing" }],
			},
		},
	},
	{
		headers,
		config: { webhook: "oauth" },
		body: {
			timestamp,
			webhookEvent: "comment_created",
			comment: { self: "https://a.b/rest/api/2/issue/10412/comment/7", author: dana, properties: [{ key: "k" }] },
			matchedWebhookIds: [1],
		},
	},
	{
		headers,
		body: {
			timestamp,
			webhookEvent: "jira:issue_created",
			user: dana,
			issue: { id: "10412", fields: { labels: ["acme-1"] } },
		},
	},
	{ headers, body: { timestamp, webhookEvent: "issue_property_set", property: { key: "k", value: 1 } } },
	{ headers, body: { timestamp, webhookEvent: "plan_created", project: { id: 7 }, user: dana } },
];

export const knobs: Record<string, Json[]> = {
	own: [[dana.accountId]],
	own_label_prefix: ["acme-"],
	own_properties: [["k"]],
};

const connection = { config: { site: "fern" }, credentials: { email: "bot@fern.test", token: "s3cret" } };
const issue = { issue: "FERN-12" };
const property = { key: "signalbox", value: { k: mark.idempotency_key } };
const created = { id: "10412", key: "FERN-12", self: "https://fern.atlassian.net/rest/api/3/issue/10412" };
const moved = { field: "status", from: "1", fromString: "To Do", to: "3", toString: "Doing" };
const status = { id: "3", name: "Doing", statusCategory: { key: "indeterminate" } };
const comment = { id: "7", created: "2026-11-20T09:59:58.000+0000", properties: [property] };

export const actions: Record<string, GoodAction> = {
	create_comment: {
		...connection,
		input: { ...issue, text: "a" },
		done: [201, comment],
		shown: { total: 2, comments: [comment, { id: "6", created: "2026-11-20T09:00:00.000+0000", properties: [] }] },
	},
	create_issue: {
		...connection,
		input: { project: "FERN", issue_type: "Task", summary: "a" },
		done: [201, created],
		shown: { isLast: true, issues: [{ ...created, fields: { labels: [`signalbox-${mark.idempotency_key}`] } }] },
	},
	delete_comment: { ...connection, input: { ...issue, id: "7" }, done: [204, ""] },
	delete_issue: { ...connection, input: issue, done: [204, ""] },
	delete_property: { ...connection, input: { ...issue, key: "k" }, done: [204, ""] },
	get_issue: {
		...connection,
		input: { ...issue, fields: ["customfield_1"] },
		done: [200, { ...created, fields: { summary: "a", status, labels: ["b"], customfield_1: 1 } }],
	},
	get_transitions: {
		...connection,
		input: { ...issue, to: "Done" },
		done: [200, { id: "10412", fields: { status }, transitions: [{ id: "31", name: "Finish", to: { name: "Done" } }] }],
	},
	set_property: { ...connection, input: { ...issue, key: "k", value: { a: 1 } }, done: [201, ""] },
	transition_issue: {
		...connection,
		input: { ...issue, transition: "31", to: "Done" },
		done: [204, ""],
		shown: {
			fields: { status },
			properties: { signalbox: property.value },
			changelog: { total: 1, histories: [{ created: "2026-11-20T09:59:58.000+0000", items: [moved] }] },
		},
		found_by_state: true,
	},
};
