// Nothing has succeeded that the world knows nothing of: every success is there in what the target answered, in what people
// said, in the time that has passed.

import type { Run, StepState } from "../../../src/model/entity";
import { doneBy } from "../receiver";
import { Violation } from "../violation";
import type { RunCommit } from "../witness";
import { type Insight, isOver, stepIn } from "./insight";

const WAITS: Record<string, number> = { "1s": 1_000, "10m": 600_000, "2d": 2 * 86_400_000 };

export class Successes {
	/** When each wait began. */
	readonly #slept = new Map<string, number>();

	constructor(readonly insight: Insight) {}

	readonly judge = ({ before, run, changed }: RunCommit): void => {
		for (const step of changed) {
			const was = stepIn(before, step.id)?.status;
			if (was === step.status) continue;
			const name = `${run.id} ${step.id}`;
			if (step.status === "sleeping") this.#slept.set(name, this.insight.history.world.now);
			if (step.status === "succeeded" && !this.#isKnown(run, step)) {
				throw new Violation(`${name} is said to have succeeded, and the world knows nothing of it`);
			}
			if (step.status === "failed") this.#judgeFailure(run, step);
		}
	};

	#isKnown(run: Run, step: StepState): boolean {
		const { receiver, world } = this.insight.history;
		if (step.kind === "start") return step.resumed > 0 || step.approval !== undefined;
		if (step.kind === "undo") {
			const origin = doneBy({ step: step.id, kind: "undo" });
			const stands = receiver.standing(run.id, origin);
			return receiver.hasSucceeded(run.id, step.id) || stands === undefined || stands.isStale;
		}
		const plan = this.insight.planOf(run, step) ?? step.plan;
		if (plan.use === "approve") return true;
		if (plan.use === "wait") {
			const ms = WAITS[String(plan.input?.for)] ?? 0;
			return world.now >= (this.#slept.get(`${run.id} ${step.id}`) ?? Number.POSITIVE_INFINITY) + ms;
		}
		if (step.kind === "step" && plan.for_each !== undefined) return this.#areItemsKnown(run, step);
		if (step.fell_back === true) return plan.fallback !== undefined;
		if (plan.reads === true) return receiver.hasTold(run.id, step.id, step.output ?? null);
		return receiver.hasSucceeded(run.id, step.id) || receiver.hasHappened(run.id, step.id);
	}

	#areItemsKnown(run: Run, step: StepState): boolean {
		const items = run.steps.filter(({ kind, plan }) => kind === "item" && plan.id === step.id);
		return items.every(({ status }) => status === "succeeded");
	}

	/** A failure has a cause: an answer, or so many attempts without one. */
	#judgeFailure(run: Run, step: StepState): void {
		const { class: failure, id, attempts } = step;
		const name = `${run.id} ${id}`;
		const plan = step.kind === "undo" ? step.plan : (this.insight.planOf(run, step) ?? step.plan);
		if (plan.use === "approve" || step.kind === "start" || failure === "consumer_crash") return;
		const items = run.steps.filter((item) => item.kind === "item" && item.plan.id === id);
		if (items.length > 0) {
			const isCause = items.every(isOver) && items.some(({ status }) => status === "failed");
			if (!isCause) throw new Violation(`${name} failed, and none of its elements did`);
			return;
		}
		const isExhausted = failure === "exhausted" || failure === "timeout";
		if (isExhausted && attempts < plan.attempts) {
			throw new Violation(`${name} was given up after ${attempts} of ${plan.attempts} attempts`);
		}
		if (failure === "expression") this.#judgeExpression(run, step);
	}

	#judgeExpression(run: Run, step: StepState): void {
		const plan = this.insight.planOf(run, step);
		if (plan === undefined) return;
		const hasList = plan.for_each === undefined || this.insight.lengthOf(run, plan) !== null;
		if (this.insight.holds(run, plan.if) !== null && hasList) {
			throw new Violation(`${run.id} ${step.id} failed on an expression, and all of them have values`);
		}
	}
}
