// The requests that Resend gets, and what its answers mean.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, judged, MARKED, mark, problemOf, requestOf } from "../actions";
import { least as leastMail, mail } from "../email/golden";
import { full, least } from "./golden";

const SEND = "resend.send_email";

describe("a mail", () => {
	test("is this request", () => {
		expect(requestOf(SEND, mail)).toEqual({
			method: "POST",
			url: "https://api.resend.com/emails",
			headers: {
				accept: "application/json",
				"user-agent": "signalbox",
				"content-type": "application/json",
				"idempotency-key": "sb_run_1_tell",
				...MARKED,
				authorization: "Bearer t0ken",
			},
			secret_headers: ["authorization"],
			body: JSON.stringify(full),
		});
	});

	test("has nothing in it that was not given", () => {
		expect(JSON.parse(requestOf(SEND, leastMail).body ?? "")).toEqual(least);
	});

	test("has tags of what tags may hold", () => {
		const action = actionOf(SEND);
		const connection = { config: {}, credentials: { token: "t" } };
		const built = action.build(leastMail, connection, { ...mark, run: "run_1.send it", step: "x".repeat(300) });
		const { tags } = JSON.parse(built.ok ? (built.value.body ?? "") : "{}");
		expect(tags).toEqual([
			{ name: "signalbox_run", value: "run_1_send_it" },
			{ name: "signalbox_step", value: "x".repeat(256) },
		]);
	});

	test("can be sent again: Resend knows it by its key", () => {
		expect(actionOf(SEND)).toMatchObject({ repeatable: true });
		expect(actionOf(SEND).undo).toBeUndefined();
	});

	test.each<[JsonObject, RegExp]>([
		[{ to: [] }, /^with\.to: /],
		[{ to: ["dana@fern.example\r\nBcc: eve@evil.example"] }, /^with\.to\.0: /],
		[{ subject: "a\nb" }, /^with\.subject: a subject is one line/],
		[{ headers: { Bcc: "eve@evil.example" } }, /^with\.headers\.Bcc: /],
	])("is refused with %j", (fields, reason) => {
		expect(problemOf(SEND, { ...leastMail, ...fields })).toMatch(reason);
	});
});

describe("an answer", () => {
	test("with the mail's id is a success", () => {
		const id = "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794";
		expect(judged(SEND, answer(200, { id }))).toEqual({ kind: "succeeded", output: { id } });
		expect(judged(SEND, answer(200))).toEqual({ kind: "succeeded", output: { id: null } });
	});

	test.each([
		[400, "validation_error", "invalid"],
		[400, "invalid_idempotency_key", "invalid"],
		[401, "missing_api_key", "auth"],
		[401, "restricted_api_key", "permission"],
		[403, "invalid_api_key", "auth"],
		[403, "validation_error", "permission"],
		[404, "not_found", "not_found"],
		[405, "method_not_allowed", "invalid"],
		[409, "invalid_idempotent_request", "invalid"],
		[422, "invalid_from_address", "invalid"],
		[422, "invalid_access", "permission"],
		[422, "missing_required_field", "invalid"],
		[451, "security_error", "policy"],
	])("%d %s is final: %s", (status, name, failure) => {
		const said = answer(status, { statusCode: status, name, message: "about dana@fern.example" });
		const reason = `Resend answered ${status}, ${name}`;
		expect(judged(SEND, said)).toEqual({ kind: "permanent", class: failure, reason });
	});

	test.each([
		[409, "concurrent_idempotent_requests", {}, undefined],
		[409, "concurrent_idempotent_requests", { "retry-after": "2" }, 2_000],
		[429, "rate_limit_exceeded", {}, undefined],
		[429, "rate_limit_exceeded", { "retry-after": "1" }, 1_000],
		[429, "daily_quota_exceeded", {}, 3_600_000],
		[429, "daily_quota_exceeded", { "retry-after": "1" }, 3_600_000],
		[429, "monthly_quota_exceeded", { "retry-after": "86400" }, 86_400_000],
		[500, "application_error", {}, undefined],
		[500, "internal_server_error", {}, undefined],
		[503, "application_error", { "retry-after": "9" }, 9_000],
	])("%d %s with %j is worth another try", (status, name, headers: Record<string, string>, after_ms) => {
		const reason = `Resend answered ${status}, ${name}`;
		const outcome = { kind: "transient", reason, ...(after_ms !== undefined && { after_ms }) };
		expect(judged(SEND, answer(status, { name }, headers))).toEqual(outcome);
	});

	test.each([408, 500, 502, 504])("%d without a word is worth another try", (status) => {
		expect(judged(SEND, answer(status))).toEqual({ kind: "transient", reason: `Resend answered ${status}` });
	});

	test("tells nothing but codes", () => {
		const said = answer(422, { name: "dana@fern.example <script>" });
		expect(judged(SEND, said)).toEqual({ kind: "permanent", class: "invalid", reason: "Resend answered 422" });
	});
});
