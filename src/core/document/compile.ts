// What a workflow document becomes before events meet it: expressions and templates are parsed, actions looked up, globs
// taken apart. Parts of a document that a schema found fault with are checked as far as they can be read.

import type { z } from "zod";
import type { ACTOR_KINDS } from "../../model/event";
import type { Json } from "../../model/json";
import type { StepPlan, TimingPlan } from "../../model/plan";
import type { Trigger } from "../../model/trigger";
import type { WorkflowDocument } from "../../model/workflow";
import { EVENT_VARIABLES } from "../expression/names";
import { type Path, pathText } from "../expression/path";
import { compileExpression, type Program } from "../expression/program";
import { compileTemplate, type Template } from "../expression/template";
import { type Glob, parseGlob } from "../glob";
import type { Report } from "./schema-issues";

/** What a document has to know of an action. */
export interface CatalogueAction {
	input: z.ZodType;
	/** The fields that later steps can read. */
	output: Record<string, string>;
	reads?: true;
	repeatable: boolean;
	/** The action that takes it back. */
	undo?: string;
	timeout_ms: number;
}

/** The actions that connectors offer. */
export interface Catalogue {
	action(use: string): CatalogueAction | undefined;
	actions(): string[];
}

export interface CompiledTrigger {
	/** Where it stands in the document, like `on[1]`. */
	path: string;
	source: string;
	event: Glob;
	actors?: readonly (typeof ACTOR_KINDS)[number][];
	condition?: Program;
	/** Of a join: the branch that it completes, with the key of its events. */
	branch?: { name: string; key: Program };
}

export interface CompiledStep {
	/** Where it stands in the document, like `steps[1]`. */
	path: string;
	use: string;
	template: Template;
	/** Names of the output, each with a path into what the action answered; without them all declared fields are kept. */
	output?: readonly (readonly [name: string, path: readonly string[]])[];
	/** The author's own way to undo it. */
	undo?: { use: string; template: Template };
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
	/** Those of `on_failure` included. */
	steps: readonly CompiledStep[];
	compensate: boolean;
	/** Reading steps whose output is compared with what was last acted on. */
	compared: readonly string[];
}

/** Undefined if the expression is wrong, which is then reported. */
export function compileAt(
	expression: string | undefined,
	path: Path,
	report: Report,
	variables: readonly string[] = EVENT_VARIABLES,
): Program | undefined {
	if (expression === undefined) return undefined;
	const program = compileExpression(expression, variables);
	if (program.ok) return program.value;
	const isWrapped = /^\s*\$\{\{/.test(expression);
	report(path, isWrapped ? "is an expression as it is; write it without ${{ and }}" : program.error.message);
	return undefined;
}

/** Undefined if an expression in it is wrong; all that are wrong are reported. */
export function compileTree(
	tree: Json,
	path: Path,
	variables: readonly string[],
	report: Report,
): Template | undefined {
	const compiled = compileTemplate(tree, variables);
	if (compiled.ok) return compiled.value;
	for (const { segments, problem } of compiled.error) report([...path, ...segments], problem.message);
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
