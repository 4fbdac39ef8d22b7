// Signatures as text, read strictly: one text per value, of exactly the expected length, nothing before, between or after.

import type { HmacScheme } from "../connector";

const LOWER_HEX = /^[0-9a-f]+$/;
const ANY_HEX = /^[0-9a-fA-F]+$/;

/** The `length` bytes that the text stands for; null if it is anything but their one strict spelling. */
export function decode(text: string, encoding: HmacScheme["encoding"], length: number): Uint8Array<ArrayBuffer> | null {
	switch (encoding) {
		case "hex":
			return LOWER_HEX.test(text) ? fromHex(text, length) : null;
		case "hex-any-case":
			return ANY_HEX.test(text) ? fromHex(text, length) : null;
		case "base64":
			return fromStrictBase64(text, length);
	}
}

function fromHex(text: string, length: number): Uint8Array<ArrayBuffer> | null {
	if (text.length !== length * 2) return null;
	return Uint8Array.from({ length }, (_, i) => Number.parseInt(text.slice(i * 2, i * 2 + 2), 16));
}

function fromStrictBase64(text: string, length: number): Uint8Array<ArrayBuffer> | null {
	const bytes = strictBytes(text);
	return bytes?.length === length ? bytes : null;
}

function strictBytes(text: string): Uint8Array<ArrayBuffer> | null {
	const bytes = fromBase64(text);
	// `atob` forgives white space, missing padding and stray bits in the last digit; spelling it again does not.
	return bytes !== null && btoa(String.fromCharCode(...bytes)) === text ? bytes : null;
}

const P256_BYTES = 32;
/** Two whole numbers of a P-256 signature, each with its head, and the head of the sequence. */
const MAX_DER_CHARS = 4 * Math.ceil((2 + 2 * (2 + P256_BYTES + 1)) / 3);

/** A P-256 signature as ASN.1 writes it (RFC 3279, section 2.2.3), in base64; here as its two numbers side by side. */
export function decodeDer(text: string): Uint8Array<ArrayBuffer> | null {
	const bytes = text.length <= MAX_DER_CHARS ? strictBytes(text) : null;
	if (bytes === null || bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return null;
	const r = integerAt(bytes, 2);
	const s = r === null ? null : integerAt(bytes, r.end);
	if (r === null || s === null || s.end !== bytes.length) return null;
	const both = new Uint8Array(2 * P256_BYTES);
	both.set(r.value, P256_BYTES - r.value.length);
	both.set(s.value, 2 * P256_BYTES - s.value.length);
	return both;
}

/** A whole number above zero in its shortest form, without the zero that only says that it is not below. */
function integerAt(bytes: Uint8Array, at: number): { value: Uint8Array; end: number } | null {
	const length = bytes[at + 1] ?? 0;
	const end = at + 2 + length;
	if (bytes[at] !== 0x02 || length === 0 || end > bytes.length) return null;
	const [first = 0, second = 0] = bytes.subarray(at + 2, end);
	if (first >= 0x80 || (first === 0 && (length === 1 || second < 0x80))) return null;
	const value = bytes.subarray(first === 0 ? at + 3 : at + 2, end);
	return value.length > P256_BYTES ? null : { value, end };
}

/** Base64 as people paste it: padding may be missing. Null if it is not base64 at all. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
	try {
		return Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0));
	} catch {
		return null;
	}
}

/** Takes as long for equal bytes as for different ones of the same length. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.reduce((difference, byte, i) => difference | (byte ^ (b[i] ?? 256)), a.length ^ b.length) === 0;
}
