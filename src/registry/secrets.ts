// How source secrets and credentials go into the vault: each at a place of its own.

import type { JsonObject } from "../model/json";
import { credentialsPlace } from "./connections";
import { type SealedSecret, secretPlace } from "./sources";
import { seal, type VaultKeys } from "./vault";

/** A signing secret of a source, under an id that nobody else has. */
export async function sealSecret(
	keys: VaultKeys,
	{ tenant, source, text }: { tenant: string; source: string; text: string },
): Promise<SealedSecret> {
	const id = crypto.randomUUID();
	return { id, sealed: await seal(keys, secretPlace(tenant, source, id), text) };
}

export function sealCredentials(
	keys: VaultKeys,
	{ tenant, name, credentials }: { tenant: string; name: string; credentials: JsonObject },
): Promise<string> {
	return seal(keys, credentialsPlace(tenant, name), JSON.stringify(credentials));
}
