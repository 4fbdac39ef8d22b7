// One step of a document: its action, its input, its conditions, its output, and what it reads.

import type { StepPlan } from "../../model/plan";
import type { Step } from "../../model/workflow";
import { STEP_VARIABLES } from "../expression/names";
import type { Path } from "../expression/path";
import type { Template } from "../expression/template";
import { attemptPlanOf, checkRetry } from "./attempt-plan";
import { type BuiltIn, builtInOf } from "./built-in";
import { checkInput, findAction } from "./check-action";
import { checkBuiltIn } from "./check-built-in";
import { checkConstant } from "./check-constant";
import { type CheckedStep, FORWARD_KEYS, type PlacedProgram, type StepCheck } from "./checked-step";
import { type CatalogueAction, compileAt, compileTree } from "./compile";
import { checkFallback, compileOutput, fieldsOf } from "./compile-output";
import { type CompiledUndo, compileUndo } from "./compile-undo";

export { RETRY_DEFAULTS } from "./attempt-plan";

export function checkStep(written: Partial<Step>, id: string, check: StepCheck): CheckedStep {
	const { path, raw, report } = check;
	const builtIn = builtInOf(raw.use);
	const action = builtIn === undefined ? findAction(raw.use, path, check) : undefined;
	const variables = variablesOf(builtIn, check);
	const conditions = compileConditions(written, variables.start, check);
	const input = "with" in written || raw.with === undefined ? (written.with ?? {}) : undefined;
	if (builtIn === undefined) checkActing(written, action, check);
	else checkBuiltIn(builtIn, { raw, input, path }, report);
	const template = compileTree(input ?? {}, [...path, "with"], variables.input, report);
	const fallback = compileTree(written.fallback ?? {}, [...path, "fallback"], variables.later, report);
	checkFanOut(check);
	const { connection } = written;
	const undo =
		builtIn === undefined && !check.isOnFailure
			? compileUndo({ use: written.use, action, connection, variables: variables.later }, check)
			: {};
	const fields = fieldsOf(raw, action, builtIn);
	if (builtIn === undefined) checkFallback(written, { action, fields }, check);
	const output = builtIn === undefined ? compileOutput(check, action) : undefined;
	return {
		id,
		path,
		raw,
		use: action === undefined ? builtIn : written.use,
		template,
		programs: [
			...conditions,
			...placed(template, [...path, "with"]),
			...placed(fallback, [...path, "fallback"]),
			...placed(undo.own?.template, [...path, "undo", "with"]).map((one) => ({ ...one, isUndo: true as const })),
		],
		fields,
		isList: raw.for_each !== undefined,
		...(output === undefined ? {} : { output }),
		undo: undo.own,
		plan: planOf(written, { id, action, undo }, check),
	};
}

/** What can be read where: before the step begins, in its input, and after it: in its fallback and its undo. */
function variablesOf(builtIn: BuiltIn | undefined, { joins, raw }: StepCheck) {
	const start = [...STEP_VARIABLES, ...(joins ? ["branches"] : [])];
	const later = [...start, ...(raw.for_each === undefined ? [] : ["item", "index"])];
	return { start, later, input: builtIn === undefined ? [...later, "approvals"] : later };
}

function compileConditions(
	written: Partial<Step>,
	variables: readonly string[],
	{ path, report }: StepCheck,
): PlacedProgram[] {
	return (["if", "for_each"] as const).flatMap((key) => {
		const place = [...path, key];
		const program = compileAt(written[key], place, report, variables);
		if (program === undefined) return [];
		checkConstant(program, key === "if" ? "condition" : "list", place, report);
		return [{ path: place, program }];
	});
}

function placed(template: Template | undefined, base: Path): PlacedProgram[] {
	return (template?.programs ?? []).map(({ path, program }) => ({ path: [...base, ...path], program }));
}

function checkActing(written: Partial<Step>, action: CatalogueAction | undefined, check: StepCheck): void {
	const { path, raw, report } = check;
	checkRetry(written, path, report);
	const { use } = written;
	if (use !== undefined && raw.connection === undefined)
		report([...path, "connection"], `is missing: ${use} needs one`);
	if (action !== undefined && written.with !== undefined)
		checkInput(action.input, written.with, [...path, "with"], report);
}

function checkFanOut({ raw, path, report, isOnFailure }: StepCheck): void {
	if (isOnFailure) {
		for (const key of FORWARD_KEYS)
			if (raw[key] !== undefined)
				report([...path, key], "is not for steps of on_failure, which are carried out once and never undone");
	} else if (raw.for_each === undefined && raw.concurrency !== undefined) {
		report([...path, "concurrency"], "says how many elements of for_each at a time, and there is no for_each");
	}
}

interface Planning {
	id: string;
	action: CatalogueAction | undefined;
	undo: CompiledUndo;
}

function planOf(written: Partial<Step>, { id, action, undo }: Planning, check: StepCheck): StepPlan {
	const { use = "", connection = null, if: condition, for_each, concurrency, continue_on_error, fallback } = written;
	const isBuiltIn = builtInOf(use) !== undefined;
	return {
		id,
		...attemptPlanOf({ ...written, use }, action),
		connection: isBuiltIn ? null : connection,
		...(check.isOnFailure ? { on_failure: true } : {}),
		...(action?.reads === true ? { reads: true } : {}),
		...(condition === undefined ? {} : { if: condition }),
		...(for_each === undefined ? {} : { for_each }),
		...(concurrency === undefined ? {} : { concurrency }),
		...(continue_on_error === true ? { continue_on_error } : {}),
		...(isBuiltIn ? { input: written.with ?? {} } : {}),
		...(fallback === undefined ? {} : { fallback }),
		...(undo.plan === undefined ? {} : { undo: undo.plan }),
	};
}
