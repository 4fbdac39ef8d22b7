// A run that was over goes on: a step of it turned out to have succeeded, or an operator wants it so.

import type { Run, StepState } from "../../model/entity";
import { withoutEnd } from "./run";
import { itemsOf } from "./status";
import { isUndone } from "./undo";

/**
 * The run is open again with these steps as given, and what stood still because of them gets another chance; but not
 * where undoing has begun, which goes on to its end.
 */
export function reopened(run: Run, changed: readonly StepState[]): Run {
	const parents = new Set(changed.filter(({ kind }) => kind === "item").map(({ plan }) => plan.id));
	const steps = run.steps.map((step) => {
		const given = changed.find(({ id }) => id === step.id);
		if (given !== undefined) return given;
		if (step.kind === "step" && parents.has(step.id)) return { ...withoutEnd(step), status: "fanned_out" as const };
		return step.blocked === true && !isUndone(run) ? unblocked(run, step) : step;
	});
	return { ...run, steps, status: "running", finished_at: null, retries: 0, resumed: run.resumed + 1 };
}

/** Of a step that fans out, with its items. */
function unblocked(run: Run, step: StepState): StepState {
	const hasItems = step.kind === "step" && itemsOf(run, step).length > 0;
	return { ...withoutEnd(step), status: hasItems ? "fanned_out" : "pending" };
}
