// Expressions that read nothing: what they are can be told when they are written.

import type { Path } from "../expression/path";
import { evaluate, evaluateCondition, type Program } from "../expression/program";
import { kindOf, type Report } from "./schema-issues";

/** As many elements as one step is carried out for. */
const ITEMS_MAX = 100;

export function checkConstant(program: Program, wanted: "condition" | "list", path: Path, report: Report): void {
	if (program.uses.size > 0) return;
	const value = wanted === "condition" ? evaluateCondition(program, {}) : evaluate(program, {});
	if (!value.ok) report(path, value.error.message);
	else if (wanted === "condition") return;
	else if (!Array.isArray(value.value)) report(path, `must be a list, and this is ${kindOf(value.value)}`);
	else if (value.value.length > ITEMS_MAX)
		report(path, `has ${value.value.length} elements, and at most ${ITEMS_MAX} are possible`);
}
