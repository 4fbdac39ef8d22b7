// The requests that Zendesk's actions make, and what they make of answers.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged, MARKED, mark } from "../actions";
import { COMMENTED, CREATED, UPDATED } from "./golden";

const ticket_id = "35436";
const connection = { config: { subdomain: "acme" }, credentials: { token: "t0ken" } };
const API = "https://acme.zendesk.com/api/v2";
const headers = { accept: "application/json", "user-agent": "signalbox", authorization: "Bearer t0ken", ...MARKED };
const withBody = { ...headers, "content-type": "application/json" };
const secret_headers = ["authorization"];

function built(use: string, input: JsonObject, { probing = false, idempotency_key = mark.idempotency_key } = {}) {
	const action = actionOf(`zendesk.${use}`);
	const build = (probing ? action.probe?.build : action.build) ?? action.build;
	const request = build(action.input.parse(input), connection, { ...mark, idempotency_key });
	return request.ok ? request.value : request.error;
}

const ticket = {
	id: 35436,
	url: "https://acme.zendesk.com/api/v2/tickets/35436.json",
	external_id: mark.idempotency_key,
	status: "open",
	updated_at: "2026-11-20T09:59:57Z",
};
const summary = {
	ticket_id,
	url: "https://acme.zendesk.com/agent/tickets/35436",
	status: "open",
	updated_at: "2026-11-20T09:59:57Z",
};

describe("create_ticket", () => {
	const input = {
		subject: "Export fails ✓",
		body: "The export button returns an error",
		requester: { name: "Dana", email: "dana@example.com" },
		status: "open",
		tags: ["export", "vip"],
		type: "incident",
		priority: "high",
		assignee_id: "402200113",
		group_id: 9001,
		organization_id: "6600",
		due_at: "2026-11-21T09:00:00Z",
		brand_id: 360001,
		ticket_form_id: "7701",
		custom_fields: { 360002: "eu-1", 360003: ["a", "b"] },
	};

	test("is this request", () => {
		const request = built("create_ticket", input);
		if (typeof request === "string") throw new Error(request);
		expect({ ...request, body: JSON.parse(request.body ?? "") }).toEqual({
			method: "POST",
			url: `${API}/tickets`,
			headers: { ...withBody, "idempotency-key": "sb_run_1_tell" },
			secret_headers,
			body: CREATED,
		});
	});

	test("is not made with a key that Zendesk would not take", () => {
		expect(built("create_ticket", input, { idempotency_key: "k".repeat(255) })).toBeTypeOf("object");
		expect(built("create_ticket", input, { idempotency_key: "k".repeat(256) })).toBe(
			"the idempotency key has more than 255 characters",
		);
	});

	test.each([
		{ requester_id: "1", requester: { name: "Dana", email: "dana@example.com" } },
		{ external_id: "mine" },
		{ tags: ["two words"] },
		{ tags: ["a,b"] },
		{ custom_fields: { name: "a" } },
		{ status: "closed" },
	])("takes no %j", (more) => {
		const { requester: _, ...rest } = input;
		expect(actionOf("zendesk.create_ticket").input.safeParse({ ...rest, ...more }).success).toBe(false);
	});

	test.each([200, 201])("is a success with %d, and with what deletes it", (status) => {
		expect(judged("zendesk.create_ticket", answer(status, { ticket }))).toEqual({
			kind: "succeeded",
			output: summary,
			undo: { ticket_id },
		});
	});

	test.each(["", "<html>", "{}", '{"ticket":{"id":"1"}}'])("is a success with 201 %s too", (body) => {
		expect(judged("zendesk.create_ticket", answer(201, body))).toEqual({
			kind: "succeeded",
			output: { ticket_id: null, url: null, status: null, updated_at: null },
		});
	});

	test("is open with 202", () => {
		expect(judged("zendesk.create_ticket", answer(202, { ticket })).kind).toBe("unknown");
	});

	test("is looked for by its external id", () => {
		expect(built("create_ticket", input, { probing: true })).toEqual({
			method: "GET",
			url: `${API}/tickets?external_id=sb_run_1_tell`,
			headers,
			secret_headers,
			body: null,
		});
	});

	test("is found, and is the first of those with its external id", () => {
		const later = { ...ticket, id: 35437 };
		const other = { ...ticket, id: 1, external_id: "sb_run_1_tell2" };
		expect(found("zendesk.create_ticket", answer(200, { tickets: [other, later, ticket] }))).toEqual({
			kind: "found",
			output: summary,
			undo: { ticket_id },
		});
	});

	test("is absent only if no ticket has its external id", () => {
		expect(found("zendesk.create_ticket", answer(200, { tickets: [] }))).toEqual({ kind: "absent" });
	});

	test.each([
		[200, { tickets: [{ ...ticket, external_id: null }] }, "Zendesk showed tickets of other external ids"],
		[200, {}, "Zendesk answered without tickets"],
		[404, "", "Zendesk answered 404"],
		[500, "", "Zendesk answered 500"],
	])("is unclear with %d %j", (status, body, reason) => {
		expect(found("zendesk.create_ticket", answer(status, body))).toEqual({ kind: "unclear", reason });
	});

	test("is to be looked for again when Zendesk says", () => {
		const limited = answer(429, "", { "retry-after": "7" });
		expect(found("zendesk.create_ticket", limited)).toMatchObject({ kind: "unclear", after_ms: 7_000 });
	});
});

describe("delete_ticket", () => {
	test("is this request", () => {
		expect(built("delete_ticket", { ticket_id: 35436 })).toEqual({
			method: "DELETE",
			url: `${API}/tickets/35436`,
			headers,
			secret_headers,
			body: null,
		});
	});

	test.each([
		[204, ""],
		[404, { error: "RecordNotFound", description: "Not found" }],
	])("is a success with %d %j", (status, body) => {
		expect(judged("zendesk.delete_ticket", answer(status, body), { ticket_id })).toEqual({
			kind: "succeeded",
			output: { ticket_id },
		});
	});
});

describe("update_ticket", () => {
	const input = {
		ticket_id: 35436,
		status: "solved",
		priority: "low",
		assignee_id: 402200113,
		custom_fields: { 360002: "us-1" },
	};

	test("is this request", () => {
		const request = built("update_ticket", input);
		if (typeof request === "string") throw new Error(request);
		expect({ ...request, body: JSON.parse(request.body ?? "") }).toEqual({
			method: "PUT",
			url: `${API}/tickets/35436`,
			headers: withBody,
			secret_headers,
			body: UPDATED,
		});
	});

	test("changes something, and neither tags nor comments, which it would replace or repeat", () => {
		const accepts = (more: JsonObject) =>
			actionOf("zendesk.update_ticket").input.safeParse({ ticket_id, ...more }).success;
		expect(accepts({ subject: "a" })).toBe(true);
		expect(accepts({})).toBe(false);
		expect([accepts({ tags: ["a"] }), accepts({ comment: "a" }), accepts({ status: "OPEN" })]).not.toContain(true);
	});

	test("is a success with the ticket as it is then", () => {
		const outcome = judged("zendesk.update_ticket", answer(200, { ticket, audit: { id: 9 } }), { ticket_id });
		expect(outcome).toEqual({ kind: "succeeded", output: summary });
	});
});

describe("get_ticket", () => {
	const full = {
		...ticket,
		subject: "Export fails",
		description: "é".repeat(20_000),
		type: "incident",
		priority: "high",
		tags: ["export", 7],
		requester_id: 402299001,
		assignee_id: null,
		group_id: 9001,
		custom_fields: [{ id: 360002, value: ["a"] }, { id: 360003 }, { value: "b" }, "c"],
		created_at: "2026-11-18T08:12:44Z",
	};

	test("is a success with what the ticket says", () => {
		expect(judged("zendesk.get_ticket", answer(200, { ticket: full }), { ticket_id })).toEqual({
			kind: "succeeded",
			output: {
				...summary,
				subject: "Export fails",
				description: "é".repeat(16_384),
				type: "incident",
				priority: "high",
				tags: ["export"],
				requester_id: "402299001",
				assignee_id: null,
				group_id: "9001",
				organization_id: null,
				external_id: "sb_run_1_tell",
				custom_fields: { 360002: ["a"], 360003: null },
				created_at: "2026-11-18T08:12:44Z",
			},
		});
	});

	test("is repeated where the answer is no ticket", () => {
		expect(judged("zendesk.get_ticket", answer(200, "{}"), { ticket_id }).kind).toBe("transient");
	});
});

describe("add_comment", () => {
	const input = { ticket_id, body: "We are on it" };
	const open = { ...input, public: true };
	const event = { id: 1564245, type: "Comment", public: false };
	const since = "2026-11-20T09:59:57Z";
	const before = "2026-11-20T09:54:00.249Z";

	function comment(key: string | undefined, created_at = since): JsonObject {
		return { id: 1564245, created_at, metadata: { custom: key === undefined ? {} : { signalbox: key }, system: {} } };
	}

	test("is this request, for agents only", () => {
		const request = built("add_comment", input);
		if (typeof request === "string") throw new Error(request);
		expect({ ...request, body: JSON.parse(request.body ?? "") }).toEqual({
			method: "PUT",
			url: `${API}/tickets/35436`,
			headers: withBody,
			secret_headers,
			body: COMMENTED,
		});
	});

	test("is public if that is asked for", () => {
		const request = built("add_comment", open);
		expect(typeof request === "string" ? request : request.body).toContain('"public":true');
	});

	test("is a success with the comment's id; what hides it is known of a public one", () => {
		const done = answer(200, { ticket, audit: { events: [{ id: 1, type: "Change" }, event] } });
		const output = { ticket_id, comment_id: "1564245" };
		expect(judged("zendesk.add_comment", done, input)).toEqual({ kind: "succeeded", output });
		expect(judged("zendesk.add_comment", done, open)).toEqual({ kind: "succeeded", output, undo: output });
		expect(judged("zendesk.add_comment", answer(200), open)).toEqual({
			kind: "succeeded",
			output: { ticket_id, comment_id: null },
		});
	});

	test("is looked for among the newest comments", () => {
		expect(built("add_comment", input, { probing: true })).toEqual({
			method: "GET",
			url: `${API}/tickets/35436/comments?sort=-created_at&page%5Bsize%5D=100`,
			headers,
			secret_headers,
			body: null,
		});
	});

	function lookedFor(comments: JsonObject[], has_more = false) {
		return found("zendesk.add_comment", answer(200, { comments, meta: { has_more } }), open);
	}

	test("is found by its metadata, wherever it stands", () => {
		const output = { ticket_id, comment_id: "1564245" };
		const comments = [{ ...comment("sb_run_1_tell2"), id: 2 }, comment("sb_run_1_tell"), { id: 3 }];
		expect(lookedFor(comments, true)).toEqual({ kind: "found", output, undo: output });
	});

	test("is absent if all comments were shown, or all since it could have been written", () => {
		expect(lookedFor([])).toEqual({ kind: "absent" });
		expect(lookedFor([comment(undefined), comment("other")])).toEqual({ kind: "absent" });
		expect(lookedFor([comment(undefined), comment(undefined, before)], true)).toEqual({ kind: "absent" });
	});

	test("is unclear if there are more comments, or if they do not come as they were asked for", () => {
		const reason = "it is not among the 2 comments that Zendesk showed, and there may be more";
		const unclear = { kind: "unclear", reason };
		expect(lookedFor([comment(undefined), comment(undefined)], true)).toEqual(unclear);
		expect(lookedFor([comment(undefined, before), comment(undefined)], true)).toEqual(unclear);
		expect(lookedFor([comment(undefined), { id: 1, metadata: { custom: {} } }], true)).toEqual(unclear);
		const unsorted = [comment(undefined, before), comment(undefined), comment(undefined, before)];
		expect(lookedFor(unsorted, true).kind).toBe("unclear");
		expect(found("zendesk.add_comment", answer(200, { comments: [] }), open).kind).toBe("unclear");
		expect(found("zendesk.add_comment", answer(200, {}), open)).toEqual({
			kind: "unclear",
			reason: "Zendesk answered without comments",
		});
	});

	test("is unclear if the metadata of a comment is withheld that may be it", () => {
		const unclear = { kind: "unclear", reason: "Zendesk withholds the metadata of comments" };
		expect(lookedFor([{ id: 1, created_at: since, metadata: { system: {} } }])).toEqual(unclear);
		expect(lookedFor([{ id: 1 }])).toEqual(unclear);
		expect(lookedFor([{ id: 1, created_at: before, metadata: { system: {} } }])).toEqual({ kind: "absent" });
	});
});

describe("hide_comment", () => {
	const input = { ticket_id, comment_id: "1564245" };

	test("is this request", () => {
		expect(built("hide_comment", input)).toEqual({
			method: "PUT",
			url: `${API}/tickets/35436/comments/1564245/make_private`,
			headers,
			secret_headers,
			body: null,
		});
	});

	test.each([
		[200, ""],
		[404, { error: "RecordNotFound", description: "Not found" }],
	])("is a success with %d %j", (status, body) => {
		expect(judged("zendesk.hide_comment", answer(status, body), input)).toEqual({ kind: "succeeded", output: input });
	});
});

describe.each([
	["add_tags", "PUT"],
	["remove_tags", "DELETE"],
])("%s", (name, method) => {
	const input = { ticket_id, tags: ["vip", "export"] };

	test("is this request", () => {
		expect(built(name, input)).toEqual({
			method,
			url: `${API}/tickets/35436/tags`,
			headers: withBody,
			secret_headers,
			body: '{"tags":["vip","export"]}',
		});
	});

	test("is a success with the tags that there are then", () => {
		const outcome = judged(`zendesk.${name}`, answer(200, { tags: ["a"] }), input);
		expect(outcome).toEqual({ kind: "succeeded", output: { ticket_id, tags: ["a"] } });
	});

	test("may be repeated, and undoes nothing by itself", () => {
		expect(actionOf(`zendesk.${name}`).repeatable).toBe(true);
		expect(actionOf(`zendesk.${name}`).undo).toBeUndefined();
	});
});
