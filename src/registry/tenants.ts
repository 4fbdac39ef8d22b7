// Tenants: organisations, or one environment of one.

import { z } from "zod";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { newRevision } from "./row";
import type { Deletion } from "./uses";

const TenantRow = z.object({ name: z.string(), title: z.string(), created_at: z.int() });
export type TenantRow = z.infer<typeof TenantRow>;

const COLUMNS = "name, title, created_at";

export async function listTenants(db: D1Database, page: PageRequest): Promise<NamedPage<TenantRow>> {
	const { results } = await db
		.prepare(`SELECT ${COLUMNS} FROM tenants WHERE name > ? ORDER BY name LIMIT ?`)
		.bind(page.after, page.limit + 1)
		.all();
	return toPage(z.array(TenantRow).parse(results), page.limit, (row) => row.name);
}

/** The names of all tenants. */
export async function allTenants(db: D1Database): Promise<string[]> {
	const { results } = await db.prepare("SELECT name FROM tenants ORDER BY name").all();
	return z
		.array(z.object({ name: z.string() }))
		.parse(results)
		.map(({ name }) => name);
}

export async function findTenant(db: D1Database, name: string): Promise<TenantRow | null> {
	const row = await db.prepare(`SELECT ${COLUMNS} FROM tenants WHERE name = ?`).bind(name).first();
	return row === null ? null : TenantRow.parse(row);
}

/** Creates a tenant, or gives an existing one this title. Null if the name was that of a tenant that is no more. */
export async function putTenant(
	db: D1Database,
	{ name, title, now }: { name: string; title: string; now: number },
): Promise<{ tenant: TenantRow; created: boolean } | null> {
	const [inserted, updated] = await db.batch([
		db
			.prepare(
				"INSERT INTO tenants (name, title, revision, created_at) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM former_tenants WHERE name = ?1) ON CONFLICT DO NOTHING RETURNING name",
			)
			.bind(name, title, newRevision(), now),
		db.prepare(`UPDATE tenants SET title = ? WHERE name = ? RETURNING ${COLUMNS}`).bind(title, name),
	]);
	const row = updated?.results[0];
	return row === undefined ? null : { tenant: TenantRow.parse(row), created: inserted?.results.length === 1 };
}

/** Deletes a tenant with everything that is configured for it, unless workflows of it are current. */
export async function deleteTenant(db: D1Database, name: string): Promise<Deletion> {
	const current = "SELECT name FROM workflows WHERE tenant = ?1 AND current IS NOT NULL ORDER BY name LIMIT 20";
	const [deleted, users] = await db.batch([
		db.prepare(`DELETE FROM tenants WHERE name = ?1 AND NOT EXISTS (${current}) RETURNING name`).bind(name),
		db.prepare(current).bind(name),
	]);
	if (deleted?.results.length === 1) return "deleted";
	const names = z.array(z.object({ name: z.string() })).parse(users?.results);
	return names.length === 0 ? "missing" : { in_use: names.map((row) => row.name) };
}
