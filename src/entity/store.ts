// An Entity's rows: loading what is alive after a restart, and writing one turn. JSON becomes a model here and nowhere
// else; what was written by this object is trusted to have its shape.

import { RECEIPT_MS } from "../core/accept";
import { type Batch, type Outbox, unsentFacts, unsentHandOns } from "../core/outbox";
import { keepRunUntil } from "../core/run/run";
import { rebuildWindow } from "../core/timing/rebuild";
import { emptied } from "../core/timing/window";
import type { EntityState, Turn } from "../core/turn";
import type { Acted, Receipt, Run, Window } from "../model/entity";
import type { CanonicalEvent } from "../model/event";
import type { Fact } from "../model/fact";

type ReceiptRow = { event_id: string; n: number; expires_at: number; doc: string; event: string | null };
type UnsentRow = { event_id: string; n: number; doc: string; facts: string };
type RunRow = { id: string; n: number; open: number; doc: string; facts: string };
type ReceiptDoc = Omit<Receipt, "event_id" | "n" | "expires_at" | "event">;

/** All that a restarted object must know at once. */
export interface Loaded {
	n: number;
	windows: Window[];
	runs: Run[];
	acted: [workflow: string, acted: Acted][];
	batches: Batch[];
	/** When the first and the last receipt expire; null without receipts. */
	expiry: { first: number; last: number } | null;
	sent_through: number;
}

export function load(sql: SqlStorage): Loaded {
	const sentThrough =
		sql.exec<{ value: number }>("SELECT value FROM mark WHERE name = 'sent_through'").toArray()[0]?.value ?? 0;
	const span = sql
		.exec<{ n: number | null; first: number | null; last: number | null }>(
			"SELECT max(n) AS n, min(expires_at) AS first, max(expires_at) AS last FROM receipt",
		)
		.one();
	const runRows = sql
		.exec<RunRow>("SELECT id, n, open, doc, facts FROM run WHERE open = 1 OR n > ?", sentThrough)
		.toArray();
	const opened = sql
		.exec<{ doc: string }>("SELECT doc FROM window")
		.toArray()
		.map((row) => JSON.parse(row.doc) as Window);
	const unsent = sql.exec<UnsentRow>("SELECT event_id, n, doc, facts FROM receipt WHERE n > ?", sentThrough).toArray();
	return {
		n: Math.max(span.n ?? 0, sentThrough, ...runRows.map((row) => row.n), ...opened.map((window) => window.opened_n)),
		windows: opened.map((window) => (window.closed === true ? window : rebuildFrom(sql, window))),
		runs: runRows.map((row) => JSON.parse(row.doc) as Run),
		acted: sql
			.exec<{ workflow: string; doc: string }>("SELECT workflow, doc FROM acted")
			.toArray()
			.map(({ workflow, doc }) => [workflow, JSON.parse(doc) as Acted]),
		batches: [...unsent.map(receiptBatch), ...runRows.filter((row) => row.n > sentThrough).map(runBatch)].sort(
			(a, b) => a.n - b.n,
		),
		expiry: span.first === null || span.last === null ? null : { first: span.first, last: span.last },
		sent_through: sentThrough,
	};
}

/** Bodies are read only where the window keeps them all, and bounds them: those of a long aggregate fill no memory. */
function rebuildFrom(sql: SqlStorage, opened: Window): Window {
	const keepsAll = opened.timing.kind === "debounce" && opened.timing.keep === "all";
	const receipts = sql
		.exec<ReceiptRow>(
			"SELECT event_id, n, expires_at, doc, NULL AS event FROM receipt WHERE arrived_n >= ? ORDER BY arrived_n",
			opened.opened_n,
		)
		.toArray()
		.map(receiptOf)
		.filter(({ verdicts }) => verdicts.some(({ run }) => run === opened.id))
		.map((receipt) => (keepsAll ? { ...receipt, event: findEvent(sql, receipt.event_id) } : receipt));
	return rebuildWindow(opened, receipts, ({ event }) => (event === null ? 0 : JSON.stringify(event).length));
}

export function findReceipt(sql: SqlStorage, eventId: string): Receipt | null {
	const row = sql
		.exec<ReceiptRow>("SELECT event_id, n, expires_at, doc, event FROM receipt WHERE event_id = ?", eventId)
		.toArray()[0];
	return row === undefined ? null : receiptOf(row);
}

export function findEventText(sql: SqlStorage, eventId: string): string | null {
	const row = sql.exec<{ event: string | null }>("SELECT event FROM receipt WHERE event_id = ?", eventId).toArray()[0];
	return row?.event ?? null;
}

export function findEvent(sql: SqlStorage, eventId: string): CanonicalEvent | null {
	const text = findEventText(sql, eventId);
	return text === null ? null : (JSON.parse(text) as CanonicalEvent);
}

/** Also a run that is over, for as long as it is kept. */
export function findRun(sql: SqlStorage, id: string): Run | null {
	const row = sql.exec<{ doc: string }>("SELECT doc FROM run WHERE id = ?", id).toArray()[0];
	return row === undefined ? null : (JSON.parse(row.doc) as Run);
}

/** Writes everything that a turn changes. `event` is the text of the turn's event, where it is kept. */
export function writeTurn(sql: SqlStorage, state: EntityState, outbox: Outbox, turn: Turn, event: string | null): void {
	if (turn.receipt !== null) insertReceipt(sql, turn.receipt.receipt, turn.receipt.facts, event);
	if (turn.duplicate !== null) rewriteReceipt(sql, outbox, turn.duplicate.receipt, turn.duplicate.facts);
	for (const [workflow, window] of turn.windows) writeWindow(sql, turn.n, state.windows.get(workflow), window);
	for (const [workflow, acted] of turn.acted) writeActed(sql, workflow, acted);
	for (const { run, facts } of turn.runs.values()) {
		const all = fitting([...unsentFacts(outbox, run.id), ...facts]);
		const open = keepRunUntil(run) > turn.now ? 1 : 0;
		sql.exec(
			"INSERT INTO run (id, n, open, doc, facts) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET n = excluded.n, open = excluded.open, doc = excluded.doc, facts = excluded.facts",
			run.id,
			turn.n,
			open,
			JSON.stringify(run),
			JSON.stringify(all),
		);
	}
}

/** What a row can carry of facts, in characters: a row takes 2 MB, and a character at most three bytes. */
const FACTS_CHARS = 200_000;

/** If the journal cannot be reached for long, the oldest attempts keep what came of them and lose what was said. */
function fitting(facts: Fact[]): Fact[] {
	let excess = facts.reduce((total, fact) => total + JSON.stringify(fact).length, -FACTS_CHARS);
	return facts.map((fact) => {
		if (excess <= 0 || fact.kind !== "attempt.finished") return fact;
		const { exchange, ...data } = fact.data;
		excess -= JSON.stringify(exchange ?? null).length;
		return { ...fact, data: { ...data, exchange: { error: "left out: the journal could not be reached for long" } } };
	});
}

function insertReceipt(sql: SqlStorage, receipt: Receipt, facts: Fact[], event: string | null): void {
	sql.exec(
		"INSERT INTO receipt (event_id, n, arrived_n, expires_at, doc, facts, event) VALUES (?, ?, ?, ?, ?, ?, ?)",
		receipt.event_id,
		receipt.n,
		receipt.n,
		receipt.expires_at,
		receiptDoc(receipt),
		JSON.stringify(facts),
		receipt.event === null ? null : event,
	);
}

function rewriteReceipt(sql: SqlStorage, outbox: Outbox, receipt: Receipt, facts: Fact[]): void {
	const unsent = { ...receipt, hand_ons: unsentHandOns(outbox, receipt.event_id) };
	sql.exec(
		"UPDATE receipt SET n = ?, doc = ?, facts = ? WHERE event_id = ?",
		receipt.n,
		receiptDoc(unsent),
		JSON.stringify([...unsentFacts(outbox, receipt.event_id), ...facts]),
		receipt.event_id,
	);
}

/**
 * A window is written when it opens and deleted when it closes; in between it is a fold over its receipts. A join that is
 * over and waits for those who come late is no fold any more: it is written as it is.
 */
function writeWindow(sql: SqlStorage, n: number, before: Window | undefined, after: Window | null): void {
	if (before !== undefined && before.id !== after?.id) sql.exec("DELETE FROM window WHERE id = ?", before.id);
	if (after === null) return;
	const opens = after.opened_n === n && before?.id !== after.id;
	const closes = after.closed === true && before?.closed !== true;
	if (!opens && !closes) return;
	sql.exec(
		"INSERT INTO window (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc",
		after.id,
		JSON.stringify(after.closed === true ? after : emptied(after)),
	);
}

function writeActed(sql: SqlStorage, workflow: string, acted: Acted | null): void {
	if (acted === null) forgetActed(sql, workflow);
	else
		sql.exec(
			"INSERT INTO acted (workflow, doc) VALUES (?, ?) ON CONFLICT (workflow) DO UPDATE SET doc = excluded.doc",
			workflow,
			JSON.stringify(acted),
		);
}

export function markSent(sql: SqlStorage, n: number): void {
	sql.exec(
		"INSERT INTO mark (name, value) VALUES ('sent_through', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		n,
	);
}

export function forgetRun(sql: SqlStorage, id: string): void {
	sql.exec("DELETE FROM run WHERE id = ?", id);
}

/**
 * Drops what has expired, has been sent and is read by nobody: `floor` is the oldest commit that is still read. A run
 * that is over stays as long as a receipt would, so that it can be done again.
 */
export function prune(sql: SqlStorage, now: number, floor: number, sentThrough: number): void {
	sql.exec("DELETE FROM receipt WHERE expires_at <= ? AND n < ? AND n <= ?", now, floor, sentThrough);
	sql.exec(
		"DELETE FROM run WHERE open = 0 AND n < ? AND n <= ? AND json_extract(doc, '$.finished_at') <= ?",
		floor,
		sentThrough,
		now - RECEIPT_MS,
	);
}

export function forgetActed(sql: SqlStorage, workflow: string): void {
	sql.exec("DELETE FROM acted WHERE workflow = ?", workflow);
}

function receiptDoc({ event_id: _, n: __, expires_at: ___, event: ____, ...doc }: Receipt): string {
	return JSON.stringify(doc satisfies ReceiptDoc);
}

function receiptOf(row: ReceiptRow): Receipt {
	const doc = JSON.parse(row.doc) as ReceiptDoc;
	const event = row.event === null ? null : (JSON.parse(row.event) as CanonicalEvent);
	return { ...doc, event_id: row.event_id, n: row.n, expires_at: row.expires_at, event };
}

function receiptBatch(row: UnsentRow): Batch {
	const doc = JSON.parse(row.doc) as ReceiptDoc;
	return {
		n: row.n,
		at: doc.at,
		carrier: row.event_id,
		facts: JSON.parse(row.facts) as Fact[],
		hand_ons: doc.hand_ons,
	};
}

function runBatch(row: RunRow): Batch {
	const facts = JSON.parse(row.facts) as Fact[];
	return { n: row.n, at: facts[0]?.at ?? 0, carrier: row.id, facts, hand_ons: [] };
}
