// A system that sends webhooks: again and again until it is answered with 200, sometimes twice at once, and sometimes once
// more for no reason at all.

import { homeKey } from "../../src/core/accept";
import type { CanonicalEvent } from "../../src/model/event";
import { call } from "./call";
import type { History } from "./history";
import { planOf, wants } from "./planning";
import type { Shell } from "./shell";

const PAUSES_MS = [1_000, 5_000, 60_000, 300_000, 3_600_000];

export class Sender {
	constructor(readonly history: History) {}

	send(event: CanonicalEvent): void {
		this.#attempt(event, 0);
		if (this.history.world.trouble("loss")) this.#attempt(event, PAUSES_MS.length);
	}

	#attempt(event: CanonicalEvent, attempt: number): void {
		const { world, witness, plant } = this.history;
		world.say("sender", `sends ${event.id.slice(-2)}`, attempt > 0 ? `(again, ${attempt})` : "");
		call(
			world,
			() => {
				if (plant === "ack_before_commit") world.after(5, () => this.#acceptQuietly(event));
				else return this.#accept(event);
				return { duplicate: false };
			},
			(answer) => {
				if (answer.ok) {
					witness.answered.add(event.id);
					if (world.trouble("loss")) this.#again(event, attempt);
				} else {
					this.#again(event, attempt);
				}
			},
		);
	}

	#again(event: CanonicalEvent, attempt: number): void {
		const pause = PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 0;
		this.history.world.after(pause, () => this.#attempt(event, attempt + 1));
	}

	#accept(event: CanonicalEvent): ReturnType<Shell["accept"]> {
		const { scenario, world } = this.history;
		const plans = scenario.workflows
			.filter((workflow) => wants(workflow, event))
			.map((workflow) => planOf(workflow, event, world.now));
		return this.history.entity(homeKey(event)).accept({ event, plans, unmatched: [] });
	}

	#acceptQuietly(event: CanonicalEvent): void {
		try {
			this.#accept(event);
		} catch {
			this.history.world.say("sender", "was answered already, so nobody sends it again", event.id);
		}
	}
}
