// The requests that Jira's actions and looks make, each beside the call by which Jira's client library makes the same.

import {
	addComment,
	createIssue,
	deleteComment,
	deleteIssue,
	deleteIssueProperty,
	doTransition,
	getComments,
	getIssue,
	searchAndReconsileIssuesUsingJql,
	setIssueProperty,
} from "jira.js/cloud";
import type { Client } from "jira.js/core";
import type { JsonObject } from "../../../src/model/json";
import { mark } from "../actions";

interface Golden {
	name: string;
	use: string;
	/** True if it is how the action looks for what it did. */
	look?: true;
	input: JsonObject;
	method: string;
	/** Under the site's address. */
	path: string;
	body?: JsonObject;
	/** The same by the library. */
	call: (client: Client) => Promise<unknown>;
}

type Given<Call extends (client: Client, parameters: never) => unknown> = NonNullable<Parameters<Call>[1]>;

const PROPERTY = { key: "signalbox", value: { k: mark.idempotency_key, trace: mark.trace_id } };
const HISTORY = {
	type: "signalbox",
	generator: { id: "signalbox", type: "application", displayName: "Signalbox" },
	cause: { id: "run_1", type: "run" },
};

const description: JsonObject = {
	type: "doc",
	version: 1,
	content: [
		{
			type: "paragraph",
			content: [{ type: "text", text: "Since noon." }, { type: "hardBreak" }, { type: "text", text: "In Oslo." }],
		},
		{ type: "paragraph", content: [{ type: "text", text: "See the graph." }] },
	],
};

const newIssue = {
	fields: {
		customfield_10010: { value: "High" },
		priority: { name: "Highest" },
		project: { key: "FERN" },
		issuetype: { name: "Bug" },
		summary: "Checkout is slow ✓",
		description,
		labels: ["checkout", "signalbox-sb_run_1_tell"],
		parent: { key: "FERN-1" },
	},
	properties: [PROPERTY],
	historyMetadata: HISTORY,
} satisfies Given<typeof createIssue>;

const newComment = {
	body: { type: "doc", version: 1, content: [{ type: "paragraph", content: [{ type: "text", text: "Paid ✓" }] }] },
	properties: [PROPERTY],
} satisfies Omit<Given<typeof addComment>, "issueIdOrKey">;

const transition = {
	transition: { id: "31" },
	fields: { resolution: { name: "Done" } },
	properties: [PROPERTY],
	historyMetadata: HISTORY,
} satisfies Omit<Given<typeof doTransition>, "issueIdOrKey">;

const value = { at: 1, by: ["a"] } satisfies Given<typeof setIssueProperty>["body"];

const FIELDS =
	"project,issuetype,summary,description,status,resolution,priority,labels,assignee,reporter,created,updated,customfield_10010";

export const GOLDEN: Golden[] = [
	{
		name: "creates an issue",
		use: "jira.create_issue",
		input: {
			project: "FERN",
			issue_type: "Bug",
			summary: "Checkout is slow ✓",
			description: "Since noon.\nIn Oslo.\n\nSee the graph.",
			labels: ["checkout"],
			parent: "FERN-1",
			fields: { customfield_10010: { value: "High" }, priority: { name: "Highest" } },
		},
		method: "POST",
		path: "/rest/api/3/issue",
		body: newIssue,
		call: (client) => createIssue(client, newIssue),
	},
	{
		name: "looks for an issue",
		use: "jira.create_issue",
		look: true,
		input: { project: "FERN", issue_type: "Bug", summary: "a" },
		method: "GET",
		path: "/rest/api/3/search/jql?jql=labels+%3D+%22signalbox-sb_run_1_tell%22&fields=labels&maxResults=50",
		call: (client) =>
			searchAndReconsileIssuesUsingJql(client, {
				jql: 'labels = "signalbox-sb_run_1_tell"',
				fields: ["labels"],
				maxResults: 50,
			}),
	},
	{
		name: "reads an issue",
		use: "jira.get_issue",
		input: { issue: "FERN-12", fields: ["customfield_10010", "summary"] },
		method: "GET",
		path: `/rest/api/3/issue/FERN-12?fields=${encodeURIComponent(FIELDS)}`,
		call: (client) => getIssue(client, { issueIdOrKey: "FERN-12", fields: [FIELDS] }),
	},
	{
		name: "deletes an issue",
		use: "jira.delete_issue",
		input: { issue: "10412" },
		method: "DELETE",
		path: "/rest/api/3/issue/10412?deleteSubtasks=false",
		call: (client) => deleteIssue(client, { issueIdOrKey: "10412", deleteSubtasks: "false" }),
	},
	{
		name: "reads an issue's transitions",
		use: "jira.get_transitions",
		input: { issue: "FERN-12", to: "Done" },
		method: "GET",
		path: "/rest/api/3/issue/FERN-12?fields=status&expand=transitions",
		call: (client) => getIssue(client, { issueIdOrKey: "FERN-12", fields: ["status"], expand: "transitions" }),
	},
	{
		name: "transitions an issue",
		use: "jira.transition_issue",
		input: { issue: "FERN-12", transition: "31", to: "Done", fields: { resolution: { name: "Done" } } },
		method: "POST",
		path: "/rest/api/3/issue/FERN-12/transitions",
		body: transition,
		call: (client) => doTransition(client, { issueIdOrKey: "FERN-12", ...transition }),
	},
	{
		name: "looks whether an issue was moved",
		use: "jira.transition_issue",
		look: true,
		input: { issue: "FERN-12", transition: "31", to: "Done" },
		method: "GET",
		path: "/rest/api/3/issue/FERN-12?fields=status&properties=signalbox&expand=changelog",
		call: (client) =>
			getIssue(client, {
				issueIdOrKey: "FERN-12",
				fields: ["status"],
				properties: ["signalbox"],
				expand: "changelog",
			}),
	},
	{
		name: "comments",
		use: "jira.create_comment",
		input: { issue: "FERN-12", text: "Paid ✓" },
		method: "POST",
		path: "/rest/api/3/issue/FERN-12/comment",
		body: newComment,
		call: (client) => addComment(client, { issueIdOrKey: "FERN-12", ...newComment }),
	},
	{
		name: "looks for a comment",
		use: "jira.create_comment",
		look: true,
		input: { issue: "FERN-12", text: "Paid ✓" },
		method: "GET",
		path: "/rest/api/3/issue/FERN-12/comment?orderBy=-created&expand=properties&maxResults=100",
		call: (client) =>
			getComments(client, { issueIdOrKey: "FERN-12", orderBy: "-created", expand: "properties", maxResults: 100 }),
	},
	{
		name: "deletes a comment",
		use: "jira.delete_comment",
		input: { issue: "FERN-12", id: "10007" },
		method: "DELETE",
		path: "/rest/api/3/issue/FERN-12/comment/10007",
		call: (client) => deleteComment(client, { issueIdOrKey: "FERN-12", id: "10007" }),
	},
	{
		name: "sets a property",
		use: "jira.set_property",
		input: { issue: "FERN-12", key: "acme.sync", value },
		method: "PUT",
		path: "/rest/api/3/issue/FERN-12/properties/acme.sync",
		body: value,
		call: (client) => setIssueProperty(client, { issueIdOrKey: "FERN-12", propertyKey: "acme.sync", body: value }),
	},
	{
		name: "deletes a property",
		use: "jira.delete_property",
		input: { issue: "FERN-12", key: "acme.sync" },
		method: "DELETE",
		path: "/rest/api/3/issue/FERN-12/properties/acme.sync",
		call: (client) => deleteIssueProperty(client, { issueIdOrKey: "FERN-12", propertyKey: "acme.sync" }),
	},
];
