// A run: how it starts, and how its steps are found and replaced. What they lead to is decided in `advance.ts`.

import type { Run, StepState, Window } from "../../model/entity";
import type { FailureClass } from "../../model/outcome";
import type { StepPlan, Work } from "../../model/plan";
import { runWindowOf } from "../timing/window";
import type { Gate } from "./gate";
import { isRunOpen, opensLetter } from "./status";

/** A run with dead letters stays resumable for this long after it ended. */
export const RESUMABLE_MS = 30 * 86_400_000;
/** No step of a document can be named like this. */
export const START = "_start";

export interface Start {
	id: string;
	work: Work;
	trace_id: string;
	source: string | null;
	event_id: string | null;
	window: Window | null;
	n: number;
	gate?: Gate;
}

/** Every step is pending; whoever starts a run advances it. */
export function startRun({ id, work, trace_id, source, event_id, window, n, gate }: Start, now: number): Run {
	const steps = work.steps.filter((plan) => plan.on_failure === undefined);
	const onFailure = work.steps.filter((plan) => plan.on_failure === true);
	return {
		id,
		workflow: work.workflow,
		version: work.version,
		priority: work.priority,
		...(work.compensate === undefined ? {} : { compensate: work.compensate }),
		...(work.skip_unchanged === undefined ? {} : { skip_unchanged: work.skip_unchanged }),
		...(work.retry_budget === undefined ? {} : { retry_budget: work.retry_budget }),
		trace_id,
		source,
		event_id,
		window: window === null ? null : runWindowOf(window),
		opened_n: window?.opened_n ?? n,
		started_at: now,
		finished_at: null,
		status: "running",
		steps: [...(gate === undefined ? [] : [gateStep(gate)]), ...steps.map((plan) => pendingStep(plan, "step"))],
		...(onFailure.length === 0 ? {} : { on_failure: onFailure }),
		resumed: 0,
	};
}

export function pendingStep(plan: StepPlan, kind: StepState["kind"], id: string = plan.id): StepState {
	return { id, kind, plan, status: "pending", attempts: 0, dispatches: 0, resumed: 0, due_at: null };
}

function gateStep(gate: Gate): StepState {
	const step = pendingStep(START_PLAN, "start");
	if ("approval" in gate) return { ...step, status: "asking", approval: gate.approval, due_at: gate.approval.until };
	return failStep(step, gate.class, gate.reason);
}

const START_PLAN: StepPlan = {
	id: START,
	use: "start",
	connection: null,
	timeout_ms: 0,
	repeatable: true,
	on_unknown: "stop",
	attempts: 1,
	base_ms: 0,
	cap_ms: 0,
};

export function failStep(step: StepState, failure: FailureClass, reason: string): StepState {
	return { ...step, status: "failed", due_at: null, class: failure, reason };
}

/** A step's end was lifted: as it was before, but for what counts its tries. */
export function withoutEnd(step: StepState): StepState {
	const { class: _, reason: __, blocked: ___, approval: ____, discarded: _____, ...rest } = step;
	return rest;
}

export function replaceStep(run: Run, step: StepState): Run {
	return { ...run, steps: run.steps.map((other) => (other.id === step.id ? step : other)) };
}

export function findStep(run: Run, id: string): StepState | undefined {
	return run.steps.find((step) => step.id === id);
}

/** Until when the Entity must keep a run: for ever while it runs, for a while if an operator may resume it. */
export function keepRunUntil(run: Run): number {
	if (isRunOpen(run) || run.finished_at === null) return Number.POSITIVE_INFINITY;
	const resumable = run.steps.some((step) => opensLetter(run, step) && step.discarded !== true);
	return resumable ? run.finished_at + RESUMABLE_MS : run.finished_at;
}

/** One key for every attempt of a step, in any retry, redelivery or resume of its run. At most 255 characters. */
export function idempotencyKey(run: Run, step: StepState): string {
	return `sb_${run.id.slice("run_".length)}.${step.id}`;
}

export function deadLetterId(run: Run, step: StepState): string {
	return `dl_${run.id.slice("run_".length)}.${step.id}`;
}
