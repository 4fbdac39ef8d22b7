// The requests that slack.update_message and slack.delete_message make, and what they make of Slack's answers.

import { describe, expect, test } from "vitest";
import { actionOf, answer, judged, MARKED, problemOf, requestOf } from "../actions";
import { blocks, place, updated } from "./golden";

const headers = {
	accept: "application/json",
	"user-agent": "signalbox",
	"content-type": "application/json; charset=utf-8",
	authorization: "Bearer t0ken",
	...MARKED,
};

describe("an update", () => {
	test("is this request, marked anew", () => {
		expect(requestOf("slack.update_message", { ...place, text: "Paid ✓", blocks })).toEqual({
			method: "POST",
			url: "https://slack.com/api/chat.update",
			headers,
			secret_headers: ["authorization"],
			body: JSON.stringify(updated),
		});
	});

	test("without blocks sends none", () => {
		const { body } = requestOf("slack.update_message", { ...place, text: "a" });
		expect(Object.keys(JSON.parse(body ?? ""))).toEqual(["channel", "ts", "text", "metadata"]);
	});

	test.each([
		[{ text: "a", ts: "1.2" }, "with.channel: Invalid input: expected string, received undefined"],
		[{ text: "a", channel: "C1" }, "with.ts: Invalid input: expected string, received undefined"],
		[{ ...place }, "with.text: Invalid input: expected string, received undefined"],
		[{ ...place, text: "a", thread_ts: "1.2" }, 'with: Unrecognized key: "thread_ts"'],
	])("%j is refused with the reason", (input, reason) => {
		expect(problemOf("slack.update_message", input)).toBe(reason);
	});

	test("of a message that is gone is final", () => {
		const body = { ok: false, error: "message_not_found" };
		const outcome = { kind: "permanent", class: "not_found", reason: "Slack answered message_not_found" };
		expect(judged("slack.update_message", answer(200, body), place)).toEqual(outcome);
	});
});

describe("a deletion", () => {
	test("is this request", () => {
		expect(requestOf("slack.delete_message", place)).toEqual({
			method: "POST",
			url: "https://slack.com/api/chat.delete",
			headers,
			secret_headers: ["authorization"],
			body: JSON.stringify(place),
		});
	});

	test.each([
		[{ ts: "1.2" }, "with.channel: Invalid input: expected string, received undefined"],
		[{ channel: "C1" }, "with.ts: Invalid input: expected string, received undefined"],
		[{ ...place, text: "a" }, 'with: Unrecognized key: "text"'],
	])("%j is refused with the reason", (input, reason) => {
		expect(problemOf("slack.delete_message", input)).toBe(reason);
	});

	test("of a message that is gone has nothing left to do", () => {
		const body = { ok: false, error: "message_not_found" };
		expect(judged("slack.delete_message", answer(200, body), place)).toEqual({ kind: "succeeded", output: place });
	});
});

describe.each(["slack.update_message", "slack.delete_message"])("an answer to %s", (use) => {
	test("that is ok is a success with where the message stood", () => {
		expect(judged(use, answer(200, { ok: true, ...place, text: "a" }))).toEqual({ kind: "succeeded", output: place });
	});

	test.each([
		["cant_update_message", "permission"],
		["cant_delete_message", "permission"],
		["edit_window_closed", "permission"],
		["compliance_exports_prevent_deletion", "permission"],
		["is_inactive", "not_found"],
		["channel_not_found", "not_found"],
		["token_revoked", "auth"],
		["msg_too_long", "invalid"],
	])("with the error %s is final: %s", (error, failure) => {
		expect(judged(use, answer(200, { ok: false, error }), place)).toEqual({
			kind: "permanent",
			class: failure,
			reason: `Slack answered ${error}`,
		});
	});

	test.each([
		[200, '{"ok":false,"error":"internal_error"}', "Slack answered internal_error"],
		[200, '{"ok":false,"error":"fatal_error"}', "Slack answered fatal_error"],
		[200, '{"ok":false,"error":"ratelimited"}', "Slack answered ratelimited"],
		[500, "", "Slack answered 500"],
		[200, "", "Slack answered 200 and did not say what it did"],
	])("%d %s is a reason to do it again", (status, body, reason) => {
		expect(judged(use, answer(status, body), place)).toEqual({ kind: "transient", reason });
	});

	test("with 429 makes its channel wait, and no other", () => {
		const outcome = { kind: "transient", reason: "Slack answered 429", after_ms: 60_000, scope: "channel C1" };
		expect(judged(use, answer(429, "", { "retry-after": "60" }), place)).toEqual(outcome);
		expect(actionOf(use).scope?.(place)).toBe("channel C1");
	});
});

test.each([
	["post_message", ["*"]],
	["update_message", ["text", "blocks"]],
	["delete_message", ["*"]],
])("%s needs chat:write and changes of a message %j", (name, fields) => {
	const { scopes, writes } = actionOf(`slack.${name}`);
	expect([scopes, writes]).toEqual([["chat:write"], { entity: "message", fields }]);
});
