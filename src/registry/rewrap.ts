// Retiring a key: every secret of a tenant is put under the newest one. A secret that changes meanwhile is left alone,
// since it was sealed with the newest key.

import { z } from "zod";
import { credentialsPlace } from "./connections";
import { secretPlace } from "./sources";
import { explainOpenFailure, type Place, rewrap, type VaultKeys } from "./vault";

const UPDATES_PER_BATCH = 50;

export interface Rewrapped {
	rewrapped: number;
	/** What could not be opened, and what to do about it. */
	failed: { record: string; reason: string }[];
}

interface Sealed {
	place: Place;
	sealed: string;
	update: (after: string) => D1PreparedStatement;
}

export async function rewrapTenant(db: D1Database, keys: VaultKeys, tenant: string): Promise<Rewrapped> {
	const updates: D1PreparedStatement[] = [];
	const failed: Rewrapped["failed"] = [];
	for (const { place, sealed, update } of await listSealed(db, tenant)) {
		const result = await rewrap(keys, place, sealed);
		if (!result.ok) failed.push({ record: place.record, reason: explainOpenFailure(result.error) });
		else if (result.value !== sealed) updates.push(update(result.value));
	}
	for (let i = 0; i < updates.length; i += UPDATES_PER_BATCH) await db.batch(updates.slice(i, i + UPDATES_PER_BATCH));
	return { rewrapped: updates.length, failed };
}

const SecretRow = z.object({ source: z.string(), id: z.string(), sealed: z.string() });
const ConnectionRow = z.object({ name: z.string(), credentials: z.string() });

async function listSealed(db: D1Database, tenant: string): Promise<Sealed[]> {
	const [secrets, connections] = await db.batch([
		db.prepare("SELECT source, id, sealed FROM source_secrets WHERE tenant = ?").bind(tenant),
		db.prepare("SELECT name, credentials FROM connections WHERE tenant = ?").bind(tenant),
	]);
	const secretSql = "UPDATE source_secrets SET sealed = ? WHERE tenant = ? AND source = ? AND id = ? AND sealed = ?";
	const connectionSql = "UPDATE connections SET credentials = ? WHERE tenant = ? AND name = ? AND credentials = ?";
	return [
		...z
			.array(SecretRow)
			.parse(secrets?.results)
			.map(({ source, id, sealed }) => ({
				place: secretPlace(tenant, source, id),
				sealed,
				update: (after: string) => db.prepare(secretSql).bind(after, tenant, source, id, sealed),
			})),
		...z
			.array(ConnectionRow)
			.parse(connections?.results)
			.map(({ name, credentials }) => ({
				place: credentialsPlace(tenant, name),
				sealed: credentials,
				update: (after: string) => db.prepare(connectionSql).bind(after, tenant, name, credentials),
			})),
	];
}
