// How a message is looked for that may have been posted, and what the look settles.

import { describe, expect, test } from "vitest";
import { actionOf, answer, found, lookFor, MARKED, mark } from "../actions";
import { history, place, replies } from "./golden";

const input = { channel: "C1", text: "Paid ✓" };

function queryOf(given: object): string {
	return String(new URLSearchParams(Object.entries(given).map(([name, value]) => [name, String(value)])));
}

function ours(k: string, ts = place.ts) {
	return { type: "message", ts, text: "a", metadata: { event_type: "signalbox", event_payload: { k, trace: "t" } } };
}

const others = [
	{ type: "message", ts: "1503435959.000100", text: "sb_run_1_tell" },
	{ type: "message", ts: "1503435958.000100", metadata: { event_type: "shop", event_payload: { k: "sb_run_1_tell" } } },
	ours("sb_run_1_tel", "1503435957.000100"),
];

describe("the look for a message", () => {
	test("is this request", () => {
		expect(lookFor("slack.post_message", input)).toEqual({
			method: "GET",
			url: `https://slack.com/api/conversations.history?${queryOf(history)}`,
			headers: { accept: "application/json", "user-agent": "signalbox", authorization: "Bearer t0ken", ...MARKED },
			secret_headers: ["authorization"],
			body: null,
		});
	});

	test("goes through a thread for an answer there", () => {
		expect(lookFor("slack.post_message", { ...input, thread_ts: "1503435950.000001" }).url).toBe(
			`https://slack.com/api/conversations.replies?${queryOf(replies)}`,
		);
	});

	test.each([
		["2026-11-20T10:00:00.000Z", "1795168500.000000"],
		["2026-11-20T09:59:59.999Z", "1795168499.999000"],
		["2026-11-20T09:59:59.001Z", "1795168499.001000"],
		["1970-01-01T00:05:00.001Z", "0.001000"],
		["1970-01-01T00:04:59.999Z", "0.000000"],
	])("for a run since %s begins five minutes before, as clocks differ: %s", (since, oldest) => {
		const { probe } = actionOf("slack.post_message");
		const connection = { config: {}, credentials: { token: "t" } };
		for (const message of [input, { ...input, thread_ts: "1503435950.000001" }]) {
			const built = probe?.build(message, connection, { ...mark, since: Date.parse(since) });
			const { searchParams } = new URL(built?.ok ? built.value.url : "");
			expect(searchParams.getAll("oldest")).toEqual([oldest]);
			expect(searchParams.getAll("inclusive")).toEqual(["true"]);
		}
	});

	test("asks for a channel as it is called", () => {
		const { url } = lookFor("slack.post_message", { ...input, channel: "#büro&limit=1" });
		expect(new URL(url).searchParams.get("channel")).toBe("#büro&limit=1");
		expect(new URL(url).searchParams.getAll("limit")).toEqual(["200"]);
	});

	test.each([false, true])("finds it by its key, whether or not there is more: %j", (has_more) => {
		const messages = [...others, ours("sb_run_1_tell")];
		expect(found("slack.post_message", answer(200, { ok: true, messages, has_more }), input)).toEqual({
			kind: "found",
			output: place,
			undo: place,
		});
	});

	test("finds it even if nobody can say where it stands", () => {
		const messages = [{ ...ours("sb_run_1_tell"), ts: 1 }];
		expect(found("slack.post_message", answer(200, { ok: true, messages }), input)).toEqual({
			kind: "found",
			output: { channel: "C1", ts: null },
		});
	});

	test.each([
		[{ messages: [], has_more: false }],
		[{ messages: others, has_more: false }],
		[{ messages: others, has_more: false, response_metadata: { next_cursor: "" } }],
		[{ messages: [null, 1, "a", {}, { metadata: null }], has_more: false }],
	])("is sure of its absence only where it has seen everything since then: %j", (body) => {
		expect(found("slack.post_message", answer(200, { ok: true, ...body }), input)).toEqual({ kind: "absent" });
	});

	test.each([
		[{ messages: others, has_more: true }],
		[{ messages: others }],
		[{ messages: others, has_more: "false" }],
		[{ messages: others, has_more: false, response_metadata: { next_cursor: "bmV4dA==" } }],
		[{ messages: others.toReversed(), has_more: true, response_metadata: { next_cursor: "" } }],
	])("settles nothing where there may be more: %j", (body) => {
		const reason = "it is not among the 3 messages that Slack showed, and there are more";
		expect(found("slack.post_message", answer(200, { ok: true, ...body }), input)).toMatchObject({
			kind: "unclear",
			reason,
		});
	});

	describe("in a thread", () => {
		const asked = { ...input, thread_ts: "1503435950.000001" };
		const answered = { ts: "1503435957.000100", thread_ts: asked.thread_ts, text: "a" };
		const look = (messages: object[]) =>
			found("slack.post_message", answer(200, { ok: true, messages, has_more: false }), asked);

		test.each([[[{ ts: asked.thread_ts }]], [[{ ts: asked.thread_ts, thread_ts: asked.thread_ts }, answered]]])(
			"is sure of its absence only where it has seen the thread's first message: %j",
			(messages) => {
				expect(look(messages)).toEqual({ kind: "absent" });
			},
		);

		test.each([
			[[{ ts: asked.thread_ts, thread_ts: "1503435940.000001" }]],
			[[{ ts: asked.thread_ts, thread_ts: null }]],
			[[answered, { ts: asked.thread_ts }]],
			[[]],
		])("settles nothing where that is not what Slack began with: %j", (messages) => {
			const reason = "Slack did not show the thread from the message that began it";
			expect(look(messages)).toEqual({ kind: "unclear", reason });
		});

		test("finds it wherever the list begins", () => {
			expect(look([ours("sb_run_1_tell")])).toMatchObject({ kind: "found", output: place });
		});
	});

	test.each([undefined, {}, { k: 1 }, { k: "" }])("settles nothing where keys are withheld: %j", (event_payload) => {
		const messages = [...others, { ts: "1.2", metadata: { event_type: "signalbox", event_payload } }];
		const reason = "Slack withholds the metadata of messages";
		expect(found("slack.post_message", answer(200, { ok: true, messages, has_more: false }), input)).toMatchObject({
			kind: "unclear",
			reason,
		});
	});

	test.each([
		[200, { ok: true }, {}, { reason: "Slack answered without messages" }],
		[200, { ok: true, messages: {}, has_more: false }, {}, { reason: "Slack answered without messages" }],
		[
			200,
			{ ok: false, error: "missing_scope", needed: "channels:history" },
			{},
			{ reason: "Slack answered missing_scope, needs channels:history" },
		],
		[
			200,
			{ ok: false, error: "token_expired" },
			{},
			{ reason: "Slack answered token_expired", refused: { why: "unauthorized" } },
		],
		[200, { ok: false, error: "channel_not_found" }, {}, { reason: "Slack answered channel_not_found" }],
		[200, { ok: false, error: "not_in_channel" }, {}, { reason: "Slack answered not_in_channel" }],
		[200, { ok: false, error: "thread_not_found" }, {}, { reason: "Slack answered thread_not_found" }],
		[200, { ok: false, error: "internal_error" }, {}, { reason: "Slack answered internal_error" }],
		[
			429,
			{ ok: false, error: "ratelimited" },
			{ "retry-after": "60" },
			{ reason: "Slack answered ratelimited", after_ms: 60_000 },
		],
		[429, "", { "retry-after": "60" }, { reason: "Slack answered 429", after_ms: 60_000 }],
		[500, { ok: true, messages: [], has_more: false }, {}, { reason: "Slack answered 500" }],
		[302, "", {}, { reason: "Slack answered 302; redirects are not followed" }],
		[200, '{"ok":true,"messages":[{', {}, { reason: "Slack answered 200 and did not say what it did" }],
	])("settles nothing with %d %j %j", (status, body, headers: Record<string, string>, unclear) => {
		expect(found("slack.post_message", answer(status, body, headers), input)).toMatchObject({
			kind: "unclear",
			...unclear,
		});
	});
});
