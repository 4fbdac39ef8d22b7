// Reading an issue.

import type { Json, JsonObject } from "../../model/json";
import { textAt, valueAt } from "../inbound/read";
import { jsonAction } from "../outbound/json-api";
import { longTextOrNull } from "../outbound/long-text";
import { rootOf } from "./answers";
import { asking, linearApi } from "./api";
import { ISSUE_FIELDS, Issue, summary } from "./issues";

export const getIssue = jsonAction(linearApi, {
	about: "Reads an issue as it is now.",
	input: Issue,
	output: {
		...ISSUE_FIELDS,
		title: "Its title.",
		description: "Its text in Markdown, cut after 16,384 characters; null if it has none.",
		state_id: "The id of its state.",
		state_type: "What its state means: triage, backlog, unstarted, started, completed, canceled or duplicate.",
		priority: "How urgent it is: 0 none, 1 urgent, 2 high, 3 medium, 4 low.",
		team_id: "The id of its team.",
		assignee_id: "The id of the user who it is assigned to; null if nobody.",
		project_id: "The id of its project; null if it is in none.",
		label_ids: "The ids of its labels.",
		due_date: "The day by which it must be done, like 2026-11-20; null if there is none.",
		archived_at: "When it was archived; null if it is not.",
		updated_at: "When it was last changed, like 2026-11-20T09:59:57.084Z.",
	},
	reads: true,
	repeatable: true,
	scopes: ["read"],
	call: ({ id }) =>
		asking(
			"query Issue($id: String!) { issue(id: $id) { id identifier url title description priority dueDate archivedAt updatedAt labelIds state { id name type } team { id } assignee { id } project { id } } }",
			{ id },
		),
	// What is not the issue is no final state to act on.
	result: (answer) => (textAt(rootOf(answer), "id") === undefined ? undefined : { output: detail(rootOf(answer)) }),
});

function detail(issue: Json | undefined): JsonObject {
	const labels = valueAt(issue, "labelIds");
	const priority = valueAt(issue, "priority");
	return {
		...summary(issue),
		title: textAt(issue, "title") ?? null,
		description: longTextOrNull(textAt(issue, "description")),
		state_id: textAt(issue, "state.id") ?? null,
		state_type: textAt(issue, "state.type") ?? null,
		priority: typeof priority === "number" ? priority : null,
		team_id: textAt(issue, "team.id") ?? null,
		assignee_id: textAt(issue, "assignee.id") ?? null,
		project_id: textAt(issue, "project.id") ?? null,
		label_ids: Array.isArray(labels) ? labels.filter((label) => typeof label === "string") : [],
		due_date: textAt(issue, "dueDate") ?? null,
		archived_at: textAt(issue, "archivedAt") ?? null,
		updated_at: textAt(issue, "updatedAt") ?? null,
	};
}
