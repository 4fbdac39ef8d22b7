// What an Entity knows while it is awake: a copy of its rows, and what follows from it. Gone when it dies.

import { addBatch, emptyOutbox, OUTBOX_RETRY_MS, type Outbox, outboxDueAt } from "../../src/core/outbox";
import { withoutMemory } from "../../src/core/run/dispatch";
import { keepRunUntil } from "../../src/core/run/run";
import { isRunOpen } from "../../src/core/run/status";
import type { EntityState, Turn } from "../../src/core/turn";
import { type Dues, nextWake } from "../../src/core/wake";
import type { Loaded } from "../../src/entity/store";
import type { Rows } from "./rows";

/** What was last acted on is forgotten after this. */
export const ACTED_MS = 30 * 86_400_000;

export interface Memory {
	state: EntityState;
	outbox: Outbox;
	/** What is being sent at this moment. */
	inFlight: Set<unknown>;
	expiry: { first: number; last: number } | null;
	marked: number;
	pruned_at: number;
	/** Whether the alarm was looked at in this life. */
	armed: boolean;
}

export function memoryOf(place: { tenant: string; key: string }, loaded: Loaded, rows: Rows): Memory {
	const outbox = emptyOutbox();
	for (const batch of loaded.batches) addBatch(outbox, batch);
	return {
		state: {
			...place,
			n: loaded.n,
			windows: new Map(loaded.windows.map((window) => [window.workflow, window])),
			runs: new Map(loaded.runs.map((run) => [run.id, withoutMemory(run)])),
			acted: new Map(loaded.acted),
			read: (id) => rows.findEvent(id),
		},
		outbox,
		inFlight: new Set(),
		expiry: loaded.expiry,
		marked: loaded.sent_through,
		pruned_at: 0,
		armed: false,
	};
}

/** What the outbox and the expiry must know of a turn that was committed. */
export function remember(memory: Memory, { n, now, receipt, duplicate, runs }: Turn): void {
	if (receipt !== null) {
		const { event_id, expires_at, hand_ons } = receipt.receipt;
		addBatch(memory.outbox, { n, at: now, carrier: event_id, facts: receipt.facts, hand_ons });
		memory.expiry = { first: memory.expiry?.first ?? expires_at, last: expires_at };
	}
	if (duplicate !== null) {
		addBatch(memory.outbox, { n, at: now, carrier: duplicate.receipt.event_id, facts: duplicate.facts, hand_ons: [] });
	}
	for (const [id, { run, facts }] of runs) {
		addBatch(memory.outbox, { n, at: now, carrier: id, facts, hand_ons: [] });
		if (keepRunUntil(run) <= now) memory.state.runs.delete(id);
	}
}

export function wakeAt(memory: Memory, now: number): number | null {
	return nextWake({ ...workOf(memory, now), expires_at: expiresAt(memory) });
}

/** Like `wakeAt`, for work alone: what is only to be forgotten is nothing to do. */
export function workAt(memory: Memory, now: number): number | null {
	return nextWake({ ...workOf(memory, now), expires_at: null });
}

function workOf({ state, outbox, inFlight }: Memory, now: number): Omit<Dues, "expires_at"> {
	const due = outboxDueAt(outbox);
	return {
		windows: state.windows.values(),
		runs: state.runs.values(),
		outbox_due_at: due === null || inFlight.size === 0 ? due : Math.max(due, now + OUTBOX_RETRY_MS),
	};
}

export function expiresAt({ state, outbox, expiry }: Memory): number | null {
	if (state.windows.size > 0 || outbox.batches.length > 0) return null;
	let last = expiry?.last ?? 0;
	for (const run of state.runs.values()) last = Math.max(last, keepRunUntil(run));
	for (const { at } of state.acted.values()) last = Math.max(last, at + ACTED_MS);
	return last === Number.POSITIVE_INFINITY ? null : last;
}

export function isAtRest({ windows, runs }: EntityState): boolean {
	return windows.size === 0 && ![...runs.values()].some(isRunOpen);
}
