// Creating, closing and reading issues.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { countAt, textAt, valueAt } from "../inbound/read";
import { jsonAction } from "../outbound/json-api";
import { longTextOrNull } from "../outbound/long-text";
import { undoWith } from "../outbound/undo";
import { githubApi, Id, pathIn, Repository } from "./api";
import { Body, findMarked, MARK, marked, PAGE } from "./marker";

const Create = Repository.extend({
	title: z.string().min(1).max(256),
	body: Body.default("").describe("Markdown."),
	labels: z.array(z.string().min(1).max(50)).max(100).optional().describe("Names of labels."),
	assignees: z.array(z.string().min(1).max(100)).max(10).optional().describe("Logins."),
});
export const Issue = Repository.extend({ number: Id.describe("The issue's number, as in its URL.") });
const Close = Issue.extend({
	state_reason: z.enum(["completed", "not_planned"]).default("completed").describe("Why it is closed."),
});

const output = {
	number: "The issue's number, as in its URL.",
	id: "The issue's id, unique in all of GitHub.",
	url: "Where people see the issue.",
	state: "Whether it is open or closed.",
};

export const createIssue = jsonAction(githubApi, {
	about: "Opens an issue.",
	input: Create,
	output,
	repeatable: false,
	undo: "github.close_issue",
	writes: { entity: "issue", fields: ["*"] },
	scopes: ["issues: write"],
	mark: MARK,
	call: ({ owner, repo, ...rest }, { mark }) => {
		const body = marked(rest.body, mark);
		if (!body.ok) return body;
		return { method: "POST", path: `${pathIn({ owner, repo })}/issues`, body: { ...rest, body: body.value } };
	},
	done: [201],
	result: (issue, input) => created(issue, input),
	probe: {
		call: (input) => ({
			method: "GET",
			path: `${pathIn(input)}/issues`,
			query: { state: "all", sort: "created", direction: "desc", per_page: String(PAGE) },
		}),
		find: (list, { input, mark, response }) => {
			const found = findMarked(list, response, { mark, newestFirst: true });
			return found.ok ? { kind: "found", ...created(found.value, input) } : found.error;
		},
	},
});

function created(issue: Json | undefined, input: JsonObject): { output: JsonObject; undo?: JsonObject } {
	const output = summary(issue);
	const { owner, repo } = input;
	return { output, ...undoWith(Close, { owner, repo, number: output.number, state_reason: "not_planned" }) };
}

function summary(issue: Json | undefined): JsonObject {
	return {
		number: countAt(issue, "number") ?? null,
		id: countAt(issue, "id") ?? null,
		url: textAt(issue, "html_url") ?? null,
		state: textAt(issue, "state") ?? null,
	};
}

export const closeIssue = jsonAction(githubApi, {
	about: "Closes an issue. One that is closed already stays so.",
	input: Close,
	output,
	repeatable: true,
	writes: { entity: "issue", fields: ["state", "state_reason"] },
	scopes: ["issues: write"],
	mark: "The bot user of the app whose token is used.",
	call: ({ number, state_reason, ...repository }) => ({
		method: "PATCH",
		path: `${pathIn(repository)}/issues/${number}`,
		body: { state: "closed", state_reason },
	}),
	done: [200],
	result: (issue) => ({ output: summary(issue) }),
});

export const getIssue = jsonAction(githubApi, {
	about: "Reads an issue as it is now. Pull requests are issues too.",
	input: Issue,
	output: {
		...output,
		title: "Its title.",
		body: "Its text in Markdown, cut after 16,384 characters; null if it has none.",
		labels: "The names of its labels.",
		assignees: "The logins of those who it is assigned to.",
		updated_at: "When it was last changed, like 2026-11-20T09:59:57Z.",
	},
	reads: true,
	repeatable: true,
	scopes: ["issues: read"],
	call: ({ number, ...repository }) => ({ method: "GET", path: `${pathIn(repository)}/issues/${number}` }),
	done: [200],
	// What is not the issue is no final state to act on.
	result: (issue) => (countAt(issue, "number") === undefined ? undefined : { output: detail(issue) }),
});

function detail(issue: Json | undefined): JsonObject {
	return {
		...summary(issue),
		title: textAt(issue, "title") ?? null,
		body: longTextOrNull(textAt(issue, "body")),
		labels: textsIn(issue, "labels", "name"),
		assignees: textsIn(issue, "assignees", "login"),
		updated_at: textAt(issue, "updated_at") ?? null,
	};
}

/** Labels may also be given as plain names. */
function textsIn(issue: Json | undefined, path: string, key: string): string[] {
	const list = valueAt(issue, path);
	if (!Array.isArray(list)) return [];
	return list.map((item) => (typeof item === "string" ? item : textAt(item, key))).filter((text) => text !== undefined);
}
