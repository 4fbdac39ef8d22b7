// What becomes of a step: claimed by a consumer, reported, given up by the platform, resumed or discarded by a person.

import type { Run, StepState } from "../model/entity";
import type { AttemptReport, OperatorAnswer } from "../model/message";
import { endAttempt, endStep } from "./end";
import * as facts from "./facts";
import { dispatch, lease, leaseIsDurable } from "./run/dispatch";
import { failStep, findStep, replaceStep } from "./run/run";
import { type EntityState, putRun, runIn, type Turn } from "./turn";

/** `durable`: the lease must be committed before the attempt begins. Otherwise it is enough to remember it. */
export type ClaimDecision =
	| { state: "go"; run: Run; step: StepState; durable: boolean }
	| { state: "done" }
	| { state: "busy" };

export function claimStep(state: EntityState, turn: Turn, runId: string, stepId: string): ClaimDecision {
	const run = state.runs.get(runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return { state: "done" };
	switch (step.status) {
		case "succeeded":
		case "failed":
			return { state: "done" };
		case "leased":
		case "waiting":
			return { state: "busy" };
		case "ready":
		case "queued": {
			const leased = lease(step, turn.now);
			const next = replaceStep(run, leased, turn.now);
			putRun(turn, next, []);
			return { state: "go", run: next, step: leased, durable: leaseIsDurable(step) };
		}
	}
}

/**
 * A report counts if it is about the attempt that is under way. One exception: a success is always true, however
 * late it comes, and a step that succeeded is never carried out again.
 */
export function reportAttempt(state: EntityState, turn: Turn, report: AttemptReport, random: number): void {
	const run = runIn(state, turn, report.run);
	const step = run === undefined ? undefined : findStep(run, report.step);
	if (run === undefined || step === undefined || step.status === "succeeded") return;
	const isCurrent = report.attempt === step.attempts + 1 && step.status !== "waiting" && step.status !== "failed";
	if (!isCurrent && report.outcome.kind !== "succeeded") return;
	endAttempt(state, turn, run, step, report, random);
}

/** The step was claimed but not tried, because its connection has to wait. */
export function postponeStep(state: EntityState, turn: Turn, runId: string, stepId: string, until: number): void {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined || step.status !== "leased") return;
	putRun(turn, replaceStep(run, { ...step, status: "waiting", due_at: until }, turn.now), []);
}

/** The platform gave the message up: whatever the consumer does with it, it does not survive it. */
export function crashStep(state: EntityState, turn: Turn, runId: string, stepId: string): void {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return;
	if (step.status !== "ready" && step.status !== "queued" && step.status !== "leased") return;
	const reason = "the consumer failed on this step every time the queue delivered it";
	endStep(state, turn, run, failStep({ ...step, due_at: null }, "consumer_crash", reason));
}

/** Retry of a dead letter: the run goes on at the failed step, under the same idempotency key. */
export function resumeStep(state: EntityState, turn: Turn, runId: string, stepId: string, by: string): OperatorAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return "gone";
	if (step.status !== "failed" || step.discarded === true) return "conflict";
	const { class: _, reason: __, ...clean } = step;
	const again = dispatch({ ...clean, attempts: 0, dispatches: 0, resumed: step.resumed + 1 }, turn.now);
	const next = replaceStep({ ...run, finished_at: null }, again, turn.now);
	putRun(turn, next, [facts.deadLetterRetried(state, next, again, by, turn.now)]);
	turn.dispatch.push({ run: runId, step: stepId });
	return "ok";
}

export function discardStep(
	state: EntityState,
	turn: Turn,
	{ run: runId, step: stepId, by, reason }: { run: string; step: string; by: string; reason: string },
): OperatorAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return "gone";
	if (step.status !== "failed" || step.discarded === true) return "conflict";
	const discarded = { ...step, discarded: true };
	const next = replaceStep(run, discarded, turn.now);
	putRun(turn, next, [facts.deadLetterDiscarded(state, next, discarded, { by, reason }, turn.now)]);
	return "ok";
}
