// How a step is taken back: by the way that its action knows, by the author's own, or not at all.

import type { UndoPlan } from "../../model/plan";
import { Undo } from "../../model/workflow";
import { nearest } from "../expression/suggest";
import type { Template } from "../expression/template";
import { attemptPlanOf, checkRetry } from "./attempt-plan";
import { builtInOf } from "./built-in";
import { checkInput, findAction, isAboutUse } from "./check-action";
import type { StepCheck } from "./checked-step";
import { type CatalogueAction, compileTree } from "./compile";
import { readable } from "./readable";
import { kindOf, reportIssues } from "./schema-issues";

export interface CompiledUndo {
	/** The author's own way. */
	own?: { use: string; template: Template };
	/** Absent where nothing can or should be undone. */
	plan?: UndoPlan;
}

export interface Undoable {
	use: string | undefined;
	/** Undefined where it is not known. */
	action: CatalogueAction | undefined;
	connection: string | undefined;
	/** What the undo's input can read. */
	variables: readonly string[];
}

/** Of a step of `steps` whose action is one of a connector. */
export function compileUndo(step: Undoable, check: StepCheck): CompiledUndo {
	const { raw, path, report } = check;
	const base = [...path, "undo"];
	const { use = "", action } = step;
	if (action?.reads === true) {
		if (raw.undo !== undefined) report(base, `takes back what a step changed, and ${use} changes nothing`);
		return {};
	}
	if (raw.undo === undefined) return naturalUndo(step, check);
	if (raw.undo === "none") return {};
	if (typeof raw.undo !== "object" || raw.undo === null || Array.isArray(raw.undo)) {
		report(base, noUndo(raw.undo, check));
		return {};
	}
	return ownUndo(raw.undo, step, check);
}

const EXAMPLE = "undo: { use: http.request, with: { … } }";

function noUndo(value: unknown, { catalogue }: StepCheck): string {
	if (typeof value !== "string")
		return `must be none, or the action that takes it back, like ${EXAMPLE}, and this is ${kindOf(value)}`;
	if (catalogue.action(value) !== undefined) return `must be an object: write undo: { use: ${value}, with: { … } }`;
	const near = nearest(value, ["none"]);
	return `must be none, or the action that takes it back, like ${EXAMPLE}${near === undefined ? "" : `; did you mean ${near}?`}`;
}

function naturalUndo({ use = "", action, connection }: Undoable, check: StepCheck): CompiledUndo {
	const { path, report, catalogue, compensates } = check;
	if (action === undefined) return {};
	if (action.undo === undefined) {
		const message = `is missing: ${use} has no way of its own to be undone; write the action that takes it back, or undo: none`;
		if (compensates) report([...path, "undo"], message);
		return {};
	}
	const attempts = attemptPlanOf({ use: action.undo }, catalogue.action(action.undo));
	return { plan: { ...attempts, connection: connection ?? null, natural: true } };
}

function ownUndo(value: object, step: Undoable, check: StepCheck): CompiledUndo {
	const { path, report, catalogue } = check;
	const base = [...path, "undo"];
	const issues = Undo.safeParse(value).error?.issues ?? [];
	reportIssues(
		{ schema: Undo, value, base },
		issues.filter((issue) => !isAboutUse(issue)),
		report,
	);
	const undo = readable(Undo, value);
	const raw: { use?: unknown } = value;
	const builtIn = builtInOf(raw.use);
	if (builtIn !== undefined)
		report([...base, "use"], `must be an action of a connector; ${builtIn} takes nothing back`);
	const action = builtIn === undefined ? findAction(raw.use, base, { catalogue, report }) : undefined;
	checkRetry(undo, base, report);
	if (action !== undefined && undo.with !== undefined) checkInput(action.input, undo.with, [...base, "with"], report);
	const template = compileTree(undo.with ?? {}, [...base, "with"], step.variables, report);
	const { use = "", connection = step.connection ?? null } = undo;
	const plan = { ...attemptPlanOf({ ...undo, use }, action), connection, natural: false };
	return { plan, ...(template === undefined ? {} : { own: { use, template } }) };
}
