// Which workflows are paused. What is under way when a pause begins may still reach the target for a while.

import { workflowOfRun } from "../../src/model/names";
import { call } from "./call";
import type { History } from "./history";
import { Violation } from "./violation";

/** Longer than a message can take from the question whether its workflow is paused to the target. */
export const UNDER_WAY_MS = 400_000;

export class Pauses {
	readonly #since = new Map<string, number>();

	constructor(readonly history: History) {}

	isPaused(run: string): boolean {
		return this.#since.has(workflowOfRun(run));
	}

	/** Since when; null if it is not. */
	since(run: string): number | null {
		return this.#since.get(workflowOfRun(run)) ?? null;
	}

	pause(workflow: string, until: number): void {
		const { world } = this.history;
		if (this.#since.has(workflow)) return;
		this.#since.set(workflow, world.now);
		world.say("operator", "pauses", workflow);
		world.at(until, () => this.#resume(workflow));
	}

	#resume(workflow: string): void {
		const { world, entities } = this.history;
		this.#since.delete(workflow);
		world.say("operator", "releases", workflow);
		for (const entity of entities.values()) {
			call(
				world,
				() => entity.release(workflow),
				({ ok }) => ok && this.#checkReleased(workflow, entity.key),
			);
		}
	}

	/** What was held when it was released is held no more, unless it was paused once more. */
	#checkReleased(workflow: string, key: string): void {
		const { witness } = this.history;
		if (this.#since.has(workflow)) return;
		for (const { run, entity_key } of witness.runs.values()) {
			if (run.workflow !== workflow || entity_key !== key) continue;
			const held = run.steps.find(({ id, status }) => status === "held" && !witness.isHeldSince(run.id, id));
			if (held !== undefined) throw new Violation(`${run.id} ${held.id} is still held, and its workflow was released`);
		}
	}
}
