// Creating, changing and archiving issues.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { textAt, valueAt } from "../inbound/read";
import { type Done, jsonAction } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { isDone, rootOf, saysMissing, takenBefore } from "./answers";
import { asking, BY_APP, BY_ID, Id, inputOf, linearApi } from "./api";
import { findThat, newId, onlyThat } from "./created";

const Title = z.string().min(1).max(512);
const Text = z.string().max(100_000);
const Ids = z.array(Id).max(100);
const Day = z.iso.date();
const Priority = z.int().min(0).max(4).describe("How urgent it is: 0 none, 1 urgent, 2 high, 3 medium, 4 low.");

export const Issue = z.strictObject({ id: Id.describe("The issue's id, or its name like ENG-7.") });
const Create = z.strictObject({
	team_id: Id.describe("The id of the team that it is for."),
	title: Title,
	description: Text.optional().describe("Markdown."),
	state_id: Id.optional().describe("The id of one of the team's states; else the team's first."),
	priority: Priority.optional(),
	assignee_id: Id.optional().describe("A user's id."),
	label_ids: Ids.optional(),
	project_id: Id.optional(),
	parent_id: Id.optional().describe("The id of the issue that it is a part of."),
	due_date: Day.optional().describe("A day like 2026-11-20."),
});
const Update = Issue.extend({
	title: Title.optional(),
	description: Text.optional().describe("Markdown."),
	state_id: Id.optional().describe("The id of one of its team's states."),
	priority: Priority.optional(),
	assignee_id: Id.nullable().optional().describe("A user's id; null for nobody."),
	label_ids: Ids.optional().describe("Its labels from now on: others are taken off."),
	added_label_ids: Ids.optional().describe("Labels that it gets besides those that it has."),
	removed_label_ids: Ids.optional().describe("Labels that are taken off."),
	project_id: Id.nullable().optional(),
	parent_id: Id.nullable().optional(),
	due_date: Day.nullable().optional().describe("A day like 2026-11-20."),
}).refine((given) => Object.keys(given).length > 1, "name something to change");

export const ISSUE_FIELDS = {
	id: "The issue's id.",
	identifier: "Its name, like ENG-7.",
	url: "Where people see the issue.",
	state: "The name of its state.",
};

export function summary(issue: Json | undefined): JsonObject {
	return {
		id: textAt(issue, "id") ?? null,
		identifier: textAt(issue, "identifier") ?? null,
		url: textAt(issue, "url") ?? null,
		state: textAt(issue, "state.name") ?? null,
	};
}

export const createIssue = jsonAction(linearApi, {
	about: "Creates an issue.",
	input: Create,
	output: ISSUE_FIELDS,
	repeatable: false,
	undo: "linear.archive_issue",
	writes: { entity: "issue", fields: ["*"] },
	scopes: ["issues:create"],
	mark: BY_ID,
	call: (fields, { mark }) =>
		asking(
			"mutation CreateIssue($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier url state { name } } } }",
			{ input: { id: newId("issue", mark), ...inputOf(fields) } },
		),
	result: (answer) => (isDone(answer) ? created(valueAt(rootOf(answer), "issue")) : undefined),
	otherwise: takenBefore,
	probe: {
		call: (_, { mark }) =>
			asking(
				"query FindIssue($filter: IssueFilter) { issues(filter: $filter, first: 1, includeArchived: true) { nodes { id identifier url state { name } } } }",
				onlyThat(newId("issue", mark)),
			),
		find: (answer, { mark }) => findThat(newId("issue", mark), answer, created),
	},
});

function created(issue: Json | undefined): Done {
	const output = summary(issue);
	return { output, ...undoWith(Issue, { id: output.id }) };
}

export const updateIssue = jsonAction(linearApi, {
	about: "Changes an issue.",
	input: Update,
	output: ISSUE_FIELDS,
	repeatable: true,
	writes: {
		entity: "issue",
		fields: [
			...["title", "description", "stateId", "priority", "assigneeId", "labelIds"],
			...["projectId", "parentId", "dueDate"],
		],
	},
	scopes: ["write"],
	mark: BY_APP,
	call: ({ id, ...fields }) =>
		asking(
			"mutation UpdateIssue($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success issue { id identifier url state { name } } } }",
			{ id, input: inputOf(fields) },
		),
	result: (answer) => (isDone(answer) ? { output: summary(valueAt(rootOf(answer), "issue")) } : undefined),
});

export const archiveIssue = jsonAction(linearApi, {
	about: "Archives an issue. One that is gone stays so.",
	input: Issue,
	output: { id: "The issue's id, as it was given." },
	repeatable: true,
	writes: { entity: "issue", fields: ["archivedAt"] },
	scopes: ["write"],
	mark: BY_APP,
	call: ({ id }) => asking("mutation ArchiveIssue($id: String!) { issueArchive(id: $id) { success } }", { id }),
	result: (answer, { id = null }) => (isDone(answer) ? { output: { id } } : undefined),
	// Whoever deleted it, there is nothing left to archive.
	otherwise: (response, _now, { id = null }) =>
		saysMissing(response) ? { kind: "succeeded", output: { id } } : undefined,
});
