// As much of a Durable Object's storage as an Entity uses, over SQLite in memory: statements and transactions, no alarm.

import { DatabaseSync, type SQLInputValue } from "node:sqlite";

export function sqliteStorage(): DurableObjectStorage {
	const db = new DatabaseSync(":memory:");
	const sql = {
		exec(statement: string, ...bindings: SQLInputValue[]) {
			if (/;\s*\S/.test(statement)) {
				db.exec(statement);
				return cursor([]);
			}
			return cursor(db.prepare(statement).all(...bindings));
		},
	};
	const transactionSync = (write: () => void) => {
		db.exec("BEGIN");
		try {
			write();
			db.exec("COMMIT");
		} catch (error) {
			db.exec("ROLLBACK");
			throw error;
		}
	};
	return { sql, transactionSync } as unknown as DurableObjectStorage;
}

function cursor(rows: unknown[]) {
	return {
		toArray: () => rows,
		one: () => {
			if (rows.length !== 1) throw new Error(`${rows.length} rows instead of one`);
			return rows[0];
		},
	};
}
