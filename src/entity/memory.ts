// What an Entity remembers: a copy of its rows, rebuilt after a restart, and what of it has expired.

import { addBatch, emptyOutbox, type Outbox, sentThrough } from "../core/outbox";
import { withoutMemory } from "../core/run/dispatch";
import { keepRunUntil } from "../core/run/run";
import type { ReadEvent } from "../core/run/scope";
import { isRunOpen } from "../core/run/status";
import type { EntityState, Turn } from "../core/turn";
import { migrateEntity } from "./schema";
import * as store from "./store";

/** Expired rows are looked for at most this often. */
const PRUNE_EVERY_MS = 3_600_000;
/** What was last acted on is forgotten after this: then it is acted on once more. */
export const ACTED_MS = 30 * 86_400_000;

export interface Memory {
	state: EntityState;
	outbox: Outbox;
	/** When the first and the last receipt expire. */
	expiry: { first: number; last: number } | null;
	marked: number;
	pruned_at: number;
}

export function recall(storage: DurableObjectStorage, name: { tenant: string; key: string }): Memory {
	migrateEntity(storage);
	return memoryOf(name, store.load(storage.sql), (id) => store.findEvent(storage.sql, id));
}

export function memoryOf(name: { tenant: string; key: string }, loaded: store.Loaded, read: ReadEvent): Memory {
	const outbox = emptyOutbox();
	for (const batch of loaded.batches) addBatch(outbox, batch);
	return {
		state: {
			...name,
			n: loaded.n,
			windows: new Map(loaded.windows.map((window) => [window.workflow, window])),
			runs: new Map(loaded.runs.map((run) => [run.id, withoutMemory(run)])),
			acted: new Map(loaded.acted),
			read,
		},
		outbox,
		expiry: loaded.expiry,
		marked: loaded.sent_through,
		pruned_at: 0,
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

/** Nothing is under way whose facts would follow soon and could leave in the same message. */
export function isAtRest({ windows, runs }: EntityState): boolean {
	return windows.size === 0 && ![...runs.values()].some(isRunOpen);
}

/** When nothing of it will be needed any more; null while there is work, whose end looks again. */
export function expiresAt({ state, outbox, expiry }: Memory): number | null {
	if (state.windows.size > 0 || outbox.batches.length > 0) return null;
	let last = expiry?.last ?? 0;
	for (const run of state.runs.values()) last = Math.max(last, keepRunUntil(run));
	for (const { at } of state.acted.values()) last = Math.max(last, at + ACTED_MS);
	return last === Number.POSITIVE_INFINITY ? null : last;
}

/** Marks what has left, and drops what has expired, is known to have left and is read by nobody. */
export function tidy(sql: SqlStorage, memory: Memory, now: number): void {
	const through = sentThrough(memory.outbox, memory.state.n);
	if (through > memory.marked) {
		store.markSent(sql, through);
		memory.marked = through;
	}
	const isExpired = memory.expiry === null || memory.expiry.first <= now;
	if (isExpired && now - memory.pruned_at >= PRUNE_EVERY_MS) prune(sql, memory, now, through);
}

function prune(sql: SqlStorage, memory: Memory, now: number, through: number): void {
	const { state, outbox } = memory;
	const unsent = new Set(outbox.batches.map((batch) => batch.carrier));
	for (const [id, run] of state.runs) {
		if (keepRunUntil(run) > now || unsent.has(id)) continue;
		state.runs.delete(id);
		store.forgetRun(sql, id);
	}
	for (const [workflow, { at }] of state.acted) {
		if (at + ACTED_MS > now) continue;
		state.acted.delete(workflow);
		store.forgetActed(sql, workflow);
	}
	const read = [...state.windows.values(), ...state.runs.values()].map(({ opened_n }) => opened_n);
	store.prune(sql, now, Math.min(state.n + 1, ...read), through);
	memory.pruned_at = now;
}
