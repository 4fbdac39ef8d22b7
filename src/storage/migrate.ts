// Schema migrations of Durable Objects. The list is only ever appended to: what an object has applied must be a prefix
// of it, so that an older release never touches what a newer one wrote.

export interface Migration {
	name: string;
	sql: string;
}

/** Brings an object's tables up to the end of the list. Throws, and changes nothing, if they are not a prefix of it. */
export function migrate(storage: DurableObjectStorage, migrations: readonly Migration[]): void {
	const { sql } = storage;
	const isNew =
		sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'").toArray().length === 0;
	const applied = isNew ? [] : sql.exec<{ name: string }>("SELECT name FROM migration ORDER BY n").toArray();
	for (const [n, { name }] of applied.entries()) {
		if (migrations[n]?.name !== name) {
			throw new Error(
				`this object's tables are at migration ${name}, which this release does not know: deploy the release that wrote them`,
			);
		}
	}
	if (applied.length === migrations.length) return;
	storage.transactionSync(() => {
		if (isNew) sql.exec("CREATE TABLE migration (n INTEGER PRIMARY KEY, name TEXT NOT NULL)");
		for (const [n, { name, sql: statements }] of migrations.entries()) {
			if (n < applied.length) continue;
			sql.exec(statements);
			sql.exec("INSERT INTO migration (n, name) VALUES (?, ?)", n, name);
		}
	});
}
