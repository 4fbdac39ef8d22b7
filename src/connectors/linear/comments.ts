// Writing and deleting comments on issues.

import { z } from "zod";
import type { Json } from "../../model/json";
import { textAt, valueAt } from "../inbound/read";
import { type Done, jsonAction } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { isDone, rootOf, saysMissing, takenBefore } from "./answers";
import { asking, BY_APP, BY_ID, Id, inputOf, linearApi } from "./api";
import { findThat, newId, onlyThat } from "./created";

const Comment = z.strictObject({ id: Id.describe("The comment's id.") });
const Create = z.strictObject({
	issue_id: Id.describe("The issue's id, or its name like ENG-7."),
	body: z.string().min(1).max(100_000).describe("Markdown."),
	parent_id: Id.optional().describe("The id of the comment that it answers."),
});

export const createComment = jsonAction(linearApi, {
	about: "Comments on an issue.",
	input: Create,
	output: { id: "The comment's id.", url: "Where people see the comment." },
	repeatable: false,
	undo: "linear.delete_comment",
	writes: { entity: "issue", fields: ["comments"] },
	scopes: ["comments:create"],
	mark: BY_ID,
	call: (fields, { mark }) =>
		asking(
			"mutation CreateComment($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id url } } }",
			{ input: { id: newId("comment", mark), ...inputOf(fields) } },
		),
	result: (answer) => (isDone(answer) ? created(valueAt(rootOf(answer), "comment")) : undefined),
	otherwise: takenBefore,
	probe: {
		call: (_, { mark }) =>
			asking(
				"query FindComment($filter: CommentFilter) { comments(filter: $filter, first: 1, includeArchived: true) { nodes { id url } } }",
				onlyThat(newId("comment", mark)),
			),
		find: (answer, { mark }) => findThat(newId("comment", mark), answer, created),
	},
});

function created(comment: Json | undefined): Done {
	const id = textAt(comment, "id") ?? null;
	return { output: { id, url: textAt(comment, "url") ?? null }, ...undoWith(Comment, { id }) };
}

export const deleteComment = jsonAction(linearApi, {
	about: "Deletes a comment. One that is gone already stays so.",
	input: Comment,
	output: { id: "The comment's id." },
	repeatable: true,
	writes: { entity: "issue", fields: ["comments"] },
	scopes: ["write"],
	mark: BY_APP,
	call: ({ id }) => asking("mutation DeleteComment($id: String!) { commentDelete(id: $id) { success } }", { id }),
	result: (answer, { id = null }) => (isDone(answer) ? { output: { id } } : undefined),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, { id = null }) =>
		saysMissing(response) ? { kind: "succeeded", output: { id } } : undefined,
});
