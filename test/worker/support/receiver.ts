// The scripted target as a test orders it.

import { inject } from "vitest";
import type { Answer, Arrived, Order } from "./receiver-setup";

const address = inject("receiver");

/** Where nobody listens. */
export const NOBODY = "http://127.0.0.1:9";

let last = 0;

/** A target of a test's own. */
export class Target {
	readonly #place = `${crypto.randomUUID().slice(0, 8)}-${++last}`;

	get url(): string {
		return `${address}/${this.#place}`;
	}

	/** Answers in this order from now on, and with the last one again and again. */
	async answers(...answers: Answer[]): Promise<this> {
		await order({ do: "script", place: this.#place, answers });
		return this;
	}

	arrived(): Promise<Arrived[]> {
		return order({ do: "arrived", place: this.#place });
	}
}

async function order<T>(what: Order): Promise<T> {
	const response = await fetch(`${address}/_control`, { method: "POST", body: JSON.stringify(what) });
	return JSON.parse(await response.text()) as T;
}
