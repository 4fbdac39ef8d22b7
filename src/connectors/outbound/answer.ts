// What a target answered, as JSON. An answer is not ours and may become part of a run, so it is held to what can be
// walked and merged without harm.

import type { Json } from "../../model/json";

const MAX_DEPTH = 64;
const UNSAFE_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** Undefined if the text is not JSON, or not harmless. */
export function parseAnswer(text: string): Json | undefined {
	try {
		const json: Json = JSON.parse(text);
		return isHarmless(json, MAX_DEPTH) ? json : undefined;
	} catch {
		return undefined;
	}
}

function isHarmless(json: Json, depth: number): boolean {
	if (typeof json === "number") return Number.isFinite(json);
	if (typeof json !== "object" || json === null) return true;
	return (
		depth > 0 && Object.entries(json).every(([key, value]) => !UNSAFE_KEYS.has(key) && isHarmless(value, depth - 1))
	);
}
