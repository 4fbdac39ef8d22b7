// What live secrets are turned into. Importing a key costs a third of verifying a small body, so an isolate keeps those in
// use. Keys are kept, not promises of keys: in Workers a promise belongs to the request that made it.

import type { SignatureScheme } from "../connector";
import { fromBase64 } from "./encoding";

/** `text`: the secret itself, where it is a part of what is hashed. */
export type Key = { kind: "key"; key: CryptoKey } | { kind: "text"; text: string };

const MAX_KEYS = 1_000;
const keys = new Map<string, CryptoKey>();

/** A key for each secret that can be one. An empty secret, or one that is not base64 where it must be, cannot. */
export async function importKeys(scheme: SignatureScheme, secrets: string[]): Promise<Key[]> {
	const imported: Key[] = [];
	for (const secret of secrets) {
		const key = await importKey(scheme, secret);
		if (key !== null) imported.push(key);
	}
	return imported;
}

async function importKey(scheme: SignatureScheme, secret: string): Promise<Key | null> {
	if (scheme.kind === "digest") return secret === "" ? null : { kind: "text", text: secret };
	const name = `${nameOf(scheme)} ${secret}`;
	const known = keys.get(name);
	if (known !== undefined) return { kind: "key", key: known };
	const bytes = keyBytes(scheme, secret);
	if (bytes === null || bytes.length === 0) return null;
	const key = await importBytes(scheme, bytes);
	if (key === null) return null;
	keep(name, key);
	return { kind: "key", key };
}

type KeyScheme = Exclude<SignatureScheme, { kind: "digest" }>;

function nameOf(scheme: KeyScheme): string {
	return scheme.kind === "hmac"
		? `hmac ${scheme.hash} ${scheme.key.encoding} ${prefixOf(scheme)}`
		: `${scheme.kind} ${prefixOf(scheme)}`;
}

function prefixOf(scheme: KeyScheme): string {
	if (scheme.kind !== "hmac") return scheme.key_prefix ?? "";
	return scheme.key.encoding === "base64" ? (scheme.key.prefix ?? "") : "";
}

function keyBytes(scheme: KeyScheme, secret: string): Uint8Array<ArrayBuffer> | null {
	if (scheme.kind === "hmac" && scheme.key.encoding === "text") {
		return Uint8Array.from(new TextEncoder().encode(secret));
	}
	const prefix = prefixOf(scheme);
	// Public keys are told from shared secrets by what they begin with, so there it must be there.
	if (scheme.kind !== "hmac" && !secret.startsWith(prefix)) return null;
	return fromBase64(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret);
}

/** Null if the bytes are no such key. */
async function importBytes(scheme: KeyScheme, bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey | null> {
	try {
		switch (scheme.kind) {
			case "hmac":
				return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: scheme.hash }, false, ["sign"]);
			case "ecdsa-p256":
				return await crypto.subtle.importKey("spki", bytes, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
			case "ed25519":
				return await crypto.subtle.importKey("raw", bytes, { name: "Ed25519" }, false, ["verify"]);
		}
	} catch {
		return null;
	}
}

function keep(name: string, key: CryptoKey): void {
	const oldest = keys.size >= MAX_KEYS ? keys.keys().next() : null;
	if (oldest?.done === false) keys.delete(oldest.value);
	keys.set(name, key);
}
