// The steps that one Connection has parked, and calling them. They are kept in its storage: a target can be down for
// longer than a memory lasts, and who waits for it does not come back to look.

import { CALLED_MS } from "../core/pacing/called";
import { idOf, Parking } from "../core/pacing/parking";
import type { Env } from "../env";
import type { CallAnswer, Wanted } from "../model/message";
import { pausedWorkflows } from "../registry/cache";
import { entityOf } from "../stubs";
import { within } from "./within";

const PREFIX = "parked:";

interface Row {
	step: Wanted;
	/** Epoch milliseconds. */
	since: number;
}

export class ParkedSteps {
	readonly #parking = new Parking();

	constructor(
		readonly env: Env,
		readonly storage: DurableObjectStorage,
		readonly tenant: string,
	) {
		const rows = [...storage.kv.list<Row>({ prefix: PREFIX })].map(([, row]) => row);
		for (const { step } of rows.sort((a, b) => a.since - b.since)) this.#parking.park(step);
	}

	get size(): number {
		return this.#parking.size;
	}

	park(step: Wanted, now: number): void {
		this.#parking.park(step);
		this.storage.kv.put<Row>(PREFIX + idOf(step), { step, since: now });
	}

	/** It came by itself, and waits no more. */
	leave(step: Wanted): void {
		if (this.#parking.leave(step)) this.storage.kv.delete(PREFIX + idOf(step));
	}

	/** The next so many who are not of these workflows. */
	next(count: number, paused: ReadonlySet<string>): Wanted[] {
		return this.#parking.next(count, paused);
	}

	/** As far as it can be known. Who is called all the same is held by the next consumer. */
	async pausedWorkflows(): Promise<ReadonlySet<string>> {
		return pausedWorkflows(this.env, this.tenant, Date.now()).catch(() => new Set<string>());
	}

	/** Who cannot be reached, or is just being parked, keeps a place. A row goes last: what happens twice is harmless. */
	async call(step: Wanted): Promise<CallAnswer> {
		const answer = await within(CALLED_MS, this.#ask(step), "busy" as const);
		if (answer === "busy") this.park(step, Date.now());
		// It may have come, found no room and been parked again before we hear of it.
		if (!this.#parking.has(step)) this.storage.kv.delete(PREFIX + idOf(step));
		return answer;
	}

	async #ask({ entity_key, run, step }: Wanted): Promise<CallAnswer> {
		try {
			return await entityOf(this.env, this.tenant, entity_key).call(run, step);
		} catch (error) {
			console.warn(JSON.stringify({ at: "delivery.parked", tenant: this.tenant, run, step, error: String(error) }));
			return "busy";
		}
	}
}
