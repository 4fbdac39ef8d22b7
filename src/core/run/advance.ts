// Advancing a run: whenever something has changed in it, everything that can happen now does. Steps whose needs are met
// begin, those whose needs can never be met are skipped, and when nothing is open any more the run is undone, people
// are told, and it ends. Calling it once more changes nothing.

import type { Run, StepState } from "../../model/entity";
import { arrivalMs } from "../retry";
import * as facts from "../run-facts";
import { actedIn, type EntityState, putRun, runIn, type Turn } from "../turn";
import { isGuarded } from "./begin";
import { dispatch } from "./dispatch";
import { findStep, pendingStep, START } from "./run";
import { endOf, failures, isOver, isRunOpen } from "./status";
import { end, type Moving, moveOnce } from "./steps";
import { isUndone, nextUndo, toUndo, undoIdOf, undoPlan } from "./undo";

export function advance(state: EntityState, turn: Turn, id: string): void {
	const before = runIn(state, turn, id);
	if (before === undefined || !isRunOpen(before)) return;
	const moving: Moving = { state, turn, run: before, facts: [] };
	if (mustStop(before)) stop(moving);
	if (findStep(before, START)?.status === "asking") tell(moving);
	settle(moving);
	if (moving.run !== before) putRun(turn, moving.run, moving.facts);
}

/** Once undoing has begun, it goes on to its end. */
function mustUndo(run: Run): boolean {
	if (run.cancelled !== undefined) return run.cancelled.compensate;
	return isUndone(run) || (run.compensate === true && failures(run).length > 0);
}

function mustStop(run: Run): boolean {
	return run.cancelled !== undefined || mustUndo(run);
}

function settle(moving: Moving): void {
	while (moveOnce(moving)) if (mustStop(moving.run)) stop(moving);
	if (isWorking(moving.run, ["start", "step", "item"])) return;
	if (mustUndo(moving.run) && undoNext(moving)) return;
	if (failures(moving.run).length > 0 && moving.run.cancelled === undefined) tell(moving);
	while (moveOnce(moving));
	if (isWorking(moving.run, ["on_failure"])) return;
	finish(moving);
}

function isWorking(run: Run, kinds: readonly StepState["kind"][]): boolean {
	return run.steps.some((step) => kinds.includes(step.kind) && !isOver(step));
}

/** Nothing new begins. What is under way comes to its end, because nobody could say whether it took effect. */
function stop(moving: Moving): void {
	const { cancelled } = moving.run;
	const because =
		cancelled === undefined
			? `${failures(moving.run)[0]?.id ?? "a step"} failed, and the run is undone`
			: `the run was cancelled by ${cancelled.by}`;
	for (const step of moving.run.steps) {
		if (step.kind === "undo" || isOver(step) || step.status === "leased" || step.status === "fanned_out") continue;
		if (step.kind === "on_failure" && cancelled === undefined) continue;
		const isUntried = step.attempts === 0 && cancelled === undefined;
		end(moving, {
			...step,
			status: isUntried ? "skipped" : "cancelled",
			reason: because,
			...(cancelled === undefined ? { blocked: true } : {}),
		});
	}
}

/** True as long as there is something to undo, one thing at a time. */
function undoNext(moving: Moving): boolean {
	const { state, turn, run } = moving;
	const next = nextUndo(run);
	switch (next.kind) {
		case "open":
			moving.run = run.status === "compensating" ? run : { ...run, status: "compensating" };
			return true;
		case "stuck":
		case "done":
			return false;
		case "undo": {
			const plan = undoPlan(next.step);
			if (plan === undefined) return false;
			const undo = beginUndo(moving, next.step, pendingStep(plan, "undo", undoIdOf(next.step)));
			moving.run = { ...run, status: "compensating", steps: [...run.steps, undo] };
			if (!isUndone(run)) {
				const order = toUndo(run).map(({ id }) => id);
				moving.facts.push(facts.runCompensating(state, moving.run, order, turn.now));
			}
			return true;
		}
	}
}

/** What perhaps still happens is given the time to have happened, before anybody looks whether it did. */
function beginUndo({ turn, run }: Moving, step: StepState, undo: StepState): StepState {
	if (step.doubtful === true) return { ...undo, status: "waiting", due_at: turn.now + arrivalMs(step.plan) };
	turn.dispatch.push({ run: run.id, step: undo.id });
	return dispatch(undo, turn.now);
}

/** The steps of `on_failure` begin, once in the life of a run. */
function tell(moving: Moving): void {
	const { run } = moving;
	const told = run.steps.some(({ kind }) => kind === "on_failure");
	if (told || run.on_failure === undefined) return;
	const steps = run.on_failure.map((plan) => pendingStep(plan, "on_failure"));
	moving.run = { ...run, steps: [...run.steps, ...steps] };
}

function finish(moving: Moving): void {
	const { state, turn, run } = moving;
	moving.run = { ...run, status: finalStatus(run), finished_at: turn.now };
	moving.facts.push(facts.runFinished(state, moving.run, turn.now));
	const endedWell = moving.run.status === "succeeded" || moving.run.status === "partial";
	const isInVain = !endedWell || !run.steps.some(hasChanged);
	if (isInVain && actedIn(state, turn, run.workflow)?.run === run.id) turn.acted.set(run.workflow, null);
}

function hasChanged({ kind, plan, status }: StepState): boolean {
	const isOne = kind === "item" || (kind === "step" && plan.for_each === undefined);
	return isOne && isGuarded(plan) && status === "succeeded";
}

function finalStatus(run: Run): Run["status"] {
	const undos = run.steps.filter(({ kind }) => kind === "undo");
	if (undos.some(({ status }) => status === "failed")) return "compensation_failed";
	if (run.cancelled !== undefined) return "cancelled";
	return undos.length > 0 ? "compensated" : endOf(run);
}
