// What is kept of an answer: what fits, and as much as fits of what does not.

import { expect, test } from "vitest";
import type { Action } from "../../src/connectors/connector";
import type { CompiledStep } from "../../src/core/document";
import { outputOf } from "../../src/delivery/output";
import { actionOf } from "../connectors/actions";

const step = {} as CompiledStep;
const getIssue = actionOf("github.get_issue");
const request = actionOf("http.request");

function kept(action: Action, answer: Parameters<typeof outputOf>[2]) {
	const output = outputOf(step, action, answer);
	return output.ok ? output.value : output.error;
}

test("what fits is kept as it is", () => {
	expect(kept(request, { status: 200, body: { a: 1 }, more: 1 })).toEqual({ status: 200, body: { a: 1 } });
});

test("a long text is cut, whatever it takes to escape it", () => {
	for (const letter of ["a", '"', "\u0001"]) {
		const issue = { number: 7, title: "A", body: letter.repeat(16_384), labels: ["bug"] };
		const output = kept(getIssue, issue);
		expect(output).toMatchObject({ number: 7, title: "A", labels: ["bug"] });
		expect(JSON.stringify(output).length).toBeLessThanOrEqual(16_384);
	}
});

test("of a write the largest field is left out where cutting does not help", () => {
	const many = Array.from({ length: 20_000 }, (_, n) => n);
	expect(kept(request, { status: 200, body: many })).toEqual({ status: 200 });
});

test("a reading of which nothing can be cut says what to do", () => {
	const many = Array.from({ length: 20_000 }, (_, n) => n);
	expect(kept(getIssue, { number: 7, labels: many })).toMatchObject({
		class: "invalid",
		reason: expect.stringContaining("name the fields that are needed under output"),
	});
});
