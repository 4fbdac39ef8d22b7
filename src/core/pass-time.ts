// Time passes in one Entity: windows that are due close and act, steps whose time has come are sent (again), leases
// that ran out are attempts of unknown outcome. Nothing is skipped for being overdue.

import type { Run, StepState, Window } from "../model/entity";
import type { AttemptReport } from "../model/message";
import { actOn } from "./accept";
import { endAttempt, endStep } from "./end";
import { expireApproval } from "./run/approval";
import { MAX_DISPATCHES, sendAgain } from "./run/dispatch";
import { failStep, findStep } from "./run/run";
import { closeAggregate } from "./timing/aggregate";
import { closeDebounce } from "./timing/debounce";
import { closeJoin } from "./timing/join";
import { type EntityState, runIn, type Turn } from "./turn";

/** `random` is in [0, 1) and spreads retries. */
export function passTime(state: EntityState, turn: Turn, random: () => number): void {
	for (const window of state.windows.values()) {
		if (window.due_at <= turn.now) close(state, turn, window);
	}
	for (const run of state.runs.values()) {
		for (const { id } of run.steps) passStep(state, turn, { run: run.id, step: id }, random);
	}
}

function close(state: EntityState, turn: Turn, window: Window): void {
	if (window.timing.kind === "join") {
		const { window: after, acts, gate } = closeJoin(window, turn.now);
		turn.windows.set(window.workflow, after);
		if (acts !== null) actOn(state, turn, acts, gate);
		return;
	}
	turn.windows.set(window.workflow, null);
	const acts = window.timing.kind === "debounce" ? closeDebounce(window) : closeAggregate(window);
	if (acts !== null) actOn(state, turn, acts);
}

/** As it stands now: what has passed for another step of the run may have ended it. */
function passStep(state: EntityState, turn: Turn, ids: Turn["dispatch"][number], random: () => number): void {
	const run = runIn(state, turn, ids.run);
	const step = run === undefined ? undefined : findStep(run, ids.step);
	if (run === undefined || step === undefined || step.due_at === null || step.due_at > turn.now) return;
	switch (step.status) {
		case "ready":
		case "queued":
			if (step.dispatches >= MAX_DISPATCHES) giveUp(state, turn, run, step);
			else sendAgain(state, turn, run.id, step);
			break;
		case "waiting":
		case "held":
			sendAgain(state, turn, run.id, { ...step, dispatches: 0 });
			break;
		case "asking":
			endStep(state, turn, run, expireApproval(step));
			break;
		case "sleeping":
			endStep(state, turn, run, { ...step, status: "succeeded", due_at: null });
			break;
		case "leased":
			endAttempt(state, turn, run, step, lostAttempt(run, step, turn.now), random());
			break;
		case "pending":
		case "fanned_out":
		case "succeeded":
		case "failed":
		case "skipped":
		case "cancelled":
			break;
	}
}

function giveUp(state: EntityState, turn: Turn, run: Run, step: StepState): void {
	const reason = `sent to the queue ${step.dispatches} times, and no consumer got through with it`;
	endStep(state, turn, run, failStep(step, "consumer_crash", reason));
}

function lostAttempt(run: Run, step: StepState, now: number): AttemptReport {
	return {
		run: run.id,
		step: step.id,
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
