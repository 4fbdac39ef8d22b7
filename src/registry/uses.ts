// Which current workflows refer to a source or a connection. What they refer to stands beside each version.

import { z } from "zod";
import { parseApprovers, selectApprovers } from "./approvers";

/** SQL with ?1 = tenant, ?2 = name of the source or connection. */
function users(kind: "sources" | "connections"): string {
	return `SELECT w.name FROM workflows w
		JOIN workflow_versions v ON v.tenant = w.tenant AND v.workflow = w.name AND v.version = w.current
		JOIN json_each(v.${kind}) u ON u.value = ?2
		WHERE w.tenant = ?1 ORDER BY w.name LIMIT 20`;
}

export type Deletion = "deleted" | "missing" | { in_use: string[] };

/** Deletes a row unless a current workflow refers to it; then the answer names those workflows. */
export async function deleteUnused(
	db: D1Database,
	table: "sources" | "connections",
	{ tenant, name }: { tenant: string; name: string },
): Promise<Deletion> {
	const [deleted, used] = await db.batch([
		db
			.prepare(`DELETE FROM ${table} WHERE tenant = ?1 AND name = ?2 AND NOT EXISTS (${users(table)}) RETURNING name`)
			.bind(tenant, name),
		db.prepare(users(table)).bind(tenant, name),
	]);
	if (deleted?.results.length === 1) return "deleted";
	const names = z.array(z.object({ name: z.string() })).parse(used?.results);
	return names.length === 0 ? "missing" : { in_use: names.map((row) => row.name) };
}

/** What the documents of a tenant can refer to: names, and the connector of each. */
export interface Referable {
	sources: ReadonlyMap<string, string>;
	connections: ReadonlyMap<string, string>;
	/** People who can be asked for approval, each with their teams. */
	approvers: ReadonlyMap<string, readonly string[]>;
}

export async function listReferable(db: D1Database, tenant: string): Promise<Referable> {
	const [sources, connections, people] = await db.batch([
		db.prepare("SELECT name, connector FROM sources WHERE tenant = ? ORDER BY name").bind(tenant),
		db.prepare("SELECT name, connector FROM connections WHERE tenant = ? ORDER BY name").bind(tenant),
		selectApprovers(db, tenant),
	]);
	const approvers = new Map(parseApprovers(people?.results).map(({ name, teams }) => [name, teams]));
	return { sources: byName(sources), connections: byName(connections), approvers };
}

function byName(result: D1Result | undefined): Map<string, string> {
	const rows = z.array(z.object({ name: z.string(), connector: z.string() })).parse(result?.results);
	return new Map(rows.map(({ name, connector }) => [name, connector]));
}
