// Whether a step may start, must wait, or can never start, given how the steps that it needs have ended.

import type { StepState } from "../../model/entity";
import type { NeedsPlan } from "../../model/plan";
import { isOver } from "./status";

/** `blocked`: a failure is the cause, so that it may yet start if that step is carried out after all. */
export type NeedsVerdict = { kind: "met" } | { kind: "open" } | { kind: "never"; blocked: boolean; reason: string };

const MET: NeedsVerdict = { kind: "met" };

export function judgeNeeds(needs: NeedsPlan | undefined, find: (id: string) => StepState | undefined): NeedsVerdict {
	if (needs === undefined) return MET;
	const all = judgeEnough(needs.all, needs.all.length, find);
	if (all.kind === "never" || needs.some === undefined) return all;
	const some = judgeEnough(needs.some.of, needs.some.at_least, find);
	if (some.kind === "never") return some;
	return all.kind === "met" && some.kind === "met" ? MET : { kind: "open" };
}

function judgeEnough(
	ids: readonly string[],
	atLeast: number,
	find: (id: string) => StepState | undefined,
): NeedsVerdict {
	const steps = ids.map(find).filter((step) => step !== undefined);
	const well = steps.filter(hasEndedWell).length;
	if (well >= atLeast) return MET;
	const ill = steps.filter((step) => isOver(step) && !hasEndedWell(step));
	if (well + (steps.length - well - ill.length) >= atLeast) return { kind: "open" };
	const blocked = ill.some(({ status, blocked }) => status === "failed" || blocked === true);
	const told = ill.map(({ id, status }) => `${id} ${status === "failed" ? "failed" : `was ${status}`}`).join(", ");
	return {
		kind: "never",
		blocked,
		reason: `needs ${atLeast === ids.length ? "" : `${atLeast} of `}${ids.join(", ")}: ${told}`,
	};
}

export function hasEndedWell({ status, plan }: StepState): boolean {
	return status === "succeeded" || (status === "failed" && plan.continue_on_error === true);
}
