// Workflows and their versions. A version is written once; `current` says which one new events meet. What a current
// version refers to always exists: the same statement that makes it current checks it, and deletions check the other way.

import { z } from "zod";
import { Json } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { PauseColumns } from "./pauses";
import { jsonColumn, NamesColumn, newRevision, type Target } from "./row";

const VersionRow = z.object({
	name: z.string(),
	version: z.int(),
	hash: z.string(),
	document: jsonColumn(Json),
	sources: NamesColumn,
	connections: NamesColumn,
	message: z.string(),
	published_by: z.string(),
	published_at: z.int(),
});
export type VersionRow = z.infer<typeof VersionRow>;

const CurrentRow = VersionRow.extend({ revision: z.string(), ...PauseColumns.shape });
/** A workflow that is not retired, with its current version. */
export type CurrentRow = z.infer<typeof CurrentRow>;

const COLUMNS =
	"v.workflow AS name, v.version, v.hash, v.document, v.sources, v.connections, v.message, v.published_by, v.published_at";
const CURRENT = `SELECT ${COLUMNS}, w.revision, w.paused_at, w.paused_by FROM workflows w
	JOIN workflow_versions v ON v.tenant = w.tenant AND v.workflow = w.name AND v.version = w.current`;

export async function listWorkflows(db: D1Database, tenant: string, page: PageRequest): Promise<NamedPage<CurrentRow>> {
	const { results } = await db
		.prepare(`${CURRENT} WHERE w.tenant = ? AND w.name > ? ORDER BY w.name LIMIT ?`)
		.bind(tenant, page.after, page.limit + 1)
		.all();
	return toPage(z.array(CurrentRow).parse(results), page.limit, (row) => row.name);
}

/** All current workflows of a tenant, for those who need the whole configuration. */
export function selectAllWorkflows(db: D1Database, tenant: string): D1PreparedStatement {
	return db.prepare(`${CURRENT} WHERE w.tenant = ? ORDER BY w.name`).bind(tenant);
}

export function parseWorkflows(rows: unknown): CurrentRow[] {
	return z.array(CurrentRow).parse(rows);
}

/** Null also for a workflow that is retired. */
export async function findWorkflow(db: D1Database, tenant: string, name: string): Promise<CurrentRow | null> {
	const row = await selectCurrent(db, { tenant, name }).first();
	return row === null ? null : CurrentRow.parse(row);
}

/** Newest first; `after` is the version that the page before ended with. */
export async function listVersions(
	db: D1Database,
	{ tenant, name }: { tenant: string; name: string },
	page: PageRequest,
): Promise<NamedPage<VersionRow>> {
	const { results } = await db
		.prepare(
			`SELECT ${COLUMNS} FROM workflow_versions v WHERE v.tenant = ? AND v.workflow = ? AND v.version < ?
			ORDER BY v.version DESC LIMIT ?`,
		)
		.bind(tenant, name, page.after === "" ? Number.MAX_SAFE_INTEGER : Number(page.after), page.limit + 1)
		.all();
	return toPage(z.array(VersionRow).parse(results), page.limit, (row) => String(row.version));
}

export async function findVersion(
	db: D1Database,
	{ tenant, name, version }: { tenant: string; name: string; version: number },
): Promise<VersionRow | null> {
	const row = await db
		.prepare(`SELECT ${COLUMNS} FROM workflow_versions v WHERE v.tenant = ? AND v.workflow = ? AND v.version = ?`)
		.bind(tenant, name, version)
		.first();
	return row === null ? null : VersionRow.parse(row);
}

export interface Publication {
	tenant: string;
	name: string;
	hash: string;
	document: Json;
	/** What the document refers to. */
	sources: string[];
	connections: string[];
	message: string;
	published_by: string;
	now: number;
}

/**
 * Makes a document the current version of its workflow. `unchanged`: it already was, and no version was added.
 * `references`: a source or connection that it refers to does not exist (any more).
 */
export async function publish(
	db: D1Database,
	publication: Publication,
): Promise<Result<{ workflow: CurrentRow; unchanged: boolean }, { reason: "references" }>> {
	const [, inserted, , current] = await db.batch([
		insertWorkflow(db, publication),
		insertVersion(db, publication),
		advance(db, publication),
		selectCurrent(db, publication),
	]);
	const [workflow] = parseWorkflows(current?.results);
	if (workflow?.hash !== publication.hash) return err({ reason: "references" });
	return ok({ workflow, unchanged: inserted?.results.length === 0 });
}

/** Makes an existing version current again; also that of a retired workflow. */
export async function makeCurrent(
	db: D1Database,
	{ tenant, name, over, version }: Omit<Target, "now"> & { version: number },
): Promise<Result<CurrentRow, { reason: "revision" } | { reason: "references" }>> {
	const revision = newRevision();
	const [, after] = await db.batch([
		db
			.prepare(
				`UPDATE workflows SET current = ?3, revision = ?4
				WHERE tenant = ?1 AND name = ?2 AND (?5 IS NULL OR revision = ?5) AND EXISTS (
					SELECT 1 FROM workflow_versions v WHERE v.tenant = ?1 AND v.workflow = ?2 AND v.version = ?3
					AND ${existing("sources", "v.sources")} AND ${existing("connections", "v.connections")}
				)`,
			)
			.bind(tenant, name, version, revision, over ?? null),
		db.prepare("SELECT revision FROM workflows WHERE tenant = ? AND name = ?").bind(tenant, name),
	]);
	const [row] = z.array(z.object({ revision: z.string() })).parse(after?.results);
	if (row?.revision !== revision) {
		return err({ reason: over !== undefined && row?.revision !== over ? "revision" : "references" });
	}
	const workflow = await findWorkflow(db, tenant, name);
	return workflow === null ? err({ reason: "references" }) : ok(workflow);
}

/** New events no longer meet the workflow; its versions stay, for the runs that are pinned to them. */
export async function retireWorkflow(db: D1Database, tenant: string, name: string): Promise<boolean> {
	const { results } = await db
		.prepare(
			"UPDATE workflows SET current = NULL, revision = ? WHERE tenant = ? AND name = ? AND current IS NOT NULL RETURNING name",
		)
		.bind(newRevision(), tenant, name)
		.all();
	return results.length === 1;
}

/** SQL: every name in this JSON list exists in the tenant ?1. */
function existing(table: "sources" | "connections", list: string): string {
	return `NOT EXISTS (SELECT 1 FROM json_each(${list}) WHERE value NOT IN (SELECT name FROM ${table} WHERE tenant = ?1))`;
}

const REFERENCES = `${existing("sources", "?3")} AND ${existing("connections", "?4")}`;

/** The first four parameters of every statement of a publication. */
function references({ tenant, name, sources, connections }: Publication): string[] {
	return [tenant, name, JSON.stringify(sources), JSON.stringify(connections)];
}

function insertWorkflow(db: D1Database, publication: Publication): D1PreparedStatement {
	return db
		.prepare(
			`INSERT INTO workflows (tenant, name, current, revision) SELECT ?1, ?2, NULL, ''
			WHERE ${REFERENCES} ON CONFLICT DO NOTHING`,
		)
		.bind(...references(publication));
}

function insertVersion(db: D1Database, publication: Publication): D1PreparedStatement {
	const { hash, document, message, published_by, now } = publication;
	return db
		.prepare(
			`INSERT INTO workflow_versions
			(tenant, workflow, version, hash, document, sources, connections, message, published_by, published_at)
			SELECT ?1, ?2, 1 + coalesce((SELECT max(version) FROM workflow_versions WHERE tenant = ?1 AND workflow = ?2), 0),
				?5, ?6, ?3, ?4, ?7, ?8, ?9
			WHERE ${REFERENCES} AND NOT EXISTS (${CURRENT} WHERE w.tenant = ?1 AND w.name = ?2 AND v.hash = ?5)
			RETURNING version`,
		)
		.bind(...references(publication), hash, JSON.stringify(document), message, published_by, now);
}

/** Makes the newest version current if it is the published one. */
function advance(db: D1Database, publication: Publication): D1PreparedStatement {
	return db
		.prepare(
			`UPDATE workflows SET current = v.version, revision = ?6
			FROM (SELECT version, hash FROM workflow_versions WHERE tenant = ?1 AND workflow = ?2 ORDER BY version DESC LIMIT 1) v
			WHERE tenant = ?1 AND name = ?2 AND v.hash = ?5 AND current IS NOT v.version AND ${REFERENCES}`,
		)
		.bind(...references(publication), publication.hash, newRevision());
}

function selectCurrent(db: D1Database, { tenant, name }: { tenant: string; name: string }): D1PreparedStatement {
	return db.prepare(`${CURRENT} WHERE w.tenant = ? AND w.name = ?`).bind(tenant, name);
}
