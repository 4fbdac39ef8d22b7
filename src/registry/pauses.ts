// Paused workflows: new events meet them and runs begin, but no step is carried out until they are resumed. A retired
// workflow can be paused too, since its runs go on.

import { z } from "zod";
import { newRevision } from "./row";

/** Who paused a workflow and when; both null while it is not paused. */
export const PauseColumns = z.object({ paused_at: z.int().nullable(), paused_by: z.string().nullable() });
export type Pause = z.infer<typeof PauseColumns>;

const Paused = z.object({ paused_at: z.int(), paused_by: z.string() });

/** Pauses a workflow, or leaves it as it was paused already. Null if there never was such a workflow. */
export async function pauseWorkflow(
	db: D1Database,
	{ tenant, name, by, now }: { tenant: string; name: string; by: string; now: number },
): Promise<z.infer<typeof Paused> | null> {
	const [, after] = await db.batch([
		db
			.prepare(
				"UPDATE workflows SET paused_at = ?, paused_by = ?, revision = ? WHERE tenant = ? AND name = ? AND paused_at IS NULL",
			)
			.bind(now, by, newRevision(), tenant, name),
		selectPause(db, { tenant, name }),
	]);
	const [row] = z.array(Paused).parse(after?.results);
	return row ?? null;
}

/** Ends the pause that began at `paused_at`. One that began later stays. */
export async function resumeWorkflow(
	db: D1Database,
	{ tenant, name, paused_at }: { tenant: string; name: string; paused_at: number },
): Promise<void> {
	await db
		.prepare(
			"UPDATE workflows SET paused_at = NULL, paused_by = NULL, revision = ? WHERE tenant = ? AND name = ? AND paused_at = ?",
		)
		.bind(newRevision(), tenant, name, paused_at)
		.run();
}

/** Null if there never was such a workflow. */
export async function findPause(db: D1Database, tenant: string, name: string): Promise<Pause | null> {
	const row = await selectPause(db, { tenant, name }).first();
	return row === null ? null : PauseColumns.parse(row);
}

/** The names of a tenant's paused workflows. */
export async function listPaused(db: D1Database, tenant: string): Promise<Set<string>> {
	const { results } = await db
		// Left to itself, SQLite takes the primary key and reads all workflows to find none.
		.prepare("SELECT name FROM workflows INDEXED BY workflows_paused WHERE tenant = ? AND paused_at IS NOT NULL")
		.bind(tenant)
		.all();
	const rows = z.array(z.object({ name: z.string() })).parse(results);
	return new Set(rows.map(({ name }) => name));
}

function selectPause(db: D1Database, { tenant, name }: { tenant: string; name: string }): D1PreparedStatement {
	return db.prepare("SELECT paused_at, paused_by FROM workflows WHERE tenant = ? AND name = ?").bind(tenant, name);
}
