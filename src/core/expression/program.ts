// Expressions: compiled once, where their author can be told what is wrong with them, and evaluated often. Neither
// ever throws: an error is a value, and what it means is decided by the place that asked.

import { type CelInput, type CelValue, isCelError } from "@bufbuild/cel";
import type { Json } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import { type Plan, planExpression } from "./engine";
import { during, type EvaluationFailure } from "./evaluation";
import { checkShape, type NodeProblem } from "./guard";
import { OUTPUT_MAX } from "./limits";
import { checkNames, type Uses } from "./names";
import { compilePatterns, type Pattern } from "./pattern";
import { type ExpressionProblem, problemAt, type Source } from "./problem";
import { rewrite } from "./rewrite";
import { parseExpression } from "./syntax";
import { toJson } from "./to-json";
import { kindOf, toCel } from "./values";

export interface Program {
	readonly source: Source;
	/** The variables that it reads, and which fields of them by name. */
	readonly uses: Uses;
	/** What it reads of them, in full: `steps.deal.output.name`, and each of its beginnings. */
	readonly paths: ReadonlySet<string>;
	readonly patterns: readonly Pattern[];
	readonly plan: Plan;
	/** Where a node of the expression stands in it. */
	readonly offset: (id: bigint) => number | undefined;
}

/** `variables` are the names that the expression may read. */
export function compileExpression(source: string, variables: readonly string[]): Result<Program, ExpressionProblem> {
	return compileWithin({ text: source, start: 0, expression: source }, variables);
}

/** Compiles an expression that stands within a text that its author sees as a whole. */
export function compileWithin(source: Source, variables: readonly string[]): Result<Program, ExpressionProblem> {
	const syntax = parseExpression(source.expression);
	if (!syntax.ok) return err(problemAt(source, syntax.error.reason, syntax.error));
	const { expr, offset } = syntax.value;
	const refused = ({ reason, message, node }: NodeProblem) =>
		err(problemAt(source, reason, { message, offset: offset(node.id) }));
	const shape = checkShape(syntax.value);
	if (shape !== undefined) return refused(shape);
	const reads = checkNames(expr, variables);
	if (!reads.ok) return refused(reads.error);
	const patterns = compilePatterns(expr);
	if (!patterns.ok) return refused(patterns.error);
	const plan = planExpression(rewrite(expr, patterns.value.numbers));
	return ok({ source, ...reads.value, patterns: patterns.value.compiled, plan, offset });
}

/** The value as JSON, shared with nothing. Variables that the program reads must be own properties of the scope. */
export function evaluate(program: Program, scope: Record<string, unknown>): Result<Json, ExpressionProblem> {
	return run(program, scope, (value) => toJson(value, OUTPUT_MAX));
}

/** Of an expression whose value decides: anything but true or false is a problem. */
export function evaluateCondition(
	program: Program,
	scope: Record<string, unknown>,
): Result<boolean, ExpressionProblem> {
	return run(program, scope, (value) => {
		if (typeof value === "boolean") return ok(value);
		const message = `a condition must be true or false, and this one is ${kindOf(value)}; compare it with something`;
		return err({ reason: "result", message });
	});
}

function run<T>(
	program: Program,
	scope: Record<string, unknown>,
	read: (value: CelValue) => Result<T, EvaluationFailure>,
): Result<T, ExpressionProblem> {
	const { source, uses, patterns, plan, offset } = program;
	for (const name of uses.keys()) {
		if (Object.hasOwn(scope, name) && scope[name] !== undefined) continue;
		return err(problemAt(source, "unknown_name", { message: `${name} has no value here` }));
	}
	const variables: Record<string, CelInput> = Object.create(null);
	const result = during({ scope: variables, patterns }, () => {
		for (const name of uses.keys()) variables[name] = toCel(scope[name]) ?? null;
		const value = plan(variables);
		if (!isCelError(value)) return read(value);
		const place = value.exprId === undefined ? undefined : offset(value.exprId);
		return err({ reason: "evaluation", message: value.message, offset: place });
	});
	return result.ok ? result : err(problemAt(source, result.error.reason, result.error));
}
