// The content hash of a document: the same for every order of keys and every layout of the text.

import type { Json } from "../model/json";

/** SHA-256 in hex of the JSON value with sorted keys. */
export async function hashDocument(document: Json): Promise<string> {
	const bytes = new TextEncoder().encode(JSON.stringify(sortKeys(document)));
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sortKeys(value: Json): Json {
	if (Array.isArray(value)) return value.map(sortKeys);
	if (value === null || typeof value !== "object") return value;
	const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return Object.fromEntries(entries.map(([key, each]) => [key, sortKeys(each)]));
}
