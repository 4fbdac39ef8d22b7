// Tenants: organisations, or one environment of one.

import { z } from "zod";
import { err, ok, type Result } from "../model/result";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { NEW_REVISION } from "./row";

export const TenantInput = z.strictObject({
	title: z.string().min(1).max(100).optional().describe("What people call it; its name if absent."),
});
export type TenantInput = z.infer<typeof TenantInput>;

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

export async function findTenant(db: D1Database, name: string): Promise<TenantRow | null> {
	const row = await db.prepare(`SELECT ${COLUMNS} FROM tenants WHERE name = ?`).bind(name).first();
	return row === null ? null : TenantRow.parse(row);
}

/** Creates a tenant, or gives an existing one this title. */
export async function putTenant(
	db: D1Database,
	tenant: { name: string; title: string; now: number },
): Promise<{ tenant: TenantRow; created: boolean }> {
	const [inserted, , row] = await db.batch([
		db
			.prepare(`INSERT INTO tenants (name, title, revision, created_at) VALUES (?, ?, ${NEW_REVISION}, ?) ON CONFLICT DO NOTHING`)
			.bind(tenant.name, tenant.title, tenant.now),
		db.prepare("UPDATE tenants SET title = ? WHERE name = ?").bind(tenant.title, tenant.name),
		db.prepare(`SELECT ${COLUMNS} FROM tenants WHERE name = ?`).bind(tenant.name),
	]);
	return { tenant: TenantRow.parse(row?.results[0]), created: inserted?.meta.changes === 1 };
}

/** Deletes a tenant with everything that is configured for it, unless workflows of it are current. */
export async function deleteTenant(
	db: D1Database,
	name: string,
): Promise<Result<void, { reason: "missing" } | { reason: "in_use"; workflows: string[] }>> {
	const [deleted, users] = await db.batch([
		db
			.prepare(
				"DELETE FROM tenants WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM workflows WHERE tenant = ?1 AND current IS NOT NULL) RETURNING name",
			)
			.bind(name),
		db.prepare("SELECT name FROM workflows WHERE tenant = ? AND current IS NOT NULL ORDER BY name LIMIT 20").bind(name),
	]);
	if (deleted?.results.length === 1) return ok(undefined);
	const workflows = z.array(z.object({ name: z.string() })).parse(users?.results);
	return err(workflows.length === 0 ? { reason: "missing" } : { reason: "in_use", workflows: workflows.map((row) => row.name) });
}
