// Mail by the Worker's binding: what it is given, who it may be from, and what its codes mean.

import { describe, expect, test } from "vitest";
import { actionOf, answer, mark } from "../actions";
import { NOW } from "../deliveries";

const send = actionOf("email.send");
const message = { from: "desk@example.com", to: ["dana@example.com"], subject: "Hello", text: "Hi." };
const connection = { config: { senders: ["Desk@example.com"] }, credentials: {} };

test("is handed to the binding in its own words, marked", () => {
	const input = send.input.parse({ ...message, reply_to: "answers@example.com", headers: { "X-Ticket": "7" } });
	const built = send.build(input, connection, mark);
	if (!built.ok) throw new Error(built.error);
	expect(built.value).toMatchObject({ method: "POST", url: "binding:EMAIL", binding: "EMAIL" });
	expect(JSON.parse(built.value.body ?? "")).toEqual({
		...message,
		cc: [],
		bcc: [],
		replyTo: "answers@example.com",
		headers: { "X-Ticket": "7", "x-signalbox-run": "run_1", "x-signalbox-step": "tell" },
	} satisfies Parameters<SendEmail["send"]>[0]);
});

test("is from nobody but the connection's senders", () => {
	for (const from of ["ceo@example.com", { email: "ceo@example.com", name: "Desk" }]) {
		const built = send.build(send.input.parse({ ...message, from }), connection, mark);
		expect(built).toEqual({ ok: false, error: "with.from: not one of the connection's senders" });
	}
});

describe("what the binding says", () => {
	test.each([
		["E_VALIDATION_ERROR", { kind: "permanent", class: "invalid", reason: "the binding answered E_VALIDATION_ERROR" }],
		["E_SENDER_NOT_VERIFIED", { kind: "permanent", class: "permission" }],
		["E_SENDER_DOMAIN_NOT_AVAILABLE", { kind: "permanent", class: "permission" }],
		["E_RECIPIENT_NOT_ALLOWED", { kind: "permanent", class: "permission" }],
		["E_RECIPIENT_SUPPRESSED", { kind: "permanent", class: "invalid" }],
		["E_HEADERS_TOO_MANY", { kind: "permanent", class: "invalid" }],
		["E_RATE_LIMIT_EXCEEDED", { kind: "transient", reason: "the binding answered E_RATE_LIMIT_EXCEEDED" }],
		["E_DELIVERY_FAILED", { kind: "unknown", reason: "the binding answered E_DELIVERY_FAILED", timed_out: false }],
		["E_DAILY_LIMIT_EXCEEDED", { kind: "transient", after_ms: 3_600_000 }],
		["E_INTERNAL_SERVER_ERROR", { kind: "unknown", timed_out: false }],
		["<b>dana@example.com</b>", { kind: "unknown", reason: "the binding did not say what it did" }],
	])("%s is understood", (code, outcome) => {
		expect(send.read(answer(422, { code }), NOW, {})).toMatchObject(outcome);
	});

	test("is what to do where there is none", () => {
		const reason = expect.stringContaining("wrangler.toml");
		expect(send.read(answer(501, {}), NOW, {})).toEqual({ kind: "permanent", class: "invalid", reason });
	});

	test("is the message's id when it went out", () => {
		expect(send.read(answer(200, { messageId: "m-1" }), NOW, {})).toEqual({ kind: "succeeded", output: { id: "m-1" } });
	});
});
