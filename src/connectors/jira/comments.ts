// Writing and deleting comments on issues.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { Found, Mark } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear } from "../outbound/failure";
import { isGone } from "../outbound/gone";
import { type Done, jsonAction, pathOf } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { documentOf, Text } from "./adf";
import { IssueId, issueScope, jiraApi } from "./api";
import { OWN, propertyOf } from "./marker";
import { goesBackBefore, jiraTime } from "./time";

const Create = z.strictObject({
	issue: IssueId,
	text: Text.regex(/\S/, "write something").describe("Plain text; an empty line begins a paragraph."),
});
const Comment = z.strictObject({
	issue: IssueId,
	id: z
		.string()
		.regex(/^\d{1,20}$/, "write the comment's id")
		.describe("The comment's id."),
});

/** The most that Jira lists at once. */
const PAGE = 100;

export const createComment = jsonAction(jiraApi, {
	about: "Comments on an issue.",
	input: Create,
	output: { id: "The comment's id." },
	repeatable: false,
	undo: "jira.delete_comment",
	writes: { entity: "issue", fields: ["comment"] },
	scopes: ["write:jira-work", "read:jira-work"],
	mark: "A property of the comment that people do not see, and the account.",
	scope: issueScope,
	call: ({ issue, text }, { mark }) => ({
		method: "POST",
		path: pathOf`/issue/${issue}/comment`,
		body: { body: documentOf(text), properties: [propertyOf(mark)] },
	}),
	done: [201],
	result: created,
	probe: {
		call: ({ issue }) => ({
			method: "GET",
			path: pathOf`/issue/${issue}/comment`,
			query: { orderBy: "-created", expand: "properties", maxResults: String(PAGE) },
		}),
		find,
	},
});

function created(comment: Json, input: JsonObject): Done {
	const id = textAt(comment, "id") ?? null;
	return { output: { id }, ...undoWith(Comment, { issue: input.issue, id }) };
}

/** Absent only if every comment was seen that was written since it could have been, each with its properties. */
function find(answer: Json, { input, mark }: { input: JsonObject; mark: Mark }): Found {
	const comments = valueAt(answer, "comments");
	if (!Array.isArray(comments)) return unclear("Jira answered without comments that can be read");
	const found = comments.find((comment) => keysOf(comment)?.includes(mark.idempotency_key));
	if (found !== undefined) return { kind: "found", ...created(found, input) };
	if (comments.some((comment) => keysOf(comment) === undefined)) {
		return unclear("Jira shows comments without their properties");
	}
	const times = comments.map((comment) => jiraTime(valueAt(comment, "created")));
	const sawAll = valueAt(answer, "total") === comments.length || goesBackBefore(earliestOf(mark), times);
	if (sawAll) return { kind: "absent" };
	return unclear(`it is not among the ${comments.length} comments that Jira listed, and there may be more`);
}

/** The idempotency keys that a comment was written with; undefined if its properties are not shown. */
function keysOf(comment: Json): string[] | undefined {
	const properties = valueAt(comment, "properties");
	if (!Array.isArray(properties)) return undefined;
	return properties
		.filter((property) => textAt(property, "key") === OWN)
		.map((property) => textAt(property, "value.k"))
		.filter((key) => key !== undefined);
}

export const deleteComment = jsonAction(jiraApi, {
	about: "Deletes a comment. One that is gone already stays so.",
	input: Comment,
	output: { id: "The comment's id." },
	repeatable: true,
	writes: { entity: "issue", fields: ["comment"] },
	scopes: ["write:jira-work"],
	mark: "The account.",
	scope: issueScope,
	call: ({ issue, id }) => ({ method: "DELETE", path: pathOf`/issue/${issue}/comment/${id}` }),
	done: [204],
	result: (_answer, input) => ({ output: idOf(input) }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) => (isGone(response) ? { kind: "succeeded", output: idOf(input) } : undefined),
});

function idOf({ id }: JsonObject): JsonObject {
	return { id: id ?? null };
}
