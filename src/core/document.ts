// From a workflow document to a compiled workflow, or to everything that is wrong with it, told at once: what its schema
// says, and what no schema can say.

import { Expression } from "../model/expression";
import { err, ok, type Result } from "../model/result";
import { Step, Trigger, WorkflowDocument } from "../model/workflow";
import {
	type Catalogue,
	type CompiledTrigger,
	type CompiledWorkflow,
	compileAt,
	compileTrigger,
} from "./document/compile";
import { checkStep, planStep } from "./document/compile-step";
import { compileTiming } from "./document/compile-timing";
import { readable } from "./document/readable";
import { kindOf, type Report, reportIssues } from "./document/schema-issues";
import { type Path, pathText } from "./expression/path";
import type { Template } from "./expression/template";

export type { Catalogue, CompiledWorkflow } from "./document/compile";

export interface DocumentProblem {
	/** Like `steps[1].with.text`; empty for the document itself. */
	path: string;
	message: string;
}

/** Schemas and templates recurse; nobody writes what is beyond these. */
const DEPTH_MAX = 64;
const NODES_MAX = 20_000;
const TRIGGERS_MAX = 20;
const STEPS_MAX = 50;
/** More problems than these help nobody. */
const PROBLEMS_MAX = 200;

/** Never throws, whatever the input: it is what an author sent. */
export function checkDocument(input: unknown, catalogue: Catalogue): Result<CompiledWorkflow, DocumentProblem[]> {
	if (!isObject(input)) return err([{ path: "", message: `a workflow is an object, and this is ${kindOf(input)}` }]);
	const tooLarge = sizeProblem(input);
	if (tooLarge !== undefined) return err([{ path: "", message: tooLarge }]);
	const problems: DocumentProblem[] = [];
	const report: Report = (path, message) => {
		if (problems.length < PROBLEMS_MAX) problems.push({ path: pathText(path), message });
	};
	const parsed = WorkflowDocument.safeParse(input);
	// Of a choice, a schema can say only that nothing fits; triggers and timing say it better themselves.
	const issues = (parsed.error?.issues ?? []).filter(({ path }) => path[0] !== "on" && path[0] !== "timing");
	reportIssues({ schema: WorkflowDocument, value: input, base: [] }, issues, report);
	const { on, key: written = DEFAULT_KEY, timing, steps }: Unread = input;
	const triggers = compileTriggers(on, report);
	const key = compileAt(Expression.safeParse(written).data ?? DEFAULT_KEY, ["key"], report);
	const when = compileTiming(timing, key, report);
	const templates = checkSteps(steps, catalogue, report);
	if (problems.length > 0 || !parsed.success || key === undefined) return err(problems);
	const compiled = parsed.data.steps.flatMap((step, i) => {
		const [template, action] = [templates[i], catalogue.action(step.use)];
		return template === undefined || action === undefined ? [] : [planStep(step, template, action)];
	});
	return ok({ document: parsed.data, triggers, key, ...when, steps: compiled });
}

/** The parts of a document that are checked one by one. */
type Unread = Partial<Record<"on" | "key" | "timing" | "steps", unknown>>;

const DEFAULT_KEY = "event.entity_id";

function compileTriggers(on: unknown, report: Report): CompiledTrigger[] {
	if (on === undefined) {
		report(["on"], "is missing: the events that it is about, like on: { source: github, event: issues.opened }");
		return [];
	}
	if (!Array.isArray(on)) return [readTrigger(on, ["on"], report)];
	if (on.length === 0) report(["on"], "must not be empty: without a trigger, the workflow never acts");
	if (on.length > TRIGGERS_MAX) report(["on"], `must have at most ${TRIGGERS_MAX} triggers`);
	return on.slice(0, TRIGGERS_MAX).map((trigger, i) => readTrigger(trigger, ["on", i], report));
}

function readTrigger(value: unknown, base: Path, report: Report): CompiledTrigger {
	reportIssues({ schema: Trigger, value, base }, Trigger.safeParse(value).error?.issues ?? [], report);
	return compileTrigger(readable(Trigger, value), base, report);
}

/** The template of each step, where there is one. */
function checkSteps(steps: unknown, catalogue: Catalogue, report: Report): (Template | undefined)[] {
	if (!Array.isArray(steps)) return [];
	const read = steps.slice(0, STEPS_MAX).map((step) => readable(Step, step));
	return read.map((step, i) => {
		const path = ["steps", i];
		const first = read.findIndex(({ id }) => id !== undefined && id === step.id);
		if (first !== -1 && first < i)
			report([...path, "id"], `is the id of steps[${first}] too; every step needs its own`);
		return checkStep(step, { path, catalogue, report });
	});
}

function sizeProblem(input: unknown): string | undefined {
	const waiting: [value: unknown, depth: number][] = [[input, 0]];
	let nodes = 0;
	for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
		const [value, depth] = next;
		if (depth > DEPTH_MAX) return `the document is nested more than ${DEPTH_MAX} deep`;
		if (++nodes > NODES_MAX) return `the document has more than ${NODES_MAX} parts`;
		if (isObject(value) || Array.isArray(value))
			for (const child of Object.values(value)) waiting.push([child, depth + 1]);
	}
	return undefined;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
