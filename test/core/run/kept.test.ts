import { describe, expect, test } from "vitest";
import { fitsInRow, fitsInRun } from "../../../src/core/run/kept";
import { startRun } from "../../../src/core/run/run";
import type { Run, StepState } from "../../../src/model/entity";
import { event, NOW, plan, runOf, SUCCEEDED, stepState } from "./given";
import { started } from "./operators";

const start = {
	id: runOf(1),
	work: plan(),
	trace_id: event(1).trace.trace_id,
	source: null,
	event_id: null,
	window: null,
	n: 1,
};

const KEPT = 256 * 1_024;
/** Of a step that keeps nothing: `[null,null,null]`. */
const EMPTY = 16;

/** Text that is so many bytes as JSON. */
const text = (bytes: number) => "x".repeat(bytes - 2);

function runOfSteps(...steps: Partial<StepState>[]): Run {
	return { ...startRun(start, NOW), steps: steps.map((step) => stepState(step)) };
}

describe("a run keeps 256 KB", () => {
	test("and not a byte more", () => {
		expect(fitsInRun(runOfSteps({}), text(KEPT - EMPTY))).toBe(true);
		expect(fitsInRun(runOfSteps({}), text(KEPT - EMPTY + 1))).toBe(false);
	});

	test.each<[string, Partial<StepState>]>([
		["outputs", { output: text(104) }],
		["elements of lists", { item: { index: 0, value: text(104) } }],
		["inputs of undoing", { undo_with: { id: text(97) } }],
	])("of %s of all its steps", (_, kept) => {
		const run = runOfSteps(kept, {});
		const rest = KEPT - 2 * EMPTY - 100;
		expect(fitsInRun(run, text(rest))).toBe(true);
		expect(fitsInRun(run, text(rest + 1))).toBe(false);
	});

	test("as UTF-8", () => {
		expect(fitsInRun(runOfSteps({}), "ü".repeat(KEPT / 2 - EMPTY))).toBe(true);
		expect(fitsInRun(runOfSteps({}), "ü".repeat(KEPT / 2))).toBe(false);
	});
});

test("a run and what it fans out into fit into a row up to a million bytes", () => {
	const run = runOfSteps({});
	const bytes = JSON.stringify(run).length + JSON.stringify([stepState({ reason: "" })]).length;
	const items = (size: number) => [stepState({ reason: "x".repeat(size) })];
	expect(fitsInRow(run, items(1_000_000 - bytes))).toBe(true);
	expect(fitsInRow(run, items(1_000_000 - bytes + 1))).toBe(false);
});

test("a step whose output is too large has succeeded all the same, and says why it is missing", () => {
	const given = started([{ id: "a" }, { id: "b", if: "steps.a.output == null" }]);
	given.claims(1, "a");
	given.reports({ kind: "succeeded", output: text(KEPT) }, 1, { step: "a" });
	expect(given.step("a")).toMatchObject({ status: "succeeded", reason: expect.stringContaining("256 KB") });
	expect(given.step("a")).not.toHaveProperty("output");
	given.attempts(SUCCEEDED, 2, "b");
	expect(given.run().status).toBe("succeeded");
});

test("a fallback that is too large is none", () => {
	const large = { text: text(KEPT - 200) };
	const given = started([{ id: "read", reads: true, fallback: large }, { id: "other" }]);
	given.attempts({ kind: "succeeded", output: text(1_000) }, 1, "other");
	given.attempts({ kind: "permanent", class: "not_found", reason: "404" }, 2, "read");
	expect(given.step("read")).toMatchObject({ status: "failed", class: "not_found" });
});
