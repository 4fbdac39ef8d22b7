import { describe, expect, test } from "vitest";
import {
	deadLetterId,
	failStep,
	findStep,
	idempotencyKey,
	keepRunUntil,
	pendingStep,
	RESUMABLE_MS,
	replaceStep,
	START,
	type Start,
	startRun,
	withoutEnd,
} from "../../../src/core/run/run";
import type { Run, StepState } from "../../../src/model/entity";
import { DAY, debounce, event, Given, NOW, plan, runOf, stepPlan, stepState } from "./given";

const steps = ["a", "b", "c"].map((id) => stepPlan({ id }));
const start: Start = {
	id: runOf(1),
	work: plan({ kind: "immediate" }, { steps }),
	trace_id: event(1).trace.trace_id,
	source: "crm",
	event_id: event(1).id,
	window: null,
	n: 7,
};

/** A run that is over, with its steps like this. */
function endedWith(statuses: StepState["status"][], more: Partial<StepState> = {}): Run {
	const run = startRun(start, NOW);
	const ended = statuses.map((status, n) => stepState({ plan: steps[n], id: steps[n]?.id, status, ...more }));
	return { ...run, status: "partial", finished_at: NOW + 1, steps: ended };
}

describe("a run starts", () => {
	test("with all its steps pending: whoever starts it advances it", () => {
		expect(startRun(start, NOW)).toEqual({
			id: runOf(1),
			workflow: "deal-watch",
			version: 1,
			priority: "normal",
			trace_id: event(1).trace.trace_id,
			source: "crm",
			event_id: event(1).id,
			window: null,
			opened_n: 7,
			started_at: NOW,
			finished_at: null,
			status: "running",
			steps: steps.map((plan) => ({
				id: plan.id,
				kind: "step",
				plan,
				status: "pending",
				attempts: 0,
				dispatches: 0,
				resumed: 0,
				due_at: null,
			})),
			resumed: 0,
		});
	});

	test("without the steps that tell people, which it keeps for later", () => {
		const tell = stepPlan({ id: "page", on_failure: true });
		const run = startRun({ ...start, work: plan(undefined, { steps: [...steps, tell] }) }, NOW);
		expect(run.steps.map(({ id }) => id)).toEqual(["a", "b", "c"]);
		expect(run.on_failure).toEqual([tell]);
	});

	test("with what its workflow says of undoing and comparing", () => {
		const run = startRun({ ...start, work: plan(undefined, { compensate: true, skip_unchanged: ["a"] }) }, NOW);
		expect(run).toMatchObject({ compensate: true, skip_unchanged: ["a"] });
		expect(startRun(start, NOW)).not.toHaveProperty("compensate");
		expect(startRun(start, NOW)).not.toHaveProperty("skip_unchanged");
	});

	test("from a window, and reads what arrived since that opened", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce()), 0);
		given.arrives(event(2), plan(debounce()), 1);
		given.passes(20_000);
		expect(given.run()).toMatchObject({ opened_n: 1, window: { count: 2 } });
	});

	test("behind a gate that has failed", () => {
		const [gate, ...others] = startRun({ ...start, gate: { class: "timeout", reason: "too few" } }, NOW).steps;
		expect(gate).toMatchObject({ id: START, kind: "start", status: "failed", class: "timeout", reason: "too few" });
		expect(gate).toMatchObject({ due_at: null, plan: { use: "start", connection: null } });
		expect(others.map(({ status }) => status)).toEqual(["pending", "pending", "pending"]);
	});

	test("behind a gate at which people are asked", () => {
		const approval = { of: [], need: 1, until: NOW + 5, self_approval: true, ask: "?", votes: [] };
		const run = startRun({ ...start, gate: { approval: { ...approval, on_timeout: "fail" } } }, NOW);
		expect(run.steps[0]).toMatchObject({ id: START, status: "asking", due_at: NOW + 5, approval });
	});
});

test("a step is pending under its plan's name, unless it has one of its own", () => {
	expect(pendingStep(stepPlan(), "step")).toMatchObject({ id: "tell", kind: "step", status: "pending" });
	expect(pendingStep(stepPlan(), "item", "tell.3")).toMatchObject({ id: "tell.3", kind: "item", plan: { id: "tell" } });
});

test("a step that failed says of what kind and why, and is not due any more", () => {
	const step = stepState();
	expect(failStep(step, "auth", "401")).toEqual({
		...step,
		status: "failed",
		due_at: null,
		class: "auth",
		reason: "401",
	});
});

test("a step whose end is lifted is as it was before, and keeps its tries, its doubt and its output", () => {
	const kept = { attempts: 2, dispatches: 1, resumed: 3, doubtful: true as const, output: 1 };
	const approval = { of: [], need: 1, until: 0, on_timeout: "fail" as const, self_approval: true, ask: "", votes: [] };
	const ended = stepState({ ...kept, class: "auth", reason: "401", blocked: true, discarded: true, approval });
	expect(withoutEnd(ended)).toEqual(stepState(kept));
});

test("replacing a step leaves the others alone", () => {
	const run = startRun(start, NOW);
	const step = findStep(run, "b");
	const next = step && replaceStep(run, { ...step, attempts: 3 });
	expect(next?.steps.map(({ attempts }) => attempts)).toEqual([0, 3, 0]);
});

describe("a run is kept", () => {
	test.each(["running", "compensating"] as const)("for ever while it is %s", (status) => {
		expect(keepRunUntil({ ...endedWith(["failed"]), status })).toBe(Number.POSITIVE_INFINITY);
	});

	test.each<StepState["status"][]>([["succeeded"], ["skipped"], ["cancelled"]])(
		"no longer once it is over, where nothing failed: %s",
		(status) => {
			expect(keepRunUntil(endedWith(["succeeded", status]))).toBe(NOW + 1);
		},
	);

	test("and a month is thirty days", () => {
		expect(RESUMABLE_MS).toBe(30 * DAY);
	});

	test.each<StepState["status"][][]>([[["failed", "failed", "failed"]], [["succeeded", "failed", "succeeded"]]])(
		"for a month if somebody may resume it: %s",
		(statuses) => {
			expect(keepRunUntil(endedWith(statuses))).toBe(NOW + 1 + RESUMABLE_MS);
		},
	);

	test.each([
		["that people rejected", { class: "rejected" }],
		["that was expected to fail", { plan: stepPlan({ continue_on_error: true }) }],
		["that was discarded", { discarded: true }],
	] as const)("no longer for a step %s", (_, more) => {
		expect(keepRunUntil(endedWith(["failed"], more))).toBe(NOW + 1);
	});
});

describe("keys", () => {
	const run = startRun(start, NOW);
	const trace = event(1).trace.trace_id;
	const a = stepState({ id: "a" });

	test("the idempotency key is of the run and the step, and of nothing else", () => {
		expect(idempotencyKey(run, a)).toBe(`sb_${trace}.deal-watch.a`);
		expect(idempotencyKey(run, { ...a, id: "a.7" })).toBe(`sb_${trace}.deal-watch.a.7`);
		expect(idempotencyKey(run, { ...a, attempts: 5, resumed: 2, dispatches: 9 })).toBe(`sb_${trace}.deal-watch.a`);
	});

	test("the dead letter is named alike", () => {
		expect(deadLetterId(run, a)).toBe(`dl_${trace}.deal-watch.a`);
	});

	test("the longest names make a key that any target takes", () => {
		const longest = { ...run, id: `run_${trace}.${"w".repeat(63)}.${"n".repeat(60)}` };
		const key = idempotencyKey(longest, { ...a, id: `${"s".repeat(63)}.99.undo` });
		expect(key.length).toBeLessThanOrEqual(255);
	});
});
