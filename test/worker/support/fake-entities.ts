// Entities that answer what a test says and remember what they were asked: for what stands in front of them.

import type { Env } from "../../../src/env";
import type { Ballot, EntityCalls, RunState, VoteAnswer } from "../../../src/model/message";
import { keyOf, tenantOf } from "../../../src/model/names";

export interface AskedVote {
	tenant: string;
	key: string;
	run: string;
	step: string;
	ballot: Ballot;
}

export class FakeEntities {
	/** What the next votes are answered. */
	said: VoteAnswer = "counted";
	/** What every run looks like; null for one that is no longer kept. */
	state: RunState | null = null;
	/** The keys of entities that cannot answer now. */
	readonly broken = new Set<string>();
	/** Every entity that was reached, by its object's name. */
	readonly reached: string[] = [];
	readonly votes: AskedVote[] = [];
	readonly released: { tenant: string; key: string; workflow: string }[] = [];
	/** How many are being released, and how many were at most. */
	busy = 0;
	mostBusy = 0;

	/** In the place of the binding. */
	readonly binding = { getByName: (name: string) => this.#stub(name) } as unknown as Env["ENTITY"];

	#stub(name: string): Pick<EntityCalls, "look" | "vote" | "release"> {
		const [tenant, key] = [tenantOf(name), keyOf(name)];
		const reach = () => {
			this.reached.push(name);
			if (this.broken.has(key)) throw Object.assign(new Error("moved"), { retryable: true });
		};
		return {
			look: async () => {
				reach();
				return structuredClone(this.state);
			},
			vote: async (run, step, ballot) => {
				reach();
				this.votes.push(structuredClone({ tenant, key, run, step, ballot }));
				return this.said;
			},
			release: async (workflow) => {
				reach();
				this.busy += 1;
				this.mostBusy = Math.max(this.mostBusy, this.busy);
				await new Promise((resolve) => setTimeout(resolve, 5));
				this.busy -= 1;
				this.released.push({ tenant, key, workflow });
			},
		};
	}
}
