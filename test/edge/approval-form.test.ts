// What the approval page's form sends, and what is not taken for it.

import { describe, expect, test } from "vitest";
import { MAX_COMMENT, MAX_FORM_BYTES, readForm } from "../../src/edge/approval-form";

test.each([
	["the pressed button", "comment=&vote=approve", { vote: "approve" }],
	["the other one", "vote=reject&comment=+%0D%0A+", { vote: "reject" }],
	["a comment", "comment=too+dear%0D%0Afor+us&vote=reject", { vote: "reject", comment: "too dear\nfor us" }],
	["a comment in any script", "vote=approve&comment=%F0%9F%91%8D%C3%BC", { vote: "approve", comment: "👍ü" }],
])("reads %s", (_, text, value) => {
	expect(readForm(text)).toEqual({ ok: true, value });
});

describe("does not read", () => {
	test.each(["", "vote=", "vote=yes", "vote=Approve", "comment=approve", "vote=approve&vote=reject", "vote=toString"])(
		"a vote in %j",
		(text) => {
			expect(readForm(text)).toEqual({ ok: false, error: "vote" });
		},
	);

	test("a comment of a character too many", () => {
		const form = (length: number) => new URLSearchParams({ vote: "approve", comment: "x".repeat(length) }).toString();
		expect(readForm(form(MAX_COMMENT)).ok).toBe(true);
		expect(readForm(form(MAX_COMMENT + 1))).toEqual({ ok: false, error: "comment" });
	});
});

test("a new line counts once, as in the browser, and the longest comment fits the form", () => {
	const lines = new URLSearchParams({ vote: "approve", comment: `x${"\r\n".repeat(MAX_COMMENT - 2)}x` }).toString();
	expect(readForm(lines).ok).toBe(true);
	const longest = new URLSearchParams({ vote: "approve", comment: "€".repeat(MAX_COMMENT) }).toString();
	expect(Math.max(lines.length, longest.length)).toBeLessThan(MAX_FORM_BYTES);
	expect(readForm(longest).ok).toBe(true);
});
