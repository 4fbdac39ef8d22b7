// What a Ledger stores. A chunk holds the facts of one append with the chain's head after it and the totals so far; a
// trace row says in which chunks a trace's facts stand and which they are, so that telling twice is noticed.

import { type Migration, migrate } from "../storage/migrate";

const MIGRATIONS: readonly Migration[] = [
	{
		name: "0001_ledger",
		sql: `
			CREATE TABLE chunk (last_seq INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, head TEXT NOT NULL, counters TEXT NOT NULL, entries TEXT NOT NULL);
			CREATE TABLE trace (trace_id TEXT PRIMARY KEY, facts TEXT NOT NULL, chunks TEXT NOT NULL) WITHOUT ROWID;
			CREATE TABLE dead_letter (id TEXT PRIMARY KEY, opened_at INTEGER NOT NULL, state TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
			CREATE INDEX dead_letter_by_age ON dead_letter (opened_at, id);
		`,
	},
];

export function migrateLedger(storage: DurableObjectStorage): void {
	migrate(storage, MIGRATIONS);
}
