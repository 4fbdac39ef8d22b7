// Connections: a tenant's outbound credentials for one connector.

import { z } from "zod";
import { ConnectionLimits } from "../model/connection";
import type { JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { JsonObjectColumn, jsonColumn, newRevision, refusalOf, type Target, type WriteRefusal } from "./row";
import { type Deletion, deleteUnused } from "./uses";
import type { Place } from "./vault";

const ConnectionRow = z.object({
	name: z.string(),
	connector: z.string(),
	owner: z.string(),
	config: JsonObjectColumn,
	/** Sealed. */
	credentials: z.string(),
	limits: jsonColumn(ConnectionLimits).nullable(),
	revision: z.string(),
	created_at: z.int(),
	updated_at: z.int(),
});
export type ConnectionRow = z.infer<typeof ConnectionRow>;

const COLUMNS = "name, connector, owner, config, credentials, limits, revision, created_at, updated_at";

/** Where the credentials of a connection belong in the vault. */
export function credentialsPlace(tenant: string, connection: string): Place {
	return { tenant, record: `connection/${connection}`, field: "credentials" };
}

/** Where the tokens belong that a connection by OAuth was granted. They lie in its Connection object. */
export function tokensPlace(tenant: string, connection: string): Place {
	return { tenant, record: `connection/${connection}`, field: "tokens" };
}

export async function listConnections(
	db: D1Database,
	tenant: string,
	page: PageRequest,
): Promise<NamedPage<ConnectionRow>> {
	const { results } = await db
		.prepare(`SELECT ${COLUMNS} FROM connections WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?`)
		.bind(tenant, page.after, page.limit + 1)
		.all();
	return toPage(z.array(ConnectionRow).parse(results), page.limit, (row) => row.name);
}

export async function findConnection(db: D1Database, tenant: string, name: string): Promise<ConnectionRow | null> {
	const row = await selectConnection(db, { tenant, name }).first();
	return row === null ? null : ConnectionRow.parse(row);
}

export interface ConnectionWrite extends Target {
	connector: string;
	owner: string;
	config: JsonObject;
	/** Sealed. Without, an existing connection keeps its own and none is created. */
	credentials?: string;
	limits?: ConnectionLimits;
}

/** Creates or replaces a connection. Its connector never changes, since workflows rely on it. */
export async function putConnection(
	db: D1Database,
	write: ConnectionWrite,
): Promise<Result<{ connection: ConnectionRow; created: boolean }, WriteRefusal>> {
	const revision = newRevision();
	const creates = write.credentials !== undefined && write.over === undefined;
	const results = await db.batch([
		...(creates ? [insertConnection(db, write)] : []),
		updateConnection(db, write, revision),
		selectConnection(db, write),
	]);
	const [connection] = z.array(ConnectionRow).parse(results.at(-1)?.results);
	if (connection?.revision !== revision) return err(refusalOf(connection, write.connector));
	return ok({ connection, created: creates && results[0]?.results.length === 1 });
}

export function deleteConnection(db: D1Database, tenant: string, name: string): Promise<Deletion> {
	return deleteUnused(db, "connections", { tenant, name });
}

function selectConnection(db: D1Database, { tenant, name }: { tenant: string; name: string }): D1PreparedStatement {
	return db.prepare(`SELECT ${COLUMNS} FROM connections WHERE tenant = ? AND name = ?`).bind(tenant, name);
}

/** Only makes sure that the row is there; what it holds is written by the update after it. */
function insertConnection(db: D1Database, { tenant, name, connector, now }: ConnectionWrite): D1PreparedStatement {
	return db
		.prepare(
			`INSERT INTO connections (tenant, name, connector, owner, config, credentials, revision, created_at, updated_at)
			VALUES (?1, ?2, ?3, '', '{}', '', '', ?4, ?4) ON CONFLICT DO NOTHING RETURNING name`,
		)
		.bind(tenant, name, connector, now);
}

function updateConnection(db: D1Database, write: ConnectionWrite, revision: string): D1PreparedStatement {
	return db
		.prepare(
			`UPDATE connections SET owner = ?4, config = ?5, credentials = coalesce(?6, credentials), limits = ?10, revision = ?7, updated_at = ?8
			WHERE tenant = ?1 AND name = ?2 AND connector = ?3 AND (?9 IS NULL OR revision = ?9)`,
		)
		.bind(
			write.tenant,
			write.name,
			write.connector,
			write.owner,
			JSON.stringify(write.config),
			write.credentials ?? null,
			revision,
			write.now,
			write.over ?? null,
			write.limits === undefined ? null : JSON.stringify(write.limits),
		);
}
