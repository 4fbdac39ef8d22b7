// What a step needs, once more and in another way than the core has it: counted over what has ended well.

import type { Run, StepState } from "../../../src/model/entity";
import type { NeedsPlan } from "../../../src/model/plan";
import { type Insight, isOver, stepIn } from "./insight";

export function needsVerdict(insight: Insight, run: Run, needs: NeedsPlan | undefined): "met" | "open" | "never" {
	if (needs === undefined) return "met";
	const groups = [{ of: needs.all, enough: stepsOf(run, needs.all).length }];
	if (needs.some !== undefined) groups.push({ of: needs.some.of, enough: needs.some.at_least });
	const verdicts = groups.map(({ of, enough }) => {
		const steps = stepsOf(run, of);
		const well = steps.filter((step) => endedWell(insight, run, step)).length;
		const lost = steps.filter((step) => isOver(step) && !endedWell(insight, run, step)).length;
		if (well >= enough) return "met";
		return steps.length - lost >= enough ? "open" : "never";
	});
	if (verdicts.includes("never")) return "never";
	return verdicts.includes("open") ? "open" : "met";
}

export function endedWell(insight: Insight, run: Run, step: StepState): boolean {
	if (step.status === "succeeded") return true;
	return step.status === "failed" && insight.planOf(run, step)?.continue_on_error === true;
}

/** What another version does not have any more is not needed any more. */
function stepsOf(run: Run, ids: readonly string[]): StepState[] {
	return ids.map((id) => stepIn(run, id)).filter((step) => step !== undefined);
}
