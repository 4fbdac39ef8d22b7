// How an attempt, or a whole step, ends: the one place that turns an outcome into the next state and its facts.

import type { Run, StepState } from "../model/entity";
import type { Fact } from "../model/fact";
import type { Json, JsonObject } from "../model/json";
import type { AttemptReport } from "../model/message";
import { RETRY_BUDGET } from "../model/workflow";
import { afterAttempt } from "./retry";
import { advance } from "./run/advance";
import { fallbackOf } from "./run/begin";
import { fitsInRun } from "./run/kept";
import { reopened } from "./run/reopen";
import { failStep, replaceStep, withoutEnd } from "./run/run";
import { scopeOf } from "./run/scope";
import { opensLetter } from "./run/status";
import * as facts from "./run-facts";
import { type EntityState, eventIn, putRun, type Turn } from "./turn";

export function endAttempt(
	state: EntityState,
	turn: Turn,
	run: Run,
	step: StepState,
	report: AttemptReport,
	random: number,
): void {
	const { outcome } = report;
	const left = (run.retry_budget ?? RETRY_BUDGET) - (run.retries ?? 0);
	const after = afterAttempt(step, outcome, { now: turn.now, random, left });
	const attempts = Math.max(step.attempts, report.attempt);
	const doubt = outcome.kind === "unknown" ? doubtOf(step, report, turn.now) : {};
	const tried: StepState = { ...step, attempts, due_at: null, ...doubt };
	switch (after.status) {
		case "succeeded":
			succeed(state, turn, run, tried, report);
			break;
		case "failed":
			fail(
				state,
				turn,
				run,
				failStep(tried, onlyLooked(report) ? "unknown_outcome" : after.class, after.reason),
				report,
			);
			break;
		case "waiting":
			again(state, turn, run, { ...tried, status: "waiting", dispatches: 0, due_at: after.due_at }, report);
			break;
	}
}

/** Nothing was sent, because it could not be seen whether an earlier attempt took effect. */
function onlyLooked({ exchange, outcome }: AttemptReport): boolean {
	return exchange.probe !== undefined && exchange.request === undefined && outcome.kind !== "permanent";
}

/** An attempt that only looked for an earlier one leaves nothing new behind. */
function doubtOf(step: StepState, report: AttemptReport, now: number): Pick<StepState, "doubtful" | "doubtful_at"> {
	return { doubtful: true, doubtful_at: onlyLooked(report) ? (step.doubtful_at ?? now) : now };
}

function again(state: EntityState, turn: Turn, run: Run, waiting: StepState, report: AttemptReport): void {
	write(state, turn, { ...run, retries: (run.retries ?? 0) + 1 }, waiting, report);
}

function succeed(state: EntityState, turn: Turn, run: Run, tried: StepState, report: AttemptReport): void {
	if (report.outcome.kind !== "succeeded") return;
	const { doubtful: _, doubtful_at: __, ...clean } = withoutEnd(tried);
	const { output, undo } = report.outcome;
	// A retried step that was called off or skipped for good has resolved its letter already.
	const isResolved = tried.status === "cancelled" || (tried.status === "skipped" && tried.blocked !== true);
	const wasLetter = opensLetter(run, tried) || (tried.resumed > 0 && !isResolved);
	const done: StepState = {
		...clean,
		status: "succeeded",
		succeeded_as: 1 + run.steps.filter(({ succeeded_as }) => succeeded_as !== undefined).length,
		...keptOf(run, output, undo),
	};
	const wasOver = tried.status === "failed" || tried.status === "cancelled" || tried.status === "skipped";
	const next = wasOver ? reopened(run, [done]) : replaceStep(run, done);
	write(state, turn, next, done, report, wasLetter ? [facts.deadLetterResolved(state, next, done, turn.now)] : []);
}

/** How to take it back comes before what it gave: a run keeps only so much. */
function keptOf(run: Run, output: Json, undo: JsonObject | undefined): Partial<StepState> {
	if (undo !== undefined && !fitsInRun(run, undo)) {
		return { reason: "its output, and how to undo it, were left out: a run keeps 256 KB of outputs" };
	}
	const undo_with = undo === undefined ? {} : { undo_with: undo };
	if (fitsInRun(run, [output, undo ?? null])) return { output, ...undo_with };
	return { reason: "its output was left out: a run keeps 256 KB of outputs", ...undo_with };
}

/** A reading that failed may have a stated fallback. */
function fail(state: EntityState, turn: Turn, run: Run, failed: StepState, report: AttemptReport): void {
	const scope = () => {
		const read = (id: string) => eventIn(state, turn, id);
		return { ...scopeOf(run, failed, read), now: new Date(turn.now).toISOString() };
	};
	const output = fallbackOf(failed, scope);
	if (output === null || !fitsInRun(run, output)) {
		write(state, turn, run, failed, report);
		return;
	}
	const { class: _, ...rest } = failed;
	const fellBack: StepState = { ...rest, status: "succeeded", output, fell_back: true };
	write(state, turn, run, fellBack, report, facts.endOfStep(state, replaceStep(run, fellBack), fellBack, turn.now));
}

function write(
	state: EntityState,
	turn: Turn,
	run: Run,
	after: StepState,
	report: AttemptReport,
	more: Fact[] = [],
): void {
	const next = replaceStep(run, after);
	putRun(turn, next, [
		facts.attemptFinished(state, next, after, report, turn.now),
		...(opensLetter(next, after) ? [facts.deadLetterOpened(state, next, after, turn.now)] : []),
		...more,
	]);
	advance(state, turn, next.id);
}

/** A step ended outside of an attempt. */
export function endStep(state: EntityState, turn: Turn, run: Run, ended: StepState): void {
	const next = replaceStep(run, ended);
	putRun(turn, next, facts.endOfStep(state, next, ended, turn.now));
	advance(state, turn, next.id);
}
