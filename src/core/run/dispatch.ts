// Getting a step to a consumer: sending it, leasing it, and sending it again when nobody took it or nobody came back.
// Queue messages may be lost, repeated or late; a step costs time then, never work.

import type { Run, StepState } from "../../model/entity";
import { type EntityState, putRun, runIn, type Turn } from "../turn";
import { replaceStep } from "./run";

/** A step that was committed but perhaps not sent is looked at again after this; it doubles with every sending. */
export const DISPATCH_CHECK_MS = 1_000;
/** A step that was sent is expected to be claimed within this; it doubles with every sending. */
export const QUEUE_PATIENCE_MS = 30_000;
const MAX_PATIENCE_MS = 3_600_000;
/** A step that was sent this often without an end is given up: no consumer gets through with it. */
export const MAX_DISPATCHES = 20;
/** A consumer has its step's time-out and this much more: to look first whether an attempt took effect, and to report. */
export const LEASE_MARGIN_MS = 25_000;
/** A step whose messages kept dying with their consumers is sent this often before it is held to be the cause. */
export const MAX_CRASHES = 3;

/** The step goes (again) to the queue. */
export function dispatch(step: StepState, now: number): StepState {
	const dispatches = step.dispatches + 1;
	return { ...step, status: "ready", dispatches, due_at: now + doubling(DISPATCH_CHECK_MS, dispatches) };
}

/** Sends a step of a run that stands still, as it is given. */
export function sendAgain(state: EntityState, turn: Turn, runId: string, step: StepState): void {
	const run = runIn(state, turn, runId);
	if (run === undefined) return;
	putRun(turn, replaceStep(run, dispatch(step, turn.now)), []);
	turn.dispatch.push({ run: runId, step: step.id });
}

/** The queue has it. */
export function markQueued(step: StepState, now: number): StepState {
	if (step.status !== "ready") return step;
	return { ...step, status: "queued", due_at: now + doubling(QUEUE_PATIENCE_MS, step.dispatches) };
}

export function lease(step: StepState, now: number): StepState {
	return { ...step, status: "leased", due_at: now + step.plan.timeout_ms + LEASE_MARGIN_MS };
}

/**
 * A lease must be on disk before the attempt only where an attempt cannot be repeated, or would have to be undone: then a
 * crash must not forget that one began. Elsewhere the idempotency key makes a second try harmless, and the commit is saved.
 */
export function leaseIsDurable(run: Pick<Run, "compensate">, { plan }: StepState): boolean {
	return !plan.repeatable || (run.compensate === true && plan.undo !== undefined);
}

/** After a restart nobody knows of leases that were only remembered: a step that was sent may be under way. */
export function withoutMemory(run: Run): Run {
	const isUnsure = (step: StepState) =>
		(step.status === "ready" || step.status === "queued") && step.plan.reads !== true && !leaseIsDurable(run, step);
	return { ...run, steps: run.steps.map((step) => (isUnsure(step) ? { ...step, doubtful: true } : step)) };
}

function doubling(firstMs: number, times: number): number {
	return Math.min(MAX_PATIENCE_MS, firstMs * 2 ** (times - 1));
}
