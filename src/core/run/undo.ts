// Compensation: what has to be undone, in which order, and what is left in the world if it cannot be.

import type { Run, StepState } from "../../model/entity";
import type { StepPlan } from "../../model/plan";
import { isOver } from "./status";

export type Undoing =
	| { kind: "undo"; step: StepState }
	/** An undo is under way. */
	| { kind: "open" }
	/** One has failed: what is older stays, because it may rest on it. */
	| { kind: "stuck" }
	| { kind: "done" };

/** What comes next. Newest first; a step whose outcome nobody knows counts as the newest. */
export function nextUndo(run: Run): Undoing {
	if (run.steps.some((step) => step.kind === "undo" && !isOver(step))) return { kind: "open" };
	for (const step of toUndo(run)) {
		const undo = undoOf(run, step);
		if (undo === undefined) return { kind: "undo", step };
		if (undo.status === "failed" && undo.discarded !== true) return { kind: "stuck" };
	}
	return { kind: "done" };
}

/** Steps that did something, or may have, and that can be undone: in the order of undoing. */
export function toUndo(run: Run): StepState[] {
	return run.steps
		.filter((step) => hasActed(step) && step.plan.undo !== undefined)
		.toSorted((a, b) => (b.succeeded_as ?? Number.MAX_SAFE_INTEGER) - (a.succeeded_as ?? Number.MAX_SAFE_INTEGER));
}

/** Of a step that fans out its items have acted, not itself. */
function hasActed({ kind, status, doubtful, plan, item }: StepState): boolean {
	if (kind !== "step" && kind !== "item") return false;
	if (plan.reads === true || plan.connection === null) return false;
	if (plan.for_each !== undefined && item === undefined) return false;
	return status === "succeeded" || doubtful === true;
}

export function undoIdOf(step: StepState): string {
	return `${step.id}.undo`;
}

export function undoOf(run: Run, step: StepState): StepState | undefined {
	return run.steps.find(({ id }) => id === undoIdOf(step));
}

/** The step that an undo takes back. */
export function undoneBy(run: Run, undo: StepState): StepState | undefined {
	return run.steps.find((step) => undoIdOf(step) === undo.id);
}

export function isUndone(run: Run): boolean {
	return run.steps.some(({ kind }) => kind === "undo");
}

/** What the run has changed and nothing has taken back, as a person would want to read it. */
export function leftInTheWorld(run: Run): string[] {
	return run.steps.filter(hasActed).flatMap((step) => {
		if (undoOf(run, step)?.status === "succeeded") return [];
		const told = `${step.id} (${step.plan.use})`;
		return [step.status === "succeeded" ? told : `${told}, perhaps: nobody knows whether it took effect`];
	});
}

/** The plan of a step's undo: its own retries, and no needs, since its turn has come. */
export function undoPlan(step: StepState): StepPlan | undefined {
	const { undo } = step.plan;
	if (undo === undefined) return undefined;
	const { natural: _, ...attempts } = undo;
	return { ...attempts, id: step.plan.id };
}
