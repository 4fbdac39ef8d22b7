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
	const bytes = fromBase64(text);
	if (bytes?.length !== length) return null;
	// `atob` forgives white space, missing padding and stray bits in the last digit; spelling it again does not.
	return btoa(String.fromCharCode(...bytes)) === text ? bytes : null;
}

/** Base64 as people paste it: padding may be missing. Null if it is not base64 at all. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
	try {
		return Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0));
	} catch {
		return null;
	}
}
