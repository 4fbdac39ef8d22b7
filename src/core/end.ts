// How an attempt, or a whole step, ends: the one place that turns an outcome into the next state and its facts.

import type { Run, StepState } from "../model/entity";
import type { AttemptReport } from "../model/message";
import * as facts from "./facts";
import { afterAttempt } from "./retry";
import { failStep, replaceStep } from "./run/run";
import { type EntityState, putRun, type Turn } from "./turn";

export function endAttempt(
	state: EntityState,
	turn: Turn,
	run: Run,
	step: StepState,
	report: AttemptReport,
	random: number,
): void {
	const { outcome } = report;
	const after = afterAttempt(step, outcome, turn.now, random);
	const tried = { ...step, attempts: Math.max(step.attempts, report.attempt), due_at: null };
	switch (after.status) {
		case "succeeded": {
			const { class: _, reason: __, ...clean } = tried;
			finish(state, turn, run, step, { ...clean, status: "succeeded" }, report);
			break;
		}
		case "failed":
			finish(state, turn, run, step, failStep(tried, after.class, after.reason), report);
			break;
		case "waiting":
			finish(state, turn, run, step, { ...tried, status: "waiting", dispatches: 0, due_at: after.due_at }, report);
			break;
	}
}

function finish(
	state: EntityState,
	turn: Turn,
	run: Run,
	before: StepState,
	after: StepState,
	report: AttemptReport,
): void {
	const next = replaceStep(run, after, turn.now);
	const wasLetter = before.status === "failed" || before.resumed > 0;
	putRun(turn, next, [
		facts.attemptFinished(state, next, after, report, turn.now),
		...(after.status === "failed" ? [facts.deadLetterOpened(state, next, after, turn.now)] : []),
		...(after.status === "succeeded" && wasLetter ? [facts.deadLetterResolved(state, next, after, turn.now)] : []),
		...(next.status === "running" ? [] : [facts.runFinished(state, next, turn.now)]),
	]);
}

/** A step ended in failure outside of an attempt. */
export function endStep(state: EntityState, turn: Turn, run: Run, failed: StepState): void {
	const next = replaceStep(run, failed, turn.now);
	putRun(turn, next, [
		facts.deadLetterOpened(state, next, failed, turn.now),
		...(next.status === "running" ? [] : [facts.runFinished(state, next, turn.now)]),
	]);
}
