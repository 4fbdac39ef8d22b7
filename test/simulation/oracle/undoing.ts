// What was done is taken back in the reverse order of its completion, nothing is taken back that was not done, and a run
// that says that it is compensated has left nothing behind.

import type { Run, StepState } from "../../../src/model/entity";
import { doneBy, type Effect } from "../receiver";
import { Violation } from "../violation";
import type { RunCommit } from "../witness";
import type { Ends } from "./ends";
import { type Insight, isOpen, stepIn } from "./insight";

export class Undoing {
	/** The order in which steps were seen to succeed. */
	readonly #ranks = new Map<string, number>();

	constructor(
		readonly insight: Insight,
		readonly ends: Ends,
	) {}

	readonly judge = ({ before, run, changed }: RunCommit): void => {
		for (const { id, status } of changed) {
			const name = `${run.id} ${id}`;
			if (status === "succeeded" && !this.#ranks.has(name)) this.#ranks.set(name, this.#ranks.size + 1);
		}
		for (const step of changed) {
			if (step.kind === "undo" && stepIn(before, step.id) === undefined) this.#judgeOrder(run, step);
		}
		if (!isOpen(run)) this.#judgeEnd(run);
	};

	/** When something happens in the world. */
	readonly happens = ({ run, step, kind }: Effect): void => {
		if (kind !== "undo") return;
		const { effects } = this.insight.history.receiver;
		const origin = doneBy({ step, kind });
		const isDone = effects.some((effect) => effect.kind === "do" && effect.run === run && effect.step === origin);
		if (!isDone) throw new Violation(`${run} ${origin} is undone, and it has never been done`);
	};

	#judgeOrder(run: Run, undo: StepState): void {
		const origin = stepIn(run, doneBy({ step: undo.id, kind: "undo" }));
		if (origin === undefined) throw new Violation(`${run.id} ${undo.id} undoes a step that is not there`);
		for (const other of this.#toUndo(run)) {
			const back = stepIn(run, `${other.id}.undo`);
			const isBack = back?.status === "succeeded" || (back?.status === "failed" && back.discarded === true);
			if (!isBack && this.#rankOf(run, other) > this.#rankOf(run, origin)) {
				throw new Violation(`${run.id} ${origin.id} is undone before ${other.id}, which was done later`);
			}
		}
	}

	#judgeEnd(run: Run): void {
		const isUndone = run.steps.some(({ kind }) => kind === "undo");
		if (isUndone && !this.ends.isToUndo(run) && run.resumed === 0)
			throw new Violation(`${run.id} was undone without need`);
		if (!this.ends.isToUndo(run) || run.status === "compensation_failed") return;
		const left = this.#toUndo(run).find(({ id }) => stepIn(run, `${id}.undo`)?.status !== "succeeded");
		if (left !== undefined) throw new Violation(`${run.id} ended as ${run.status}, and ${left.id} was not undone`);
	}

	/** Once everything is at rest: nothing stands that was to be taken back. */
	checkWorld(run: Run): void {
		if (!this.ends.isToUndo(run) || run.status === "compensation_failed") return;
		const { effects } = this.insight.history.receiver;
		const last = new Map<string, Effect>();
		for (const effect of effects) if (effect.run === run.id) last.set(doneBy(effect), effect);
		for (const [id, effect] of last) {
			const step = stepIn(run, id);
			const plan = step === undefined ? undefined : this.insight.planOf(run, step);
			if (step === undefined || step.kind === "on_failure" || plan?.undo === undefined) continue;
			if (effect.kind === "do" && !effect.isStale)
				throw new Violation(`${run.id} is ${run.status}, and ${id} stands in the world`);
		}
	}

	/** Of what has succeeded, or perhaps has. */
	#toUndo(run: Run): StepState[] {
		return run.steps.filter((step) => {
			const plan = this.insight.planOf(run, step);
			const isActed = step.status === "succeeded" || step.doubtful === true;
			if (!isActed || plan?.undo === undefined || plan.reads === true) return false;
			return step.kind === "item" || (step.kind === "step" && plan.for_each === undefined);
		});
	}

	#rankOf(run: Run, { id, status }: StepState): number {
		return status === "succeeded" ? (this.#ranks.get(`${run.id} ${id}`) ?? 0) : Number.POSITIVE_INFINITY;
	}
}
