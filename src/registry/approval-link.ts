// Links by which one approver votes on one step. Whoever has the link may vote as that approver, so it is signed and
// ends with the question. The same grant gives the same text as long as the newest key stays: a message that is sent
// again under its idempotency key must not differ. Nothing in a link is secret but its signature.

import { z } from "zod";
import { err, ok, type Result } from "../model/result";
import { decodeBase64Url, encodeBase64Url } from "./base64";
import { signingKey, type VaultKeys } from "./vault";

const PURPOSE = "signalbox approval link v1";
/** An entity's key takes a kilobyte at most, and six times that as JSON at worst. */
const MAX_TOKEN_LENGTH = 16_384;

/** What a link allows: to vote as this approver, on this step, until then. */
export const Grant = z.strictObject({
	tenant: z.string(),
	entity_key: z.string(),
	run: z.string(),
	step: z.string(),
	approver: z.string(),
	/** Epoch milliseconds. */
	expires_at: z.int(),
});
export type Grant = z.infer<typeof Grant>;

/** `forged`: it was not signed with that key, or was changed since. */
export type LinkFailure =
	| { reason: "malformed" }
	| { reason: "unknown_key"; key: string }
	| { reason: "forged" }
	| { reason: "expired"; expires_at: number };

/** `base` is where this deployment is reached, like `https://signalbox.example.com`. */
export async function approvalLink(keys: VaultKeys, base: string, grant: Grant): Promise<string> {
	return `${base.replace(/\/+$/, "")}/approve/${await approvalToken(keys, grant)}`;
}

/** `<key id>.<grant>.<signature>`, the latter two in base64url. */
async function approvalToken(keys: VaultKeys, grant: Grant): Promise<string> {
	const key = await signingKey(keys, keys.newest, PURPOSE);
	if (key === null) throw new Error("the newest key is not among the keys");
	const signed = `${keys.newest}.${encodeBase64Url(utf8(canonical(grant)))}`;
	const signature = await crypto.subtle.sign("HMAC", key, utf8(signed));
	return `${signed}.${encodeBase64Url(new Uint8Array(signature))}`;
}

/** What a token allows at this moment, or why nothing. Takes as long for every wrong signature. */
export async function readApprovalToken(
	keys: VaultKeys,
	text: string,
	now: number,
): Promise<Result<Grant, LinkFailure>> {
	const [keyId = "", payload = "", signature = "", ...rest] = text.length > MAX_TOKEN_LENGTH ? [] : text.split(".");
	const bytes = decodeBase64Url(payload);
	const signatureBytes = decodeBase64Url(signature);
	if (bytes === null || signatureBytes === null || rest.length > 0) return err({ reason: "malformed" });
	const key = await signingKey(keys, keyId, PURPOSE);
	if (key === null) return err({ reason: "unknown_key", key: keyId });
	// `verify` compares in constant time.
	const isOurs = await crypto.subtle.verify("HMAC", key, signatureBytes, utf8(`${keyId}.${payload}`));
	if (!isOurs) return err({ reason: "forged" });
	const grant = Grant.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
	if (!grant.success) return err({ reason: "malformed" });
	const { expires_at } = grant.data;
	return expires_at <= now ? err({ reason: "expired", expires_at }) : ok(grant.data);
}

/** One text for one grant, in whatever order its members came. */
function canonical({ tenant, entity_key, run, step, approver, expires_at }: Grant): string {
	return JSON.stringify({ tenant, entity_key, run, step, approver, expires_at });
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(new TextEncoder().encode(text));
}
