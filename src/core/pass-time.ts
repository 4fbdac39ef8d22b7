// Time passes in one Entity: windows that are due close and act, steps whose time has come are sent (again), leases
// that ran out are attempts of unknown outcome. Nothing is skipped for being overdue.

import type { Run, StepState, Window } from "../model/entity";
import type { AttemptReport } from "../model/message";
import { actOn } from "./accept";
import { endAttempt, endStep } from "./end";
import { dispatch, MAX_DISPATCHES } from "./run/dispatch";
import { failStep, replaceStep } from "./run/run";
import { closeAggregate } from "./timing/aggregate";
import { closeDebounce } from "./timing/debounce";
import { type EntityState, putRun, runIn, type Turn } from "./turn";

/** `random` is in [0, 1) and spreads retries. */
export function passTime(state: EntityState, turn: Turn, random: () => number): void {
	for (const window of state.windows.values()) {
		if (window.due_at <= turn.now) close(state, turn, window);
	}
	for (const run of state.runs.values()) {
		for (const step of run.steps) {
			if (step.due_at !== null && step.due_at <= turn.now) passStep(state, turn, run.id, step, random);
		}
	}
}

function close(state: EntityState, turn: Turn, window: Window): void {
	turn.windows.set(window.workflow, null);
	const acts = window.timing.kind === "debounce" ? closeDebounce(window) : closeAggregate(window);
	if (acts !== null) actOn(state, turn, acts);
}

function passStep(state: EntityState, turn: Turn, runId: string, step: StepState, random: () => number): void {
	const run = runIn(state, turn, runId);
	if (run === undefined) return;
	switch (step.status) {
		case "ready":
		case "queued":
			if (step.dispatches >= MAX_DISPATCHES) giveUp(state, turn, run, step);
			else send(turn, run, step);
			break;
		case "waiting":
			send(turn, run, { ...step, dispatches: 0 });
			break;
		case "leased":
			endAttempt(state, turn, run, step, lostAttempt(run, step, turn.now), random());
			break;
		case "succeeded":
		case "failed":
			break;
	}
}

function send(turn: Turn, run: Run, step: StepState): void {
	putRun(turn, replaceStep(run, dispatch(step, turn.now), turn.now), []);
	turn.dispatch.push({ run: run.id, step: step.plan.id });
}

function giveUp(state: EntityState, turn: Turn, run: Run, step: StepState): void {
	const reason = `sent to the queue ${step.dispatches} times, and no consumer got through with it`;
	endStep(state, turn, run, failStep(step, "consumer_crash", reason));
}

function lostAttempt(run: Run, step: StepState, now: number): AttemptReport {
	return {
		run: run.id,
		step: step.plan.id,
		attempt: step.attempts + 1,
		outcome: {
			kind: "unknown",
			reason: "the consumer took the step and did not report before its lease ended",
			timed_out: false,
		},
		exchange: {},
		started_at: now,
		duration_ms: 0,
	};
}
