// What of an answer later steps can read: the fields that the action declares, or those that the document names.

import type { Action } from "../connectors/connector";
import { valueAt } from "../connectors/inbound/read";
import { type Refusal, refuse } from "../connectors/outbound/refusal";
import type { CompiledStep } from "../core/document";
import type { Json, JsonObject } from "../model/json";
import { ok, type Result } from "../model/result";

/** Characters of JSON of one output. */
const MAX_CHARS = 16_384;

/**
 * What the answer does not have is not there: an expression that reads it fails, where an empty value would be acted on. A
 * write that succeeded stays a success, whatever its answer was. A reading that did not bring what the document names, or
 * brought too much, has brought nothing.
 */
export function outputOf({ output }: CompiledStep, action: Action, answer: Json): Result<Json, Refusal> {
	const names = output ?? Object.keys(action.output).map((name) => [name, [name]] as const);
	const found = names.map(([name, path]) => [name, valueAt(answer, path.join("."))] as const);
	const missing = found.filter(([, value]) => value === undefined).map(([name]) => name);
	if (action.reads === true && output !== undefined && missing.length > 0)
		return refuse("invalid", `the answer has no ${missing.join(", ")}, which the step's output names`);
	const kept = Object.fromEntries(found.filter(([, value]) => value !== undefined)) as JsonObject;
	const { length } = JSON.stringify(kept);
	if (length <= MAX_CHARS) return ok(kept);
	if (action.reads !== true) return ok(null);
	const reason = `what was read has ${length} characters, and ${MAX_CHARS} are kept: name the fields that are needed under output`;
	return refuse("invalid", reason);
}
