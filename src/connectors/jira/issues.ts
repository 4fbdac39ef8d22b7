// Reading and deleting issues.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { isObject, objectAt, textAt, valueAt } from "../inbound/read";
import { isGone } from "../outbound/gone";
import { jsonAction, pathOf } from "../outbound/json-api";
import { longText } from "../outbound/long-text";
import { textOf } from "./adf";
import { FieldId, IssueId, issueScope, jiraApi } from "./api";

const Get = z.strictObject({
	issue: IssueId,
	fields: z.array(FieldId).max(50).default([]).describe("Ids of further fields to read, like customfield_10010."),
});

const READ = [
	"project",
	"issuetype",
	"summary",
	"description",
	"status",
	"resolution",
	"priority",
	"labels",
	"assignee",
	"reporter",
	"created",
	"updated",
];

export const getIssue = jsonAction(jiraApi, {
	about: "Reads an issue as it is now.",
	input: Get,
	output: {
		id: "The issue's id.",
		key: "The issue's key, which changes when it is moved.",
		project: "The key of its project.",
		issue_type: "The name of its type.",
		summary: "Its summary.",
		description: "Its description as plain text, cut after 16,384 characters; null if it has none.",
		status: "The name of its status.",
		status_category: "The category of its status: new, indeterminate or done.",
		resolution: "The name of its resolution; null while it has none.",
		priority: "The name of its priority.",
		labels: "Its labels.",
		assignee: "The account id of who it is assigned to; null if it is nobody.",
		reporter: "The account id of who reported it.",
		created_at: "When it was created, like 2026-11-20T09:59:58.000+0000.",
		updated_at: "When it was last changed, like 2026-11-20T09:59:58.000+0000.",
		fields: "The further fields that were asked for and that it has, by their ids, as Jira gives them.",
	},
	reads: true,
	repeatable: true,
	scopes: ["read:jira-work"],
	call: ({ issue, fields }) => ({
		method: "GET",
		path: pathOf`/issue/${issue}`,
		query: { fields: [...new Set([...READ, ...fields])].join(",") },
	}),
	done: [200],
	// What is not the issue is no final state to act on.
	result: (issue, input) =>
		textAt(issue, "id") === undefined ? undefined : { output: detail(issue, valueAt(input, "fields")) },
});

function detail(issue: Json, further: Json | undefined): JsonObject {
	const text = (path: string) => textAt(issue, `fields.${path}`) ?? null;
	const labels = valueAt(issue, "fields.labels");
	return {
		id: textAt(issue, "id") ?? null,
		key: textAt(issue, "key") ?? null,
		project: text("project.key"),
		issue_type: text("issuetype.name"),
		summary: text("summary"),
		description: isObject(valueAt(issue, "fields.description"))
			? longText(textOf(valueAt(issue, "fields.description")))
			: null,
		status: text("status.name"),
		status_category: text("status.statusCategory.key"),
		resolution: text("resolution.name"),
		priority: text("priority.name"),
		labels: Array.isArray(labels) ? labels.filter((label) => typeof label === "string") : [],
		assignee: text("assignee.accountId"),
		reporter: text("reporter.accountId"),
		created_at: text("created"),
		updated_at: text("updated"),
		fields: picked(objectAt(issue, "fields") ?? {}, further),
	};
}

function picked(fields: JsonObject, names: Json | undefined): JsonObject {
	const wanted = Array.isArray(names) ? names : [];
	return Object.fromEntries(Object.entries(fields).filter(([name]) => wanted.includes(name)));
}

export const DeleteIssue = z.strictObject({
	issue: IssueId,
	delete_subtasks: z
		.boolean()
		.default(false)
		.describe("Whether its subtasks are deleted too; without that, an issue that has some is not."),
});

export const deleteIssue = jsonAction(jiraApi, {
	about: "Deletes an issue. One that is gone already stays so.",
	input: DeleteIssue,
	output: { issue: "The issue's id or key." },
	repeatable: true,
	writes: { entity: "issue", fields: ["*"] },
	scopes: ["write:jira-work"],
	mark: "The account.",
	scope: issueScope,
	call: ({ issue, delete_subtasks }) => ({
		method: "DELETE",
		path: pathOf`/issue/${issue}`,
		query: { deleteSubtasks: String(delete_subtasks) },
	}),
	done: [204],
	result: (_answer, input) => ({ output: issueOf(input) }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) => (isGone(response) ? { kind: "succeeded", output: issueOf(input) } : undefined),
});

function issueOf({ issue }: JsonObject): JsonObject {
	return { issue: issue ?? null };
}
