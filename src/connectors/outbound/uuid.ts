// Ids that a target lets us choose. They come of what makes a write one write, so that every attempt has the same.

import { murmur128 } from "../murmur128";

/**
 * A UUID in the form of version 4 (RFC 9562, section 5.4). Its 122 bits are of the text's MurmurHash3 (x64, 128 bits): well
 * spread, and not meant to withstand anybody.
 */
export function uuidOf(text: string): string {
	const hex = murmur128(new TextEncoder().encode(text));
	const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
	const [a, b, c, d, e] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(13, 16), hex.slice(17, 20), hex.slice(20)];
	return `${a}-${b}-4${c}-${variant}${d}-${e}`;
}
