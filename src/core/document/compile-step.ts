// One step of a document: its action, its input, its retries.

import type { z } from "zod";
import type { JsonObject } from "../../model/json";
import type { Step } from "../../model/workflow";
import { STEP_VARIABLES } from "../expression/names";
import type { Path } from "../expression/path";
import { nearest } from "../expression/suggest";
import { compileTemplate, expressionPaths, type Template } from "../expression/template";
import type { Catalogue, CompiledStep } from "./compile";
import { type Issue, type Report, reportIssues } from "./schema-issues";

/** In all about an hour at most, so that an outage of minutes is outlived. Pauses grow, with jitter. */
export const RETRY_DEFAULTS = { attempts: 6, base_ms: 10_000, cap_ms: 3_600_000 };

export interface StepCheck {
	path: Path;
	catalogue: Catalogue;
	report: Report;
}

/** The step's input as a template; undefined if it holds an expression that is wrong. */
export function checkStep(step: Partial<Step>, check: StepCheck): Template | undefined {
	const { path, catalogue, report } = check;
	const action = step.use === undefined ? undefined : catalogue.action(step.use);
	if (step.use !== undefined && action === undefined) report([...path, "use"], unknownAction(step.use, catalogue));
	const { base_ms, cap_ms } = retryOf(step);
	if (base_ms > cap_ms)
		report([...path, "retry"], "base is longer than cap: the first pause cannot be longer than the longest");
	if (action !== undefined && step.with !== undefined) checkInput(action.input, step.with, check);
	const compiled = compileTemplate(step.with ?? {}, STEP_VARIABLES);
	if (compiled.ok) return compiled.value;
	for (const { segments, problem } of compiled.error) report([...path, "with", ...segments], problem.message);
	return undefined;
}

function unknownAction(use: string, catalogue: Catalogue): string {
	const actions = catalogue.actions();
	const [connector = ""] = use.split(".");
	const ofConnector = actions.filter((action) => action.startsWith(`${connector}.`));
	const near = nearest(use, actions);
	if (near !== undefined) return `there is no action ${use}; did you mean ${near}?`;
	if (ofConnector.length > 0) return `there is no action ${use}; ${connector} has ${ofConnector.join(", ")}`;
	const connectors = [...new Set(actions.map((action) => action.split(".")[0]))];
	return `there is no action ${use}; connectors with actions: ${connectors.join(", ")}`;
}

/** What expressions will put there is not known yet; everything else is as the action wants it, or wrong already. */
function checkInput(schema: z.ZodType, input: JsonObject, check: StepCheck): void {
	const parsed = schema.safeParse(input);
	if (parsed.success) return;
	const leaves = expressionPaths(input);
	const issues = parsed.error.issues.filter((issue) => !isAboutLeaf(issue, [], leaves));
	reportIssues({ schema, value: input, base: [...check.path, "with"] }, issues, check.report);
}

/** True of an issue at an expression or below it, and of a choice of which one option has no other issues. */
function isAboutLeaf(issue: Issue, above: Path, leaves: readonly Path[]): boolean {
	const at = [...above, ...issue.path];
	if (leaves.some((leaf) => leaf.every((key, i) => key === at[i]))) return true;
	if (issue.code !== "invalid_union") return false;
	return issue.errors.some((option) => option.length > 0 && option.every((inner) => isAboutLeaf(inner, at, leaves)));
}

export function planStep(
	step: Step,
	template: Template,
	action: { repeatable: boolean; timeout_ms: number },
): CompiledStep {
	const { id, connection, on_unknown } = step;
	const { repeatable } = action;
	const timeout_ms = step.timeout ?? action.timeout_ms;
	return { step, template, plan: { id, connection, timeout_ms, repeatable, on_unknown, ...retryOf(step) } };
}

function retryOf({ retry = {} }: Partial<Step>) {
	return {
		attempts: retry.attempts ?? RETRY_DEFAULTS.attempts,
		base_ms: retry.base ?? RETRY_DEFAULTS.base_ms,
		cap_ms: retry.cap ?? RETRY_DEFAULTS.cap_ms,
	};
}
