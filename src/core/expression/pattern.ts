// Patterns of `matches`: RE2, linear in the text, but with a factor that a short pattern can make large: `(.?){1000}`
// keeps a thousand states alive at every character.

import { RE2JS } from "@bufbuild/re2";
import { err, ok, type Result } from "../../model/result";
import type { NodeProblem } from "./guard";
import { PATTERN_MAX, PATTERN_STATES_MAX } from "./limits";
import type { Expr } from "./syntax";
import { childrenOf } from "./tree";

export interface Pattern {
	test: (text: string) => boolean;
	/** An upper bound, roughly, of the states that one character is tried against. */
	states: number;
}

/** The patterns of an expression, and which call has which. */
export interface Patterns {
	compiled: Pattern[];
	numbers: Map<Expr, number>;
}

export function compilePatterns(expr: Expr): Result<Patterns, NodeProblem> {
	const patterns: Patterns = { compiled: [], numbers: new Map() };
	const problem = collect(expr, patterns);
	return problem === undefined ? ok(patterns) : err(problem);
}

function collect(node: Expr, patterns: Patterns): NodeProblem | undefined {
	if (node.exprKind.case === "callExpr" && node.exprKind.value.function === "matches") {
		const source = literal(node.exprKind.value.args.at(-1));
		if (source === undefined)
			return {
				reason: "syntax",
				message: "the pattern of matches() must be a text in quotes, like r'^PROJ-[0-9]+$'",
				node,
			};
		const pattern = compilePattern(source);
		if (!pattern.ok) return { ...pattern.error, node };
		patterns.numbers.set(node, patterns.compiled.push(pattern.value) - 1);
	}
	for (const child of childrenOf(node)) {
		const problem = collect(child, patterns);
		if (problem !== undefined) return problem;
	}
	return undefined;
}

function literal(expr: Expr | undefined): string | undefined {
	const constant = expr?.exprKind.case === "constExpr" ? expr.exprKind.value.constantKind : undefined;
	return constant?.case === "stringValue" ? constant.value : undefined;
}

function compilePattern(source: string): Result<Pattern, Pick<NodeProblem, "reason" | "message">> {
	if (source.length > PATTERN_MAX) {
		const message = `the pattern of matches() has ${source.length} characters; at most ${PATTERN_MAX} are allowed`;
		return err({ reason: "limit", message });
	}
	const states = countStates(source);
	if (states > PATTERN_STATES_MAX)
		return err({ reason: "limit", message: "the pattern of matches() repeats too much; use smaller counts" });
	try {
		const compiled = RE2JS.compile(source);
		return ok({ states, test: (text) => compiled.test(text) });
	} catch (error) {
		const detail = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
		return err({ reason: "syntax", message: `the pattern of matches() is not a regular expression of RE2: ${detail}` });
	}
}

const ATOM = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|./gsu;

/** Characters, each as often as the counted repetitions around it say. */
function countStates(source: string): number {
	const outer: number[] = [];
	let sum = 0;
	let last = 0;
	for (const [atom] of source.matchAll(ATOM)) {
		if (atom === "(") {
			outer.push(sum);
			sum = last = 0;
		} else if (atom === ")") {
			last = sum + 1;
			sum = (outer.pop() ?? 0) + last;
		} else if (/^\{\d/.test(atom)) {
			const times = Math.max(...(atom.match(/\d+/g) ?? []).map(Number), 1);
			sum += last * (times - 1);
			last *= times;
		} else {
			last = 1;
			sum += 1;
		}
	}
	return outer.reduce((total, open) => total + open, sum);
}
