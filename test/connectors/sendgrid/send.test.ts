// The requests that SendGrid gets, and what its answers mean.

import { describe, expect, test } from "vitest";
import { actionOf, answer, judged, MARKED, requestOf } from "../actions";
import { NOW_S } from "../deliveries";
import { least as leastMail, mail } from "../email/golden";
import { full, least } from "./golden";

const SEND = "sendgrid.send_email";

describe("a mail", () => {
	test("is this request", () => {
		expect(requestOf(SEND, mail)).toEqual({
			method: "POST",
			url: "https://api.sendgrid.com/v3/mail/send",
			headers: {
				accept: "application/json",
				"user-agent": "signalbox",
				"content-type": "application/json",
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

	test("has every address once, where it stands first: others are refused", () => {
		const input = {
			...leastMail,
			to: ["dana@fern.example", "eli@fern.example", "DANA@fern.example"],
			cc: [{ email: "eli@fern.example", name: "Eli" }, "finn@fern.example"],
			bcc: ["Dana@fern.example"],
		};
		const { personalizations } = JSON.parse(requestOf(SEND, input).body ?? "");
		const { custom_args: _, ...recipients } = personalizations[0];
		expect(recipients).toEqual({
			to: [{ email: "dana@fern.example" }, { email: "eli@fern.example" }],
			cc: [{ email: "finn@fern.example" }],
		});
	});

	test("is sent at most once: it can neither be recognised nor looked for", () => {
		const { repeatable, probe, undo, about } = actionOf(SEND);
		expect({ repeatable, probe, undo }).toEqual({ repeatable: false });
		expect(about).toContain("at most once");
	});
});

describe("an answer", () => {
	test("202 is a success, with the id that its header states", () => {
		const said = answer(202, "", { "x-message-id": "14c5d75ce93.dfd.64b469" });
		expect(judged(SEND, said)).toEqual({ kind: "succeeded", output: { id: "14c5d75ce93.dfd.64b469" } });
		expect(judged(SEND, answer(202))).toEqual({ kind: "succeeded", output: { id: null } });
		expect(judged(SEND, answer(202, "", { "x-message-id": "a b" }))).toMatchObject({ output: { id: null } });
	});

	test.each([
		[400, "invalid"],
		[401, "auth"],
		[403, "permission"],
		[404, "not_found"],
		[405, "invalid"],
		[413, "invalid"],
		[415, "invalid"],
	])("%d is final: %s", (status, failure) => {
		const said = answer(status, { errors: [{ message: "about dana@fern.example" }] }, { "x-ratelimit-reset": "1" });
		const outcome = { kind: "permanent", class: failure, reason: `SendGrid answered ${status}` };
		expect(judged(SEND, said)).toEqual(outcome);
	});

	test.each([
		[{}, undefined],
		[{ "x-ratelimit-reset": String(NOW_S + 42) }, 42_000],
		[{ "x-ratelimit-reset": String(NOW_S - 42) }, 0],
		[{ "x-ratelimit-reset": "soon" }, undefined],
		[{ "x-ratelimit-reset": String(NOW_S + 42), "retry-after": "7" }, 7_000],
	])("429 with %j took nothing", (headers: Record<string, string>, after_ms) => {
		const outcome = { kind: "transient", reason: "SendGrid answered 429", ...(after_ms !== undefined && { after_ms }) };
		expect(judged(SEND, answer(429, "", headers))).toEqual(outcome);
	});

	test.each([408, 500, 502, 503])("%d leaves open whether it was sent", (status) => {
		const said = answer(status, "", { "x-ratelimit-reset": String(NOW_S + 42) });
		expect(judged(SEND, said)).toEqual({ kind: "unknown", reason: `SendGrid answered ${status}`, timed_out: false });
	});

	test("200 does not say that it was sent", () => {
		const reason = "SendGrid answered 200 and did not say what it did";
		expect(judged(SEND, answer(200))).toEqual({ kind: "unknown", reason, timed_out: false });
	});
});
