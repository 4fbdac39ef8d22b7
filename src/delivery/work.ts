// The attempts of one batch, in lanes: as many as the platform has connections for, and of each connection as many as
// its Connection gave. A lane takes a step of the connection that the fewest lanes work for, so that a target that hangs
// takes up no more than its part while there is anything else to do.

import type { Env } from "../env";
import { carryOut } from "./attempt";
import type { Pacing } from "./pacing";
import type { Ready } from "./ready";
import { putOff, reportAttempt } from "./report";
import { within } from "./within";

/** The platform opens at most six connections at once for one invocation; the seventh would wait on its time-out. */
export const LANES = 6;
/** A step that finds no lane within this waits in its Entity instead, where no time-out is running. */
export const START_WITHIN_MS = 3_000;
/** It comes back within this: the target is slow, or hangs. */
const PUT_OFF_MS = 10_000;
/** If nothing ends for as long as this, what is under way is slow. */
const STUCK_MS = 50;

export class Work {
	readonly #waiting: Ready[];
	readonly #busy = new Map<Pacing, number>();
	/** How many steps of each connection are not done. */
	readonly #left = new Map<Pacing, number>();
	#ended = 0;
	/** How many steps are not done whose targets are not known to be slow. */
	#quick: number;
	readonly #quickDone = Promise.withResolvers<void>();
	#puttingOff: Promise<unknown> = Promise.resolve();
	/** Resolves, and never rejects, when every step was carried out or put off. */
	readonly done: Promise<void>;

	constructor(
		readonly env: Env,
		ready: readonly Ready[],
	) {
		this.#waiting = [...ready];
		for (const { pacing } of ready) this.#left.set(pacing, (this.#left.get(pacing) ?? 0) + 1);
		this.#quick = ready.filter(({ pacing }) => !pacing.slow).length;
		this.done = this.#run();
	}

	/** Resolves when nothing is left, or nothing but what is slow. */
	async untilSlow(): Promise<void> {
		for (let seen = -1; this.#quick > 0 && seen !== this.#ended; ) {
			seen = this.#ended;
			await within(STUCK_MS, this.#quickDone.promise, undefined);
		}
	}

	async #run(): Promise<void> {
		const late = setTimeout(() => void this.#putOffRest(), START_WITHIN_MS);
		await Promise.all(Array.from({ length: LANES }, () => this.#lane()));
		clearTimeout(late);
		await this.#puttingOff;
	}

	async #lane(): Promise<void> {
		for (let step = this.#take(); step !== undefined; step = this.#take()) {
			const { pacing } = step;
			this.#busy.set(pacing, (this.#busy.get(pacing) ?? 0) + 1);
			await this.#end(step, () => this.#carryOut(step));
			this.#busy.set(pacing, (this.#busy.get(pacing) ?? 0) - 1);
		}
	}

	/** The first of those that the fewest lanes work for, and whose connection has a lane left. */
	#take(): Ready | undefined {
		let best = -1;
		let fewest = Number.POSITIVE_INFINITY;
		for (const [n, { pacing }] of this.#waiting.entries()) {
			const lanes = this.#busy.get(pacing) ?? 0;
			if (lanes >= pacing.lanes || lanes >= fewest) continue;
			best = n;
			fewest = lanes;
		}
		return best < 0 ? undefined : this.#waiting.splice(best, 1)[0];
	}

	async #carryOut({ message, lease, prepared, pacing, access }: Ready): Promise<void> {
		const wait = pacing.wait(prepared.scope);
		if (wait > 0) return putOff(this.env, message, lease, wait + (Math.random() * wait) / 10);
		const untilRenewed = access?.wait() ?? 0;
		if (untilRenewed > 0) return putOff(this.env, message, lease, untilRenewed);
		const startedAt = Date.now();
		const carriedOut = await carryOut(this.env, prepared, Date.now);
		const attempt = (await access?.judge(carriedOut)) ?? carriedOut;
		await pacing.ended(attempt);
		await reportAttempt(this.env, message, lease, { attempt, startedAt });
	}

	/** Jitter spreads them, since they all come from one moment. */
	#putOffRest(): void {
		const rest = this.#waiting.splice(0);
		const put = (step: Ready) =>
			this.#end(step, () => putOff(this.env, step.message, step.lease, Math.random() * PUT_OFF_MS));
		this.#puttingOff = Promise.all(rest.map(put));
	}

	/** What fails here is left to the step's lease: when it runs out, the Entity sends the step again. */
	async #end({ message, pacing }: Ready, act: () => Promise<void>): Promise<void> {
		try {
			await act();
		} catch (error) {
			const { tenant, run, step } = message;
			console.error(JSON.stringify({ at: "delivery", tenant, run, step, error: String(error) }));
		}
		this.#ended += 1;
		const left = (this.#left.get(pacing) ?? 0) - 1;
		this.#left.set(pacing, left);
		if (left === 0) await pacing.close();
		if (!pacing.slow) this.#quick -= 1;
		if (this.#quick === 0) this.#quickDone.resolve();
	}
}
