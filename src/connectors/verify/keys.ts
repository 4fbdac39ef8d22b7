// HMAC keys of live secrets. Importing one costs a third of verifying a small body, so an isolate keeps those in use.
// Keys are kept, not promises of keys: in Workers a promise belongs to the request that made it.

import type { HmacScheme } from "../connector";
import { fromBase64 } from "./encoding";

type KeyScheme = Pick<HmacScheme, "hash" | "key">;

const MAX_KEYS = 1_000;
const keys = new Map<string, CryptoKey>();

/** A key for each secret that can be one. An empty secret, or one that is not base64 where it must be, cannot. */
export async function importKeys(scheme: KeyScheme, secrets: string[]): Promise<CryptoKey[]> {
	const imported: CryptoKey[] = [];
	for (const secret of secrets) {
		const key = await importKey(scheme, secret);
		if (key !== null) imported.push(key);
	}
	return imported;
}

async function importKey(scheme: KeyScheme, secret: string): Promise<CryptoKey | null> {
	const prefix = scheme.key.encoding === "base64" ? (scheme.key.prefix ?? "") : "";
	const name = `${scheme.hash} ${scheme.key.encoding} ${prefix} ${secret}`;
	const known = keys.get(name);
	if (known !== undefined) return known;
	const bytes = keyBytes(scheme, secret);
	if (bytes === null || bytes.length === 0) return null;
	const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: scheme.hash }, false, ["verify"]);
	keep(name, key);
	return key;
}

function keyBytes(scheme: KeyScheme, secret: string): Uint8Array<ArrayBuffer> | null {
	if (scheme.key.encoding === "text") return Uint8Array.from(new TextEncoder().encode(secret));
	const prefix = scheme.key.prefix ?? "";
	return fromBase64(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret);
}

function keep(name: string, key: CryptoKey): void {
	const oldest = keys.size >= MAX_KEYS ? keys.keys().next() : null;
	if (oldest?.done === false) keys.delete(oldest.value);
	keys.set(name, key);
}
