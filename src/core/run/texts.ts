// Expressions and templates that a run carries as texts, compiled when they are met. What was compiled is remembered by
// its text, since every run of a version carries the same ones.

import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { RUN_VARIABLES } from "../expression/names";
import { compileExpression, evaluate, evaluateCondition, type Program } from "../expression/program";
import { compileTemplate, renderTemplate, type Template } from "../expression/template";

/** Enough for the workflows of many tenants; then everything is forgotten and compiled again. */
const REMEMBERED = 1_000;

const programs = new Map<string, Result<Program, string>>();
const templates = new Map<string, Result<Template, string>>();

export type Scope = Record<string, unknown>;

export function holds(
	text: string,
	scope: Scope,
	variables: readonly string[] = RUN_VARIABLES,
): Result<boolean, string> {
	const program = programOf(text, variables);
	if (!program.ok) return program;
	const value = evaluateCondition(program.value, scope);
	return value.ok ? value : err(value.error.message);
}

export function valueIn(text: string, scope: Scope): Result<Json, string> {
	const program = programOf(text, RUN_VARIABLES);
	if (!program.ok) return program;
	const value = evaluate(program.value, scope);
	return value.ok ? value : err(value.error.message);
}

export function rendered(tree: JsonObject, scope: Scope): Result<Json, string> {
	const text = JSON.stringify(tree);
	const template = recall(templates, text, () => {
		const compiled = compileTemplate(tree, RUN_VARIABLES);
		return compiled.ok ? compiled : err(compiled.error[0]?.problem.message ?? "it does not compile");
	});
	if (!template.ok) return template;
	const value = renderTemplate(template.value, scope);
	return value.ok ? value : err(`${value.error.path}: ${value.error.problem.message}`);
}

function programOf(text: string, variables: readonly string[]): Result<Program, string> {
	return recall(programs, `${variables.join()}\n${text}`, () => {
		const compiled = compileExpression(text, variables);
		return compiled.ok ? compiled : err(compiled.error.message);
	});
}

function recall<T>(memory: Map<string, T>, key: string, make: () => T): T {
	const known = memory.get(key);
	if (known !== undefined) return known;
	if (memory.size >= REMEMBERED) memory.clear();
	const made = make();
	memory.set(key, made);
	return made;
}
