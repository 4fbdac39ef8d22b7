// Secrets that systems have handed over, until an operator sets one. See `migrations/0004_handovers.sql`.

import { z } from "zod";
import { explainOpenFailure, open, type Place, seal, type VaultKeys } from "./vault";

export interface HandedOver {
	secret: string;
	received_at: number;
}

const Row = z.object({ sealed: z.string(), received_at: z.int() });

function handoverPlace(tenant: string, source: string): Place {
	return { tenant, record: `source/${source}`, field: "handover" };
}

/** Over the one before it: a system that is asked again sends another. False if the source has a secret by now. */
export async function keepHandedOver(
	db: D1Database,
	keys: VaultKeys,
	{ tenant, name, secret, now }: { tenant: string; name: string; secret: string; now: number },
): Promise<boolean> {
	const sealed = await seal(keys, handoverPlace(tenant, name), secret);
	// What was set a moment ago, this isolate may not know yet.
	const { meta } = await db
		.prepare(
			`INSERT INTO source_handovers (tenant, source, sealed, received_at)
			SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM source_secrets WHERE tenant = ?1 AND source = ?2)
			ON CONFLICT DO UPDATE SET sealed = excluded.sealed, received_at = excluded.received_at`,
		)
		.bind(tenant, name, sealed, now)
		.run();
	return meta.changes > 0;
}

/** Null if there is none. Throws if it cannot be opened. */
export async function findHandedOver(
	db: D1Database,
	keys: VaultKeys,
	{ tenant, name }: { tenant: string; name: string },
): Promise<HandedOver | null> {
	const found = await db
		.prepare("SELECT sealed, received_at FROM source_handovers WHERE tenant = ? AND source = ?")
		.bind(tenant, name)
		.first();
	if (found === null) return null;
	const { sealed, received_at } = Row.parse(found);
	const secret = await open(keys, handoverPlace(tenant, name), sealed);
	if (!secret.ok) throw new Error(explainOpenFailure(secret.error));
	return { secret: secret.value, received_at };
}
