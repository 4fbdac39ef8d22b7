import { describe, expect, test } from "vitest";
import { pendingStep, startRun } from "../../../src/core/run/run";
import { endOf, failures, forwardSteps, isOver, isRunOpen, itemsOf, opensLetter } from "../../../src/core/run/status";
import { RUN_STATUSES, type Run, STEP_STATUSES, type StepState } from "../../../src/model/entity";
import type { StepPlan } from "../../../src/model/plan";
import { event, NOW, plan, runOf, stepPlan, stepState } from "./given";
import { needs } from "./operators";

const start = {
	id: runOf(1),
	work: plan(),
	trace_id: event(1).trace.trace_id,
	source: null,
	event_id: null,
	window: null,
	n: 1,
};

function runOfSteps(...steps: StepState[]): Run {
	return { ...startRun(start, NOW), steps };
}

function step(id: string, status: StepState["status"], plan: Partial<StepPlan> = {}, more: Partial<StepState> = {}) {
	return stepState({ id, status, plan: stepPlan({ id, ...plan }), ...more });
}

function item(of: string, index: number, status: StepState["status"] = "pending"): StepState {
	return { ...pendingStep(stepPlan({ id: of, for_each: "[]" }), "item", `${of}.${index}`), status };
}

test("four statuses of a step are ends, and all others are not", () => {
	const ends = STEP_STATUSES.filter((status) => isOver(stepState({ status })));
	expect(ends).toEqual(["succeeded", "failed", "skipped", "cancelled"]);
});

test("a run is open while it acts or is undone", () => {
	expect(RUN_STATUSES.filter((status) => isRunOpen({ status }))).toEqual(["running", "compensating"]);
});

test("items, undoing and telling do not decide how a run ends", () => {
	const run = runOfSteps(
		step("_start", "failed", {}, { kind: "start" }),
		step("a", "failed"),
		step("b", "failed", { continue_on_error: true }),
		step("c", "succeeded"),
		item("c", 0, "failed"),
		step("c.undo", "failed", {}, { kind: "undo" }),
		step("page", "failed", {}, { kind: "on_failure" }),
	);
	expect(forwardSteps(run).map(({ id }) => id)).toEqual(["_start", "a", "b", "c"]);
	expect(failures(run).map(({ id }) => id)).toEqual(["_start", "a"]);
});

test("the items of a step are its own", () => {
	const [a, b] = [step("a", "fanned_out"), step("b", "fanned_out")];
	const run = runOfSteps(a, b, item("a", 0), item("b", 0), item("a", 1), step("a.undo", "ready", {}, { kind: "undo" }));
	expect(itemsOf(run, a).map(({ id }) => id)).toEqual(["a.0", "a.1"]);
	expect(itemsOf(run, b).map(({ id }) => id)).toEqual(["b.0"]);
});

describe("the failure of", () => {
	const fanOut = step("a", "failed", { for_each: "[]" });

	test.each<[string, StepState, StepState[], boolean]>([
		["a step waits for a person", step("a", "failed"), [], true],
		["an item waits for a person", item("a", 0, "failed"), [], true],
		["the gate waits for a person", step("_start", "failed", {}, { kind: "start" }), [], true],
		[
			"an undo waits for a person",
			step("a.undo", "failed", { for_each: "[]" }, { kind: "undo" }),
			[item("a", 0)],
			true,
		],
		["what tells people waits for a person", step("page", "failed", {}, { kind: "on_failure" }), [], true],
		["a step that could not fan out waits for a person", fanOut, [item("b", 0)], true],
		["a step whose items speak does not", fanOut, [item("a", 0)], false],
		["what people have rejected does not", step("a", "failed", {}, { class: "rejected" }), [], false],
		["what was expected to fail does not", step("a", "failed", { continue_on_error: true }), [], false],
		["a step that succeeded is none", step("a", "succeeded"), [], false],
		["a step that was skipped is none", step("a", "skipped"), [], false],
	])("%s", (_, failed, others, opens) => {
		expect(opensLetter(runOfSteps(failed, ...others), failed)).toBe(opens);
	});
});

describe("a run ends", () => {
	const continued = { continue_on_error: true as const };

	test.each<[string, StepState[], Run["status"]]>([
		["well, if all went well", [step("a", "succeeded"), step("b", "succeeded", needs("a"))], "succeeded"],
		["well, if nothing was to be done", [step("a", "skipped")], "succeeded"],
		["well, if what failed was expected to", [step("a", "failed", continued)], "succeeded"],
		["in vain, if all failed", [step("a", "failed"), step("b", "failed")], "failed"],
		["in vain, if its gate is shut", [step("_start", "failed", {}, { kind: "start" }), step("a", "skipped")], "failed"],
		[
			"in vain, if only the beginning of its branch went well",
			[step("a", "succeeded"), step("b", "failed", needs("a"))],
			"failed",
		],
		[
			"in vain, if only the beginning of a branch with a choice went well",
			[step("a", "succeeded"), step("b", "failed", { needs: { all: [], some: { at_least: 1, of: ["a"] } } })],
			"failed",
		],
		[
			"in vain, though its gate was opened",
			[step("_start", "succeeded", {}, { kind: "start" }), step("a", "failed")],
			"failed",
		],
		["in part, if one branch of two went well", [step("a", "succeeded"), step("b", "failed")], "partial"],
		[
			"in part, if a branch went well that does not need what failed",
			[step("a", "succeeded"), step("b", "failed", needs("a")), step("c", "succeeded", needs("a"))],
			"partial",
		],
		["in vain, if the other branch was skipped", [step("a", "skipped"), step("b", "failed")], "failed"],
		["in vain, though items of it went well", [step("a", "failed"), item("a", 0, "succeeded")], "failed"],
	])("%s", (_, steps, status) => {
		expect(endOf(runOfSteps(...steps))).toBe(status);
	});
});
