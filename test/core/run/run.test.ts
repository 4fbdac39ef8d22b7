import { describe, expect, test } from "vitest";
import { DISPATCH_CHECK_MS } from "../../../src/core/run/dispatch";
import {
	deadLetterId,
	failedRun,
	failStep,
	findStep,
	idempotencyKey,
	keepRunUntil,
	RESUMABLE_MS,
	replaceStep,
	type Start,
	startRun,
} from "../../../src/core/run/run";
import type { Run, StepState } from "../../../src/model/entity";
import { DAY, debounce, event, Given, NOW, plan, runOf, stepPlan } from "./given";

const steps = ["a", "b", "c"].map((id) => stepPlan({ id }));
const start: Start = {
	id: runOf(1),
	plan: plan({ kind: "immediate" }, { steps }),
	trace_id: event(1).trace.trace_id,
	source: "crm",
	event_id: event(1).id,
	window: null,
	n: 7,
};

/** A run whose steps stand like this, the last of them changed at the given time. */
function runWith(statuses: StepState["status"][], at = NOW + 1): Run {
	return statuses.reduce(
		(run, status, n) => {
			const step = run.steps[n];
			return step === undefined ? run : replaceStep(run, { ...step, status }, at);
		},
		startRun(start, NOW),
	);
}

test("a run starts with all its steps side by side, to be sent at once", () => {
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
			plan,
			status: "ready",
			attempts: 0,
			dispatches: 1,
			resumed: 0,
			due_at: NOW + DISPATCH_CHECK_MS,
		})),
	});
});

test("a window's run reads what arrived since the window opened", () => {
	const given = new Given();
	given.arrives(event(1), plan(debounce()), 0);
	given.arrives(event(2), plan(debounce()), 1);
	given.passes(20_000);
	expect(given.run()).toMatchObject({ opened_n: 1, window: { count: 2 } });
});

describe("a run's status is what its steps add up to", () => {
	test.each<[StepState["status"][], Run["status"]]>([
		[["succeeded", "succeeded", "succeeded"], "succeeded"],
		[["failed", "failed", "failed"], "failed"],
		[["succeeded", "failed", "succeeded"], "partial"],
		[["failed", "failed", "succeeded"], "partial"],
		[["succeeded", "succeeded", "ready"], "running"],
		[["succeeded", "failed", "queued"], "running"],
		[["failed", "failed", "leased"], "running"],
		[["succeeded", "succeeded", "waiting"], "running"],
	])("%s make it %s", (statuses, status) => {
		expect(runWith(statuses)).toMatchObject({ status, finished_at: status === "running" ? null : NOW + 1 });
	});

	test("the end is when the last step ended, and stays so", () => {
		const ended = runWith(["succeeded", "succeeded", "failed"]);
		const late = findStep(ended, "c");
		expect(late && replaceStep(ended, { ...late, status: "succeeded" }, NOW + 99)).toMatchObject({
			status: "succeeded",
			finished_at: NOW + 1,
		});
	});
});

test("a run that could not start is over at once, each step failed for the same reason", () => {
	const run = failedRun(start, "key: there is no such field", NOW);
	expect(run).toMatchObject({ status: "failed", finished_at: NOW });
	for (const step of run.steps) {
		expect(step).toMatchObject({
			status: "failed",
			class: "expression",
			reason: "key: there is no such field",
			due_at: null,
			attempts: 0,
		});
	}
});

test("a step that failed says of what kind and why, and is not due any more", () => {
	const step = findStep(startRun(start, NOW), "a");
	expect(step && failStep(step, "auth", "401")).toEqual({
		...step,
		status: "failed",
		due_at: null,
		class: "auth",
		reason: "401",
	});
});

test("replacing a step leaves the others alone", () => {
	const run = startRun(start, NOW);
	const step = findStep(run, "b");
	const next = step && replaceStep(run, { ...step, attempts: 3 }, NOW);
	expect(next?.steps.map(({ attempts }) => attempts)).toEqual([0, 3, 0]);
});

describe("a run is kept", () => {
	test("for ever while it runs", () => {
		expect(keepRunUntil(startRun(start, NOW))).toBe(Number.POSITIVE_INFINITY);
	});

	test("no longer once it has succeeded", () => {
		expect(keepRunUntil(runWith(["succeeded", "succeeded", "succeeded"]))).toBe(NOW + 1);
	});

	test("and a month is thirty days", () => {
		expect(RESUMABLE_MS).toBe(30 * DAY);
	});

	test.each<StepState["status"][][]>([[["failed", "failed", "failed"]], [["succeeded", "failed", "succeeded"]]])(
		"for a month if somebody may resume it: %s",
		(statuses) => {
			expect(keepRunUntil(runWith(statuses))).toBe(NOW + 1 + RESUMABLE_MS);
		},
	);

	test("no longer once everything that failed was discarded", () => {
		const run = runWith(["succeeded", "failed", "failed"]);
		const discard = (run: Run, id: string) => {
			const step = findStep(run, id);
			return step === undefined ? run : replaceStep(run, { ...step, discarded: true }, NOW);
		};
		expect(keepRunUntil(discard(run, "b"))).toBe(NOW + 1 + RESUMABLE_MS);
		expect(keepRunUntil(discard(discard(run, "b"), "c"))).toBe(NOW + 1);
	});
});

describe("keys", () => {
	const run = startRun(start, NOW);
	const trace = event(1).trace.trace_id;

	test("the idempotency key is of the run and the step, and of nothing else", () => {
		const [a, b] = run.steps;
		expect(a && idempotencyKey(run, a)).toBe(`sb_${trace}.deal-watch.a`);
		expect(b && idempotencyKey(run, b)).toBe(`sb_${trace}.deal-watch.b`);
		expect(a && idempotencyKey(run, { ...a, attempts: 5, resumed: 2, dispatches: 9 })).toBe(`sb_${trace}.deal-watch.a`);
	});

	test("the dead letter is named alike", () => {
		const [a] = run.steps;
		expect(a && deadLetterId(run, a)).toBe(`dl_${trace}.deal-watch.a`);
	});

	test("the longest names make a key that any target takes", () => {
		const longest = { ...run, id: `run_${trace}.${"w".repeat(63)}` };
		const step = run.steps[0];
		const key = step && idempotencyKey(longest, { ...step, plan: stepPlan({ id: "s".repeat(63) }) });
		expect(key?.length).toBeLessThanOrEqual(255);
	});
});
