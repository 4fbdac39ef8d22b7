// HMAC signatures. Every delivery costs at least one HMAC over its body, also one that is refused for what its headers
// lack or for a missing secret: how long the answer takes then tells nobody which endpoints exist.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, HmacScheme } from "../connector";
import type { VerifyFailure } from "./failure";
import { headerOf } from "./header";
import { importKeys } from "./keys";
import { composeMessage } from "./message";
import { HASH_BYTES, readSignatures } from "./signatures";
import { checkTimestamp, readTimestamp } from "./timestamp";

export async function verifyHmac(
	delivery: Delivery,
	scheme: HmacScheme,
	secrets: string[],
	now: number,
): Promise<Result<void, VerifyFailure>> {
	const signatures = readSignatures(delivery, scheme);
	const timestamp = readTimestamp(delivery, scheme);
	const id = readId(delivery, scheme);
	const keys = await importKeys(scheme, secrets);
	const message = composeMessage(scheme.signed, {
		body: delivery.body,
		timestamp: timestamp.ok ? timestamp.value : "",
		id: id.ok ? id.value : "",
	});
	const genuine = await anyGenuine(
		keys.length > 0 ? keys : await importKeys(scheme, [DECOY]),
		signatures.ok ? signatures.value : [new Uint8Array(HASH_BYTES[scheme.hash])],
		message,
	);
	if (keys.length === 0) return err({ reason: "no_secret" });
	if (!signatures.ok) return signatures;
	if (!timestamp.ok) return timestamp;
	if (!id.ok) return id;
	if (!genuine) return err({ reason: "bad_signature", signatures: signatures.value.length, secrets: keys.length });
	return checkTimestamp(timestamp.value, scheme, now);
}

/** Valid base64 too, so that it is a key in every scheme. What it verifies is refused all the same. */
const DECOY = "decoydecoydecoydecoydecoydecoyde";

function readId(delivery: Delivery, scheme: HmacScheme): Result<string, VerifyFailure> {
	if (scheme.id === undefined) return ok("");
	const id = headerOf(delivery, scheme.id.header);
	return id === undefined ? err({ reason: "missing_id", header: scheme.id.header }) : ok(id);
}

/** `crypto.subtle.verify` compares in constant time. Stopping at the first match tells only its sender something. */
async function anyGenuine(
	keys: CryptoKey[],
	signatures: Uint8Array<ArrayBuffer>[],
	message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
	for (const key of keys) {
		for (const signature of signatures) {
			if (await crypto.subtle.verify("HMAC", key, signature, message)) return true;
		}
	}
	return false;
}
