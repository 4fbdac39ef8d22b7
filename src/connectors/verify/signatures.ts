// The signatures that a header offers, by its format. Strict: a header that could be read in two ways is malformed.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, HmacScheme, SignatureFormat } from "../connector";
import { decode } from "./encoding";
import type { VerifyFailure } from "./failure";
import { headerOf } from "./header";

export const HASH_BYTES = { "SHA-1": 20, "SHA-256": 32, "SHA-512": 64 } as const;

/** Each one costs an HMAC over the body per live secret, and anybody can send a header. */
const MAX_SIGNATURES = 8;

/** At least one signature of the right shape, or why there is none. */
export function readSignatures(
	delivery: Delivery,
	scheme: HmacScheme,
): Result<Uint8Array<ArrayBuffer>[], VerifyFailure> {
	const { header, format } = scheme.signature;
	const value = headerOf(delivery, header);
	if (value === undefined) return err({ reason: "missing_signature", header });
	const texts = signatureTexts(value, format);
	if (texts === null) return malformed(header, "the prefix is missing");
	if (texts.length > MAX_SIGNATURES) return malformed(header, `more than ${MAX_SIGNATURES} signatures`);
	const signatures = texts
		.map((text) => decode(text, scheme.encoding, HASH_BYTES[scheme.hash]))
		.filter((signature) => signature !== null);
	if (signatures.length === 0) return malformed(header, `no ${scheme.hash} signature in ${scheme.encoding}`);
	return ok(signatures);
}

function signatureTexts(value: string, format: SignatureFormat): string[] | null {
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
