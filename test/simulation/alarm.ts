// The platform's one alarm per object: at least once, perhaps late. A handler that dies is called again after 2 s, 4 s, 8 s
// and so on; after six such retries the alarm is dropped without a word. Setting a new alarm ends the retries of the old.

import type { World } from "./world";

const RETRY_MS = 2_000;
const MAX_RETRIES = 6;

interface Armed {
	at: number;
	retries: number;
	/** Its time came while the one before was still ringing. */
	waits?: boolean;
}

export class Alarm {
	/** How often it rang at this very moment. */
	rings = 0;
	#rangAt = 0;
	#armed: Armed | null = null;
	#ringing: Armed | null = null;

	/** `handler` must end in `finished` or `failed`, at once or later. */
	constructor(
		readonly world: World,
		readonly who: string,
		readonly handler: (isRetry: boolean) => void,
	) {}

	/** When the object is looked at next at the latest, as the platform promises it. */
	get next(): number | null {
		return this.#ringing !== null ? this.world.now : (this.#armed?.at ?? null);
	}

	set(at: number): void {
		this.#arm({ at, retries: 0 });
	}

	delete(): void {
		this.#armed = null;
	}

	finished(): void {
		this.#ringing = null;
		if (this.#armed === null && this.world.trouble("alarm")) this.#arm({ at: this.world.now, retries: 1 });
		this.#catchUp();
	}

	failed(): void {
		const died = this.#ringing;
		this.#ringing = null;
		this.#catchUp();
		if (died === null || this.#armed !== null) return;
		if (died.retries >= MAX_RETRIES) {
			this.world.say(this.who, "alarm abandoned");
			return;
		}
		this.#arm({ at: this.world.now + RETRY_MS * 2 ** died.retries, retries: died.retries + 1 });
	}

	get isRinging(): boolean {
		return this.#ringing !== null;
	}

	#catchUp(): void {
		const armed = this.#armed;
		if (armed?.waits === true) this.world.after(0, () => this.#ring(armed));
	}

	#arm(armed: Armed): void {
		this.#armed = armed;
		const late = this.world.trouble("alarm") ? this.world.prng.between(1, 600_000) : 0;
		this.world.at(armed.at + late, () => this.#ring(armed));
	}

	#ring(armed: Armed): void {
		if (this.#armed !== armed) return;
		if (this.#ringing !== null) {
			armed.waits = true;
			return;
		}
		this.#armed = null;
		this.#ringing = armed;
		this.rings = this.#rangAt === this.world.now ? this.rings + 1 : 1;
		this.#rangAt = this.world.now;
		this.world.say(this.who, armed.retries > 0 ? `alarm, retry ${armed.retries}` : "alarm");
		this.handler(armed.retries > 0);
	}
}
