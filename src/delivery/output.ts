// What of an answer later steps can read: the fields that the action declares, or those that the document names.

import type { Action } from "../connectors/connector";
import { valueAt } from "../connectors/read";
import { type Refusal, refuse } from "../connectors/refusal";
import type { CompiledStep } from "../core/document";
import type { Json } from "../model/json";
import { ok, type Result } from "../model/result";

/** Characters of JSON of one output. */
const MAX_CHARS = 16_384;

/** A write that succeeded stays a success, whatever its answer was; a reading that brought too much has brought nothing. */
export function outputOf({ output }: CompiledStep, action: Action, answer: Json): Result<Json, Refusal> {
	const names = output ?? Object.keys(action.output).map((name) => [name, [name]] as const);
	const kept = Object.fromEntries(names.map(([name, path]) => [name, valueAt(answer, path.join(".")) ?? null]));
	const { length } = JSON.stringify(kept);
	if (length <= MAX_CHARS) return ok(kept);
	if (action.reads !== true) return ok(null);
	const reason = `what was read has ${length} characters, and ${MAX_CHARS} are kept: name the fields that are needed under output`;
	return refuse("invalid", reason);
}
