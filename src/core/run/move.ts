// A run goes on with another version of its workflow: what has succeeded stays as it was done, the rest is done as the
// other version says.

import type { Run, StepState } from "../../model/entity";
import type { Work } from "../../model/plan";
import { pendingStep, withoutEnd } from "./run";
import { itemsOf } from "./status";

/** Steps that the other version does not have are gone, unless they have succeeded. */
export function moveTo(run: Run, work: Work): Run {
	const plans = new Map(work.steps.map((plan) => [plan.id, plan]));
	const moved = run.steps.map((step) => moveStep(run, step, plans));
	const known = new Set(run.steps.map(({ id }) => id));
	const added = work.steps.filter((plan) => plan.on_failure !== true && !known.has(plan.id));
	const { compensate: _, skip_unchanged: __, on_failure: ___, retry_budget: ____, ...rest } = run;
	const onFailure = work.steps.filter((plan) => plan.on_failure === true);
	const steps = moved.filter((step) => step !== null);
	return {
		...rest,
		version: work.version,
		priority: work.priority,
		...(work.compensate === undefined ? {} : { compensate: work.compensate }),
		...(work.skip_unchanged === undefined ? {} : { skip_unchanged: work.skip_unchanged }),
		...(work.retry_budget === undefined ? {} : { retry_budget: work.retry_budget }),
		...(onFailure.length === 0 ? {} : { on_failure: onFailure }),
		steps: [...steps, ...added.map((plan) => pendingStep(plan, "step"))],
	};
}

function moveStep(run: Run, step: StepState, plans: ReadonlyMap<string, Work["steps"][number]>): StepState | null {
	// What tells people has begun as it is.
	if (step.kind === "on_failure") return { ...step, version: step.version ?? run.version };
	if (step.kind !== "step" && step.kind !== "item") return step;
	const found = plans.get(step.plan.id);
	// What was a list and is none any more: the elements have nothing to become.
	const isList = step.kind === "item" || itemsOf(run, step).length > 0;
	const plan = isList && found?.for_each === undefined ? undefined : found;
	const version = step.version ?? run.version;
	if (step.status === "succeeded") return { ...step, version };
	// Of a list only what has succeeded stays, and is gathered anew.
	const hasActed = itemsOf(run, step).some(({ status }) => status === "succeeded");
	if (hasActed && plan === undefined) return { ...withoutEnd(step), status: "fanned_out", version };
	if (plan !== undefined) return { ...step, plan };
	return step.kind === "step" && found !== undefined ? pendingStep(found, "step") : null;
}
