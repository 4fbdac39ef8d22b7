// What a Ledger stores. A chunk holds the facts of one append with the chain's head after it and the totals so far; a
// trace row says in which chunks a trace's facts stand and which they are, so that telling twice is noticed.

import { type Migration, migrate } from "../storage/migrate";
import { groupOldLetters } from "./old-letters";

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
	{
		name: "0002_waiting",
		sql: `
			CREATE TABLE waiting (run TEXT NOT NULL, step TEXT NOT NULL, until INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
			CREATE INDEX waiting_by_deadline ON waiting (until, run, step);
		`,
	},
	{
		// Letters of before are put into groups when the object begins: the last index finds them, and is empty from then on.
		name: "0003_letter_groups",
		sql: `
			ALTER TABLE dead_letter ADD COLUMN group_id TEXT;
			CREATE INDEX dead_letter_open ON dead_letter (group_id, opened_at, id) WHERE state = 'open';
			CREATE INDEX dead_letter_ungrouped ON dead_letter (id) WHERE group_id IS NULL;
			CREATE TABLE letter_group (id TEXT PRIMARY KEY, last_seen INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
			CREATE INDEX letter_group_by_age ON letter_group (last_seen, id);
			CREATE TABLE replay (id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, next_at INTEGER, tries INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
			CREATE INDEX replay_by_age ON replay (started_at, id);
			CREATE INDEX replay_due ON replay (next_at) WHERE next_at IS NOT NULL;
			CREATE TABLE replay_item (replay TEXT NOT NULL, letter TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, reason TEXT, PRIMARY KEY (replay, letter)) WITHOUT ROWID;
			CREATE INDEX replay_item_waiting ON replay_item (replay, tries, letter) WHERE state = 'waiting';
			CREATE TABLE replay_work (replay TEXT NOT NULL, workflow TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (replay, workflow)) WITHOUT ROWID;
			CREATE TABLE alert (kind TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
		`,
	},
];

export function migrateLedger(storage: DurableObjectStorage): void {
	migrate(storage, MIGRATIONS);
	storage.transactionSync(() => groupOldLetters(storage.sql));
}
