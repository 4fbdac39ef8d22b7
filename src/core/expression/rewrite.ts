// From the library's syntax tree to one in which every operation is a call of a function of ours, by a name that cannot
// be written (`@add`, `@field`). What is left to the library: variables, literals, `&&`, `||`, `?:` and loops.

import type { Expr } from "./syntax";
import { countNodes, pathOf } from "./tree";

const OPERATORS = new Map([
	["_+_", "@add"],
	["_-_", "@subtract"],
	["_*_", "@multiply"],
	["_/_", "@divide"],
	["_%_", "@remainder"],
	["-_", "@negate"],
	["!_", "@not"],
	["_==_", "@equal"],
	["_!=_", "@different"],
	["_<_", "@less"],
	["_<=_", "@less_or_equal"],
	["_>_", "@greater"],
	["_>=_", "@greater_or_equal"],
	["@in", "@is_in"],
]);

const YIELD_TRUTH = new Set(
	"@not @equal @different @less @less_or_equal @greater @greater_or_equal @is_in @has @truth _&&_ _||_".split(" "),
);

type Kind<C extends Expr["exprKind"]["case"]> = Extract<Expr["exprKind"], { case: C }>["value"];

/** `patterns` are the numbers of the patterns that calls of `matches` have. */
export function rewrite(node: Expr, patterns: ReadonlyMap<Expr, number>): Expr {
	const again = (child: Expr) => rewrite(child, patterns);
	const { exprKind } = node;
	switch (exprKind.case) {
		case "constExpr":
			return rewriteNumber(node, exprKind.value);
		case "selectExpr":
			return rewriteField(node, exprKind.value, again);
		case "callExpr":
			return rewriteCall(node, exprKind.value, { again, pattern: patterns.get(node) });
		case "listExpr": {
			const value = { ...exprKind.value, elements: exprKind.value.elements.map(again) };
			return { ...node, exprKind: { case: "listExpr", value } };
		}
		case "structExpr":
			return rewriteObject(node, exprKind.value, again);
		case "comprehensionExpr":
			return rewriteLoop(node, exprKind.value, again);
		case "identExpr":
		case undefined:
			return node;
	}
}

function rewriteNumber(node: Expr, { constantKind }: Kind<"constExpr">): Expr {
	const isWhole = constantKind.case === "int64Value" || constantKind.case === "uint64Value";
	return isWhole ? constant(node, { case: "doubleValue", value: Number(constantKind.value) }) : node;
}

function rewriteField(node: Expr, select: Kind<"selectExpr">, again: (child: Expr) => Expr): Expr {
	if (select.operand === undefined) return node;
	const values = [again(select.operand), text(node, select.field)];
	if (select.testOnly) return call(node, "@has", values);
	return call(node, "@field", [...values, text(node, pathOf(select.operand))]);
}

function rewriteCall(
	node: Expr,
	{ function: name, target, args }: Kind<"callExpr">,
	{ again, pattern }: { again: (child: Expr) => Expr; pattern: number | undefined },
): Expr {
	const [first, second] = args;
	if (name === "_+_" && isAccumulator(first) && second?.exprKind.case === "listExpr")
		return call(node, "@push", [first, ...second.exprKind.value.elements.map(again)]);
	const values = (target === undefined ? args : [target, ...args]).map(again);
	if (name === "_&&_" || name === "_||_") return call(node, name, values.map(truth));
	if (name === "_?_:_") return call(node, name, [...values.slice(0, 1).map(truth), ...values.slice(1)]);
	if (name === "@not_strictly_false") return call(node, name, values);
	if (name === "_[_]") return call(node, "@index", [...values, text(node, pathOf(first))]);
	if (pattern !== undefined)
		return call(node, "@matches", [...values.slice(0, 1), constant(node, { case: "doubleValue", value: pattern })]);
	return call(node, OPERATORS.get(name) ?? `@${name}`, values);
}

/** Entry after entry, so that an error in a key or a value is told as such, and keys become texts. */
function rewriteObject(node: Expr, { entries }: Kind<"structExpr">, again: (child: Expr) => Expr): Expr {
	return entries.reduce(
		(object, { keyKind, value }) => {
			if (keyKind.case !== "mapKey" || value === undefined) return object;
			return call(keyKind.value, "@put", [object, again(keyKind.value), again(value)]);
		},
		call(node, "@object", []),
	);
}

function rewriteLoop(node: Expr, loop: Kind<"comprehensionExpr">, again: (child: Expr) => Expr): Expr {
	const { iterRange, accuInit, loopCondition, loopStep, result } = loop;
	const body = [loopCondition, loopStep].reduce((sum, part) => sum + (part === undefined ? 0 : countNodes(part)), 0);
	const value = {
		...loop,
		iterRange:
			iterRange && call(iterRange, "@each", [again(iterRange), constant(node, { case: "doubleValue", value: body })]),
		accuInit: accuInit?.exprKind.case === "listExpr" ? call(accuInit, "@list", []) : accuInit && again(accuInit),
		loopCondition: loopCondition && call(loopCondition, "@goes_on", [again(loopCondition)]),
		loopStep: loopStep && again(loopStep),
		result: result && again(result),
	};
	return { ...node, exprKind: { case: "comprehensionExpr", value } };
}

/** The name that the parser gives to what a comprehension builds; nobody can write it. */
function isAccumulator(node: Expr | undefined): node is Expr {
	return node?.exprKind.case === "identExpr" && node.exprKind.value.name === "@result";
}

/** Around what must be true or false and might be something else. */
function truth(node: Expr): Expr {
	const { exprKind } = node;
	const isTruth =
		isAccumulator(node) ||
		(exprKind.case === "callExpr" && YIELD_TRUTH.has(exprKind.value.function)) ||
		(exprKind.case === "constExpr" && exprKind.value.constantKind.case === "boolValue");
	return isTruth ? node : call(node, "@truth", [node]);
}

/** In the place of a node, so that an error names it. */
function call(place: Expr, name: string, args: Expr[]): Expr {
	const value: Kind<"callExpr"> = { $typeName: "cel.expr.Expr.Call", function: name, args };
	return { $typeName: "cel.expr.Expr", id: place.id, exprKind: { case: "callExpr", value } };
}

function constant(place: Expr, constantKind: Kind<"constExpr">["constantKind"]): Expr {
	const value: Kind<"constExpr"> = { $typeName: "cel.expr.Constant", constantKind };
	return { $typeName: "cel.expr.Expr", id: place.id, exprKind: { case: "constExpr", value } };
}

function text(place: Expr, value: string): Expr {
	return constant(place, { case: "stringValue", value });
}
