// How a step begins, once what it needs has ended well.

import { describe, expect, test } from "vitest";
import { type Beginning, begin, fallbackOf } from "../../../src/core/run/begin";
import { pendingStep, startRun } from "../../../src/core/run/run";
import type { StepState } from "../../../src/model/entity";
import type { StepPlan } from "../../../src/model/plan";
import { DAY, event, HOUR, NOW, plan, runOf, stepPlan, stepState } from "./given";

function beginning(more: Partial<StepPlan>, others: StepState[] = [], run = {}): Beginning {
	const step = pendingStep(stepPlan(more), "step");
	const start = { id: runOf(1), work: plan(undefined, { steps: [] }), trace_id: "a", source: "crm" };
	const whole = startRun({ ...start, event_id: event(1).id, window: null, n: 1 }, NOW);
	const scope = () => ({ event: event(1), now: new Date(NOW).toISOString(), steps: {}, run: {}, workflow: {} });
	return { run: { ...whole, steps: [step, ...others], ...run }, step, scope, acted: null };
}

function begun(more: Partial<StepPlan>, others: StepState[] = [], run = {}) {
	return begin(beginning(more, others, run), NOW);
}

function ended(more: Partial<StepPlan>, others: StepState[] = []): Partial<StepState> {
	const { kind, ...rest } = begun(more, others);
	return kind === "end" && "step" in rest ? rest.step : { reason: `it did not end, but ${kind}` };
}

test("a step of a connector is sent, and reads nothing before", () => {
	const scope = () => {
		throw new Error("nothing is to be read");
	};
	expect(begin({ ...beginning({}), scope }, NOW)).toEqual({ kind: "send" });
});

describe("a step with a condition", () => {
	test("is sent if it holds", () => {
		expect(begun({ if: "event.data.n == 1" })).toEqual({ kind: "send" });
	});

	test("is skipped if it does not", () => {
		const step = ended({ if: "event.data.n == 2" });
		expect(step).toMatchObject({ status: "skipped", reason: "if is false" });
		expect(step).not.toHaveProperty("blocked");
	});

	test.each([
		["cannot be evaluated", "event.data.missing == 1", /^if: .*no field missing/],
		["is no condition", "event.data.n", /^if: /],
		["does not compile", "event.data.n ==", /^if: /],
		["reads what it cannot", "secrets.key == 1", /^if: .*secrets/],
	])("fails if it %s", (_, condition, reason) => {
		expect(ended({ if: condition })).toMatchObject({
			status: "failed",
			class: "expression",
			reason: expect.stringMatching(reason),
		});
	});

	test("does not evaluate its list before", () => {
		expect(ended({ if: "false", for_each: "nonsense(" })).toMatchObject({ status: "skipped" });
	});
});

describe("a step for each element of a list", () => {
	const list = (n: number, element = "0") => `[${Array(n).fill(element).join()}]`;

	test.each([1, 2, 99])("becomes %i", (n) => {
		const one = begun({ for_each: list(n) });
		expect(one).toMatchObject({ kind: "fan_out" });
		expect(one.kind === "fan_out" ? one.items : []).toHaveLength(n);
	});

	test("becomes items that are pending, with the plan of the step but for what it began with", () => {
		const one = begun({ for_each: '["x", {"y": 1}]', if: "true", needs: { all: ["a"] }, concurrency: 2 });
		const itemPlan = stepPlan({ concurrency: 2 });
		expect(one).toEqual({
			kind: "fan_out",
			items: [
				{ ...pendingStep(itemPlan, "item", "tell.0"), item: { index: 0, value: "x" } },
				{ ...pendingStep(itemPlan, "item", "tell.1"), item: { index: 1, value: { y: 1 } } },
			],
		});
	});

	test("has succeeded if the list is empty", () => {
		expect(ended({ for_each: "[]" })).toMatchObject({ status: "succeeded" });
	});

	function eventOf(items: unknown[], others: StepState[] = []) {
		const one = beginning({ for_each: "event.data.items" }, others);
		return begin({ ...one, scope: () => ({ event: { data: { items } } }) }, NOW);
	}

	test("may have a hundred elements, and not one more", () => {
		expect(eventOf(Array(100).fill(0))).toMatchObject({ kind: "fan_out" });
		expect(eventOf(Array(101).fill(0))).toMatchObject({
			kind: "end",
			step: {
				status: "failed",
				class: "expression",
				reason: "for_each: the list has 101 elements; at most 100 are possible",
			},
		});
	});

	test("may bring a run to a thousand steps and elements, and not one more", () => {
		const others = Array.from({ length: 900 }, (_, n) => stepState({ id: `other.${n}` }));
		expect(eventOf(Array(99).fill(0), others)).toMatchObject({ kind: "fan_out" });
		expect(eventOf(Array(100).fill(0), others)).toMatchObject({
			kind: "end",
			step: { status: "failed", reason: "for_each: a run can have at most 1000 steps and elements" },
		});
	});

	test("may have elements that fit into the run, and no larger ones", () => {
		const half = "x".repeat(50_000);
		const before = (size: number) => [stepState({ id: "before", output: "y".repeat(size) })];
		expect(eventOf([half, half], before(160_000))).toMatchObject({ kind: "fan_out" });
		expect(eventOf([half, half], before(163_000))).toMatchObject({
			kind: "end",
			step: { status: "failed", class: "expression", reason: expect.stringContaining("too large for the run") },
		});
	});

	test("may become a run that fits into a row, and no larger one", () => {
		const heavy = (size: number) => ({ for_each: list(100), fallback: { text: "x".repeat(size) } });
		expect(begun(heavy(9_000))).toMatchObject({ kind: "fan_out" });
		expect(ended(heavy(10_000))).toMatchObject({
			status: "failed",
			class: "expression",
			reason: "for_each: the run would be larger than 1 MB; list less, or split the workflow",
		});
	});

	test.each([
		["is no list", '"text"', "for_each: must be a list"],
		["is an object", '{"a": 1}', "for_each: must be a list"],
		["is null", "null", "for_each: must be a list"],
		["cannot be evaluated", "event.data.missing", expect.stringMatching(/^for_each: .*missing/)],
		["does not compile", "[1,", expect.stringMatching(/^for_each: /)],
	])("fails if it %s", (_, for_each, reason) => {
		expect(ended({ for_each })).toMatchObject({ status: "failed", class: "expression", reason });
	});
});

describe("a step that waits", () => {
	const wait = (input: StepPlan["input"]) => begun({ use: "wait", connection: null, input });

	test.each([
		["for a time", { for: "90s" }, NOW + 90_000],
		["until a time", { until: "2026-11-21T09:00:00Z" }, NOW + DAY],
		["until a time with an offset", { until: "2026-11-21T10:00:00+01:00" }, NOW + DAY],
		["until a time that is over", { until: "2020-01-01T00:00:00Z" }, Date.UTC(2020, 0, 1)],
		["as the event says", { until: "${{ event.timestamp }}" }, NOW + 1_000],
		["for as long as the event says", { for: "${{ string(event.data.n) }}h" }, NOW + HOUR],
		["for the longest time", { for: "90d" }, NOW + 90 * DAY],
		["until the latest time", { until: new Date(NOW + 90 * DAY).toISOString() }, NOW + 90 * DAY],
	])("%s", (_, input, due_at) => {
		expect(wait(input)).toMatchObject({ kind: "wait", step: { status: "sleeping", due_at } });
	});

	test.each([
		["too long", { until: new Date(NOW + 90 * DAY + 1).toISOString() }, /^with.until: is more than 90 days away$/],
		["for too long", { for: "91d" }, /^with: write for, like 1h, or until/],
		["for nothing", {}, /^with: write for/],
		["for both", { for: "1h", until: "2026-11-21T09:00:00Z" }, /^with: write for/],
		["until what is no time", { until: "tomorrow" }, /^with: write for/],
		["until what is missing", { until: "${{ event.data.missing }}" }, /^with\.until: .*missing/],
		["for what does not compile", { for: "${{ event. }}" }, /^with\./],
	])("fails if it is %s", (_, input, reason) => {
		expect(wait(input)).toMatchObject({
			kind: "end",
			step: { status: "failed", class: "expression", reason: expect.stringMatching(reason) },
		});
	});

	test("fails if nothing says how long", () => {
		expect(wait(undefined)).toMatchObject({ kind: "end", step: { reason: expect.stringMatching(/^with: write/) } });
	});
});

describe("a step that asks people", () => {
	const ask = (input: StepPlan["input"]) => begun({ use: "approve", connection: null, input });

	test("asks those that it names, with the defaults", () => {
		expect(ask({ of: ["legal"], within: "3d" })).toMatchObject({
			kind: "wait",
			step: {
				status: "asking",
				due_at: NOW + 3 * DAY,
				approval: {
					of: ["legal"],
					need: 1,
					until: NOW + 3 * DAY,
					on_timeout: "fail",
					self_approval: false,
					ask: "",
					votes: [],
				},
			},
		});
	});

	test("asks each of them once, and what the event says", () => {
		const input = {
			of: ["legal", "${{ event.source }}", "crm"],
			within: "1h",
			need: 2,
			ask: "deal ${{ event.data.n }}?",
		};
		expect(ask({ ...input, on_timeout: "proceed", self_approval: true })).toMatchObject({
			step: { approval: { of: ["legal", "crm"], need: 2, ask: "deal 1?", on_timeout: "proceed", self_approval: true } },
		});
	});

	test.each([
		["nobody", { of: [], within: "1h" }, /^with\.of: /],
		["without a deadline", { of: ["legal"] }, /^with\.within: /],
		["whom it cannot evaluate", { of: ["${{ event.data.missing }}"], within: "1h" }, /^with\.of\[?\.?0\]?: .*missing/],
	])("fails if it asks %s", (_, input, reason) => {
		expect(ask(input)).toMatchObject({
			kind: "end",
			step: { status: "failed", class: "expression", reason: expect.stringMatching(reason) },
		});
	});

	test("fails if it is given nothing", () => {
		expect(ask(undefined)).toMatchObject({ kind: "end", step: { reason: expect.stringMatching(/^with\./) } });
	});
});

describe("the fallback of a reading step", () => {
	const fallback = (tree: StepPlan["fallback"]) =>
		fallbackOf(stepState({ plan: stepPlan({ fallback: tree }) }), () => ({ event: event(1) }));

	test("is what the event told", () => {
		expect(fallback({ name: "${{ event.data.n }}", kind: "deal" })).toEqual({ name: 1, kind: "deal" });
		expect(fallback({})).toEqual({});
	});

	test("is nothing where none is stated, or it cannot be evaluated", () => {
		expect(fallback(undefined)).toBeNull();
		expect(fallback({ name: "${{ event.data.missing }}" })).toBeNull();
	});
});
