// How a run ends, worked out once more from how its steps did: its status, why a step was skipped or called off, and that
// whatever is open waits for something until some time.

import type { Run, StepState } from "../../../src/model/entity";
import { Violation } from "../violation";
import type { RunCommit } from "../witness";
import { failuresOf, type Insight, isOpen, isOver, stepIn } from "./insight";
import { needsVerdict } from "./needs";

export class Ends {
	/** Runs that an operator has cancelled. */
	readonly #cancelled = new Map<string, boolean>();
	/** Runs whose plan has changed on the way: what was skipped then may have been skipped by the other. */
	readonly #moved = new Set<string>();

	constructor(readonly insight: Insight) {}

	readonly judge = ({ before, run, changed, facts }: RunCommit): void => {
		const order = facts.find(({ kind }) => kind === "run.cancelled");
		if (order !== undefined) this.#cancelled.set(run.id, order.data.compensate === true);
		if (before !== undefined && before.version !== run.version) this.#moved.add(run.id);
		for (const step of changed) if (stepIn(before, step.id)?.status !== step.status) this.#judgeStep(run, step);
		const waiting = run.steps.filter(({ due_at }) => due_at !== null);
		if (isOpen(run)) {
			if (waiting.length === 0) throw new Violation(`${run.id} is open, and nothing in it waits for any time`);
			return;
		}
		const open = run.steps.find((step) => !isOver(step));
		if (open !== undefined) throw new Violation(`${run.id} has ended, and ${open.id} is ${open.status}`);
		if (waiting.length > 0) throw new Violation(`${run.id} has ended, and ${waiting[0]?.id} waits`);
		const status = this.#statusOf(run);
		if (status !== run.status) throw new Violation(`${run.id} ended as ${run.status}, and not as ${status}`);
	};

	#statusOf(run: Run): Run["status"] {
		const undos = run.steps.filter(({ kind }) => kind === "undo");
		if (undos.some(({ status }) => status === "failed")) return "compensation_failed";
		if (this.#cancelled.has(run.id)) return "cancelled";
		if (undos.length > 0) return "compensated";
		if (failuresOf(this.insight, run).length === 0) return "succeeded";
		return this.#leaves(run).some(({ status }) => status === "succeeded") ? "partial" : "failed";
	}

	/** Steps that no other needs: with them a branch ends. */
	#leaves(run: Run): StepState[] {
		const steps = run.steps.filter(({ kind }) => kind === "step");
		const plans = steps.map((step) => this.insight.planOf(run, step)?.needs);
		return steps.filter(({ id }) => !plans.some((needs) => needs?.all.includes(id) || needs?.some?.of.includes(id)));
	}

	/** Whether everything stops because what was done is taken back. */
	#isStopped(run: Run): boolean {
		if (this.#cancelled.has(run.id) || run.steps.some(({ kind }) => kind === "undo")) return true;
		return this.insight.versionOf(run)?.compensate === true && failuresOf(this.insight, run).length > 0;
	}

	#judgeStep(run: Run, step: StepState): void {
		const name = `${run.id} ${step.id}`;
		if (step.status === "cancelled" && !this.#isStopped(run)) throw new Violation(`${name} was called off by nobody`);
		if (step.status !== "skipped" || step.kind !== "step" || this.#isStopped(run) || this.#moved.has(run.id)) return;
		const start = stepIn(run, "_start");
		const plan = this.insight.planOf(run, step);
		const isUnchanged = step.reason?.startsWith("nothing has changed") === true;
		const isDue =
			(start === undefined || start.status === "succeeded") &&
			needsVerdict(this.insight, run, plan?.needs) !== "never" &&
			this.insight.holds(run, plan?.if) !== false;
		if (isDue && !isUnchanged) throw new Violation(`${name} was skipped without a reason: ${step.reason}`);
	}

	wasCancelled(run: string): boolean {
		return this.#cancelled.has(run);
	}

	/** Whether the run was to take back what it had done. */
	isToUndo(run: Run): boolean {
		const compensates = this.#cancelled.get(run.id);
		if (compensates !== undefined) return compensates;
		return this.insight.versionOf(run)?.compensate === true && failuresOf(this.insight, run).length > 0;
	}
}
