// What every outbound request has in common: the headers that mark it as ours, and headers that are fit to be sent.

import { z } from "zod";
import type { JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import type { Mark } from "../connector";

/** Where an API lives: a URL without query, fragment or credentials, and without a slash at its end. */
export const BaseUrl = z
	.string()
	.max(2_000)
	.refine(isBaseUrl, "write a URL like https://api.example.com/v1, without credentials, query or fragment")
	.transform((url) => url.replace(/\/+$/, ""));

function isBaseUrl(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || !/^https?:$/.test(url.protocol)) return false;
	return url.username === "" && url.password === "" && !/[?#]/.test(text);
}

/** The one host that a connection with a `base_url` may reach; none if its settings are not what they should be. */
export function hostsOf(config: JsonObject): string[] {
	const url = typeof config.base_url === "string" ? URL.parse(config.base_url) : null;
	return url === null ? [] : [url.hostname];
}

/** The headers that let a target, its logs and our own door recognise the request's run. */
export function markHeaders(mark: Mark): Record<string, string> {
	return { traceparent: `00-${mark.trace_id}-${spanId(mark)}-01`, "x-signalbox-run": mark.run };
}

/** Sixteen hex digits, equal for every attempt of one step, because attempts are one span to the target. */
function spanId({ run, step, idempotency_key }: Mark): string {
	const text = `${run} ${step} ${idempotency_key}`;
	const id = hash32(text, 0x811c9dc5) + hash32(text, 0x9e3779b9);
	return id === "0000000000000000" ? "0000000000000001" : id;
}

/** FNV-1a with a final mix (from MurmurHash3): well spread, and not meant to withstand anybody. */
function hash32(text: string, seed: number): string {
	let hash = seed;
	for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0");
}

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** Printable Latin-1 and tabs: CR, LF and NUL would end a header, and what is not Latin-1 cannot be sent. */
const HEADER_VALUE = /^[\t\x20-\x7e\xa0-\xff]*$/;

/** The headers, later sets over earlier ones and names in lower case, if each of them can be sent. */
export function mergeHeaders(...sets: Record<string, string>[]): Result<Record<string, string>, string> {
	const merged = new Map<string, string>();
	for (const [given, value] of sets.flatMap((set) => Object.entries(set))) {
		const name = given.toLowerCase();
		if (!HEADER_NAME.test(name)) return err(`${JSON.stringify(given)} is not a header name`);
		if (!HEADER_VALUE.test(value)) {
			return err(`the value of header ${name} holds a line break or a character outside Latin-1; encode it first`);
		}
		merged.set(name, value);
	}
	return ok(Object.fromEntries(merged));
}
