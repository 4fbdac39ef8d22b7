// The Ledger of the simulation: facts by trace and id, each once, whatever arrives. src/ledger/append.ts keeps the same
// rule over SQLite.

import type { Fact } from "../../src/model/fact";
import { Lost } from "./call";
import type { World } from "./world";

export class SimulatedLedger {
	readonly facts = new Map<string, Fact>();
	/** How often a fact came that was there already. */
	repeats = 0;

	constructor(readonly world: World) {}

	readonly consume = (facts: readonly Fact[], end: { ack: () => void; retry: () => void }): void => {
		try {
			this.#append(facts);
			end.ack();
		} catch (error) {
			if (!(error instanceof Lost)) throw error;
			end.retry();
		}
	};

	#append(facts: readonly Fact[]): void {
		if (this.world.trouble("crash")) throw new Lost("the Ledger died before the commit");
		for (const fact of facts) {
			const name = nameOf(fact);
			if (this.facts.has(name)) this.repeats += 1;
			else this.facts.set(name, fact);
		}
		if (this.world.trouble("crash")) throw new Lost("the Ledger died after the commit");
	}
}

export function nameOf(fact: Fact): string {
	return `${fact.trace_id} ${fact.id}`;
}
