// A person at the console: looks at what failed and sends some of it on, throws some of it away, and does not always hear
// whether that worked.

import { keepRunUntil } from "../../src/core/run/run";
import { call } from "./call";
import type { History } from "./history";
import { Violation } from "./witness";

const MAX_ACTIONS = 3;

export class Operator {
	#actions = 0;

	constructor(readonly history: History) {}

	look(): void {
		const { witness, world } = this.history;
		for (const { run, entity_key } of witness.runs.values()) {
			for (const { plan, status, discarded } of run.steps) {
				if (status !== "failed" || discarded === true || this.#actions >= MAX_ACTIONS) continue;
				this.#actions += 1;
				const isKept = world.prng.chance(0.75);
				world.say("operator", isKept ? "resumes" : "discards", run.id, plan.id);
				call(
					world,
					() => {
						const entity = this.history.entity(entity_key);
						return isKept ? entity.resume(run.id, plan.id) : entity.discard(run.id, plan.id);
					},
					(answer) => {
						const { run: now } = witness.runs.get(run.id) ?? { run };
						const step = now.steps.find((one) => one.plan.id === plan.id);
						const isOpen = step?.status === "failed" && step.discarded !== true;
						if (answer.ok && answer.value === "gone" && isOpen && keepRunUntil(now) > world.now) {
							throw new Violation(`${run.id} ${plan.id} stands in the dead letters, but its Entity has forgotten it`);
						}
					},
				);
			}
		}
	}
}
