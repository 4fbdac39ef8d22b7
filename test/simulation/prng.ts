// Chance that can be had again: the same seed gives the same history, on every machine.

export class Prng {
	#state: number;

	constructor(seed: number) {
		// Neighbouring seeds must not begin alike.
		this.#state = Math.imul(seed + 1, 0x9e3779b1) ^ 0x85ebca6b;
	}

	/** In [0, 1): mulberry32, by Tommy Ettinger, in the public domain. */
	readonly next = (): number => {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};

	chance(probability: number): boolean {
		return probability > 0 && this.next() < probability;
	}

	/** A whole number, both ends included. */
	between(low: number, high: number): number {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	pick<T>(from: readonly T[]): T {
		const one = from[Math.floor(this.next() * from.length)];
		if (one === undefined) throw new Error("nothing to pick from");
		return one;
	}
}
