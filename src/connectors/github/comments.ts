// Writing and deleting comments on issues and pull requests.

import type { Json, JsonObject } from "../../model/json";
import { countAt, textAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { isGone } from "../outbound/gone";
import { jsonAction } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { githubApi, Id, pathIn, Repository } from "./api";
import { Issue } from "./issues";
import { Body, findMarked, MARK, marked, PAGE } from "./marker";

const Create = Issue.extend({ body: Body.min(1).describe("Markdown.") });
const Comment = Repository.extend({ id: Id.describe("The comment's id.") });

/** As GitHub writes times: what it wrote down in a second begins with that second. */
function wholeSecond(at: number): string {
	return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

export const createComment = jsonAction(githubApi, {
	about: "Comments on an issue or a pull request.",
	input: Create,
	output: { id: "The comment's id.", url: "Where people see the comment." },
	repeatable: false,
	undo: "github.delete_comment",
	writes: { entity: "issue", fields: ["comments"] },
	scopes: ["issues: write"],
	mark: MARK,
	call: ({ body: text, number, ...repository }, { mark }) => {
		const body = marked(text, mark);
		if (!body.ok) return body;
		return { method: "POST", path: `${pathIn(repository)}/issues/${number}/comments`, body: { body: body.value } };
	},
	done: [201],
	result: (comment, input) => created(comment, input),
	probe: {
		/**
		 * The list begins with the oldest. `since` is about when comments were changed last, which is never before they
		 * were written: https://docs.github.com/en/rest/issues/comments#list-issue-comments
		 */
		call: ({ number, ...repository }, { mark }) => ({
			method: "GET",
			path: `${pathIn(repository)}/issues/${number}/comments`,
			query: { since: wholeSecond(earliestOf(mark)), per_page: String(PAGE) },
		}),
		find: (list, { input, mark, response }) => {
			const found = findMarked(list, response, { mark, newestFirst: false });
			return found.ok ? { kind: "found", ...created(found.value, input) } : found.error;
		},
	},
});

function created(comment: Json | undefined, input: JsonObject): { output: JsonObject; undo?: JsonObject } {
	const id = countAt(comment, "id") ?? null;
	const output = { id, url: textAt(comment, "html_url") ?? null };
	return { output, ...undoWith(Comment, { owner: input.owner, repo: input.repo, id }) };
}

export const deleteComment = jsonAction(githubApi, {
	about: "Deletes a comment. One that is gone already stays so.",
	input: Comment,
	output: { id: "The comment's id." },
	repeatable: true,
	writes: { entity: "issue", fields: ["comments"] },
	scopes: ["issues: write"],
	mark: "The bot user of the app whose token is used.",
	call: ({ id, ...repository }) => ({ method: "DELETE", path: `${pathIn(repository)}/issues/comments/${id}` }),
	done: [204],
	result: (_answer, input) => ({ output: { id: input.id ?? null } }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) =>
		isGone(response) ? { kind: "succeeded", output: { id: input.id ?? null } } : undefined,
});
