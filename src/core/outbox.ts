// The outbox: what was committed with a turn and must leave the Entity. It is known by the commit that wrote it;
// everything up to `sent_through` has left. What is not known to have left is sent again, so receivers must not mind.

import type { Fact } from "../model/fact";
import type { Plan } from "../model/plan";

/** Facts wait this long for company, so that one message carries many. */
export const JOURNAL_DELAY_MS = 5_000;
/** An Entity at work sends its facts in passing once the oldest is this old. */
export const JOURNAL_PASSING_MS = 3_000;
/** Or once there are this many. */
export const JOURNAL_MANY = 50;
/** A hand-on that failed is tried again after this; it doubles up to the limit below. */
export const OUTBOX_RETRY_MS = 1_000;
export const OUTBOX_RETRY_MAX_MS = 300_000;

/** What one row carries: a receipt (by event) or a run. */
export interface Batch {
	n: number;
	at: number;
	carrier: string;
	facts: Fact[];
	hand_ons: Plan[];
}

export interface Outbox {
	batches: Batch[];
	/** Consecutive rounds in which sending failed. */
	failures: number;
	/** When sending failed last. */
	failed_at: number;
}

export function emptyOutbox(): Outbox {
	return { batches: [], failures: 0, failed_at: 0 };
}

export function addBatch(outbox: Outbox, batch: Batch): void {
	if (batch.facts.length > 0 || batch.hand_ons.length > 0) outbox.batches.push(batch);
}

/** The facts that a row must keep carrying when it is rewritten. */
export function unsentFacts(outbox: Outbox, carrier: string): Fact[] {
	return outbox.batches.filter((batch) => batch.carrier === carrier).flatMap((batch) => batch.facts);
}

export function unsentHandOns(outbox: Outbox, carrier: string): Plan[] {
	return outbox.batches.filter((batch) => batch.carrier === carrier).flatMap((batch) => batch.hand_ons);
}

/** These batches' facts have left. */
export function factsLeft(outbox: Outbox, sent: readonly Batch[]): void {
	for (const batch of sent) batch.facts = [];
	settle(outbox);
}

export function handOnLeft(outbox: Outbox, from: Batch, plan: Plan): void {
	from.hand_ons = from.hand_ons.filter((other) => other !== plan);
	settle(outbox);
}

/** What fails together, or is tried in passing before its time has come, is one failure. */
export function sendingFailed(outbox: Outbox, now: number): void {
	if (outbox.failures === 0 || now >= retryAt(outbox)) outbox.failures += 1;
	outbox.failed_at = now;
}

/** The pause lasts until everything that was there at the last failure has left: one success does not end it for others. */
function settle(outbox: Outbox): void {
	outbox.batches = outbox.batches.filter((batch) => batch.facts.length > 0 || batch.hand_ons.length > 0);
	if (!outbox.batches.some((batch) => isPaused(outbox, batch))) outbox.failures = 0;
}

function isPaused(outbox: Outbox, batch: Batch): boolean {
	return outbox.failures > 0 && batch.at <= outbox.failed_at;
}

function retryAt({ failures, failed_at }: Outbox): number {
	return failed_at + Math.min(OUTBOX_RETRY_MAX_MS, OUTBOX_RETRY_MS * 2 ** (failures - 1));
}

/** Everything up to this commit has left. `n` is the last commit. */
export function sentThrough(outbox: Outbox, n: number): number {
	return outbox.batches.reduce((through, batch) => Math.min(through, batch.n - 1), n);
}

/** When the outbox needs the alarm; null if it is empty. */
export function outboxDueAt(outbox: Outbox): number | null {
	if (outbox.batches.length === 0) return null;
	return Math.min(...outbox.batches.map((batch) => batchDueAt(outbox, batch)));
}

function batchDueAt(outbox: Outbox, batch: Batch): number {
	const dueAt = batch.at + (batch.hand_ons.length > 0 ? OUTBOX_RETRY_MS : JOURNAL_DELAY_MS);
	return isPaused(outbox, batch) ? Math.max(dueAt, retryAt(outbox)) : dueAt;
}

/**
 * Whether facts should leave in passing, now that the Entity is awake anyway. So it is whenever they are due.
 * `goesOn`: steps were just sent, which will have more to tell in a moment.
 */
export function shouldSendFacts(outbox: Outbox, now: number, goesOn: boolean): boolean {
	const waiting = outbox.batches.filter((batch) => batch.facts.length > 0);
	const age = goesOn ? JOURNAL_DELAY_MS : JOURNAL_PASSING_MS;
	// Not the first of them: after a restart they stand in the order of their rows, which were rewritten since.
	return waiting.length >= JOURNAL_MANY || waiting.some((batch) => now - batch.at >= age);
}
