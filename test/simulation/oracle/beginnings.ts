// When a step begins: not before what it needs has ended well, not against its condition, as often as its list is long and
// so many at a time as it says, and what tells people once.

import type { Run, StepState } from "../../../src/model/entity";
import { Violation } from "../violation";
import type { RunCommit } from "../witness";
import { begins, failuresOf, type Insight, isOver, stepIn } from "./insight";
import { needsVerdict } from "./needs";

const ITEMS_AT_ONCE = 10;

export class Beginnings {
	readonly #told = new Set<string>();

	constructor(readonly insight: Insight) {}

	readonly judge = ({ before, run, changed }: RunCommit): void => {
		for (const step of changed) {
			if (!begins(before, step)) continue;
			if (step.kind === "step") this.#judgeStep(run, step);
			if (step.kind === "on_failure") this.#judgeTelling(run, step);
		}
		if (!changed.some(({ kind }) => kind === "item")) return;
		for (const step of run.steps) if (step.status === "fanned_out") this.#judgeItems(run, step);
	};

	#judgeStep(run: Run, step: StepState): void {
		const plan = this.insight.planOf(run, step);
		const name = `${run.id} ${step.id}`;
		if (plan === undefined) throw new Violation(`${name} begins, and its version has no such step`);
		const start = stepIn(run, "_start");
		if (start !== undefined && start.status !== "succeeded") throw new Violation(`${name} begins before its run may`);
		if (needsVerdict(this.insight, run, plan.needs) !== "met")
			throw new Violation(`${name} begins before its needs are met`);
		const wanted = this.insight.holds(run, plan.if);
		const isBroken = step.status === "failed" && step.class === "expression";
		if (wanted === false || (wanted === null && !isBroken)) throw new Violation(`${name} begins against its condition`);
		if (plan.for_each === undefined || isBroken) return;
		const length = this.insight.lengthOf(run, plan);
		const items = run.steps.filter(({ kind, plan: { id } }) => kind === "item" && id === step.id);
		if (items.length !== length) throw new Violation(`${name} has ${items.length} elements, and its list ${length}`);
	}

	#judgeItems(run: Run, step: StepState): void {
		const items = run.steps.filter(({ kind, plan: { id } }) => kind === "item" && id === step.id);
		const open = items.filter((item) => item.status !== "pending" && !isOver(item)).length;
		const most = this.insight.planOf(run, step)?.concurrency ?? ITEMS_AT_ONCE;
		if (open > most)
			throw new Violation(`${run.id} ${step.id} works on ${open} elements at a time, and not on ${most}`);
	}

	#judgeTelling(run: Run, step: StepState): void {
		const name = `${run.id} ${step.id}`;
		if (this.#told.has(name)) throw new Violation(`${name} tells people a second time`);
		this.#told.add(name);
		const isAsked = stepIn(run, "_start")?.approval !== undefined;
		if (!isAsked && run.resumed === 0 && failuresOf(this.insight, run).length === 0)
			throw new Violation(`${name} tells of a failure that is none`);
		const plan = this.insight.planOf(run, step);
		if (needsVerdict(this.insight, run, plan?.needs) !== "met")
			throw new Violation(`${name} begins before its needs are met`);
	}
}
