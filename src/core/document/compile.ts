// What a workflow document becomes before events meet it: expressions and templates are parsed, actions looked up, globs
// taken apart. Parts of a document that a schema found fault with are checked as far as they can be read.

import type { z } from "zod";
import type { ACTOR_KINDS } from "../../model/event";
import type { StepPlan, TimingPlan } from "../../model/plan";
import type { Step, Trigger, WorkflowDocument } from "../../model/workflow";
import { EVENT_VARIABLES } from "../expression/names";
import { type Path, pathText } from "../expression/path";
import { compileExpression, type Program } from "../expression/program";
import type { Template } from "../expression/template";
import { type Glob, parseGlob } from "../glob";
import type { Report } from "./schema-issues";

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
	/** Paths of the event: as they were written, and taken apart. */
	keep: readonly (readonly [written: string, path: readonly string[]])[];
}

export interface CompiledWorkflow {
	document: WorkflowDocument;
	triggers: readonly CompiledTrigger[];
	key: Program;
	timing: TimingPlan;
	extract?: ExtractPrograms;
	steps: readonly CompiledStep[];
}

/** Undefined if the expression is wrong, which is then reported. */
export function compileAt(expression: string | undefined, path: Path, report: Report): Program | undefined {
	if (expression === undefined) return undefined;
	const program = compileExpression(expression, EVENT_VARIABLES);
	if (program.ok) return program.value;
	report(path, program.error.message);
	return undefined;
}

export function compileTrigger(trigger: Partial<Trigger>, path: Path, report: Report): CompiledTrigger {
	const { source = "", event = "*", actors } = trigger;
	if (!/^[\w.:/*-]+$/.test(event))
		report([...path, "event"], "may hold letters, digits, . _ - : and /, and * for any characters");
	if (event.includes("**")) report([...path, "event"], "has ** where one * already stands for any characters");
	const condition = compileAt(trigger.if, [...path, "if"], report);
	return { path: pathText(path), source, event: parseGlob(event), actors, condition };
}
