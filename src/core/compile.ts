// A workflow document, compiled: its expressions and templates parsed, its actions looked up, its globs taken apart. What
// is wrong is told with its place, all of it at once; a part that is wrong does not hide what is wrong with the others.

import type { z } from "zod";
import type { ACTOR_KINDS } from "../model/event";
import type { StepPlan, TimingPlan } from "../model/plan";
import type { Step, Trigger, WorkflowDocument } from "../model/workflow";
import { EVENT_VARIABLES, STEP_VARIABLES } from "./expression/names";
import { type Path, pathText } from "./expression/path";
import { compileExpression, type Program } from "./expression/program";
import { nearest } from "./expression/suggest";
import { compileTemplate, expressionPaths, type Template } from "./expression/template";
import { type Glob, parseGlob } from "./glob";
import { type DocumentProblem, explainIssues, type Issue } from "./schema-issues";

/** The actions that connectors offer. */
export interface Catalogue {
	action(use: string): { input: z.ZodType; repeatable: boolean; timeout_ms: number } | undefined;
	actions(): string[];
}

export interface CompiledTrigger {
	/** Where it stands in the document, like `on[1]`. */
	path: string;
	source: string;
	event: Glob;
	actors?: readonly (typeof ACTOR_KINDS)[number][];
	condition?: Program;
}

export interface CompiledStep {
	step: Step;
	template: Template;
	plan: StepPlan;
}

/** What an aggregate evaluates on each event. */
export interface ExtractPrograms {
	counts_by?: Program;
	latest_by?: Program;
	top?: Program;
	sum: readonly (readonly [name: string, program: Program])[];
	critical_if?: Program;
	flush_if?: Program;
	/** Paths of the event, taken apart, by how they were written. */
	keep?: readonly (readonly [written: string, path: readonly string[]])[];
}

export interface CompiledWorkflow {
	document: WorkflowDocument;
	triggers: readonly CompiledTrigger[];
	key: Program;
	timing: TimingPlan;
	extract?: ExtractPrograms;
	steps: readonly CompiledStep[];
}

/** About an hour in all: 10 s, 20 s, … with jitter, so that an outage of minutes is outlived. */
export const RETRY_DEFAULTS = { attempts: 6, base_ms: 10_000, cap_ms: 3_600_000 };

export type Report = (path: Path, message: string) => void;

/** Undefined if the expression is wrong, which is then reported. */
export function compileAt(expression: string, path: Path, report: Report): Program | undefined {
	const program = compileExpression(expression, EVENT_VARIABLES);
	if (program.ok) return program.value;
	report(path, program.error.message);
	return undefined;
}

export function compileTrigger(trigger: Trigger, path: Path, report: Report): CompiledTrigger {
	if (!/^[\w.:/*-]+$/.test(trigger.event))
		report([...path, "event"], "may hold letters, digits and . _ - : / only, and * for any characters");
	else if (trigger.event.includes("**")) report([...path, "event"], "has ** where one * already stands for any characters");
	const condition = trigger.if === undefined ? undefined : compileAt(trigger.if, [...path, "if"], report);
	const { source, event, actors } = trigger;
	return { path: pathText(path), source, event: parseGlob(event), actors, condition };
}
