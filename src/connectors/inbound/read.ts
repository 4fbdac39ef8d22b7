// Reading what a delivery says, by paths into its parsed body. Only own properties are followed, because a body may
// hold keys like `toString`; whatever is not there, or is of another kind than asked for, is undefined.

import type { Json, JsonObject } from "../../model/json";
import type { Delivery } from "../connector";

export const MAX_ID = 400;

export function isObject(json: Json | undefined): json is JsonObject {
	return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** The value at a path like `data.items.0.id`. */
export function valueAt(json: Json | undefined, path: string): Json | undefined {
	let value = json;
	for (const key of path.split(".")) {
		if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
		value = Array.isArray(value) ? value[Number(key)] : value[key];
	}
	return value;
}

export function objectAt(json: Json | undefined, path: string): JsonObject | undefined {
	const value = valueAt(json, path);
	return isObject(value) ? value : undefined;
}

/** Empty where there is no list. */
export function listAt(json: Json | undefined, path: string): Json[] {
	const value = valueAt(json, path);
	return Array.isArray(value) ? value : [];
}

/** A string that is not empty and can be told apart from every other once it is UTF-8. */
export function textAt(json: Json | undefined, path: string): string | undefined {
	const value = valueAt(json, path);
	return typeof value === "string" && value !== "" && value.isWellFormed() ? value : undefined;
}

/** A number as ids and counts are: whole, above zero, and held exactly by a double. */
export function countAt(json: Json | undefined, path: string): number | undefined {
	const value = valueAt(json, path);
	return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** An id as text, digit for digit: `JSON.parse` rounds whole numbers above 2^53, so those are read from the raw body. */
export function idAt(delivery: Delivery, json: Json | undefined, path: string): string | undefined {
	const value = valueAt(json, path);
	if (typeof value === "string") return textAt(json, path);
	if (typeof value !== "number" || !Number.isInteger(value)) return undefined;
	return Number.isSafeInteger(value) ? String(value) : textAt(withExactNumbers(delivery.body), path);
}

type Reviver = (key: string, value: Json, context?: { source?: string }) => Json;

const exact = new WeakMap<Uint8Array, { json: Json | undefined }>();

/** The body parsed again, once, with whole numbers that a double cannot hold as strings of their digits. */
export function withExactNumbers(body: Uint8Array): Json | undefined {
	const known = exact.get(body);
	if (known !== undefined) return known.json;
	const json = parseExactly(body);
	exact.set(body, { json });
	return json;
}

function parseExactly(body: Uint8Array): Json | undefined {
	const reviver: Reviver = (_key, value, context) =>
		typeof value === "number" && !Number.isSafeInteger(value) ? (context?.source ?? value) : value;
	try {
		return JSON.parse(new TextDecoder().decode(body), reviver);
	} catch {
		return undefined;
	}
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
const YEAR_10000 = 253_402_300_800_000;

/** Epoch milliseconds of an RFC 3339 time; undefined unless it says its zone. */
export function parseTime(value: Json | undefined): number | undefined {
	if (typeof value !== "string" || !RFC_3339.test(value)) return undefined;
	return plausible(Date.parse(value.replace(" ", "T").toUpperCase()));
}

/** Epoch milliseconds of a number of seconds. */
export function fromSeconds(value: Json | undefined): number | undefined {
	return typeof value === "number" ? plausible(value * 1_000) : undefined;
}

/** A time that ISO 8601 can write with four digits for the year, so that nothing later stumbles over it. */
export function plausible(ms: number): number | undefined {
	return ms >= 0 && ms < YEAR_10000 ? Math.trunc(ms) : undefined;
}
