// How any sender signs with HMAC, as settings say it. Shared by the connectors that any sender can use.

import { z } from "zod";
import type { HmacScheme, SignatureFormat } from "../connector";
import { HeaderName } from "../header-name";

export const hmacShape = {
	signature_header: HeaderName.default("x-signature").describe("The header that carries the signature."),
	signature_format: z
		.enum(["single", "list", "fields"])
		.default("single")
		.describe("The header is one signature, a list of them, or fields like t=…,v1=…."),
	prefix: z.string().max(50).default("").describe("What stands before each signature, like sha256=."),
	separator: z.string().min(1).max(5).default(",").describe("What stands between the signatures of a list."),
	signature_field: z.string().min(1).max(50).default("v1").describe("The name of the field that holds signatures."),
	hash: z.enum(["SHA-1", "SHA-256", "SHA-512"]).default("SHA-256"),
	encoding: z.enum(["hex", "base64"]).default("hex"),
	key_encoding: z.enum(["text", "base64"]).default("text").describe("How the secret becomes the key."),
	key_prefix: z.string().max(50).default("").describe("What stands before a base64 secret, like whsec_."),
	signed: z
		.string()
		.max(200)
		.refine((text) => text.split("{body}").length === 2, "write {body} once, where the body stands")
		.default("{body}")
		.describe("What is signed: {body} is the raw body, {timestamp} and {id} are the headers' values."),
	timestamp_header: HeaderName.optional().describe("The header that carries the time of signing."),
	timestamp_field: z.string().min(1).max(50).optional().describe("Or the field of the signature header."),
	timestamp_unit: z.enum(["s", "ms"]).default("s"),
	tolerance_sec: z.int().min(1).max(86_400).default(300).describe("How far that time may lie from now, either way."),
	id_header: HeaderName.optional().describe("The header that {id} stands for."),
};
const HmacSettings = z.object(hmacShape);
export type HmacSettings = z.infer<typeof HmacSettings>;

/** Settings that would be accepted and not work, or would look safer than they are. */
export function checkHmac(settings: HmacSettings, context: z.RefinementCtx): void {
	const timed = settings.timestamp_header !== undefined || settings.timestamp_field !== undefined;
	const fields = settings.signature_format === "fields";
	const refuse = (path: keyof HmacSettings, message: string) =>
		context.addIssue({ code: "custom", path: [path], message });
	if (timed && !settings.signed.includes("{timestamp}")) {
		refuse("signed", "a timestamp proves nothing unless it is signed: write {timestamp} where it stands");
	}
	if (!timed && settings.signed.includes("{timestamp}")) {
		refuse("signed", "set timestamp_header or timestamp_field, which {timestamp} stands for");
	}
	if (settings.timestamp_header !== undefined && settings.timestamp_field !== undefined) {
		refuse("timestamp_field", "set either timestamp_header or timestamp_field");
	}
	if (settings.timestamp_field !== undefined && !fields) {
		refuse("timestamp_field", "only a signature_format of fields has fields");
	}
	if (settings.signed.includes("{id}") !== (settings.id_header !== undefined)) {
		refuse("id_header", "id_header and {id} in signed belong together");
	}
}

/** Whether the time of signing is signed too. */
export function isTimed(settings: HmacSettings): boolean {
	return timestampOf(settings) !== undefined;
}

export function hmacScheme(settings: HmacSettings): HmacScheme {
	return {
		kind: "hmac",
		hash: settings.hash,
		encoding: settings.encoding === "hex" ? "hex-any-case" : "base64",
		key: settings.key_encoding === "text" ? { encoding: "text" } : { encoding: "base64", prefix: settings.key_prefix },
		signed: settings.signed,
		signature: { header: settings.signature_header, format: formatOf(settings) },
		timestamp: timestampOf(settings),
		id: settings.id_header === undefined ? undefined : { header: settings.id_header },
	};
}

function formatOf(settings: HmacSettings): SignatureFormat {
	switch (settings.signature_format) {
		case "single":
			return { kind: "prefixed", prefix: settings.prefix };
		case "list":
			return { kind: "list", separator: settings.separator, prefix: settings.prefix };
		case "fields":
			return { kind: "fields", field: settings.signature_field };
	}
}

function timestampOf(settings: HmacSettings): HmacScheme["timestamp"] {
	const { timestamp_header, timestamp_field, timestamp_unit: unit, tolerance_sec: tolerance_s } = settings;
	if (timestamp_header !== undefined) return { from: "header", header: timestamp_header, unit, tolerance_s };
	if (timestamp_field !== undefined) return { from: "signature", field: timestamp_field, unit, tolerance_s };
	return undefined;
}
