// Templates: JSON trees whose text leaves may hold `${{ CEL }}`. A leaf that is one expression and nothing else keeps the
// expression's type; any other becomes a text. The tree is read before it is rendered, so a value can become neither
// structure nor another expression. Keys are never templates. `$${{` stands for a literal `${{`; an amount in dollars is
// `${{ "$" + string(event.data.amount) }}`.

import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import { lex } from "./lex";
import { DEPTH_MAX, RENDERED_MAX, TEMPLATE_EXPRESSIONS_MAX } from "./limits";
import { type Path, pathText } from "./path";
import { type ExpressionProblem, problemAt, type Source } from "./problem";
import { compileWithin, evaluate, type Program } from "./program";
import { FORBIDDEN_KEYS } from "./to-json";

export interface TemplateProblem {
	/** Where in the tree, like `blocks[0].text`; empty for the tree itself. */
	path: string;
	/** The same place, taken apart. */
	segments: Path;
	problem: ExpressionProblem;
}

type Node =
	| { kind: "constant"; value: null | boolean | number | string }
	| { kind: "expression"; program: Program; path: Path }
	| { kind: "text"; parts: (string | Program)[]; path: Path }
	| { kind: "list"; elements: Node[] }
	| { kind: "object"; entries: [string, Node][] };

export interface Template {
	readonly root: Node;
	/** Characters of JSON text that are not computed. */
	readonly constantSize: number;
	readonly programs: readonly { path: Path; program: Program }[];
}

/** All that is wrong with the expressions of a tree, at once. */
export function compileTemplate(tree: Json, variables: readonly string[]): Result<Template, TemplateProblem[]> {
	const compiling: Compiling = { variables, programs: [], problems: [], expressions: 0, constantSize: 0 };
	const root = compileNode(tree, [], compiling);
	const { problems, programs, constantSize } = compiling;
	if (compiling.expressions > TEMPLATE_EXPRESSIONS_MAX) {
		const message = `the input holds ${compiling.expressions} expressions; at most ${TEMPLATE_EXPRESSIONS_MAX} are allowed`;
		refuse(compiling, [], { reason: "limit", message });
	}
	if (constantSize > RENDERED_MAX) {
		const message = `the input is larger than ${RENDERED_MAX} characters`;
		refuse(compiling, [], { reason: "limit", message });
	}
	return problems.length > 0 ? err(problems) : ok({ root, constantSize, programs });
}

interface Compiling {
	variables: readonly string[];
	programs: { path: Path; program: Program }[];
	problems: TemplateProblem[];
	/** How many were seen; only as many as are allowed are compiled. */
	expressions: number;
	constantSize: number;
}

function compileNode(tree: Json, path: Path, compiling: Compiling): Node {
	if (path.length > DEPTH_MAX) {
		refuse(compiling, path.slice(0, 3), {
			reason: "limit",
			message: `the input is nested more than ${DEPTH_MAX} deep`,
		});
		return { kind: "constant", value: null };
	}
	if (typeof tree === "string") return compileLeaf(tree, path, compiling);
	compiling.constantSize += typeof tree === "number" ? 16 : 5;
	if (tree === null || typeof tree !== "object") return { kind: "constant", value: tree };
	if (Array.isArray(tree))
		return { kind: "list", elements: tree.map((element, i) => compileNode(element, [...path, i], compiling)) };
	const entries = Object.entries(tree).map(([key, value]): [string, Node] => {
		compiling.constantSize += key.length + 4;
		if (FORBIDDEN_KEYS.has(key))
			refuse(compiling, [...path, key], { reason: "result", message: `a key cannot be named ${key}` });
		return [key, compileNode(value, [...path, key], compiling)];
	});
	return { kind: "object", entries };
}

function compileLeaf(text: string, path: Path, compiling: Compiling): Node {
	const found = splitLeaf(text);
	if (!found.ok) {
		refuse(compiling, path, found.error);
		return { kind: "constant", value: text };
	}
	const parts = found.value.map((part) => {
		if (typeof part === "string") return part;
		compiling.expressions += 1;
		if (compiling.expressions > TEMPLATE_EXPRESSIONS_MAX) return "";
		const program = compileWithin(part, compiling.variables);
		if (program.ok) compiling.programs.push({ path, program: program.value });
		else refuse(compiling, path, program.error);
		return program.ok ? program.value : "";
	});
	compiling.constantSize += parts.reduce((sum, part) => sum + (typeof part === "string" ? part.length : 0), 2);
	const [only = ""] = parts;
	if (parts.length > 1) return { kind: "text", parts, path };
	return typeof only === "string" ? { kind: "constant", value: only } : { kind: "expression", program: only, path };
}

/** The texts and expressions of a leaf, in order. */
function splitLeaf(text: string): Result<(string | Source)[], ExpressionProblem> {
	const parts: (string | Source)[] = [];
	let literal = "";
	let at = 0;
	while (at < text.length) {
		const next = text.indexOf("${{", at);
		if (next === -1) break;
		const isEscaped = next > at && text[next - 1] === "$";
		literal += text.slice(at, isEscaped ? next - 1 : next);
		at = next + 3;
		if (isEscaped) {
			literal += "${{";
			continue;
		}
		const read = lex(text, at, "}}");
		if (!read.ok) return err(problemAt({ text, start: 0, expression: text }, read.error.reason, read.error));
		if (literal !== "") parts.push(literal);
		literal = "";
		parts.push({ text, start: at, expression: text.slice(at, read.value.end) });
		at = read.value.end + 2;
	}
	literal += text.slice(at);
	return ok(literal === "" && parts.length > 0 ? parts : [...parts, literal]);
}

function refuse(compiling: Compiling, path: Path, problem: ExpressionProblem): void {
	compiling.problems.push({ path: pathText(path), segments: path, problem });
}

/** Stops at the first expression that fails. */
export function renderTemplate(template: Template, scope: Record<string, unknown>): Result<Json, TemplateProblem> {
	return renderNode(template.root, { scope, left: RENDERED_MAX - template.constantSize });
}

interface Rendering {
	scope: Record<string, unknown>;
	/** Characters that expressions may still add. */
	left: number;
}

function renderNode(node: Node, rendering: Rendering): Result<Json, TemplateProblem> {
	switch (node.kind) {
		case "constant":
			return ok(node.value);
		case "expression":
			return value(node.program, node.path, rendering);
		case "text":
			return renderText(node.parts, node.path, rendering);
		case "list": {
			const elements: Json[] = [];
			for (const element of node.elements) {
				const rendered = renderNode(element, rendering);
				if (!rendered.ok) return rendered;
				elements.push(rendered.value);
			}
			return ok(elements);
		}
		case "object": {
			const object: JsonObject = {};
			for (const [key, entry] of node.entries) {
				const rendered = renderNode(entry, rendering);
				if (!rendered.ok) return rendered;
				object[key] = rendered.value;
			}
			return ok(object);
		}
	}
}

function renderText(parts: (string | Program)[], path: Path, rendering: Rendering): Result<string, TemplateProblem> {
	let text = "";
	for (const part of parts) {
		const rendered: Result<Json, TemplateProblem> = typeof part === "string" ? ok(part) : value(part, path, rendering);
		if (!rendered.ok) return rendered;
		text += asText(rendered.value);
	}
	return ok(text);
}

function value(program: Program, path: Path, rendering: Rendering): Result<Json, TemplateProblem> {
	const computed = evaluate(program, rendering.scope);
	if (!computed.ok) return err({ path: pathText(path), segments: path, problem: computed.error });
	rendering.left -= asText(computed.value).length;
	if (rendering.left >= 0) return computed;
	const message = `the rendered input is larger than ${RENDERED_MAX} characters; take less of the event`;
	return err({ path: pathText(path), segments: path, problem: { reason: "limit", message } });
}

/** Of a value within a text: null is nothing, lists and objects are JSON. */
function asText(value: Json): string {
	if (value === null) return "";
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Where a tree holds expressions, sound or not: what stands there is known only when it is rendered. */
export function expressionPaths(tree: Json, path: Path = []): Path[] {
	if (typeof tree === "string") return tree.includes("${{") ? [path] : [];
	if (Array.isArray(tree)) return tree.flatMap((element, i) => expressionPaths(element, [...path, i]));
	if (tree === null || typeof tree !== "object") return [];
	return Object.entries(tree).flatMap(([key, value]) => expressionPaths(value, [...path, key]));
}
