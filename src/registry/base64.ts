// Base64 in its two alphabets. Decoding is strict: what this file would not have written, it does not read.

type Bytes = Uint8Array<ArrayBuffer>;

export function encodeBase64(bytes: Uint8Array): string {
	let binary = "";
	for (const byte of bytes) binary += String.fromCharCode(byte);
	return btoa(binary);
}

/** Null if the text is not base64. */
export function decodeBase64(text: string): Bytes | null {
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
	try {
		const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
		return withoutPadding(encodeBase64(bytes)) === withoutPadding(text) ? bytes : null;
	} catch {
		return null;
	}
}

/** The URL alphabet, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
	return withoutPadding(encodeBase64(bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** Null if the text is not base64 of the URL alphabet. */
export function decodeBase64Url(text: string): Bytes | null {
	if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
	return decodeBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function withoutPadding(text: string): string {
	return text.replaceAll("=", "");
}
