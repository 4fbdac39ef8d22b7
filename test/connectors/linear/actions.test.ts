// The requests that Linear's actions make, and what they make of answers.

import { describe, expect, test } from "vitest";
import { linear } from "../../../src/connectors/linear/linear";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged, lookFor, MARKED, mark, problemOf, requestOf } from "../actions";
import * as golden from "./golden";

const { comment, issue, COMMENT_ID, ISSUE_ID } = golden;

/** The request of a document with these variables. */
function asking(query: string, variables: object) {
	return {
		method: "POST",
		url: "https://api.linear.app/graphql",
		headers: {
			accept: "application/json",
			"user-agent": "signalbox",
			"content-type": "application/json",
			authorization: "Bearer t0ken",
			...MARKED,
		},
		secret_headers: ["authorization"],
		body: JSON.stringify({ query, variables }),
	};
}

const summary = { id: ISSUE_ID, identifier: "ENG-7", url: issue.url, state: "Todo" };
const missing = (name: string, field: string) => ({
	errors: [{ message: `Entity not found: ${name}`, path: [field], extensions: { type: "invalid input" } }],
	data: null,
});
const taken = (name: string) => ({
	errors: [
		{
			message: `conflict on insert of ${name}`,
			path: [`${name.toLowerCase()}Create`],
			extensions: { type: "invalid input", code: "INPUT_ERROR", userError: true },
		},
	],
	data: null,
});

describe("create_issue", () => {
	const fields = { team_id: "t1", title: "Paid ✓", description: "Order 7", state_id: "s1", priority: 2 };
	const people = { assignee_id: "u1", label_ids: ["l1"], project_id: "p1", parent_id: "i0", due_date: "2026-11-20" };
	const input = { ...fields, ...people };
	const query =
		"mutation CreateIssue($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id identifier url state { name } } } }";

	test("is this request, with an id that comes of its key", () => {
		expect(requestOf("linear.create_issue", input)).toEqual(asking(query, golden.createIssue));
	});

	test("names nothing that it was not given", () => {
		const { body } = requestOf("linear.create_issue", { team_id: "t1", title: "a" });
		expect(JSON.parse(body ?? "").variables).toEqual({ input: { id: ISSUE_ID, teamId: "t1", title: "a" } });
	});

	test("has another id in another step, and the same in every attempt", () => {
		const idOf = (idempotency_key: string) => {
			const connection = { config: {}, credentials: { token: "t" } };
			const built = linear.actions?.create_issue?.build(input, connection, { ...mark, idempotency_key });
			return JSON.parse(built?.ok ? (built.value.body ?? "") : "").variables.input.id;
		};
		expect(idOf("sb_run_1_tell")).toBe(ISSUE_ID);
		expect(idOf("sb_run_2_tell")).not.toBe(ISSUE_ID);
	});

	test("is a success with where the issue stands, and with what archives it", () => {
		const body = { data: { issueCreate: { success: true, issue } } };
		expect(judged("linear.create_issue", answer(200, body), input)).toEqual({
			kind: "succeeded",
			output: summary,
			undo: { id: ISSUE_ID },
		});
	});

	test("is a success that says nothing to undo it with where the issue is not shown", () => {
		const errors = [{ message: "Forbidden", path: ["issueCreate", "issue"], extensions: { code: "FORBIDDEN" } }];
		const body = { data: { issueCreate: { success: true, issue: null } }, errors };
		expect(judged("linear.create_issue", answer(200, body), input)).toEqual({
			kind: "succeeded",
			output: { id: null, identifier: null, url: null, state: null },
		});
	});

	test("is left open where its id is taken, because only an earlier request can have taken it", () => {
		const reason = "Linear answered that there is one with this id";
		const unknown = { kind: "unknown", reason, timed_out: false };
		expect(judged("linear.create_issue", answer(200, taken("Issue")), input)).toEqual(unknown);
		expect(judged("linear.create_issue", answer(400, taken("Issue")), input)).toEqual(unknown);
		const other = { kind: "permanent", class: "invalid", reason: "Linear answered INPUT_ERROR" };
		expect(judged("linear.create_issue", answer(200, taken("IssueLabel")), input)).toEqual(other);
	});

	test("is looked for by its id", () => {
		const query =
			"query FindIssue($filter: IssueFilter) { issues(filter: $filter, first: 1, includeArchived: true) { nodes { id identifier url state { name } } } }";
		expect(lookFor("linear.create_issue", input)).toEqual(asking(query, golden.findIssue));
	});

	test("is found by its id and by nothing else", () => {
		const showing = (...nodes: JsonObject[]) => answer(200, { data: { issues: { nodes } } });
		const whole = { kind: "found", output: summary, undo: { id: ISSUE_ID } };
		expect(found("linear.create_issue", showing(issue), input)).toEqual(whole);
		expect(found("linear.create_issue", showing(), input)).toEqual({ kind: "absent" });
		const reason = "Linear answered with others";
		expect(found("linear.create_issue", showing({ ...issue, id: "i9" }), input)).toEqual({ kind: "unclear", reason });
	});

	test.each([
		[{ title: "a" }, "with.team_id: Invalid input: expected string, received undefined"],
		[{ team_id: "t1" }, "with.title: Invalid input: expected string, received undefined"],
		[{ team_id: "t1", title: "" }, "with.title: Too small: expected string to have >=1 characters"],
		[{ team_id: "t1", title: "a", priority: 5 }, "with.priority: Too big: expected number to be <=4"],
		[{ team_id: "t1", title: "a", due_date: "tomorrow" }, "with.due_date: Invalid ISO date"],
		[{ team_id: "t1", title: "a", id: "i1" }, 'with: Unrecognized key: "id"'],
	])("%j is refused with the reason", (input, reason) => {
		expect(problemOf("linear.create_issue", input)).toBe(reason);
	});
});

describe("update_issue", () => {
	const query =
		"mutation UpdateIssue($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success issue { id identifier url state { name } } } }";

	test("is this request", () => {
		const given = { title: "Paid ✓", state_id: "s2", assignee_id: null };
		const labels = { added_label_ids: ["l1"], removed_label_ids: ["l2"] };
		const input = { id: "ENG-7", ...given, ...labels, due_date: null };
		const { body, ...rest } = requestOf("linear.update_issue", input);
		const { body: expected, ...others } = asking(query, golden.updateIssue);
		expect(rest).toEqual(others);
		expect(JSON.parse(body ?? "")).toEqual(JSON.parse(expected));
	});

	test("is a success with what the issue is now", () => {
		const body = { data: { issueUpdate: { success: true, issue } } };
		expect(judged("linear.update_issue", answer(200, body))).toEqual({ kind: "succeeded", output: summary });
	});

	test("of an issue that is not there is final", () => {
		const outcome = { kind: "permanent", class: "not_found", reason: "Linear answered invalid input" };
		expect(judged("linear.update_issue", answer(200, missing("Issue", "issueUpdate")))).toEqual(outcome);
	});

	test.each([
		[{ title: "a" }, "with.id: Invalid input: expected string, received undefined"],
		[{ id: "ENG-7" }, "with: name something to change"],
		[{ id: "ENG-7", title: null }, "with.title: Invalid input: expected string, received null"],
		[{ id: "ENG-7", team_id: "t2" }, 'with: Unrecognized key: "team_id"'],
	])("%j is refused with the reason", (input, reason) => {
		expect(problemOf("linear.update_issue", input)).toBe(reason);
	});
});

describe("archive_issue", () => {
	test("is this request", () => {
		const query = "mutation ArchiveIssue($id: String!) { issueArchive(id: $id) { success } }";
		expect(requestOf("linear.archive_issue", { id: ISSUE_ID })).toEqual(asking(query, golden.archiveIssue));
	});

	test.each([
		["was archived", { data: { issueArchive: { success: true } } }],
		["is gone", missing("Issue", "issueArchive")],
	])("is a success where the issue %s", (_, body) => {
		const done = { kind: "succeeded", output: { id: ISSUE_ID } };
		expect(judged("linear.archive_issue", answer(200, body), { id: ISSUE_ID })).toEqual(done);
	});
});

describe("get_issue", () => {
	test("is this request", () => {
		const query =
			"query Issue($id: String!) { issue(id: $id) { id identifier url title description priority dueDate archivedAt updatedAt labelIds state { id name type } team { id } assignee { id } project { id } } }";
		expect(requestOf("linear.get_issue", { id: "ENG-7" })).toEqual(asking(query, golden.readIssue));
	});

	test("gives what the issue is now", () => {
		const output = {
			...summary,
			...{ title: "Paid ✓", description: "Order 7", state_id: "s1", state_type: "unstarted", priority: 2 },
			...{ team_id: "t1", assignee_id: "u1", project_id: "p1", label_ids: ["l1"], due_date: "2026-11-20" },
			...{ archived_at: null, updated_at: "2026-11-20T09:59:57.084Z" },
		};
		expect(judged("linear.get_issue", answer(200, { data: { issue } }))).toEqual({ kind: "succeeded", output });
	});

	test("gives nulls for what is not there, and no more text than fits", () => {
		const bare = { id: "i1", description: `${"x".repeat(16_383)}😀`, labelIds: [1, "l1"], assignee: null };
		expect(judged("linear.get_issue", answer(200, { data: { issue: bare } }))).toEqual({
			kind: "succeeded",
			output: {
				...{ id: "i1", identifier: null, url: null, state: null, title: null, state_id: null, state_type: null },
				...{ priority: null, team_id: null, assignee_id: null, project_id: null, label_ids: ["l1"], due_date: null },
				...{ archived_at: null, updated_at: null, description: `${"x".repeat(16_383)}\ufffd` },
			},
		});
	});

	test("of an issue that is not there is final", () => {
		const outcome = { kind: "permanent", class: "not_found", reason: "Linear answered invalid input" };
		expect(judged("linear.get_issue", answer(200, missing("Issue", "issue")))).toEqual(outcome);
	});

	test.each([{ data: { issue: null } }, { data: { issue: {} } }, { data: {} }, {}, [], "", "<html>"])(
		"is tried again where the answer holds no issue: %j",
		(body) => {
			const reason = "Linear answered 200 and did not say what it did";
			expect(judged("linear.get_issue", answer(200, body))).toEqual({ kind: "transient", reason });
		},
	);
});

describe("create_comment", () => {
	const input = { issue_id: "ENG-7", body: "Paid ✓", parent_id: "c0" };
	const whole = { output: { id: COMMENT_ID, url: comment.url }, undo: { id: COMMENT_ID } };

	test("is this request, with an id that comes of its key", () => {
		const query =
			"mutation CreateComment($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id url } } }";
		expect(requestOf("linear.create_comment", input)).toEqual(asking(query, golden.createComment));
		expect(COMMENT_ID).not.toBe(ISSUE_ID);
	});

	test("is a success with where the comment stands, and with what deletes it", () => {
		const body = { data: { commentCreate: { success: true, comment } } };
		expect(judged("linear.create_comment", answer(200, body), input)).toEqual({ kind: "succeeded", ...whole });
	});

	test("is left open where its id is taken", () => {
		const reason = "Linear answered that there is one with this id";
		const unknown = { kind: "unknown", reason, timed_out: false };
		expect(judged("linear.create_comment", answer(200, taken("Comment")), input)).toEqual(unknown);
	});

	test("is looked for, and found, by its id", () => {
		const query =
			"query FindComment($filter: CommentFilter) { comments(filter: $filter, first: 1, includeArchived: true) { nodes { id url } } }";
		expect(lookFor("linear.create_comment", input)).toEqual(asking(query, golden.findComment));
		const showing = (...nodes: JsonObject[]) => answer(200, { data: { comments: { nodes } } });
		expect(found("linear.create_comment", showing(comment), input)).toEqual({ kind: "found", ...whole });
		expect(found("linear.create_comment", showing(), input)).toEqual({ kind: "absent" });
	});

	test.each([
		[{ body: "a" }, "with.issue_id: Invalid input: expected string, received undefined"],
		[{ issue_id: "ENG-7", body: "" }, "with.body: Too small: expected string to have >=1 characters"],
	])("%j is refused with the reason", (input, reason) => {
		expect(problemOf("linear.create_comment", input)).toBe(reason);
	});
});

describe("delete_comment", () => {
	test("is this request", () => {
		const query = "mutation DeleteComment($id: String!) { commentDelete(id: $id) { success } }";
		expect(requestOf("linear.delete_comment", { id: COMMENT_ID })).toEqual(asking(query, golden.deleteComment));
	});

	test.each([
		["was deleted", { data: { commentDelete: { success: true } } }],
		["was gone", missing("Comment", "commentDelete")],
	])("is a success where the comment %s", (_, body) => {
		const done = { kind: "succeeded", output: { id: COMMENT_ID } };
		expect(judged("linear.delete_comment", answer(200, body), { id: COMMENT_ID })).toEqual(done);
	});
});

test("what is missing below a change says nothing of what the change was about", () => {
	const deeper = { ...missing("User", "issueArchive"), data: null };
	const errors = deeper.errors.map((error) => ({ ...error, path: ["issueArchive", "entity"] }));
	const outcome = { kind: "transient", reason: "Linear answered invalid input" };
	expect(judged("linear.archive_issue", answer(200, { ...deeper, errors }), { id: "i1" })).toEqual(outcome);
});

test.each([
	["create_issue", ["issues:create"], ["*"]],
	["create_comment", ["comments:create"], ["comments"]],
	["archive_issue", ["write"], ["archivedAt"]],
	["delete_comment", ["write"], ["comments"]],
	["get_issue", ["read"], undefined],
])("%s needs %j and changes of an issue %j", (name, scopes, fields) => {
	const action = actionOf(`linear.${name}`);
	expect(action.scopes).toEqual(scopes);
	expect(action.writes).toEqual(fields && { entity: "issue", fields });
});

test("update_issue changes what it can be given, as events call it", () => {
	const { scopes, writes } = actionOf("linear.update_issue");
	expect(scopes).toEqual(["write"]);
	expect(writes?.entity).toBe("issue");
	const fields = ["title", "description", "stateId", "priority", "assigneeId", "labelIds", "projectId"];
	expect(writes?.fields).toEqual([...fields, "parentId", "dueDate"]);
});

describe("a connection", () => {
	const { connection } = linear;

	function authorization(token: string): string | undefined {
		const built = linear.actions?.get_issue?.build({ id: "i1" }, { config: {}, credentials: { token } }, mark);
		return built?.ok ? built.value.headers.authorization : undefined;
	}

	test("shows an API key as it is, and a token by its scheme", () => {
		expect(authorization("lin_api_1")).toBe("lin_api_1");
		expect(authorization("lin_oauth_1")).toBe("Bearer lin_oauth_1");
	});

	test("goes to api.linear.app, or where the settings say", () => {
		expect(connection?.hosts({})).toEqual(["api.linear.app"]);
		expect(connection?.hosts({ base_url: "https://proxy.acme.com/linear" })).toEqual(["proxy.acme.com"]);
	});

	test("goes with a token that never changes, or with one by OAuth", () => {
		const oauth = { token_url: "https://api.linear.app/oauth/token", client_id: "c", refresh_token: "r" };
		expect(connection?.credentials.safeParse({ oauth }).success).toBe(true);
		expect(connection?.credentials.safeParse({}).success).toBe(false);
		expect(connection?.bearer?.("lin_oauth_1", { oauth })).toEqual({ token: "lin_oauth_1" });
	});
});
