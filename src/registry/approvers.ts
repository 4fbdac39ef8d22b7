// Approvers: people who may be asked to approve a step, by name or as members of a team. The names of people and teams
// are one namespace: no name is ever both, so that `of: [legal]` says whom it means. The database checks it in the
// statement that writes.

import { z } from "zod";
import { err, ok, type Result } from "../model/result";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { NamesColumn, newRevision, type Target } from "./row";

const ApproverRow = z.object({
	name: z.string(),
	title: z.string(),
	email: z.string().nullable(),
	teams: NamesColumn,
	identities: NamesColumn,
	revision: z.string(),
	created_at: z.int(),
	updated_at: z.int(),
});
export type ApproverRow = z.infer<typeof ApproverRow>;

/** An approver as other stages know one. */
export type Approver = Pick<ApproverRow, "name" | "title" | "email" | "teams" | "identities">;

const COLUMNS = "name, title, email, teams, identities, revision, created_at, updated_at";

export async function listApprovers(
	db: D1Database,
	tenant: string,
	page: PageRequest,
): Promise<NamedPage<ApproverRow>> {
	const { results } = await db
		.prepare(`SELECT ${COLUMNS} FROM approvers WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?`)
		.bind(tenant, page.after, page.limit + 1)
		.all();
	return toPage(z.array(ApproverRow).parse(results), page.limit, (row) => row.name);
}

/** All of a tenant's, by name. */
export async function allApprovers(db: D1Database, tenant: string): Promise<Approver[]> {
	return parseApprovers((await selectApprovers(db, tenant).all()).results);
}

export function selectApprovers(db: D1Database, tenant: string): D1PreparedStatement {
	return db.prepare(`SELECT ${COLUMNS} FROM approvers WHERE tenant = ? ORDER BY name`).bind(tenant);
}

export function parseApprovers(rows: unknown): Approver[] {
	return z
		.array(ApproverRow)
		.parse(rows)
		.map(({ name, title, email, teams, identities }) => ({ name, title, email, teams, identities }));
}

export async function findApprover(db: D1Database, tenant: string, name: string): Promise<ApproverRow | null> {
	const row = await selectApprover(db, { tenant, name }).first();
	return row === null ? null : ApproverRow.parse(row);
}

export interface ApproverWrite extends Target {
	title: string;
	email: string | null;
	teams: string[];
	identities: string[];
}

/** A name that cannot be what the write would make it, because it is the other thing already. */
const Clash = z.object({ name: z.string(), is: z.enum(["person", "team"]) });
export type Clash = z.infer<typeof Clash>;

/** `missing`: there is none over which to write. `clash`: a name would be both a person's and a team's. */
export type ApproverRefusal = { reason: "missing" } | { reason: "revision" } | { reason: "clash"; names: Clash[] };

/** Creates or replaces an approver. */
export async function putApprover(
	db: D1Database,
	write: ApproverWrite,
): Promise<Result<{ approver: ApproverRow; created: boolean }, ApproverRefusal>> {
	const revision = newRevision();
	const creates = write.over === undefined;
	const results = await db.batch([
		...(creates ? [insertApprover(db, write)] : []),
		updateApprover(db, write, revision),
		selectApprover(db, write),
		db.prepare(CLASHES).bind(...claim(write)),
	]);
	const [approver] = z.array(ApproverRow).parse(results.at(-2)?.results);
	if (approver?.revision === revision) return ok({ approver, created: creates && results[0]?.results.length === 1 });
	if (write.over !== undefined && approver?.revision !== write.over) {
		return err({ reason: approver === undefined ? "missing" : "revision" });
	}
	return err({ reason: "clash", names: z.array(Clash).parse(results.at(-1)?.results) });
}

/** Deletes an approver, and with the row every token that belongs to them. False if there is none. */
export async function deleteApprover(db: D1Database, tenant: string, name: string): Promise<boolean> {
	const { results } = await db
		.prepare("DELETE FROM approvers WHERE tenant = ? AND name = ? RETURNING name")
		.bind(tenant, name)
		.all();
	return results.length === 1;
}

/** SQL with ?1 = tenant, ?2 = the person's name, ?3 = their teams: which names would be both. */
const CLASHES = `SELECT ?2 AS name, 'team' AS "is" WHERE ?2 IN (
		SELECT value FROM json_each(?3)
		UNION ALL
		SELECT t.value FROM approvers a JOIN json_each(a.teams) t WHERE a.tenant = ?1 AND a.name <> ?2
	)
	UNION ALL
	SELECT name, 'person' FROM approvers
	WHERE tenant = ?1 AND name <> ?2 AND name IN (SELECT value FROM json_each(?3))`;

/** The first three parameters of every statement that looks for clashes. */
function claim({ tenant, name, teams }: ApproverWrite): [string, string, string] {
	return [tenant, name, JSON.stringify(teams)];
}

function selectApprover(db: D1Database, { tenant, name }: { tenant: string; name: string }): D1PreparedStatement {
	return db.prepare(`SELECT ${COLUMNS} FROM approvers WHERE tenant = ? AND name = ?`).bind(tenant, name);
}

/** Only makes sure that the row is there; what it holds is written by the update after it. */
function insertApprover(db: D1Database, write: ApproverWrite): D1PreparedStatement {
	return db
		.prepare(
			`INSERT INTO approvers (tenant, name, title, teams, identities, revision, created_at, updated_at)
			SELECT ?1, ?2, '', '[]', '[]', '', ?4, ?4 WHERE NOT EXISTS (${CLASHES}) ON CONFLICT DO NOTHING RETURNING name`,
		)
		.bind(...claim(write), write.now);
}

function updateApprover(db: D1Database, write: ApproverWrite, revision: string): D1PreparedStatement {
	return db
		.prepare(
			`UPDATE approvers SET title = ?4, email = ?5, teams = ?3, identities = ?6, revision = ?7, updated_at = ?8
			WHERE tenant = ?1 AND name = ?2 AND (?9 IS NULL OR revision = ?9) AND NOT EXISTS (${CLASHES})`,
		)
		.bind(
			...claim(write),
			write.title,
			write.email,
			JSON.stringify(write.identities),
			revision,
			write.now,
			write.over ?? null,
		);
}
