// Creating, closing and reading issues.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { parseAs } from "../config";
import type { Action, Probe } from "../connector";
import { countAt, textAt, valueAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { undoWith } from "../outbound/undo";
import { failureOf, Id, Repository, requestOf } from "./api";
import { Body, findMarked, marked, PAGE } from "./marker";

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

const probe: Probe = {
	build: (input, connection, mark) => {
		const issue = parseAs(Create, input, "with");
		if (!issue.ok) return issue;
		const path = `/issues?state=all&sort=created&direction=desc&per_page=${PAGE}`;
		return requestOf({ method: "GET", in: issue.value, path }, connection, mark);
	},
	read: (response, now, { input, mark }) => {
		const found = findMarked(response, now, { mark, newestFirst: true });
		return found.ok ? { kind: "found", ...created(found.value, input) } : found.error;
	},
};

export const createIssue: Action = {
	about: "Opens an issue.",
	input: Create,
	output,
	repeatable: false,
	undo: "github.close_issue",
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const issue = parseAs(Create, input, "with");
		if (!issue.ok) return issue;
		const { owner, repo, ...rest } = issue.value;
		const body = marked(rest.body, mark);
		if (!body.ok) return body;
		const call = { in: { owner, repo }, path: "/issues", body: { ...rest, body: body.value } };
		return requestOf({ method: "POST", ...call }, connection, mark);
	},
	read: (response, now, input) => {
		if (response.status !== 201) return failureOf(response, now, false);
		return { kind: "succeeded", ...created(parseAnswer(response.body), input) };
	},
	probe,
};

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

export const closeIssue: Action = {
	about: "Closes an issue. One that is closed already stays so.",
	input: Close,
	output,
	repeatable: true,
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const issue = parseAs(Close, input, "with");
		if (!issue.ok) return issue;
		const { number, state_reason } = issue.value;
		const call = { in: issue.value, path: `/issues/${number}`, body: { state: "closed", state_reason } };
		return requestOf({ method: "PATCH", ...call }, connection, mark);
	},
	read: (response, now) => {
		if (response.status !== 200) return failureOf(response, now, true);
		return { kind: "succeeded", output: summary(parseAnswer(response.body)) };
	},
};

export const getIssue: Action = {
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
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const issue = parseAs(Issue, input, "with");
		if (!issue.ok) return issue;
		return requestOf({ method: "GET", in: issue.value, path: `/issues/${issue.value.number}` }, connection, mark);
	},
	read: (response, now) => {
		const issue = response.status === 200 ? parseAnswer(response.body) : undefined;
		// What is not the issue is no final state to act on.
		if (countAt(issue, "number") === undefined) return failureOf(response, now, true);
		return { kind: "succeeded", output: detail(issue) };
	},
};

/** As much text as is worth keeping in a run. */
const MAX_BODY_CHARS = 16_384;

function detail(issue: Json | undefined): JsonObject {
	return {
		...summary(issue),
		title: textAt(issue, "title") ?? null,
		body: textAt(issue, "body")?.slice(0, MAX_BODY_CHARS).toWellFormed() ?? null,
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
