// Sources: a tenant's inbound endpoints, and the secrets that their deliveries are signed with. Several secrets can
// be live at once, each until its own time, so that a secret is replaced without losing a delivery.

import { z } from "zod";
import type { JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { type NamedPage, type PageRequest, toPage } from "./page";
import { JsonObjectColumn, jsonColumn, NEW_REVISION } from "./row";
import { inUse, usersOf } from "./uses";
import type { Place } from "./vault";

export const MAX_LIVE_SECRETS = 5;

const SecretRow = z.object({ id: z.string(), sealed: z.string(), created_at: z.int(), expires_at: z.int().nullable() });
export type SecretRow = z.infer<typeof SecretRow>;

const SourceRow = z.object({
	name: z.string(),
	connector: z.string(),
	config: JsonObjectColumn,
	revision: z.string(),
	created_at: z.int(),
	updated_at: z.int(),
	secrets: jsonColumn(z.array(SecretRow)),
});
/** Secrets are newest first; expired ones are among them until the next rotation. */
export type SourceRow = z.infer<typeof SourceRow>;

export const SOURCE_COLUMNS = `name, connector, config, revision, created_at, updated_at, (
	SELECT json_group_array(json_object('id', id, 'sealed', sealed, 'created_at', s.created_at, 'expires_at', expires_at)
		ORDER BY s.created_at DESC, id)
	FROM source_secrets s WHERE s.tenant = sources.tenant AND s.source = sources.name
) AS secrets`;

export const parseSources = (rows: unknown): SourceRow[] => z.array(SourceRow).parse(rows);

/** Where a secret of a source belongs in the vault. */
export function secretPlace(tenant: string, source: string, id: string): Place {
	return { tenant, record: `source/${source}`, field: `secret/${id}` };
}

export async function listSources(db: D1Database, tenant: string, page: PageRequest): Promise<NamedPage<SourceRow>> {
	const { results } = await db
		.prepare(`SELECT ${SOURCE_COLUMNS} FROM sources WHERE tenant = ? AND name > ? ORDER BY name LIMIT ?`)
		.bind(tenant, page.after, page.limit + 1)
		.all();
	return toPage(parseSources(results), page.limit, (row) => row.name);
}

export async function findSource(db: D1Database, tenant: string, name: string): Promise<SourceRow | null> {
	return parseSources((await selectSource(db, tenant, name).all()).results)[0] ?? null;
}

export interface SealedSecret {
	id: string;
	sealed: string;
}

export interface SourceWrite {
	tenant: string;
	name: string;
	connector: string;
	config: JsonObject;
	/** These replace all that are stored; null leaves them. */
	secrets: SealedSecret[] | null;
	/** Write only over this revision. */
	revision?: string;
	now: number;
}

export type WriteRefusal = { reason: "revision" } | { reason: "other_connector"; connector: string };

/** Creates or replaces a source. Its connector never changes, since workflows rely on it. */
export async function putSource(
	db: D1Database,
	write: SourceWrite,
): Promise<Result<{ source: SourceRow; created: boolean }, WriteRefusal>> {
	const before = await findSource(db, write.tenant, write.name);
	if (before !== null && before.connector !== write.connector) {
		return err({ reason: "other_connector", connector: before.connector });
	}
	const results = await db.batch([
		...writeStatements(db, write),
		...(write.secrets === null ? [] : secretStatements(db, write, write.secrets)),
		selectSource(db, write.tenant, write.name),
	]);
	const source = parseSources(results.at(-1)?.results)[0];
	if (results[0]?.results.length !== 1 || source === undefined) return err({ reason: "revision" });
	return ok({ source, created: before === null });
}
