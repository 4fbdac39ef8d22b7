// Who waits until a target has room again, where no clock can tell when that is: its breaker is open, or as many requests
// are under way as it bears. They do not come back to look; they are called, in turns over the workflows.

import type { Wanted } from "../../model/message";

export class Parking {
	/** By workflow, and in it by step, in the order in which they came. */
	readonly #rows = new Map<string, Map<string, Wanted>>();
	#size = 0;

	get size(): number {
		return this.#size;
	}

	/** Takes the last place of its workflow, or keeps the one that it has. */
	park(step: Wanted): void {
		const row = this.#rows.get(step.workflow) ?? new Map<string, Wanted>();
		if (!row.has(idOf(step))) this.#size += 1;
		this.#rows.set(step.workflow, row.set(idOf(step), step));
	}

	has(step: Wanted): boolean {
		return this.#rows.get(step.workflow)?.has(idOf(step)) === true;
	}

	/** False if it has no place. */
	leave(step: Wanted): boolean {
		const row = this.#rows.get(step.workflow);
		if (row?.delete(idOf(step)) !== true) return false;
		this.#size -= 1;
		if (row.size === 0) this.#rows.delete(step.workflow);
		return true;
	}

	/**
	 * The next so many, who leave: one of each workflow in turn, and first of those that had none the last time. Not of
	 * those that are left out.
	 */
	next(count: number, without: ReadonlySet<string>): Wanted[] {
		const called: Wanted[] = [];
		while (called.length < count) {
			const first = [...this.#rows].find(([workflow]) => !without.has(workflow));
			if (first === undefined) break;
			const [workflow, row] = first;
			const [step] = row.values();
			this.#rows.delete(workflow);
			this.#rows.set(workflow, row);
			if (step === undefined) break;
			this.leave(step);
			called.push(step);
		}
		return called;
	}
}

/** Of a step, among all of its tenant. */
export function idOf({ run, step }: Pick<Wanted, "run" | "step">): string {
	return `${run}/${step}`;
}
