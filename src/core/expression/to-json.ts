// From the values of the CEL library to JSON, copied: whatever leaves the engine shares nothing with what came in.
// Timestamps become RFC 3339 texts, durations texts like "90s".

import { type CelList, type CelMap, type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import type { Json } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import { DEPTH_MAX } from "./limits";
import { callStandard } from "./standard";
import { isDuration, isTimestamp, kindOf } from "./values";

export interface Unfit {
	reason: "limit" | "result";
	message: string;
}

/** Names that code which reads the result could take for the object's own machinery. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** `most` is the size in characters of JSON text; punctuation and escapes are counted as if there were few. */
export function toJson(value: CelValue, most: number): Result<Json, Unfit> {
	return convert(value, { left: most, most }, 0);
}

interface Room {
	left: number;
	most: number;
}

function convert(value: CelValue, room: Room, depth: number): Result<Json, Unfit> {
	if (depth > DEPTH_MAX) return err({ reason: "limit", message: `the result is nested more than ${DEPTH_MAX} deep` });
	if (isCelList(value)) return convertList(value, room, depth);
	if (isCelMap(value)) return convertMap(value, room, depth);
	const scalar = convertScalar(value);
	if (scalar === undefined)
		return err({ reason: "result", message: `the result is ${kindOf(value)}, which is not JSON` });
	return take(room, typeof scalar === "string" ? scalar.length + 2 : String(scalar).length) ?? ok(scalar);
}

function convertScalar(value: CelValue): Json | undefined {
	if (value === null || typeof value === "string" || typeof value === "boolean") return value;
	// JSON has neither infinity nor a zero with a sign.
	if (typeof value === "number") return Number.isFinite(value) ? value + 0 : undefined;
	if (!isTimestamp(value) && !isDuration(value)) return undefined;
	const text = callStandard("string", undefined, [value]);
	return typeof text === "string" ? text : undefined;
}

function convertList(list: CelList, room: Room, depth: number): Result<Json, Unfit> {
	const copy: Json[] = [];
	for (const element of list) {
		const converted = take(room, 1) ?? convert(element, room, depth + 1);
		if (!converted.ok) return converted;
		copy.push(converted.value);
	}
	return take(room, 2) ?? ok(copy);
}

function convertMap(map: CelMap, room: Room, depth: number): Result<Json, Unfit> {
	const entries: [string, Json][] = [];
	for (const [key, value] of map) {
		const name = String(key);
		if (FORBIDDEN_KEYS.has(name))
			return err({ reason: "result", message: `the result has a key named ${name}, which is not allowed` });
		const converted = take(room, name.length + 4) ?? convert(value, room, depth + 1);
		if (!converted.ok) return converted;
		entries.push([name, converted.value]);
	}
	return take(room, 2) ?? ok(Object.fromEntries(entries));
}

function take(room: Room, characters: number): { ok: false; error: Unfit } | undefined {
	room.left -= characters;
	if (room.left >= 0) return undefined;
	return err({ reason: "limit", message: `the result is larger than ${room.most} characters; take less of the event` });
}
