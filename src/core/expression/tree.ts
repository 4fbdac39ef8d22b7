// Walking syntax trees. Recursion is safe once the number of nodes is known to be within its limit.

import type { Expr } from "./syntax";

export function childrenOf(expr: Expr): Expr[] {
	const { exprKind } = expr;
	switch (exprKind.case) {
		case "selectExpr":
			return present([exprKind.value.operand]);
		case "callExpr":
			return present([exprKind.value.target, ...exprKind.value.args]);
		case "listExpr":
			return exprKind.value.elements;
		case "structExpr":
			return present(
				exprKind.value.entries.flatMap(({ keyKind, value }) => [
					keyKind.case === "mapKey" ? keyKind.value : undefined,
					value,
				]),
			);
		case "comprehensionExpr": {
			const { iterRange, accuInit, loopCondition, loopStep, result } = exprKind.value;
			return present([iterRange, accuInit, loopCondition, loopStep, result]);
		}
		case "constExpr":
		case "identExpr":
		case undefined:
			return [];
	}
}

function present(nodes: (Expr | undefined)[]): Expr[] {
	return nodes.filter((node) => node !== undefined);
}

/** Stops counting at `most`, and does not recurse: nothing is known of the tree yet. */
export function countNodes(expr: Expr, most = Number.POSITIVE_INFINITY): number {
	const waiting = [expr];
	let count = 0;
	for (let node = waiting.pop(); node !== undefined && count < most; node = waiting.pop()) {
		count += 1;
		waiting.push(...childrenOf(node));
	}
	return count;
}

/** How an author wrote a chain of names and constant indexes; empty for anything else. */
export function pathOf(expr: Expr | undefined): string {
	if (expr?.exprKind.case === "identExpr") return expr.exprKind.value.name;
	if (expr?.exprKind.case === "selectExpr" && !expr.exprKind.value.testOnly) {
		const path = pathOf(expr.exprKind.value.operand);
		return path && `${path}.${expr.exprKind.value.field}`;
	}
	if (expr?.exprKind.case !== "callExpr" || expr.exprKind.value.function !== "_[_]") return "";
	const [target, key] = expr.exprKind.value.args;
	const path = pathOf(target);
	const constant = key?.exprKind.case === "constExpr" ? key.exprKind.value.constantKind : undefined;
	if (constant?.case === "stringValue") return path && `${path}[${JSON.stringify(constant.value)}]`;
	return constant?.case === "int64Value" ? path && `${path}[${constant.value}]` : "";
}
