// One connection as one batch knows it: asked once which steps may go, told once how they went, and at once of a pause
// that its target asks for, which the rest of the batch keeps too. A Connection that cannot be reached holds nothing
// back: its target answers for itself.

import { isFailure } from "../core/pacing/health";
import { addPause, type Pauses, pausedUntil, WHOLE } from "../core/pacing/pauses";
import { MAX_RETRY_AFTER_MS } from "../core/retry";
import type { Env } from "../env";
import type { Bounds } from "../model/connection";
import type { Wanted } from "../model/message";
import { connectionOf } from "../stubs";
import type { Attempt } from "./attempt";

/** A batch that takes longer than this tells its Connection so, before it takes its lanes for free. */
const HOLD_AFTER_MS = 1_000;
/** And so on, for as long as it takes: a Connection that hears nothing for ten seconds loses its memory. */
const HOLD_EVERY_MS = 5_000;
/** A batch that says nothing for this long is dead. */
const HELD_FOR_MS = 15_000;

/** What is paced. */
export interface Paced {
	tenant: string;
	connection: string;
	bounds: Bounds;
}

export class Pacing {
	readonly #batch = crypto.randomUUID();
	#pauses: Pauses = new Map();
	#open = 0;
	#finished = 0;
	#failed = 0;
	#settles = false;
	#holding: ReturnType<typeof setTimeout> | undefined;
	/** Told before the end is, so that it does not arrive after it. */
	#held: Promise<unknown> = Promise.resolve();
	/** How many requests may be under way at once. */
	lanes = 0;
	/** Its target is known to be slow: nobody waits for it. */
	slow = false;

	constructor(
		readonly env: Env,
		readonly paced: Paced,
	) {}

	/** For each step what `Admission.waits` says. */
	async admit(steps: readonly Wanted[], { lanes, longest_ms }: { lanes: number; longest_ms: number }) {
		const call = { batch: this.#batch, steps, lanes, bounds: this.paced.bounds, longest_ms };
		const free = { waits: steps.map(() => null), lanes, settle: false, slow: false };
		const admission = (await this.#tell((connection) => connection.admit(call))) ?? free;
		this.lanes = admission.lanes;
		this.slow = admission.slow;
		this.#settles = admission.settle;
		this.#open = admission.waits.filter((wait) => wait === null).length;
		if (this.#open > 0) this.#holdAfter(HOLD_AFTER_MS);
		return admission.waits;
	}

	/** How long a step must wait after all, for what an earlier one of the batch was told; 0 to go. */
	wait(scope: string | undefined): number {
		return Math.max(0, pausedUntil(this.#pauses, scope) - Date.now());
	}

	async ended({ outcome, exchange, looked }: Attempt): Promise<void> {
		this.#finished += 1;
		// A look that was answered and did not settle it says nothing against the target.
		const isAnswered = looked?.status !== undefined && looked.status < 500;
		if (!isAnswered && isFailure(outcome, exchange.response?.status)) this.#failed += 1;
		if (outcome.kind !== "transient" || outcome.after_ms === undefined) return;
		// A look that only waits until it can be sure asks nothing of the others.
		if (looked !== undefined && looked.refused?.why !== "limited") return;
		const scope = looked?.refused?.why === "limited" ? looked.refused.scope : outcome.scope;
		const after_ms = Math.min(outcome.after_ms, MAX_RETRY_AFTER_MS);
		const now = Date.now();
		this.#pauses = addPause(this.#pauses, scope ?? WHOLE, now + after_ms, now);
		await this.#tell((connection) => connection.pause(after_ms, scope));
	}

	/** Nothing of the batch goes over this connection any more. */
	async close(): Promise<void> {
		clearTimeout(this.#holding);
		await this.#held;
		const unused = this.#open - this.#finished;
		if (this.#open === 0 || (!this.#settles && this.#failed === 0 && unused === 0)) return;
		const done = { batch: this.#batch, finished: this.#finished, failed: this.#failed, unused };
		await this.#tell((connection) => connection.settle(done, this.paced.bounds));
	}

	#holdAfter(ms: number): void {
		const before = this.#finished;
		this.#holding = setTimeout(() => {
			this.#settles = true;
			const left = this.#open - this.#finished;
			const held = { lanes: this.lanes, left, slow: this.#finished === before, ms: HELD_FOR_MS };
			this.#held = this.#tell((connection) => connection.hold({ batch: this.#batch, ...held }));
			this.#holdAfter(HOLD_EVERY_MS);
		}, ms);
	}

	async #tell<T>(what: (connection: ReturnType<typeof connectionOf>) => Promise<T>): Promise<T | undefined> {
		const { tenant, connection } = this.paced;
		try {
			return await what(connectionOf(this.env, tenant, connection));
		} catch (error) {
			console.warn(JSON.stringify({ at: "delivery.pacing", tenant, connection, error: String(error) }));
			return undefined;
		}
	}
}
