// The signatures that a delivery offers, by the scheme's format. Strict: a header that could be read in two ways is
// malformed.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, SignatureFormat, SignatureScheme } from "../connector";
import { decode, decodeDer } from "./encoding";
import type { VerifyFailure } from "./failure";
import { headerOf } from "./header";

export const HASH_BYTES = { "SHA-1": 20, "SHA-256": 32, "SHA-512": 64 } as const;

const ED25519_BYTES = 64;
/** As many as the system with the most can send. Public keys are asked once per signature, so there fewer are taken. */
const MAX_SIGNATURES = 100;
const MAX_PUBLIC = 8;

/** At least one signature of the right shape, or why there is none. */
export function readSignatures(
	delivery: Delivery,
	scheme: SignatureScheme,
): Result<Uint8Array<ArrayBuffer>[], VerifyFailure> {
	const { header, format } = scheme.signature;
	const texts = format.kind === "numbered" ? numbered(delivery, header) : inHeader(delivery, header, format);
	if (texts === undefined) return err({ reason: "missing_signature", header });
	if (texts === null) return malformed(header, "the prefix is missing");
	const most = "hash" in scheme ? MAX_SIGNATURES : MAX_PUBLIC;
	if (texts.length > most) return malformed(header, `more than ${most} signatures`);
	const signatures = texts.map((text) => read(text, scheme)).filter((signature) => signature !== null);
	if (signatures.length === 0) return malformed(header, `no ${nameOf(scheme)} signature`);
	return ok(signatures);
}

function read(text: string, scheme: SignatureScheme): Uint8Array<ArrayBuffer> | null {
	switch (scheme.kind) {
		case "hmac":
		case "digest":
			return decode(text, scheme.encoding, HASH_BYTES[scheme.hash]);
		case "ed25519":
			return decode(text, "base64", ED25519_BYTES);
		case "ecdsa-p256":
			return decodeDer(text);
	}
}

function nameOf(scheme: SignatureScheme): string {
	return "hash" in scheme ? `${scheme.hash} in ${scheme.encoding}` : scheme.kind;
}

/** Undefined if there is none at all. */
function numbered(delivery: Delivery, header: string): string[] | undefined {
	const values = Array.from({ length: MAX_SIGNATURES }, (_, i) => headerOf(delivery, `${header}${i + 1}`));
	const texts = values.filter((value) => value !== undefined);
	return texts.length === 0 ? undefined : texts;
}

/** Undefined if the header is missing, null if its prefix is. */
function inHeader(
	delivery: Delivery,
	header: string,
	format: Exclude<SignatureFormat, { kind: "numbered" }>,
): string[] | null | undefined {
	const value = headerOf(delivery, header);
	if (value === undefined) return undefined;
	switch (format.kind) {
		case "prefixed":
			return value.startsWith(format.prefix) ? [value.slice(format.prefix.length)] : null;
		case "list":
			return value
				.split(format.separator)
				.map((part) => part.trim())
				.filter((part) => part.startsWith(format.prefix))
				.map((part) => part.slice(format.prefix.length));
		case "fields":
			return fieldValues(value, format.field);
	}
}

/** The values of one field in `k=v,k=v`, in order. */
export function fieldValues(header: string, field: string): string[] {
	return header
		.split(",")
		.map((pair) => pair.trim())
		.filter((pair) => pair.startsWith(`${field}=`))
		.map((pair) => pair.slice(field.length + 1));
}

function malformed(header: string, detail: string): { ok: false; error: VerifyFailure } {
	return err({ reason: "malformed_signature", header, detail });
}
