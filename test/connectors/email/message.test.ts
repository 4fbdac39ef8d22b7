// What a mail can be made of, and what none can be smuggled into.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineOf, Mailbox, Message, partsOf } from "../../../src/connectors/email/message";

const good = { from: "shop@acme.example", to: ["dana@fern.example"], subject: "Paid", text: "Thank you." };

function problem(fields: object): string {
	const parsed = Message.safeParse({ ...good, ...fields });
	const { path = [], message = "" } = parsed.error?.issues[0] ?? {};
	return parsed.success ? "" : `${path.join(".")}: ${message}`;
}

describe("a message", () => {
	test("needs a sender, somebody to read it, a subject and something to read", () => {
		const empty = { cc: [], bcc: [], headers: {} };
		expect(Message.parse(good)).toEqual({ ...good, ...empty });
		expect(Message.parse(Message.parse(good))).toEqual({ ...good, ...empty });
		for (const name of ["from", "to", "subject"] as const) {
			expect(problem({ [name]: undefined })).toMatch(new RegExp(`^${name}: Invalid input`));
		}
		expect(problem({ text: undefined })).toBe("text: write text, html, or both");
		expect(problem({ text: undefined, html: "<p>Thank you.</p>" })).toBe("");
		expect(problem({ text: "" })).toMatch(/^text: Too small/);
		expect(problem({ to: [] })).toMatch(/^to: Too small/);
		expect(problem({ attachments: [] })).toMatch(/Unrecognized key/);
	});

	test("goes to fifty at most, with copies", () => {
		const many = (count: number) => Array.from({ length: count }, (_, i) => `a${i}@acme.example`);
		expect(problem({ to: many(48), cc: many(1), bcc: many(1) })).toBe("");
		expect(problem({ to: many(48), cc: many(1), bcc: many(2) })).toBe("to: at most 50 recipients, with cc and bcc");
		expect(problem({ to: many(51) })).toMatch(/^to: Too big/);
	});

	test.each([
		["dana@fern.example", true],
		["o'brien+tag@mail.fern.example", true],
		["dana@xn--bcher-kva.example", true],
		["", false],
		["dana", false],
		["dana@localhost", false],
		["@fern.example", false],
		["dana@fern..example", false],
		["dana@-fern.example", false],
		["dana@fern.example ", false],
		["dana@fern.example\r\nBcc: eve@evil.example", false],
		["dana@fern.example\n", false],
		["dana@fern.example,eve@evil.example", false],
		["dana@fern.example;eve@evil.example", false],
		["Dana <dana@fern.example>", false],
		['"a b"@fern.example', false],
		["dana@[192.0.2.1]", false],
		["dána@fern.example", false],
		[`${"a".repeat(65)}@fern.example`, false],
		[`a@${"a".repeat(64)}.example`, false],
	])("may go to %j: %j", (address, isGood) => {
		expect(problem({ to: [address] }) === "").toBe(isGood);
		expect(problem({ to: [{ email: address }] }) === "").toBe(isGood);
		for (const field of ["from", "reply_to"]) expect(problem({ [field]: address }) === "").toBe(isGood);
		for (const field of ["cc", "bcc"]) expect(problem({ [field]: [address] }) === "").toBe(isGood);
	});

	test.each([
		["Dana", true],
		["Ñandú, Inc. ✓", true],
		["=?no word", true],
		["", false],
		["Dana\r\nBcc: eve@evil.example", false],
		["Dana\u0000", false],
		["Dana\u0085", false],
		["Dana\u2028", false],
		['Dana" <eve@evil.example>', false],
		["Dana\\", false],
		["<eve@evil.example>", false],
		["=?utf-8?q?a=0D=0ABcc:_eve@evil.example?=", false],
		["\ud800", false],
		["x".repeat(201), false],
	])("may be from somebody called %j: %j", (name, isGood) => {
		expect(problem({ from: { email: "dana@fern.example", name } }) === "").toBe(isGood);
	});

	test.each([
		["Paid ✓ (#7)", true],
		["x".repeat(900), true],
		["", false],
		["Paid\r\nBcc: eve@evil.example", false],
		["Paid\nBcc: eve@evil.example", false],
		["Paid\rBcc: eve@evil.example", false],
		["Paid\u0000", false],
		["Paid\u2029", false],
		["=?UTF-8?B?DQpCY2M6?=", false],
		["\udfff", false],
		["x".repeat(901), false],
	])("may be about %j: %j", (subject, isGood) => {
		expect(problem({ subject }) === "").toBe(isGood);
	});

	test.each([
		["List-Unsubscribe", "<mailto:u@acme.example>, <https://acme.example/u?x=1>", true],
		["list-unsubscribe-post", "List-Unsubscribe=One-Click", true],
		["In-Reply-To", "<1@acme.example>", true],
		["X-Ticket", "7", true],
		["Auto-Submitted", "auto-generated", true],
		["Bcc", "eve@evil.example", false],
		["bcc", "eve@evil.example", false],
		["From", "eve@evil.example", false],
		["Sender", "eve@evil.example", false],
		["Return-Path", "eve@evil.example", false],
		["Subject", "a", false],
		["Content-Type", "text/html", false],
		["DKIM-Signature", "a", false],
		["Message-ID", "<1@acme.example>", false],
		["X-Signalbox-Key", "sb_other", false],
		["X-A\r\nBcc", "eve@evil.example", false],
		["X-A: b\nBcc", "eve@evil.example", false],
		["X-", "a", false],
		["X-A", "a\r\nBcc: eve@evil.example", false],
		["X-A", "a\nb", false],
		["X-A", "✓", false],
		["X-A", "", false],
		["X-A", "=?utf-8?b?DQo=?=", false],
		["X-A", "x".repeat(901), false],
	])("may have the header %j with %j: %j", (name, value, isGood) => {
		expect(problem({ headers: { [name]: value } }) === "").toBe(isGood);
	});

	test("has twenty further headers at most", () => {
		const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-A${i}`, "a"]));
		expect(problem({ headers: headers(20) })).toBe("");
		expect(problem({ headers: headers(21) })).toBe("headers: at most 20 headers");
	});
});

describe("a mailbox", () => {
	test.each<[Mailbox, string]>([
		["dana@fern.example", "dana@fern.example"],
		[{ email: "dana@fern.example" }, "dana@fern.example"],
		[{ email: "dana@fern.example", name: "Dana Ñ. Fern" }, '"Dana Ñ. Fern" <dana@fern.example>'],
		[{ email: "dana@fern.example", name: "Dana O'Fern" }, "Dana O'Fern <dana@fern.example>"],
		[{ email: "dana@fern.example", name: "Fern, Dana" }, '"Fern, Dana" <dana@fern.example>'],
		[{ email: "dana@fern.example", name: "eve@evil.example" }, '"eve@evil.example" <dana@fern.example>'],
		[{ email: "dana@fern.example", name: "a;b:(c)" }, '"a;b:(c)" <dana@fern.example>'],
	])("%j is written %j", (mailbox, line) => {
		expect(lineOf(mailbox)).toBe(line);
	});

	test("has its parts", () => {
		expect(partsOf("dana@fern.example")).toEqual({ email: "dana@fern.example" });
		expect(partsOf({ email: "dana@fern.example", name: "Dana" })).toEqual({ email: "dana@fern.example", name: "Dana" });
	});

	test("is one line that holds its address once and no other outside of quotes, whatever was given", () => {
		const text = fc.oneof(
			fc.string({ unit: "binary", maxLength: 30 }),
			fc.string({
				unit: fc.constantFrom("a", "@", ".", ",", ";", "<", ">", '"', "\\", " ", "\r", "\n", "=", "?", "("),
			}),
		);
		const run = (email: string, name: string) => {
			const parsed = Mailbox.safeParse({ email, name });
			if (!parsed.success) return;
			const line = lineOf(parsed.data);
			expect(line).not.toMatch(/\p{Cc}/u);
			expect(line.replace(/^"[^"\\]*"/, "").split(/[,;]/)).toHaveLength(1);
			expect(line.endsWith(`<${email}>`)).toBe(true);
		};
		const email = fc.oneof({ weight: 9, arbitrary: fc.constant("dana@fern.example") }, text);
		fc.assert(fc.property(email, text, run), { numRuns: 2_000 });
	});
});
