import { describe, expect, test } from "vitest";
import { hasEndedWell, judgeNeeds, type NeedsVerdict } from "../../../src/core/run/needs";
import { STEP_STATUSES, type StepState } from "../../../src/model/entity";
import type { NeedsPlan } from "../../../src/model/plan";
import { stepPlan, stepState } from "./given";

/** How each need stands: an end, or `continued`, or `blocked`. */
type Ending = StepState["status"] | "continued" | "blocked";

function verdict(needs: NeedsPlan | undefined, endings: Record<string, Ending>) {
	return judgeNeeds(needs, (id) => {
		const ending = endings[id];
		if (ending === undefined) return undefined;
		if (ending === "blocked") return stepState({ id, status: "skipped", blocked: true });
		if (ending === "continued")
			return stepState({ id, status: "failed", plan: stepPlan({ id, continue_on_error: true }) });
		return stepState({ id, status: ending });
	});
}

const MET: NeedsVerdict = { kind: "met" };
const OPEN: NeedsVerdict = { kind: "open" };

function never(reason: string, blocked: boolean): NeedsVerdict {
	return { kind: "never", blocked, reason };
}

const OPEN_STATUSES = STEP_STATUSES.filter(
	(status) => !["succeeded", "failed", "skipped", "cancelled"].includes(status),
);

test("a step without needs starts at once", () => {
	expect(verdict(undefined, {})).toEqual(MET);
	expect(verdict({ all: [] }, {})).toEqual(MET);
});

test("a step ends well if it succeeds, or fails as it was expected to", () => {
	expect(STEP_STATUSES.filter((status) => hasEndedWell(stepState({ status })))).toEqual(["succeeded"]);
	const plan = stepPlan({ continue_on_error: true });
	expect(STEP_STATUSES.filter((status) => hasEndedWell(stepState({ status, plan })))).toEqual(["succeeded", "failed"]);
});

describe("a step that needs one other", () => {
	test.each<[Ending, NeedsVerdict]>([
		["succeeded", MET],
		["continued", MET],
		["failed", never("needs a: a failed", true)],
		["skipped", never("needs a: a was skipped", false)],
		["blocked", never("needs a: a was skipped", true)],
		["cancelled", never("needs a: a was cancelled", false)],
		...OPEN_STATUSES.map((status): [Ending, NeedsVerdict] => [status, { kind: "open" }]),
	])("which has ended as %s", (ending, expected) => {
		expect(verdict({ all: ["a"] }, { a: ending })).toEqual(expected);
	});

	test("which its run does not have never starts", () => {
		expect(verdict({ all: ["a"] }, {})).toEqual(never("needs a: ", false));
	});
});

describe("a step that needs all of two", () => {
	test.each<[Ending, Ending, NeedsVerdict]>([
		["succeeded", "succeeded", MET],
		["succeeded", "leased", OPEN],
		["leased", "pending", OPEN],
		["failed", "leased", never("needs a, b: a failed", true)],
		["succeeded", "skipped", never("needs a, b: b was skipped", false)],
		["skipped", "failed", never("needs a, b: a was skipped, b failed", true)],
		["cancelled", "skipped", never("needs a, b: a was cancelled, b was skipped", false)],
	])("%s and %s", (a, b, expected) => {
		expect(verdict({ all: ["a", "b"] }, { a, b })).toEqual(expected);
	});
});

describe("a step that needs any of two", () => {
	const any: NeedsPlan = { all: [], some: { at_least: 1, of: ["a", "b"] } };

	test.each<[Ending, Ending, NeedsVerdict]>([
		["succeeded", "leased", MET],
		["failed", "succeeded", MET],
		["failed", "continued", MET],
		["failed", "waiting", OPEN],
		["failed", "failed", never("needs 1 of a, b: a failed, b failed", true)],
		["skipped", "failed", never("needs 1 of a, b: a was skipped, b failed", true)],
		["skipped", "skipped", never("needs 1 of a, b: a was skipped, b was skipped", false)],
	])("%s and %s", (a, b, expected) => {
		expect(verdict(any, { a, b })).toEqual(expected);
	});
});

describe("a step that needs two of three", () => {
	const two: NeedsPlan = { all: [], some: { at_least: 2, of: ["a", "b", "c"] } };

	test.each<[Ending, Ending, Ending, NeedsVerdict]>([
		["succeeded", "succeeded", "leased", MET],
		["succeeded", "failed", "succeeded", MET],
		["succeeded", "failed", "leased", OPEN],
		["leased", "failed", "leased", OPEN],
		["failed", "failed", "leased", never("needs 2 of a, b, c: a failed, b failed", true)],
		["failed", "succeeded", "skipped", never("needs 2 of a, b, c: a failed, c was skipped", true)],
	])("%s, %s and %s", (a, b, c, expected) => {
		expect(verdict(two, { a, b, c })).toEqual(expected);
	});
});

describe("a step that needs one step and some of two", () => {
	const both: NeedsPlan = { all: ["x"], some: { at_least: 1, of: ["a", "b"] } };

	test.each<[Ending, Ending, Ending, NeedsVerdict]>([
		["succeeded", "succeeded", "leased", MET],
		["succeeded", "leased", "leased", OPEN],
		["leased", "succeeded", "leased", OPEN],
		["failed", "succeeded", "leased", never("needs x: x failed", true)],
		["leased", "skipped", "skipped", never("needs 1 of a, b: a was skipped, b was skipped", false)],
	])("%s, %s and %s", (x, a, b, expected) => {
		expect(verdict(both, { x, a, b })).toEqual(expected);
	});
});
