// Another input for a step that failed, and what a bulk does to one letter. The input is kept with the run; the journal
// is told where it differs from the document's, and not what it holds.

import type { Run, StepState } from "../../model/entity";
import type { Fact } from "../../model/fact";
import type { OperatorAnswer, PatchAnswer, PatchOrder } from "../../model/message";
import type { StepReplay } from "../../model/replay";
import * as facts from "../run-facts";
import { type EntityState, runIn, type Turn } from "../turn";
import { discardStep, resumeRun, resumeStep } from "./operate";
import { findStep } from "./run";

/** Characters of patched inputs of one run, which has to fit into one row beside everything else. */
const PATCHED_CHARS = 262_144;

/** Retried at once; every later attempt is given this input too. */
export function patchStep(
	state: EntityState,
	turn: Turn,
	runId: string,
	stepId: string,
	{ by, with: tree, paths, replay }: PatchOrder & { replay?: string },
): PatchAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return "gone";
	if (!isPatchable(step)) return "not_patchable";
	if (patchedChars(run, step) + JSON.stringify(tree).length > PATCHED_CHARS) return "too_large";
	const told = (of: Run, patched: StepState): Fact[] => [
		patchedFact(state, of, patched, { by, paths, replay }, turn.now),
	];
	return resumeStep(state, turn, runId, stepId, by, { with: tree, told, ...(replay === undefined ? {} : { replay }) });
}

/** An undo is given what the answer to its step said; what goes nowhere is given nothing. */
function isPatchable({ kind, plan }: StepState): boolean {
	return kind !== "undo" && kind !== "start" && plan.connection !== null;
}

function patchedChars({ steps }: Run, but: StepState): number {
	const others = steps.filter(({ id, patched_with }) => id !== but.id && patched_with !== undefined);
	return others.reduce((sum, { patched_with }) => sum + JSON.stringify(patched_with).length, 0);
}

function patchedFact(
	state: EntityState,
	run: Run,
	step: StepState,
	{ by, paths, replay }: { by: string; paths: string[]; replay: string | undefined },
	now: number,
): Fact {
	const retried = facts.deadLetterRetried(state, run, { ...step, resumed: step.resumed + 1 }, by, now);
	return {
		...retried,
		id: retried.id.replace(/:retried$/, ":patched"),
		kind: "dead_letter.patched",
		data: { ...retried.data, paths, ...(replay === undefined ? {} : { replay }) },
	};
}

/** A step that remembers the bulk was retried by it, whatever became of it since. */
export function replayStep(
	state: EntityState,
	turn: Turn,
	runId: string,
	stepId: string,
	{ by, replay, discard, patch, work }: StepReplay,
): PatchAnswer | OperatorAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (step?.replays?.includes(replay) === true) return "ok";
	if (discard !== undefined) {
		if (step?.discarded === true) return "ok";
		return discardStep(state, turn, { run: runId, step: stepId, by, reason: discard, replay });
	}
	if (work !== undefined) return resumeRun(state, turn, runId, { by, work, replay });
	if (patch !== undefined) return patchStep(state, turn, runId, stepId, { by, ...patch, replay });
	return resumeStep(state, turn, runId, stepId, by, { replay });
}
