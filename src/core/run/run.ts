// The run state machine: starting a run, and what its steps add up to. Steps are side by side, each with its own fate.

import type { Run, StepState, Window } from "../../model/entity";
import type { FailureClass } from "../../model/outcome";
import type { Plan, StepPlan } from "../../model/plan";
import { runWindowOf } from "../timing/window";
import { DISPATCH_CHECK_MS } from "./dispatch";

/** A run with dead letters stays resumable for this long after it ended. */
export const RESUMABLE_MS = 30 * 86_400_000;

export interface Start {
	id: string;
	plan: Pick<Plan, "workflow" | "version" | "priority" | "steps">;
	trace_id: string;
	source: string | null;
	event_id: string | null;
	window: Window | null;
	n: number;
}

export function startRun({ id, plan, trace_id, source, event_id, window, n }: Start, now: number): Run {
	return {
		id,
		workflow: plan.workflow,
		version: plan.version,
		priority: plan.priority,
		trace_id,
		source,
		event_id,
		window: window === null ? null : runWindowOf(window),
		opened_n: window?.opened_n ?? n,
		started_at: now,
		finished_at: null,
		status: "running",
		steps: plan.steps.map((step) => readyStep(step, now)),
	};
}

/** A run that could not start, because an expression of its workflow failed: it ends at once, in the dead letters. */
export function failedRun(start: Start, reason: string, now: number): Run {
	const run = startRun(start, now);
	return settle({ ...run, steps: run.steps.map((step) => failStep(step, "expression", reason)) }, now);
}

function readyStep(plan: StepPlan, now: number): StepState {
	return { plan, status: "ready", attempts: 0, dispatches: 1, resumed: 0, due_at: now + DISPATCH_CHECK_MS };
}

export function failStep(step: StepState, failure: FailureClass, reason: string): StepState {
	return { ...step, status: "failed", due_at: null, class: failure, reason };
}

export function replaceStep(run: Run, step: StepState, now: number): Run {
	return settle({ ...run, steps: run.steps.map((other) => (other.plan.id === step.plan.id ? step : other)) }, now);
}

/** The run's status is what its steps add up to. */
function settle(run: Run, now: number): Run {
	if (run.steps.some(isOpen)) return { ...run, status: "running", finished_at: null };
	const failed = run.steps.filter((step) => step.status === "failed").length;
	const status = failed === 0 ? "succeeded" : failed === run.steps.length ? "failed" : "partial";
	return { ...run, status, finished_at: run.finished_at ?? now };
}

function isOpen(step: StepState): boolean {
	switch (step.status) {
		case "ready":
		case "queued":
		case "leased":
		case "waiting":
			return true;
		case "succeeded":
		case "failed":
			return false;
	}
}

export function findStep(run: Run, id: string): StepState | undefined {
	return run.steps.find((step) => step.plan.id === id);
}

/** Until when the Entity must keep a run: for ever while it runs, for a while if an operator may resume it. */
export function keepRunUntil(run: Run): number {
	if (run.status === "running" || run.finished_at === null) return Number.POSITIVE_INFINITY;
	const resumable = run.steps.some((step) => step.status === "failed" && step.discarded !== true);
	return resumable ? run.finished_at + RESUMABLE_MS : run.finished_at;
}

/** One key for every attempt of a step, in any retry, redelivery or resume of its run. At most 255 characters. */
export function idempotencyKey(run: Run, step: StepState): string {
	return `sb_${run.id.slice("run_".length)}.${step.plan.id}`;
}

export function deadLetterId(run: Run, step: StepState): string {
	return `dl_${run.id.slice("run_".length)}.${step.plan.id}`;
}
