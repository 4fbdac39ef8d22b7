// The request that slack.post_message makes, and what it makes of Slack's answers.

import { describe, expect, test } from "vitest";
import type { Mark } from "../../../src/connectors/connector";
import { slack } from "../../../src/connectors/slack/slack";
import type { JsonObject } from "../../../src/model/json";
import { NOW } from "../deliveries";
import { blocks, posted } from "./golden";

const mark: Mark = {
	idempotency_key: "sb_run_1_tell",
	trace_id: "0af7651916cd43dd8448eb211c80319c",
	run: "run_1",
	step: "tell",
	since: NOW,
};

const action = slack.actions?.post_message;
if (action === undefined) throw new Error("no action");
const { build, read } = action;

function problem(input: JsonObject, credentials: JsonObject = { token: "xoxb-1" }): string {
	const built = build(input, { config: {}, credentials }, mark);
	return built.ok ? "" : built.error;
}

describe("a message", () => {
	test("is this request", () => {
		const input = { channel: "C1", text: "Paid ✓", blocks, thread_ts: "1.2" };
		expect(build(input, { config: {}, credentials: { token: "xoxb-1" } }, mark)).toEqual({
			ok: true,
			value: {
				method: "POST",
				url: "https://slack.com/api/chat.postMessage",
				headers: {
					accept: "application/json",
					"user-agent": "signalbox",
					"content-type": "application/json; charset=utf-8",
					authorization: "Bearer xoxb-1",
					traceparent: "00-0af7651916cd43dd8448eb211c80319c-f3bae6c624ba5955-01",
					"x-signalbox-run": "run_1",
				},
				secret_headers: ["authorization"],
				body: JSON.stringify(posted),
			},
		});
	});

	test("without blocks or thread sends neither", () => {
		const built = build({ channel: "C1", text: "a" }, { config: {}, credentials: { token: "x" } }, mark);
		const body: JsonObject = JSON.parse(built.ok ? (built.value.body ?? "") : "");
		expect(Object.keys(body)).toEqual(["channel", "text", "metadata"]);
	});

	test("is not repeatable, because Slack would post it twice", () => {
		expect(action.repeatable).toBe(false);
	});

	test("goes to slack.com, or where the settings say", () => {
		expect(slack.connection?.hosts({})).toEqual(["slack.com"]);
		expect(slack.connection?.hosts({ base_url: "https://slack-gov.com/api" })).toEqual(["slack-gov.com"]);
	});

	test("goes with a token that never changes, or with one by OAuth", () => {
		const { credentials, bearer } = slack.connection ?? {};
		const oauth = { token_url: "https://slack.com/api/oauth.v2.access", client_id: "c", refresh_token: "r" };
		expect(credentials?.safeParse({ oauth }).success).toBe(true);
		expect(credentials?.safeParse({}).success).toBe(false);
		expect(bearer?.("xoxe-1", { oauth })).toEqual({ token: "xoxe-1" });
	});

	test.each([
		[{ text: "a" }, "with.channel: Invalid input: expected string, received undefined"],
		[{ channel: "C1" }, "with.text: Invalid input: expected string, received undefined"],
		[{ channel: "C1", text: "" }, "with.text: Too small: expected string to have >=1 characters"],
		[{ channel: "C1", text: "x".repeat(40_001) }, "with.text: Too big: expected string to have <=40000 characters"],
		[{ channel: "C1", text: "a", username: "b" }, 'with: Unrecognized key: "username"'],
	])("%.60j is refused with the reason", (input: JsonObject, reason) => {
		expect(problem(input)).toBe(reason);
	});

	test("is refused without a token that can be sent", () => {
		const message = { channel: "C1", text: "a" };
		expect(problem(message, {})).toBe("credentials.token: Invalid input: expected string, received undefined");
		expect(problem(message, { token: "a\nb" })).toContain("the value of header authorization");
	});
});

describe("an answer", () => {
	function judged(body: string, status = 200, headers: Record<string, string> = {}) {
		return read({ status, headers, body }, NOW, { channel: "C1", text: "a" });
	}

	test("that is ok is a success with where the message stands", () => {
		const body = '{"ok":true,"channel":"C1","ts":"1503435956.000247","message":{"text":"a"}}';
		const place = { channel: "C1", ts: "1503435956.000247" };
		expect(judged(body)).toEqual({ kind: "succeeded", output: place, undo: place });
	});

	test("that is ok without saying where the message stands says nothing to undo it with", () => {
		expect(judged('{"ok":true}')).toEqual({ kind: "succeeded", output: { channel: null, ts: null } });
		const ts = "1".repeat(51);
		expect(judged(JSON.stringify({ ok: true, channel: "C1", ts }))).toEqual({
			kind: "succeeded",
			output: { channel: "C1", ts },
		});
	});

	test.each([
		["invalid_auth", "auth"],
		["not_authed", "auth"],
		["token_revoked", "auth"],
		["token_expired", "auth"],
		["account_inactive", "auth"],
		["not_in_channel", "permission"],
		["restricted_action", "permission"],
		["missing_scope", "permission"],
		["channel_not_found", "not_found"],
		["is_archived", "not_found"],
		["invalid_blocks", "invalid"],
		["msg_too_long", "invalid"],
		["no_text", "invalid"],
		["an_error_of_tomorrow", "invalid"],
		["constructor", "invalid"],
	])("with the error %s is final: %s", (error, failure) => {
		expect(judged(JSON.stringify({ ok: false, error }))).toEqual({
			kind: "permanent",
			class: failure,
			reason: `Slack answered ${error}`,
		});
	});

	test("says which scope is missing", () => {
		const body = '{"ok":false,"error":"missing_scope","needed":"chat:write,chat:write.public","provided":"x"}';
		expect(judged(body)).toMatchObject({ reason: "Slack answered missing_scope, needs chat:write,chat:write.public" });
	});

	test.each([["ratelimited"], ["rate_limited"], ["service_unavailable"], ["request_timeout"]])(
		"with the error %s comes too early: the message was not taken",
		(error) => {
			const body = JSON.stringify({ ok: false, error });
			expect(judged(body)).toEqual({ kind: "transient", reason: `Slack answered ${error}` });
			expect(judged(body, 429, { "retry-after": "30" })).toEqual({
				kind: "transient",
				reason: `Slack answered ${error}`,
				after_ms: 30_000,
				scope: "channel C1",
			});
		},
	);

	test.each([["internal_error"], ["fatal_error"]])("with the error %s leaves open whether it posted", (error) => {
		expect(judged(JSON.stringify({ ok: false, error }))).toEqual({
			kind: "unknown",
			reason: `Slack answered ${error}`,
			timed_out: false,
		});
	});

	test.each([
		[429, "", { kind: "transient", reason: "Slack answered 429" }],
		[500, "oops", { kind: "unknown", reason: "Slack answered 500", timed_out: false }],
		[502, "<html>", { kind: "unknown", reason: "Slack answered 502", timed_out: false }],
		[503, "", { kind: "unknown", reason: "Slack answered 503", timed_out: false }],
		[302, "", { kind: "permanent", class: "policy", reason: "Slack answered 302; redirects are not followed" }],
		[400, "", { kind: "permanent", class: "invalid", reason: "Slack answered 400" }],
		[401, "", { kind: "permanent", class: "auth", reason: "Slack answered 401" }],
		[500, '{"ok":true}', { kind: "unknown", reason: "Slack answered 500", timed_out: false }],
		[
			403,
			'{"ok":false,"error":"invalid_auth"}',
			{ kind: "permanent", class: "auth", reason: "Slack answered invalid_auth" },
		],
	])("%d %s without word from Slack is judged by its status", (status, body, outcome) => {
		expect(judged(body, status)).toEqual(outcome);
	});

	test("of 503 that says when to come back has not taken the message", () => {
		expect(judged("", 503, { "retry-after": "10" })).toEqual({
			kind: "transient",
			reason: "Slack answered 503",
			after_ms: 10_000,
		});
	});

	test.each([["ok"], [""], ["[]"], ["null"], ['{"ok":"true"}'], ['{"ok":false}'], ['{"ok":false,"error":"A B"}']])(
		"%s that says neither yes nor no leaves open whether it posted",
		(body) => {
			expect(judged(body)).toEqual({
				kind: "unknown",
				reason: "Slack answered 200 and did not say what it did",
				timed_out: false,
			});
		},
	);
});
