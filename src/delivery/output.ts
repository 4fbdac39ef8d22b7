// What of an answer later steps can read: the fields that the action declares, or those that the document names.

import type { Action } from "../connectors/connector";
import { valueAt } from "../connectors/inbound/read";
import { type Refusal, refuse } from "../connectors/outbound/refusal";
import type { CompiledStep } from "../core/document";
import type { Json, JsonObject } from "../model/json";
import { ok, type Result } from "../model/result";

/** Characters of JSON of one output. */
const MAX_CHARS = 16_384;
/** What texts are cut to, one after the other, until all of it fits. */
const SHORTENED = [Number.POSITIVE_INFINITY, 8_000, 4_000, 1_000];

/**
 * What the answer does not have is not there: an expression that reads it fails, where an empty value would be acted on. A
 * write that succeeded stays a success, whatever its answer was. A reading that did not bring what the document names has
 * brought nothing. What is too much is shortened: texts are cut, and of a write the largest fields are left out.
 */
export function outputOf({ output }: CompiledStep, action: Action, answer: Json): Result<Json, Refusal> {
	const names = output ?? Object.keys(action.output).map((name) => [name, [name]] as const);
	const found = names.map(([name, path]) => [name, valueAt(answer, path.join("."))] as const);
	const missing = found.filter(([, value]) => value === undefined).map(([name]) => name);
	if (action.reads === true && output !== undefined && missing.length > 0)
		return refuse("invalid", `the answer has no ${missing.join(", ")}, which the step's output names`);
	const kept = Object.fromEntries(found.filter(([, value]) => value !== undefined)) as JsonObject;
	const { length } = JSON.stringify(kept);
	const fitting = SHORTENED.map((chars) => shortened(kept, chars)).find(fits);
	if (fitting !== undefined) return ok(fitting);
	if (action.reads !== true) return ok(withoutLargest(kept));
	const reason = `what was read has ${length} characters, and ${MAX_CHARS} are kept: name the fields that are needed under output`;
	return refuse("invalid", reason);
}

function fits(output: Json): boolean {
	return JSON.stringify(output).length <= MAX_CHARS;
}

function shortened(value: Json, chars: number): Json {
	if (typeof value === "string") return value.length <= chars ? value : value.slice(0, chars).toWellFormed();
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map((item) => shortened(item, chars));
	return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shortened(member, chars)]));
}

function withoutLargest(output: JsonObject): JsonObject {
	const members = Object.entries(output).sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
	while (members.length > 0 && !fits(Object.fromEntries(members))) members.shift();
	return Object.fromEntries(Object.entries(output).filter(([name]) => members.some(([kept]) => kept === name)));
}

function sizeOf(value: Json): number {
	return JSON.stringify(value).length;
}
