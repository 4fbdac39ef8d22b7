// Expressions and templates are carried as texts, and mean the same however often they are met.

import { describe, expect, test } from "vitest";
import { holds, rendered, valueIn } from "../../../src/core/run/texts";

const scope = { event: { n: 1 }, steps: {}, run: {}, workflow: {}, now: "2026-11-20T09:00:00Z" };

describe("a text", () => {
	test("is a condition, a value or a template, each time that it is met", () => {
		for (let n = 0; n < 2; n++) {
			expect(holds("event.n == 1", scope)).toEqual({ ok: true, value: true });
			expect(valueIn("[event.n, 2]", scope)).toEqual({ ok: true, value: [1, 2] });
			expect(rendered({ a: { b: "${{ event.n }}" } }, scope)).toEqual({ ok: true, value: { a: { b: 1 } } });
		}
	});

	test("reads what it is given, not what it was given before", () => {
		expect(valueIn("event.n", scope)).toEqual({ ok: true, value: 1 });
		expect(valueIn("event.n", { ...scope, event: { n: 2 } })).toEqual({ ok: true, value: 2 });
	});

	test("reads other names where it is given others", () => {
		expect(holds("build && scan", { build: true, scan: true }, ["build", "scan"])).toEqual({ ok: true, value: true });
		expect(holds("build && scan", { build: true, scan: true })).toMatchObject({ ok: false });
		expect(holds("build", { build: false }, ["build"])).toEqual({ ok: true, value: false });
	});

	test.each([
		["does not compile", () => holds("1 +", scope)],
		["is no condition", () => holds("event.n", scope)],
		["does not compile as a value", () => valueIn("1 +", scope)],
		["reads what is not there", () => valueIn("event.missing", scope)],
		["does not compile as a template", () => rendered({ a: "${{ 1 + }}" }, scope)],
		["reads what is not there in a template", () => rendered({ a: "${{ event.missing }}" }, scope)],
	])("that %s says so, each time", (_, evaluate) => {
		const first = evaluate();
		expect(first).toEqual({ ok: false, error: expect.stringMatching(/./) });
		expect(evaluate()).toEqual(first);
	});

	test("says where in a template the error is", () => {
		expect(rendered({ a: ["x", "${{ event.missing }}"] }, scope)).toMatchObject({ error: expect.stringMatching(/^a/) });
	});

	test("is still understood after a thousand others", () => {
		for (let n = 0; n < 1_001; n++) expect(valueIn(`event.n + ${n}`, scope)).toEqual({ ok: true, value: n + 1 });
		expect(valueIn("event.n + 0", scope)).toEqual({ ok: true, value: 1 });
	});
});
