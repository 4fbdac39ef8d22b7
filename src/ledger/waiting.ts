// The index of what is waited for: one row for each open join, approval and wait for a time. Facts come in any order, so
// the rows of a run are derived again from all of them. Rows written are most of the bill: a run that never waits has
// none, and a row is written only if it changes.

import type { Fact } from "../model/fact";
import type { Page, Wait, WaitQuery } from "../model/ledger";
import { findEntries, type ReadChunk } from "./entries";
import { stepOf, waitsOf } from "./waits";

/** How many rows one page looks at. */
const ROWS_PER_PAGE = 5_000;
/** How many overdue ones are looked after at a time. */
const OVERDUE_AT_ONCE = 500;

interface Row {
	until: number;
	doc: string;
}

/** Call after these facts were appended. */
export function writeWaiting(sql: SqlStorage, read: ReadChunk, fresh: readonly Fact[]): void {
	const byRun = Map.groupBy(fresh, ({ run }) => run);
	for (const [run, facts] of byRun) {
		const [first] = facts;
		if (run === undefined || first === undefined) continue;
		const known = rowsOf(sql, run);
		if (known.size === 0 && !facts.some(tellsOfWaiting)) continue;
		const all = (findEntries(sql, read, first.trace_id) ?? []).filter((entry) => entry.run === run);
		writeRows(sql, run, known, waitsOf(all));
	}
}

/** Without one of these there is nothing that a run could have begun to wait for. */
function tellsOfWaiting({ kind }: Fact): boolean {
	return kind === "join.waiting" || kind === "step.waiting";
}

function rowsOf(sql: SqlStorage, run: string): Map<string, Row> {
	const rows = sql.exec<{ step: string; until: number; doc: string }>(
		"SELECT step, until, doc FROM waiting WHERE run = ?",
		run,
	);
	return new Map([...rows].map(({ step, ...row }) => [step, row]));
}

function writeRows(sql: SqlStorage, run: string, known: Map<string, Row>, waits: readonly Wait[]): void {
	const open = new Set(waits.map(stepOf));
	for (const step of known.keys()) {
		if (!open.has(step)) sql.exec("DELETE FROM waiting WHERE run = ? AND step = ?", run, step);
	}
	for (const wait of waits) writeRow(sql, known.get(stepOf(wait)), wait);
}

function writeRow(sql: SqlStorage, known: Row | undefined, wait: Wait): void {
	const doc = JSON.stringify(wait);
	if (known?.doc === doc) return;
	const { run, until } = wait;
	const step = stepOf(wait);
	if (known?.until === until) {
		// Its index row stays as it is, and costs nothing.
		sql.exec("UPDATE waiting SET doc = ? WHERE run = ? AND step = ?", doc, run, step);
		return;
	}
	sql.exec(
		"INSERT INTO waiting (run, step, until, doc) VALUES (?, ?, ?, ?) ON CONFLICT (run, step) DO UPDATE SET until = excluded.until, doc = excluded.doc",
		...[run, step, until, doc],
	);
}

/** Soonest deadline first. */
export function listWaiting(sql: SqlStorage, query: WaitQuery): Page<Wait> {
	const items: Wait[] = [];
	let looked = 0;
	const [until = "", run = "", step = ""] = query.cursor?.split("~") ?? [];
	const rows = sql.exec<{ doc: string }>(
		"SELECT doc FROM waiting WHERE (until, run, step) > (?, ?, ?) ORDER BY until, run, step",
		...[query.cursor === undefined ? Number.MIN_SAFE_INTEGER : Number(until), run, step],
	);
	for (const { doc } of rows) {
		const wait = JSON.parse(doc) as Wait;
		looked += 1;
		if (matches(wait, query)) items.push(wait);
		if (items.length === query.limit || looked === ROWS_PER_PAGE) {
			return { items, cursor: `${wait.until}~${wait.run}~${stepOf(wait)}` };
		}
	}
	return { items, cursor: null };
}

function matches(wait: Wait, { kind, workflow }: WaitQuery): boolean {
	return (kind === undefined || wait.kind === kind) && (workflow === undefined || wait.workflow === workflow);
}

/** What should have been over before this time and has not been heard of since. */
export function overdue(sql: SqlStorage, before: number): { run: string; entity_key: string }[] {
	const rows = sql.exec<{ doc: string }>(
		"SELECT doc FROM waiting WHERE until < ? ORDER BY until LIMIT ?",
		before,
		OVERDUE_AT_ONCE,
	);
	return [...rows].flatMap(({ doc }) => {
		const { run, entity_key } = JSON.parse(doc) as Wait;
		return entity_key === null ? [] : [{ run, entity_key }];
	});
}
