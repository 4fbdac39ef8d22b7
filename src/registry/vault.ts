// Secrets at rest. Each is encrypted with a data key of its own (AES-256-GCM); that data key is wrapped by a
// key-encryption key, which is named by id in the envelope. Both layers are bound to the place where the secret
// belongs, so an envelope that was copied to another tenant, record or field does not open. Rotation re-wraps data
// keys and leaves the data as it is.

import { err, ok, type Result } from "../model/result";
import { decodeBase64, decodeBase64Url, encodeBase64Url } from "./base64";

const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const VERSION = "v1";

/** Where a secret belongs. */
export interface Place {
	tenant: string;
	/** The row, like `source/github`. */
	record: string;
	/** The value within the row, like `credentials`. */
	field: string;
}

/** Key-encryption keys by id. The newest seals; all of them open. */
export interface VaultKeys {
	newest: string;
	byId: ReadonlyMap<string, CryptoKey>;
	/** The same keys as material from which others are derived. */
	roots: ReadonlyMap<string, CryptoKey>;
}

/** `refused`: the envelope was changed, or belongs to another place. */
export type OpenFailure = { reason: "malformed" } | { reason: "unknown_key"; key: string } | { reason: "refused" };

/** Reads `id:base64,id:base64`, newest first. The error says what to change. */
export async function parseVaultKeys(text: string): Promise<Result<VaultKeys, string>> {
	const byId = new Map<string, CryptoKey>();
	const roots = new Map<string, CryptoKey>();
	for (const [index, entry] of text.split(",").entries()) {
		const parsed = parseEntry(entry.trim(), index + 1);
		if (!parsed.ok) return parsed;
		const { id, bytes } = parsed.value;
		if (byId.has(id)) return err(`VAULT_KEYS: two keys are named ${id}; every key needs an id of its own`);
		byId.set(id, await importKey(bytes));
		roots.set(id, await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]));
	}
	const [newest] = byId.keys();
	return newest === undefined ? err("VAULT_KEYS is empty") : ok({ newest, byId, roots });
}

/**
 * A key that signs (HMAC-SHA-256), derived by HKDF (RFC 5869) from the key with this id, for one purpose: what is
 * signed for one says nothing for another, and nothing about what is sealed. Null if there is no such key.
 */
export async function signingKey(keys: VaultKeys, id: string, purpose: string): Promise<CryptoKey | null> {
	const root = keys.roots.get(id);
	if (root === undefined) return null;
	const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(purpose) };
	const hmac = { name: "HMAC", hash: "SHA-256", length: KEY_BYTES * 8 };
	return crypto.subtle.deriveKey(hkdf, root, hmac, false, ["sign", "verify"]);
}

/** Encrypts a secret for its place. Sealing the same secret twice gives two different envelopes. */
export async function seal(keys: VaultKeys, place: Place, plaintext: string): Promise<string> {
	const dataKey = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
	const body = await encrypt(await importKey(dataKey), dataAad(place), utf8(plaintext));
	const wrapped = await wrap(keys, place, dataKey);
	return [VERSION, keys.newest, wrapped, encodeBase64Url(body)].join(".");
}

export async function open(keys: VaultKeys, place: Place, sealed: string): Promise<Result<string, OpenFailure>> {
	const envelope = parseEnvelope(sealed);
	if (envelope === null) return err({ reason: "malformed" });
	const dataKey = await unwrap(keys, place, envelope);
	if (!dataKey.ok) return dataKey;
	const plaintext = await decrypt(await importKey(dataKey.value), dataAad(place), envelope.body);
	return plaintext === null ? err({ reason: "refused" }) : ok(new TextDecoder().decode(plaintext));
}

/** The same secret under the newest key. An envelope that is already under it comes back as it is. */
export async function rewrap(keys: VaultKeys, place: Place, sealed: string): Promise<Result<string, OpenFailure>> {
	const envelope = parseEnvelope(sealed);
	if (envelope === null) return err({ reason: "malformed" });
	if (envelope.keyId === keys.newest) return ok(sealed);
	const dataKey = await unwrap(keys, place, envelope);
	if (!dataKey.ok) return dataKey;
	const wrapped = await wrap(keys, place, dataKey.value);
	return ok([VERSION, keys.newest, wrapped, encodeBase64Url(envelope.body)].join("."));
}

/** For people: what to do about an envelope that does not open. */
export function explainOpenFailure(failure: OpenFailure): string {
	switch (failure.reason) {
		case "malformed":
			return "its envelope is damaged; store the secret again";
		case "unknown_key":
			return `it is sealed with key ${failure.key}, which VAULT_KEYS does not hold; add that key, or store the secret again`;
		case "refused":
			return "its envelope was changed or belongs elsewhere; store the secret again";
	}
}

type Bytes = Uint8Array<ArrayBuffer>;

interface Envelope {
	keyId: string;
	wrapped: Bytes;
	body: Bytes;
}

function parseEntry(entry: string, position: number): Result<{ id: string; bytes: Bytes }, string> {
	const [, id, base64] = /^([a-z0-9][a-z0-9-]{0,31}):(.*)$/s.exec(entry) ?? [];
	if (id === undefined || base64 === undefined) {
		return err(`VAULT_KEYS: entry ${position} is not id:base64, like k1:q83v… (an id is of a-z, 0-9 and -)`);
	}
	const bytes = decodeBase64(base64);
	if (bytes === null) return err(`VAULT_KEYS: key ${id} is not base64`);
	if (bytes.byteLength !== KEY_BYTES) {
		return err(
			`VAULT_KEYS: key ${id} has ${bytes.byteLength} bytes and must have 32; openssl rand -base64 32 makes one`,
		);
	}
	return ok({ id, bytes });
}

function parseEnvelope(sealed: string): Envelope | null {
	const [version, keyId, wrappedText, bodyText, ...rest] = sealed.split(".");
	if (version !== VERSION || keyId === undefined || rest.length > 0) return null;
	const wrapped = decodeBase64Url(wrappedText ?? "");
	const body = decodeBase64Url(bodyText ?? "");
	return wrapped === null || body === null ? null : { keyId, wrapped, body };
}

async function wrap(keys: VaultKeys, place: Place, dataKey: Bytes): Promise<string> {
	const key = keys.byId.get(keys.newest);
	if (key === undefined) throw new Error("the newest key is not among the keys");
	return encodeBase64Url(await encrypt(key, wrapAad(place, keys.newest), dataKey));
}

async function unwrap(
	keys: VaultKeys,
	place: Place,
	{ keyId, wrapped }: Envelope,
): Promise<Result<Bytes, OpenFailure>> {
	const key = keys.byId.get(keyId);
	if (key === undefined) return err({ reason: "unknown_key", key: keyId });
	const dataKey = await decrypt(key, wrapAad(place, keyId), wrapped);
	return dataKey === null ? err({ reason: "refused" }) : ok(dataKey);
}

async function encrypt(key: CryptoKey, additionalData: Bytes, plaintext: Bytes): Promise<Bytes> {
	const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
	const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plaintext);
	const sealed = new Uint8Array(NONCE_BYTES + ciphertext.byteLength);
	sealed.set(iv);
	sealed.set(new Uint8Array(ciphertext), NONCE_BYTES);
	return sealed;
}

/** Null if the tag does not fit; AES-GCM says no more than that. */
async function decrypt(key: CryptoKey, additionalData: Bytes, sealed: Bytes): Promise<Bytes | null> {
	const iv = sealed.slice(0, NONCE_BYTES);
	try {
		const plaintext = await crypto.subtle.decrypt(
			{ name: "AES-GCM", iv, additionalData },
			key,
			sealed.slice(NONCE_BYTES),
		);
		return new Uint8Array(plaintext);
	} catch {
		return null;
	}
}

function importKey(bytes: Bytes): Promise<CryptoKey> {
	return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function dataAad({ tenant, record, field }: Place): Bytes {
	return lengthPrefixed(["data", tenant, record, field]);
}

function wrapAad({ tenant, record, field }: Place, keyId: string): Bytes {
	return lengthPrefixed(["wrap", tenant, record, field, keyId]);
}

function lengthPrefixed(parts: string[]): Bytes {
	return utf8(parts.map((part) => `${part.length}:${part}`).join(""));
}

function utf8(text: string): Bytes {
	return new Uint8Array(new TextEncoder().encode(text));
}
