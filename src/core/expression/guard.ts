// What an expression may look like: how large, how nested, and made of what JSON has. Decided once, before anything is
// evaluated; what depends on the values is decided by the functions that read them.

import { COMPREHENSION_CHAIN_MAX, COMPREHENSION_DEPTH_MAX, NODES_MAX } from "./limits";
import type { ExpressionProblem } from "./problem";
import { type Expr, type Syntax, TOO_MANY_NODES } from "./syntax";
import { childrenOf, countNodes } from "./tree";

export interface NodeProblem {
	reason: ExpressionProblem["reason"];
	message: string;
	node: Expr;
}

export function checkShape(syntax: Syntax): NodeProblem | undefined {
	if (countNodes(syntax.expr, NODES_MAX + 1) > NODES_MAX) return limit(syntax.expr, TOO_MANY_NODES.message);
	return checkNode(syntax.expr, [], syntax);
}

/** `around` are the macros in whose bodies the node stands, outermost first. */
function checkNode(node: Expr, around: string[], syntax: Syntax): NodeProblem | undefined {
	const problem = checkKind(node) ?? checkComprehension(node, around, syntax);
	if (problem !== undefined) return problem;
	const body = node.exprKind.case === "comprehensionExpr" ? node.exprKind.value.loopStep : undefined;
	const inside = [...around, syntax.macro(node) ?? ""];
	for (const child of childrenOf(node)) {
		const found = checkNode(child, child === body ? inside : around, syntax);
		if (found !== undefined) return found;
	}
	return undefined;
}

function checkKind(node: Expr): NodeProblem | undefined {
	const { exprKind } = node;
	if (exprKind.case === "structExpr" && exprKind.value.messageName !== "")
		return { reason: "syntax", message: 'there are no message types; write an object like {"name": value}', node };
	if (exprKind.case !== "constExpr") return undefined;
	const { constantKind } = exprKind.value;
	if (constantKind.case === "bytesValue")
		return { reason: "syntax", message: "bytes have no place in JSON; write a text without the b", node };
	if (constantKind.case === "doubleValue" && !Number.isFinite(constantKind.value))
		return { reason: "syntax", message: "the number is too large", node };
	if (constantKind.case !== "int64Value" && constantKind.case !== "uint64Value") return undefined;
	if (Number.isSafeInteger(Number(constantKind.value))) return undefined;
	const message = `${constantKind.value} is too large for a JSON number; compare it as a text`;
	return { reason: "syntax", message, node };
}

function checkComprehension(node: Expr, around: string[], syntax: Syntax): NodeProblem | undefined {
	if (node.exprKind.case !== "comprehensionExpr") return undefined;
	const macro = syntax.macro(node) ?? "";
	if (around.length >= COMPREHENSION_DEPTH_MAX)
		return limit(node, `${macro}() is nested more than ${COMPREHENSION_DEPTH_MAX} deep`);
	if (macro === "map" && around.includes("map"))
		return limit(node, "map() inside map() multiplies its lists; map once, or use filter() or exists() inside");
	if (chainLength(node) > COMPREHENSION_CHAIN_MAX)
		return limit(node, `more than ${COMPREHENSION_CHAIN_MAX} of map(), filter(), exists() and all() are chained`);
	return undefined;
}

/** Comprehensions that feed each other, this one included; bodies are not part of the chain. */
function chainLength(node: Expr): number {
	if (node.exprKind.case === "comprehensionExpr") {
		const { iterRange } = node.exprKind.value;
		return 1 + (iterRange === undefined ? 0 : chainLength(iterRange));
	}
	return Math.max(0, ...childrenOf(node).map(chainLength));
}

function limit(node: Expr, message: string): NodeProblem {
	return { reason: "limit", message, node };
}
