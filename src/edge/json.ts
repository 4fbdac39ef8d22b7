// The body of a delivery as JSON. What cannot be read says where, and what the sender can do.

import type { Json } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { type JsonLimits, scanJson } from "./json-scan";

/** Above what any sender that we know sends, and far below what makes a walk over the value slow or deep. */
export const JSON_LIMITS: JsonLimits = { depth: 64, nodes: 50_000 };

/** Strict UTF-8 and strict JSON, within the limits. Numbers keep what a double can hold of them. */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = JSON_LIMITS): Result<Json, { detail: string }> {
	const text = decodeUtf8(bytes);
	if (text === null) {
		return err({ detail: `The body is not UTF-8 at byte ${firstBadByte(bytes)}. Send JSON, encoded as UTF-8.` });
	}
	if (text === "") return err({ detail: "The body is empty. Send a JSON document." });
	const flaw = scanJson(text, limits);
	if (flaw !== null) {
		return err({ detail: `The body cannot be read as JSON at byte ${byteAt(bytes, text, flaw.at)}: ${flaw.problem}.` });
	}
	return ok(JSON.parse(text));
}

/** The byte that a UTF-16 unit of the text comes from; a byte order mark is in the bytes only. */
function byteAt(bytes: Uint8Array, text: string, unit: number): number {
	return bytes.length - new TextEncoder().encode(text.slice(unit)).length;
}

/** Without a byte order mark; null if the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
	} catch {
		return null;
	}
}

/** Where decoding first fails, by halving: the decoder does not say. Only bodies that are refused pay for it. */
function firstBadByte(bytes: Uint8Array): number {
	let good = 0;
	let bad = bytes.length;
	while (good < bad) {
		const middle = (good + bad + 1) >> 1;
		if (isUtf8Beginning(bytes.subarray(0, middle))) good = middle;
		else bad = middle - 1;
	}
	return good;
}

function isUtf8Beginning(bytes: Uint8Array): boolean {
	try {
		new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes, { stream: true });
		return true;
	} catch {
		return false;
	}
}
