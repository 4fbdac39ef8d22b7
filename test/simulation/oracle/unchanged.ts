// A workflow that skips the unchanged acts where what it read differs from what was last acted on, and nowhere else.

import type { Run } from "../../../src/model/entity";
import { Violation } from "../violation";
import type { RunCommit } from "../witness";
import { begins, type Insight, isOpen, stepIn } from "./insight";

/** What was last acted on is forgotten after this. */
const ACTED_MS = 30 * 86_400_000;

interface Acted {
	run: string;
	state: string;
	at: number;
}

const FREE = ["target.read", "wait"];

export class Unchanged {
	readonly #acted = new Map<string, Acted>();

	constructor(readonly insight: Insight) {}

	readonly judge = ({ entity_key, before, run, changed }: RunCommit): void => {
		const compared = this.insight.versionOf(run)?.skip_unchanged;
		if (compared === undefined) return;
		const key = `${entity_key} ${run.workflow}`;
		for (const step of changed) {
			const plan = this.insight.planOf(run, step);
			const isSkipped = step.status === "skipped" && stepIn(before, step.id)?.status !== "skipped";
			if (step.kind !== "step" || plan === undefined || !(isSkipped || begins(before, step))) continue;
			if (FREE.includes(plan.use)) continue;
			const last = this.#acted.get(key);
			const state = this.#stateOf(run, compared);
			const isSame = last !== undefined && state !== null && last.state === state && last.run !== run.id;
			if (step.status === "skipped" && step.reason?.startsWith("nothing has changed") === true && !isSame) {
				throw new Violation(
					`${run.id} ${step.id} was skipped as unchanged, and ${last?.run ?? "nobody"} had acted on that`,
				);
			}
			if (step.status !== "ready" && step.status !== "fanned_out") continue;
			if (isSame && last.at + ACTED_MS > this.insight.history.world.now) {
				throw new Violation(`${run.id} ${step.id} acts on what ${last.run} has acted on already`);
			}
			if (state !== null) {
				this.#acted.set(key, { run: run.id, state, at: this.insight.history.world.now });
			}
		}
		if (!isOpen(run) && this.#isInVain(run) && this.#acted.get(key)?.run === run.id) this.#acted.delete(key);
	};

	/** Whether the run has changed nothing after all. */
	#isInVain(run: Run): boolean {
		if (run.status !== "succeeded" && run.status !== "partial") return true;
		return !run.steps.some((step) => {
			const plan = this.insight.planOf(run, step);
			const isForward = step.kind === "item" || (step.kind === "step" && plan?.for_each === undefined);
			return isForward && plan !== undefined && !FREE.includes(plan.use) && step.status === "succeeded";
		});
	}

	/** What the target told, as oracle/successes.ts makes sure; null if it did not tell all of it. */
	#stateOf(run: Run, compared: readonly string[]): string | null {
		// Whoever wants a run again wants it to act.
		if (run.repeats !== undefined) return null;
		const values: unknown[] = [];
		for (const id of compared) {
			const read = stepIn(run, id);
			if (read?.status !== "succeeded" || read.fell_back === true) return null;
			values.push(read.output);
		}
		return JSON.stringify(values);
	}
}
