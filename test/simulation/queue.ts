// A queue of the platform: at least once, in no order. A message whose consumer fails comes again, a few times, and then
// goes to the dead-letter queue.

import { Lost } from "./call";
import type { World } from "./world";

export interface Policy {
	retries: number;
	/** Whether a message may vanish after it was taken in. Queues promise that it does not; the core need not believe it. */
	loses: boolean;
}

/** A consumer ends each message with `ack` or `retry`; one that dies does neither, and the message comes again. */
export type Consumer<T> = (message: T, end: { ack: () => void; retry: () => void }) => void;

const RETRY_MS = 5_000;

export class SimulatedQueue<T> {
	constructor(
		readonly world: World,
		readonly name: string,
		readonly policy: Policy,
		readonly consumer: Consumer<T>,
		readonly dead: (message: T) => void,
	) {}

	/** Until then it takes nothing. */
	refusesUntil = 0;

	/** Throws if it refuses; even then a message may have been taken in. */
	send(messages: readonly T[]): void {
		if (messages.length > 100) throw new Error(`${this.name} takes 100 messages at most, not ${messages.length}`);
		if (this.world.now < this.refusesUntil || this.world.trouble("queue")) throw new Lost(`${this.name} refused`);
		for (const message of messages) this.#take(message);
		if (this.world.trouble("queue")) throw new Lost(`${this.name} took it and said no`);
	}

	#take(message: T): void {
		if (this.policy.loses && this.world.trouble("queue")) {
			this.world.say(this.name, "loses a message", JSON.stringify(message));
			return;
		}
		this.world.after(this.world.latency(), () => this.#deliver(message, 0));
		if (this.world.trouble("queue")) this.world.after(this.world.latency(), () => this.#deliver(message, 0));
	}

	#deliver(message: T, failures: number): void {
		let isOver = false;
		const end = (isDone: boolean) => {
			if (isOver) return;
			isOver = true;
			if (isDone) return;
			if (failures < this.policy.retries) this.world.after(RETRY_MS, () => this.#deliver(message, failures + 1));
			else this.dead(message);
		};
		this.consumer(message, { ack: () => end(true), retry: () => end(false) });
	}
}
