// Virtual time: a queue of things that will happen, in order of time and, at one time, of being planned. Nothing runs
// beside anything else, and nothing waits: a history of a month takes a millisecond.

import { Prng } from "./prng";

export const START = Date.UTC(2026, 10, 20, 9, 0, 0);
/** A history that has not come to rest by then never will. */
const MAX_STEPS = 100_000;

/** How often each kind of trouble strikes while it may; all of them are probabilities. */
export interface Troubles {
	/** An Entity dies around a commit. */
	crash: number;
	/** A consumer dies between two of its steps. */
	consumer: number;
	/** A call or its answer is lost. */
	loss: number;
	/** A queue refuses, loses or repeats a message. */
	queue: number;
	/** Anything takes much longer than usual. */
	delay: number;
	/** An alarm is late, or rings twice. */
	alarm: number;
	/** A target does not answer as one hopes. */
	target: number;
}

interface Planned {
	at: number;
	order: number;
	run: () => void;
}

export class World {
	readonly prng: Prng;
	/** What happened, line by line; null where nobody will read it. */
	readonly lines: string[] | null;
	now = START;
	steps = 0;
	/** From then on there are no troubles. */
	calmAt = START;
	troubles: Troubles = { crash: 0, consumer: 0, loss: 0, queue: 0, delay: 0, alarm: 0, target: 0 };
	readonly #heap: Planned[] = [];
	#planned = 0;
	#failure: { error: unknown } | null = null;

	constructor(seed: number, verbose: boolean) {
		this.prng = new Prng(seed);
		this.lines = verbose ? [] : null;
	}

	/** Whether nothing went wrong, from the first event on. */
	get wasCalm(): boolean {
		return this.calmAt === START;
	}

	trouble(kind: keyof Troubles): boolean {
		return this.now < this.calmAt && this.prng.chance(this.troubles[kind]);
	}

	/** How long a message takes from here to there. */
	latency(): number {
		return this.trouble("delay") ? this.prng.between(1_000, 120_000) : this.prng.between(1, 20);
	}

	say(who: string, what: string, ...more: unknown[]): void {
		if (this.lines === null) return;
		const seconds = ((this.now - START) / 1_000).toFixed(3).padStart(12);
		this.lines.push(`${seconds}  ${who.padEnd(22)} ${[what, ...more].join(" ")}`);
	}

	after(ms: number, run: () => void): void {
		this.at(this.now + ms, run);
	}

	at(time: number, run: () => void): void {
		const planned = { at: Math.max(Math.floor(time), this.now), order: this.#planned++, run };
		let place = this.#heap.push(planned) - 1;
		while (place > 0) {
			const above = (place - 1) >> 1;
			const other = this.#heap[above];
			if (other === undefined || isBefore(other, planned)) break;
			this.#heap[place] = other;
			place = above;
		}
		this.#heap[place] = planned;
	}

	/** Lets the next thing happen; false if nothing is planned any more. Throws what went wrong in it. */
	step(): boolean {
		const next = this.#take();
		if (next === undefined) return false;
		if (++this.steps > MAX_STEPS) throw new Error(`the history does not come to rest within ${MAX_STEPS} steps`);
		this.now = next.at;
		next.run();
		if (this.#failure !== null) throw this.#failure.error;
		return true;
	}

	/** For what goes wrong where nobody can catch it. The first failure counts. */
	fail(error: unknown): void {
		this.#failure ??= { error };
	}

	#take(): Planned | undefined {
		const first = this.#heap[0];
		const last = this.#heap.pop();
		if (first === undefined || last === undefined || this.#heap.length === 0) return first;
		this.#sink(last);
		return first;
	}

	#sink(planned: Planned): void {
		const heap = this.#heap;
		let place = 0;
		for (;;) {
			let below = 2 * place + 1;
			let child = heap[below];
			const right = heap[below + 1];
			if (child === undefined) break;
			if (right !== undefined && isBefore(right, child)) {
				child = right;
				below += 1;
			}
			if (isBefore(planned, child)) break;
			heap[place] = child;
			place = below;
		}
		heap[place] = planned;
	}
}

function isBefore(a: Planned, b: Planned): boolean {
	return a.at < b.at || (a.at === b.at && a.order < b.order);
}
