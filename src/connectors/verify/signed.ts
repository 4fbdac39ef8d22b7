// Signatures over a template. Every delivery costs at least one signature over its body, also one that is refused for what
// its headers lack or for a missing secret: how long the answer takes then tells nobody which endpoints exist.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, SignatureScheme } from "../connector";
import { equalBytes } from "./encoding";
import type { VerifyFailure } from "./failure";
import { headerOf } from "./header";
import { importKeys, type Key } from "./keys";
import { composeMessage, type SignedParts } from "./message";
import { HASH_BYTES, readSignatures } from "./signatures";
import { checkTimestamp, readTimestamp } from "./timestamp";
import { checkBody, formText, urlSpellings } from "./url";

export async function verifySigned(
	delivery: Delivery,
	scheme: SignatureScheme,
	secrets: string[],
	now: number,
): Promise<Result<void, VerifyFailure>> {
	const version = readVersion(delivery, scheme);
	const signatures = readSignatures(delivery, scheme);
	const timestamp = readTimestamp(delivery, scheme);
	const id = readId(delivery, scheme);
	const body = await checkBody(delivery, scheme);
	const keys = await importKeys(scheme, secrets);
	const form = scheme.signed.includes("{form}") ? formText(delivery) : "";
	const parts = urlSpellings(delivery, scheme.url).map((url) => ({
		method: delivery.method,
		url,
		form,
		body: delivery.body,
		timestamp: timestamp.ok ? timestamp.value : "",
		id: id.ok ? id.value : "",
	}));
	const genuine = await anyGenuine(scheme, {
		keys: keys.length > 0 ? keys : await importKeys(scheme, [DECOYS[scheme.kind]]),
		signatures: signatures.ok ? signatures.value : [DECOY_SIGNATURE],
		parts,
	});
	if (keys.length === 0) return err({ reason: "no_secret" });
	for (const read of [version, signatures, timestamp, id, body]) if (!read.ok) return read;
	if (!genuine) {
		return err({
			reason: "bad_signature",
			signatures: signatures.ok ? signatures.value.length : 0,
			secrets: keys.length,
		});
	}
	return checkTimestamp(delivery, scheme, now);
}

/** Keys that nobody signs with. What they verify is refused all the same. */
const DECOYS: Record<SignatureScheme["kind"], string> = {
	// Valid base64 too, so that it is a key in every scheme.
	hmac: "decoydecoydecoydecoydecoydecoyde",
	digest: "decoy",
	"ecdsa-p256":
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==",
	ed25519: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
};
const DECOY_SIGNATURE = new Uint8Array(HASH_BYTES["SHA-512"]);

function readVersion(delivery: Delivery, scheme: SignatureScheme): Result<void, VerifyFailure> {
	if (scheme.kind !== "digest") return ok(undefined);
	const { header, value } = scheme.version;
	return headerOf(delivery, header) === value ? ok(undefined) : err({ reason: "other_version", header, wanted: value });
}

function readId(delivery: Delivery, scheme: SignatureScheme): Result<string, VerifyFailure> {
	if (scheme.id === undefined) return ok("");
	const id = headerOf(delivery, scheme.id.header);
	return id === undefined ? err({ reason: "missing_id", header: scheme.id.header }) : ok(id);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Stopping at the first match tells only its sender something. */
async function anyGenuine(
	scheme: SignatureScheme,
	{ keys, signatures, parts }: { keys: Key[]; signatures: Bytes[]; parts: Omit<SignedParts, "secret">[] },
): Promise<boolean> {
	for (const key of keys) {
		for (const each of parts) {
			const message = composeMessage(scheme.signed, { ...each, secret: key.kind === "text" ? key.text : "" });
			if (await isGenuine(scheme, { key, signatures, message })) return true;
		}
	}
	return false;
}

/** One hash or MAC serves for all signatures that are offered, and is compared with each in constant time. */
async function isGenuine(
	scheme: SignatureScheme,
	{ key, signatures, message }: { key: Key; signatures: Bytes[]; message: Bytes },
): Promise<boolean> {
	if (key.kind === "text") return scheme.kind === "digest" && isAmong(await digest(scheme.hash, message), signatures);
	switch (scheme.kind) {
		case "hmac":
			return isAmong(new Uint8Array(await crypto.subtle.sign("HMAC", key.key, message)), signatures);
		case "ecdsa-p256":
			return anySigned({ name: "ECDSA", hash: "SHA-256" }, { key: key.key, signatures, message });
		case "ed25519":
			return anySigned({ name: "Ed25519" }, { key: key.key, signatures, message });
		case "digest":
			return false;
	}
}

async function anySigned(
	algorithm: SubtleCryptoSignAlgorithm,
	{ key, signatures, message }: { key: CryptoKey; signatures: Bytes[]; message: Bytes },
): Promise<boolean> {
	for (const signature of signatures) {
		if (await crypto.subtle.verify(algorithm, key, signature, message)) return true;
	}
	return false;
}

async function digest(hash: string, message: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.digest(hash, message));
}

function isAmong(expected: Bytes, signatures: Bytes[]): boolean {
	return signatures.map((signature) => equalBytes(expected, signature)).some(Boolean);
}
