// How GitHub's deliveries become events, beyond what its examples show.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf } from "../deliveries";

const repository = { id: 7, updated_at: "2026-01-01T00:00:00Z" };
const issue = { id: 11, title: "New title", updated_at: "2026-11-20T09:59:57Z", created_at: "2026-11-01T00:00:00Z" };
const dana = { id: 31, login: "dana", type: "User" };

function payloadOf(payload: JsonObject | string, name = "issues") {
	const body = typeof payload === "string" ? payload : JSON.stringify(payload);
	return deliveryOf(body, { "x-github-event": name, "x-github-delivery": "d1" });
}

function event(payload: JsonObject | string, name = "issues", own: string[] = []) {
	return eventOf("github", payloadOf(payload, name), { own });
}

describe("the type", () => {
	test.each([
		["issues", "opened", "issue.created", "issues.opened"],
		["issues", "edited", "issue.updated", "issues.edited"],
		["issues", "deleted", "issue.deleted", "issues.deleted"],
		["issues", "labeled", "issue.updated", "issues.labeled"],
		["issues", "pinned", "issue.pinned", "issues.pinned"],
		["pull_request", "unassigned", "pull_request.updated", "pull_request.unassigned"],
		["pull_request", "closed", "pull_request.closed", "pull_request.closed"],
		["pull_request", "opened", "pull_request.created", "pull_request.opened"],
		["issue_comment", "created", "issue_comment.created", "issue_comment.created"],
		["push", undefined, "push.created", "push"],
		["create", undefined, "ref.created", "create"],
		["delete", undefined, "ref.deleted", "delete"],
		["fork", undefined, "fork.created", "fork"],
		["gollum", undefined, "wiki.updated", "gollum"],
		["ping", undefined, "hook.pinged", "ping"],
		["public", undefined, "repository.made_public", "public"],
		["status", undefined, "commit_status.created", "status"],
		["repository_vulnerability_alert", "dismiss", "repository_vulnerability_alert.dismissed", undefined],
		["repository_dispatch", "on-demand-test", "repository_dispatch.on-demand-test", undefined],
		["from_tomorrow", "invented", "from_tomorrow.invented", undefined],
		["from_tomorrow", undefined, "from_tomorrow.created", "from_tomorrow"],
	])("of %s with action %s is %s", (name, action, type, native = `${name}.${action}`) => {
		const found = event({ ...(action !== undefined && { action }), issue, repository }, name);
		expect(found.event_type).toBe(type);
		expect(found.native_type).toBe(native);
	});
});

describe("the entity", () => {
	test("of an event that is not known is the object of its name, and else where it happened", () => {
		expect(event({ from_tomorrow: { id: 5 }, repository }, "from_tomorrow").entity).toEqual({
			type: "from_tomorrow",
			id: "5",
		});
		expect(event({ from_tomorrow: "text", repository }, "from_tomorrow").entity).toEqual({
			type: "repository",
			id: "7",
		});
		expect(event({ organization: { id: 9 } }, "from_tomorrow").entity).toEqual({ type: "organization", id: "9" });
		expect(event({ hook_id: 3 }, "from_tomorrow").entity).toEqual({ type: "hook", id: "3" });
		expect(event({ sender: dana }, "from_tomorrow").entity).toEqual({ type: "user", id: "31" });
	});

	test("of a comment is its issue, of a review its pull request, of a commit's status the commit in its repository", () => {
		expect(event({ issue, comment: { id: 1 }, repository }, "issue_comment").entity).toEqual({
			type: "issue",
			id: "11",
		});
		expect(event({ pull_request: { id: 4 }, review: { id: 1 } }, "pull_request_review").entity).toEqual({
			type: "pull_request",
			id: "4",
		});
		expect(event({ id: 1, sha: "abc", repository }, "status").entity).toEqual({ type: "commit", id: "7:abc" });
	});

	test("keeps every digit of an id that a double cannot hold", () => {
		const body =
			'{"action":"opened","issue":{"id":90071992547409931},"sender":{"id":12345678901234567890,"type":"User"}}';
		const found = event(body, "issues", ["12345678901234567890"]);
		expect(found.entity.id).toBe("90071992547409931");
		expect(found.actor).toEqual({ kind: "self", id: "12345678901234567890", name: undefined });
	});
});

describe("the actor", () => {
	test.each([
		["a person", { id: 1, type: "User" }, "human"],
		["a bot", { id: 1, type: "Bot" }, "automation"],
		["an organization", { id: 1, type: "Organization" }, "unknown"],
		["a kind from tomorrow", { id: 1, type: "constructor" }, "unknown"],
		["nobody", undefined, "system"],
		["our bot", { id: 2, type: "Bot" }, "self"],
		["a person whose token we use", { id: 3, type: "User" }, "self"],
		["somebody with our bot's name", { id: 4, login: "2", type: "Bot" }, "automation"],
	])("is %s", (_, sender, kind) => {
		expect(event({ issue, ...(sender && { sender }) }, "issues", ["2", "3"]).actor.kind).toBe(kind);
	});

	test("is not who created the object", () => {
		const made = { ...issue, performed_via_github_app: { id: 2 } };
		expect(event({ issue: made, sender: dana }, "issues", ["2"]).actor).toEqual({
			kind: "human",
			id: "31",
			name: "dana",
		});
	});

	test("of a ping is GitHub", () => {
		expect(event({ hook_id: 1, sender: dana }, "ping").actor).toEqual({ kind: "system" });
	});
});

describe("the time", () => {
	test.each([
		["of an issue is its last update", "issues", { action: "edited", issue }, "2026-11-20T09:59:57Z"],
		[
			"of a comment is the later of its own and its issue's",
			"issue_comment",
			{ action: "deleted", issue, comment: { id: 1, updated_at: "2020-01-01T00:00:00Z" } },
			"2026-11-20T09:59:57Z",
		],
		[
			"of a push is given in seconds",
			"push",
			{ repository: { id: 1, pushed_at: 1_795_168_796 } },
			"2026-11-20T09:59:56Z",
		],
		[
			"of what has just been created may be its creation",
			"deploy_key",
			{ action: "created", key: { id: 1, created_at: "2026-11-20T09:00:00+02:00" }, repository },
			"2026-11-20T07:00:00Z",
		],
	])("%s", (_, name, payload, expected) => {
		expect(event(payload, name).occurred_at).toBe(Date.parse(expected));
	});

	test.each([
		["of something else that happened in a repository is not the repository's", "member", { repository }],
		["of what is not a time is none", "issues", { issue: { id: 1, updated_at: "yesterday" } }],
		["of what has no zone is none", "issues", { issue: { id: 1, updated_at: "2026-11-20T09:59:57" } }],
		["beyond the calendar is none", "push", { repository: { id: 1, pushed_at: 1e300 } }],
		["before 1970 is none", "push", { repository: { id: 1, pushed_at: -1 } }],
	])("%s", (_, name, payload) => {
		expect(event(payload, name).occurred_at).toBeUndefined();
	});
});

describe("the changes", () => {
	test("have the old values, and the new ones from the object", () => {
		const changes = { title: { from: "Old title" }, body: { from: "text" } };
		expect(event({ action: "edited", issue: { ...issue, body: null }, changes }).changes).toEqual([
			{ field: "title", from: "Old title", to: "New title" },
			{ field: "body", from: "text", to: null },
		]);
	});

	test("of a comment are read against the comment", () => {
		const payload = { action: "edited", issue: { ...issue, body: "issue" }, comment: { id: 1, body: "comment" } };
		expect(event({ ...payload, changes: { body: { from: "was" } } }, "issue_comment").changes).toEqual([
			{ field: "body", from: "was", to: "comment" },
		]);
	});

	test("can stand deeper, and can hold the new value themselves", () => {
		const payload = {
			pull_request: { id: 1, base: { ref: "main", sha: "b" } },
			changes: {
				base: { ref: { from: "dev" }, sha: { from: "a" } },
				archived_at: { from: "2022-06-08T00:00:00Z", to: null },
				field_value: { field_type: "text" },
				new_issue: { id: 4, user: { id: 5 } },
			},
		};
		expect(event(payload, "pull_request").changes).toEqual([
			{ field: "base.ref", from: "dev", to: "main" },
			{ field: "base.sha", from: "a", to: "b" },
			{ field: "archived_at", from: "2022-06-08T00:00:00Z", to: null },
		]);
	});

	test("of a renamed repository and of names like built-in ones are as the payload has them", () => {
		const payload = { repository: { id: 1, name: "new" }, changes: { repository: { name: { from: "old" } } } };
		expect(event(payload, "repository").changes).toEqual([{ field: "repository.name", from: "old", to: "new" }]);
		const odd = { issue, changes: { toString: { from: "a" }, valueOf: "b", hasOwnProperty: { from: { from: 1 } } } };
		expect(event(odd).changes).toEqual([
			{ field: "toString", from: "a", to: undefined },
			{ field: "hasOwnProperty", from: { from: 1 }, to: undefined },
		]);
	});

	test("are none where the payload has none", () => {
		for (const changes of [undefined, null, [], "text", {}]) {
			expect(event({ issue, ...(changes !== undefined && { changes }) }).changes).toEqual([]);
		}
	});
});

describe("a delivery without an event", () => {
	test.each([
		["without X-GitHub-Event", { "x-github-delivery": "d" }, "{}", "the X-GitHub-Event header names no event"],
		[
			"with an odd X-GitHub-Event",
			{ "x-github-event": "Issues!", "x-github-delivery": "d" },
			"{}",
			"the X-GitHub-Event header names no event",
		],
		["without X-GitHub-Delivery", { "x-github-event": "push" }, "{}", "the X-GitHub-Delivery header is missing"],
		["with an array", { "x-github-event": "push", "x-github-delivery": "d" }, "[]", "the body is not a JSON object"],
		[
			"about nothing",
			{ "x-github-event": "push", "x-github-delivery": "d" },
			"{}",
			"the push event names nothing that it could be about",
		],
	])("says why: %s", (_, headers, body, reason) => {
		expect(refusalOf("github", deliveryOf(body, headers))).toBe(reason);
	});

	test("says what is too long", () => {
		const long = (name: string) => `${name} is 500 characters long; at most`;
		const action = "a".repeat(500 - "issue.".length);
		expect(refusalOf("github", payloadOf({ action, issue }))).toContain(long("event type"));
		expect(refusalOf("github", payloadOf({ issue: { id: "9".repeat(500) } }))).toContain(long("entity id"));
	});
});

test("a name too long to keep is left out, not cut", () => {
	const sender = { id: 1, login: "x".repeat(300), type: "User" };
	expect(event({ issue, sender }).actor).toEqual({ kind: "human", id: "1" });
});
