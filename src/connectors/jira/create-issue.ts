// Creating an issue. Jira recognises no repeated request and its search lags behind, so that a search which finds nothing
// tells something only once it has caught up.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { Found, Mark } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { unclear } from "../outbound/failure";
import { type Done, jsonAction } from "../outbound/json-api";
import { absentOnceSettled } from "../outbound/settled";
import { undoWith } from "../outbound/undo";
import { documentOf, Text } from "./adf";
import { Fields, IssueId, jiraApi } from "./api";
import { DeleteIssue } from "./issues";
import { historyOf, labelOf, propertyOf } from "./marker";

const Label = z.string().regex(/^\S{1,255}$/, "write a label without spaces");

/** Fields that have a place of their own in the input. */
const OWN_FIELDS = ["project", "issuetype", "summary", "description", "labels", "parent"];

const Create = z.strictObject({
	project: z
		.string()
		.regex(/^(\d{1,20}|[A-Za-z][A-Za-z0-9_]{0,99})$/, "write a project's key or id")
		.describe("The project's key or id."),
	issue_type: z.string().min(1).max(60).describe("The name or id of the issue type."),
	summary: z
		.string()
		.max(255)
		.regex(/^[^\r\n]*\S[^\r\n]*$/, "write a single line")
		.describe("The summary, a single line."),
	description: Text.optional().describe("Plain text; an empty line begins a paragraph."),
	labels: z.array(Label).max(100).default([]).describe("Labels."),
	parent: IssueId.optional().describe("The id or key of the issue that it is a part of."),
	fields: Fields.refine((fields) => !OWN_FIELDS.some((name) => Object.hasOwn(fields, name)), {
		message: `leave out ${OWN_FIELDS.join(", ")}: the input has them`,
	})
		.default({})
		.describe("Other fields by their ids, as Jira's REST API takes them."),
});
type Create = z.infer<typeof Create>;

/**
 * Changes are in the search after "a few seconds to minutes":
 * https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile
 */
const SETTLED_MS = 10 * 60_000;

export const createIssue = jsonAction(jiraApi, {
	about:
		"Creates an issue, with a label of its own by which it is found again, so that the project must take labels. Whether it exists is looked for by search, which lags behind: a run waits for ten minutes after a doubtful attempt.",
	input: Create,
	output: { id: "The issue's id.", key: "The issue's key, which changes when it is moved." },
	repeatable: false,
	undo: "jira.delete_issue",
	writes: { entity: "issue", fields: ["*"] },
	scopes: ["write:jira-work", "read:jira-work"],
	mark: "A label that ends with the step's key, an entity property, and the account.",
	call: (input, { mark }) => {
		const label = labelOf(mark);
		if (!label.ok) return label;
		const body = {
			fields: fieldsOf(input, label.value),
			properties: [propertyOf(mark)],
			historyMetadata: historyOf(mark),
		};
		return { method: "POST", path: "/issue", body };
	},
	done: [201],
	result: created,
	probe: {
		call: (_input, { mark }) => {
			const label = labelOf(mark);
			if (!label.ok) return label;
			const query = { jql: `labels = "${label.value}"`, fields: "labels", maxResults: "50" };
			return { method: "GET", path: "/search/jql", query };
		},
		find: (answer, { mark, now }) => find(answer, mark, now),
	},
});

function fieldsOf({ project, issue_type, summary, description, labels, parent, fields }: Create, label: string) {
	return {
		...fields,
		project: byIdOr("key", project),
		issuetype: byIdOr("name", issue_type),
		summary,
		...(description !== undefined && { description: documentOf(description) }),
		labels: [...new Set([...labels, label])],
		...(parent !== undefined && { parent: byIdOr("key", parent) }),
	};
}

function byIdOr(other: "key" | "name", text: string): JsonObject {
	return { [/^\d+$/.test(text) ? "id" : other]: text };
}

function created(issue: Json): Done {
	const id = textAt(issue, "id") ?? null;
	return {
		output: { id, key: textAt(issue, "key") ?? null },
		...undoWith(DeleteIssue, { issue: id, delete_subtasks: false }),
	};
}

function find(answer: Json, mark: Mark, now: number): Found {
	const issues = valueAt(answer, "issues");
	const label = labelOf(mark);
	if (!Array.isArray(issues) || !label.ok) return unclear("Jira answered without issues that can be read");
	const [first] = issues
		.filter((issue) => isLabelled(issue, label.value))
		// Of several the others are copies: whoever clones an issue copies its labels, too.
		.sort((a, b) => numberOf(a) - numberOf(b));
	if (first !== undefined) return { kind: "found", ...created(first) };
	if (valueAt(answer, "nextPageToken") != null) return unclear("it is not among the issues that Jira listed first");
	return absentOnceSettled(SETTLED_MS, { mark, now, reason: "Jira's search does not show it, and may lag behind" });
}

function isLabelled(issue: Json, label: string): boolean {
	const labels = valueAt(issue, "fields.labels");
	return Array.isArray(labels) && labels.includes(label);
}

/** Ids count up. */
function numberOf(issue: Json): number {
	const id = Number(textAt(issue, "id"));
	return Number.isFinite(id) ? id : Number.POSITIVE_INFINITY;
}
