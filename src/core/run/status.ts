// What the statuses of steps mean, and what those of a run's steps add up to.

import type { Run, StepState } from "../../model/entity";

export function isOver({ status }: StepState): boolean {
	switch (status) {
		case "pending":
		case "ready":
		case "queued":
		case "leased":
		case "waiting":
		case "held":
		case "asking":
		case "sleeping":
		case "fanned_out":
			return false;
		case "succeeded":
		case "failed":
		case "skipped":
		case "cancelled":
			return true;
	}
}

export function isRunOpen({ status }: Pick<Run, "status">): boolean {
	return status === "running" || status === "compensating";
}

/** The steps that decide how the run ends: items speak through their step, undoing and telling are something else. */
export function forwardSteps(run: Run): StepState[] {
	return run.steps.filter(({ kind }) => kind === "start" || kind === "step");
}

/** Failures that the author did not expect. */
export function failures(run: Run): StepState[] {
	return forwardSteps(run).filter(({ status, plan }) => status === "failed" && plan.continue_on_error !== true);
}

export function itemsOf(run: Run, step: StepState): StepState[] {
	return run.steps.filter(({ kind, plan }) => kind === "item" && plan.id === step.id);
}

/** Whether a step's failure waits for a person: not where people have decided it, and not where its items speak. */
export function opensLetter(run: Run, { status, kind, class: failure, plan, id }: StepState): boolean {
	if (status !== "failed" || failure === "rejected" || plan.continue_on_error === true) return false;
	return (
		kind !== "step" ||
		plan.for_each === undefined ||
		!run.steps.some((item) => item.kind === "item" && item.plan.id === id)
	);
}

/**
 * `partial`: some branch of the run came to a good end. A branch ends with a step that no other needs.
 */
export function endOf(run: Run): "succeeded" | "partial" | "failed" {
	if (failures(run).length === 0) return "succeeded";
	const needed = new Set(
		run.steps.flatMap(({ plan: { needs } }) => (needs === undefined ? [] : [...needs.all, ...(needs.some?.of ?? [])])),
	);
	const ends = forwardSteps(run).filter(({ kind, id }) => kind === "step" && !needed.has(id));
	return ends.some(({ status }) => status === "succeeded") ? "partial" : "failed";
}
