// What an Entity stores. Rows are most of the bill, so there are no indexes: receipts and runs are found by their key,
// and read through once after a restart. `n` is the commit that wrote a row last; a receipt's `arrived_n` is the one
// that inserted it, which is the order of arrival.

import { type Migration, migrate } from "../storage/migrate";

const MIGRATIONS: readonly Migration[] = [
	{
		name: "0001_entity",
		sql: `
			CREATE TABLE receipt (event_id TEXT PRIMARY KEY, n INTEGER NOT NULL, arrived_n INTEGER NOT NULL, expires_at INTEGER NOT NULL, doc TEXT NOT NULL, facts TEXT NOT NULL, event TEXT) WITHOUT ROWID;
			CREATE TABLE window (id TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
			CREATE TABLE run (id TEXT PRIMARY KEY, n INTEGER NOT NULL, open INTEGER NOT NULL, doc TEXT NOT NULL, facts TEXT NOT NULL) WITHOUT ROWID;
			CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
		`,
	},
	{
		name: "0002_acted",
		sql: "CREATE TABLE acted (workflow TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;",
	},
];

export function migrateEntity(storage: DurableObjectStorage): void {
	migrate(storage, MIGRATIONS);
}
