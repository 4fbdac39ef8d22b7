// Sources: a tenant's inbound endpoints, and the secrets that their deliveries are signed with. Several secrets can
// be live at once, each until its own time, so that a secret is replaced without losing a delivery.

import { z } from "zod";
import type { JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { JsonObjectColumn, jsonColumn, newRevision, refusalOf, type Target, type WriteRefusal } from "./row";
import { type Deletion, deleteUnused } from "./uses";
import type { Place } from "./vault";

export const MAX_LIVE_SECRETS = 5;

const SecretRow = z.object({
	id: z.string(),
	sealed: z.string(),
	created_at: z.int(),
	expires_at: z.int().nullable(),
});
export type SecretRow = z.infer<typeof SecretRow>;

const SourceRow = z.object({
	name: z.string(),
	connector: z.string(),
	config: JsonObjectColumn,
	revision: z.string(),
	created_at: z.int(),
	updated_at: z.int(),
	secrets: jsonColumn(z.array(SecretRow)).transform((secrets) => secrets.sort((a, b) => b.created_at - a.created_at)),
});
/** Secrets are newest first; expired ones stay among them until the next rotation. */
export type SourceRow = z.infer<typeof SourceRow>;

const COLUMNS = `name, connector, config, revision, created_at, updated_at, (
	SELECT json_group_array(json_object('id', s.id, 'sealed', s.sealed, 'created_at', s.created_at, 'expires_at', s.expires_at))
	FROM source_secrets s WHERE s.tenant = sources.tenant AND s.source = sources.name
) AS secrets`;

/** A secret and its id, which is part of the place where it belongs. */
export interface SealedSecret {
	id: string;
	sealed: string;
}

/** Where a secret of a source belongs in the vault. */
export function secretPlace(tenant: string, source: string, id: string): Place {
	return { tenant, record: `source/${source}`, field: `secret/${id}` };
}

export async function listSources(db: D1Database, tenant: string, page: PageRequest): Promise<NamedPage<SourceRow>> {
	const { results } = await db
		.prepare(`SELECT ${COLUMNS} FROM sources WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?`)
		.bind(tenant, page.after, page.limit + 1)
		.all();
	return toPage(parseSources(results), page.limit, (row) => row.name);
}

/** All sources of a tenant, for those who need the whole configuration. */
export function selectAllSources(db: D1Database, tenant: string): D1PreparedStatement {
	return db.prepare(`SELECT ${COLUMNS} FROM sources WHERE tenant = ? ORDER BY name`).bind(tenant);
}

export function parseSources(rows: unknown): SourceRow[] {
	return z.array(SourceRow).parse(rows);
}

export async function findSource(db: D1Database, tenant: string, name: string): Promise<SourceRow | null> {
	return parseSources((await selectSource(db, { tenant, name }).all()).results)[0] ?? null;
}

export interface SourceWrite extends Target {
	connector: string;
	config: JsonObject;
	/** These replace all that are stored; without any, an existing source keeps its own and none is created. */
	secrets?: SealedSecret[];
	/** True if it may begin without a secret, because its system hands one over. */
	awaits_secret?: boolean;
}

/** Creates or replaces a source. Its connector never changes, since workflows rely on it. */
export async function putSource(
	db: D1Database,
	write: SourceWrite,
): Promise<Result<{ source: SourceRow; created: boolean }, WriteRefusal>> {
	const revision = newRevision();
	const creates = (write.secrets !== undefined || write.awaits_secret === true) && write.over === undefined;
	const results = await db.batch([
		...(creates ? [insertSource(db, write)] : []),
		updateSource(db, write, revision),
		...(write.secrets === undefined ? [] : replaceSecrets(db, write, revision)),
		selectSource(db, write),
	]);
	const [source] = parseSources(results.at(-1)?.results);
	if (source?.revision !== revision) return err(refusalOf(source, write.connector));
	return ok({ source, created: creates && results[0]?.results.length === 1 });
}

/** Adds a secret; those before it stay valid until `until` at the longest. */
export async function addSecret(
	db: D1Database,
	{ tenant, name, now, secret, until }: Target & { secret: SealedSecret; until: number },
): Promise<Result<SourceRow, { reason: "missing" } | { reason: "too_many" }>> {
	const revision = newRevision();
	const results = await db.batch([
		db
			.prepare("DELETE FROM source_secrets WHERE tenant = ? AND source = ? AND expires_at <= ?")
			.bind(tenant, name, now),
		db
			.prepare(
				`UPDATE sources SET revision = ?3, updated_at = ?4 WHERE tenant = ?1 AND name = ?2
				AND (SELECT count(*) FROM source_secrets WHERE tenant = ?1 AND source = ?2) < ?5`,
			)
			.bind(tenant, name, revision, now, MAX_LIVE_SECRETS),
		db
			.prepare(
				`UPDATE source_secrets SET expires_at = min(coalesce(expires_at, ?4), ?4)
				WHERE tenant = ?1 AND source = ?2 AND ${WRITTEN}`,
			)
			.bind(tenant, name, revision, until),
		insertSecret(db, { tenant, name, now }, { secret, revision }),
		selectSource(db, { tenant, name }),
	]);
	const [source] = parseSources(results.at(-1)?.results);
	if (source === undefined) return err({ reason: "missing" });
	return source.revision === revision ? ok(source) : err({ reason: "too_many" });
}

export function deleteSource(db: D1Database, tenant: string, name: string): Promise<Deletion> {
	return deleteUnused(db, "sources", { tenant, name });
}

/** With ?1 = tenant, ?2 = source, ?3 = revision: a statement before this one wrote the source. */
const WRITTEN = "EXISTS (SELECT 1 FROM sources WHERE tenant = ?1 AND name = ?2 AND revision = ?3)";

function selectSource(db: D1Database, { tenant, name }: { tenant: string; name: string }): D1PreparedStatement {
	return db.prepare(`SELECT ${COLUMNS} FROM sources WHERE tenant = ? AND name = ?`).bind(tenant, name);
}

/** Only makes sure that the row is there; what it holds is written by the update after it. */
function insertSource(db: D1Database, { tenant, name, connector, now }: SourceWrite): D1PreparedStatement {
	return db
		.prepare(
			`INSERT INTO sources (tenant, name, connector, config, revision, created_at, updated_at)
			VALUES (?1, ?2, ?3, '{}', '', ?4, ?4) ON CONFLICT DO NOTHING RETURNING name`,
		)
		.bind(tenant, name, connector, now);
}

function updateSource(db: D1Database, write: SourceWrite, revision: string): D1PreparedStatement {
	return db
		.prepare(
			`UPDATE sources SET config = ?4, revision = ?5, updated_at = ?6
			WHERE tenant = ?1 AND name = ?2 AND connector = ?3 AND (?7 IS NULL OR revision = ?7)`,
		)
		.bind(
			write.tenant,
			write.name,
			write.connector,
			JSON.stringify(write.config),
			revision,
			write.now,
			write.over ?? null,
		);
}

function replaceSecrets(db: D1Database, write: SourceWrite, revision: string): D1PreparedStatement[] {
	return [
		db
			.prepare(`DELETE FROM source_secrets WHERE tenant = ?1 AND source = ?2 AND ${WRITTEN}`)
			.bind(write.tenant, write.name, revision),
		...(write.secrets ?? []).map((secret) => insertSecret(db, write, { secret, revision })),
	];
}

function insertSecret(
	db: D1Database,
	{ tenant, name, now }: Target,
	{ secret, revision }: { secret: SealedSecret; revision: string },
): D1PreparedStatement {
	return db
		.prepare(
			`INSERT INTO source_secrets (tenant, source, id, sealed, created_at, expires_at)
			SELECT ?1, ?2, ?4, ?5, ?6, NULL WHERE ${WRITTEN}`,
		)
		.bind(tenant, name, revision, secret.id, secret.sealed, now);
}
