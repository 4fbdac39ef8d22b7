// Writing and deleting comments on issues and pull requests.

import type { Json, JsonObject } from "../../model/json";
import { parseAs } from "../config";
import type { Action, Probe } from "../connector";
import { countAt, textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { earliestOf } from "../outbound/earliest";
import { undoWith } from "../outbound/undo";
import { failureOf, Id, Repository, requestOf } from "./api";
import { Issue } from "./issues";
import { Body, findMarked, marked, PAGE } from "./marker";

const Create = Issue.extend({ body: Body.min(1).describe("Markdown.") });
const Comment = Repository.extend({ id: Id.describe("The comment's id.") });

/**
 * The list begins with the oldest. `since` is about when comments were changed last, which is never before they were
 * written: https://docs.github.com/en/rest/issues/comments#list-issue-comments
 */
const probe: Probe = {
	build: (input, connection, mark) => {
		const comment = parseAs(Create, input, "with");
		if (!comment.ok) return comment;
		const since = wholeSecond(earliestOf(mark));
		const path = `/issues/${comment.value.number}/comments?since=${since}&per_page=${PAGE}`;
		return requestOf({ method: "GET", in: comment.value, path }, connection, mark);
	},
	read: (response, now, { input, mark }) => {
		const found = findMarked(response, now, { mark, newestFirst: false });
		return found.ok ? { kind: "found", ...created(found.value, input) } : found.error;
	},
};

/** As GitHub writes times: what it wrote down in a second begins with that second. */
function wholeSecond(at: number): string {
	return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

export const createComment: Action = {
	about: "Comments on an issue or a pull request.",
	input: Create,
	output: { id: "The comment's id.", url: "Where people see the comment." },
	repeatable: false,
	undo: "github.delete_comment",
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const comment = parseAs(Create, input, "with");
		if (!comment.ok) return comment;
		const body = marked(comment.value.body, mark);
		if (!body.ok) return body;
		const call = { in: comment.value, path: `/issues/${comment.value.number}/comments`, body: { body: body.value } };
		return requestOf({ method: "POST", ...call }, connection, mark);
	},
	read: (response, now, input) => {
		if (response.status !== 201) return failureOf(response, now, false);
		return { kind: "succeeded", ...created(parseAnswer(response.body), input) };
	},
	probe,
};

function created(comment: Json | undefined, input: JsonObject): { output: JsonObject; undo?: JsonObject } {
	const id = countAt(comment, "id") ?? null;
	const output = { id, url: textAt(comment, "html_url") ?? null };
	return { output, ...undoWith(Comment, { owner: input.owner, repo: input.repo, id }) };
}

export const deleteComment: Action = {
	about: "Deletes a comment. One that is gone already stays so.",
	input: Comment,
	output: { id: "The comment's id." },
	repeatable: true,
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const comment = parseAs(Comment, input, "with");
		if (!comment.ok) return comment;
		const path = `/issues/comments/${comment.value.id}`;
		return requestOf({ method: "DELETE", in: comment.value, path }, connection, mark);
	},
	read: (response, now, input) => {
		// Whoever deleted it, it is gone.
		const gone = response.status === 204 || response.status === 404;
		return gone ? { kind: "succeeded", output: { id: input.id ?? null } } : failureOf(response, now, true);
	},
};
