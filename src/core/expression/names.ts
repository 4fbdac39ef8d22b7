// Which names an expression uses, and whether they exist. An unknown one is an error of its text, told when the text
// is written, with the name that was probably meant.

import { err, ok, type Result } from "../../model/result";
import { FUNCTIONS, MACROS } from "./functions";
import type { NodeProblem } from "./guard";
import { nearest, remedy } from "./suggest";
import type { Expr } from "./syntax";
import { childrenOf, pathOf } from "./tree";

/** In trigger conditions, keys and whatever an aggregate reads of each event. */
export const EVENT_VARIABLES = ["event"] as const;
/** In everything that belongs to a step. `now` is an RFC 3339 text, like all times. */
export const STEP_VARIABLES = ["event", "window", "steps", "run", "workflow", "now"] as const;
/** Those that there are in some places only. */
const OTHER_VARIABLES = new Map([
	["branches", "where timing is a join"],
	["item", "in the with of a step that has for_each"],
	["index", "in the with of a step that has for_each"],
	["approvals", "in the with of a step of a connector"],
]);
/** What an Entity has at hand when it comes to a step. */
export const RUN_VARIABLES = [...STEP_VARIABLES, "branches", "item", "index"] as const;

/** Variables by name, each with the fields of it that are read by name. */
export type Uses = ReadonlyMap<string, ReadonlySet<string>>;

/** `paths`: every chain of names that is read, like `steps.deal.output.name`, and each of its beginnings. */
export interface Reads {
	uses: Uses;
	paths: ReadonlySet<string>;
}

/** What is read, or what is wrong with a name. */
export function checkNames(expr: Expr, variables: readonly string[]): Result<Reads, NodeProblem> {
	const names = { variables, uses: new Map<string, Set<string>>(), paths: new Set<string>() };
	const problem = checkNode(expr, [], names);
	return problem === undefined ? ok(names) : err(problem);
}

interface Names {
	variables: readonly string[];
	uses: Map<string, Set<string>>;
	paths: Set<string>;
}

/** `items` are the names of the comprehensions around. */
function checkNode(node: Expr, items: readonly string[], names: Names): NodeProblem | undefined {
	const { exprKind } = node;
	const problem =
		exprKind.case === "identExpr"
			? checkVariable(node, exprKind.value.name, items, names)
			: exprKind.case === "callExpr"
				? checkCall(node, names)
				: undefined;
	if (problem !== undefined) return problem;
	const item = exprKind.case === "comprehensionExpr" ? [exprKind.value.iterVar, exprKind.value.accuVar] : [];
	const range = exprKind.case === "comprehensionExpr" ? exprKind.value.iterRange : undefined;
	for (const child of childrenOf(node)) {
		const found = checkNode(child, child === range ? items : [...item, ...items], names);
		if (found !== undefined) return found;
	}
	noteField(node, items, names);
	return undefined;
}

function checkVariable(node: Expr, name: string, items: readonly string[], names: Names): NodeProblem | undefined {
	if (items.includes(name)) return undefined;
	if (names.variables.includes(name)) {
		use(names, name);
		return undefined;
	}
	const isElsewhere = OTHER_VARIABLES.has(name) || STEP_VARIABLES.some((known) => known === name);
	const where = OTHER_VARIABLES.has(name) ? `, only ${OTHER_VARIABLES.get(name)}` : "";
	const what = isElsewhere ? `${name} is not available in this place${where}` : `there is no variable ${name}`;
	const written = items.filter((item) => !item.startsWith("@"));
	return unknown(node, `${what}; ${remedy(name, [...new Set([...written, ...names.variables])])}`);
}

function checkCall(node: Expr, names: Names): NodeProblem | undefined {
	if (node.exprKind.case !== "callExpr") return undefined;
	const { function: name, target, args } = node.exprKind.value;
	if (/\W/.test(name)) return undefined;
	const macro = MACROS.get(name);
	if (macro !== undefined) return { reason: "syntax", message: `${name} is written ${macro}`, node };
	const known = FUNCTIONS.get(name);
	if (known === undefined) return unknown(node, `there is no function ${name}()${insteadOf(name)}`);
	if (name === "changed" || name === "changed_to") use(names, "event");
	const form = target === undefined ? "function" : "method";
	const count = args.length + (target === undefined ? 0 : 1);
	if ((known.form === form || known.form === "either") && known.counts.includes(count)) return undefined;
	return { reason: "syntax", message: `${name}() is written ${known.usage}`, node };
}

function insteadOf(name: string): string {
	const near = nearest(name, [...FUNCTIONS.keys(), ...MACROS.keys()]);
	return near === undefined ? "" : `; did you mean ${near}()?`;
}

/** `steps.deal` and `steps["deal"]` both read the field deal of steps. */
function noteField(node: Expr, items: readonly string[], names: Names): void {
	const path = pathOf(node).replaceAll(/\["(\w+)"\]/g, ".$1");
	const [name = "", field, ...more] = path.split(".");
	if (field === undefined || items.includes(name)) return;
	names.paths.add(path);
	if (more.length === 0 && /^\w+$/.test(field)) use(names, name).add(field);
}

function use(names: Names, name: string): Set<string> {
	const fields = names.uses.get(name) ?? new Set();
	names.uses.set(name, fields);
	return fields;
}

function unknown(node: Expr, message: string): NodeProblem {
	return { reason: "unknown_name", message, node };
}
