// A step whose needs are met begins: it is sent, or it waits, or it becomes many, or it ends before it began.

import type { Acted, Run, StepState } from "../../model/entity";
import { canonicalText, type Json, type JsonObject } from "../../model/json";
import type { StepPlan } from "../../model/plan";
import { ApproveInput, WaitInput } from "../../model/workflow";
import { fitsInRow, fitsInRun } from "./kept";
import { failStep, findStep, pendingStep } from "./run";
import { itemsOf } from "./status";
import { holds, rendered, type Scope, valueIn } from "./texts";

export type Begun =
	/** `acted`: what the run acts on, to be remembered. */
	| { kind: "send"; acted?: Acted }
	| { kind: "wait"; step: StepState }
	| { kind: "fan_out"; items: StepState[]; acted?: Acted }
	| { kind: "end"; step: StepState };

export interface Beginning {
	run: Run;
	step: StepState;
	/** What its expressions read; asked for only if there are any. */
	scope: () => Scope;
	/** What the workflow last acted on here. */
	acted: Acted | null;
}

const MAX_ITEMS = 100;
const MAX_STATES = 1_000;
const MAX_WAIT_MS = 90 * 86_400_000;

export function begin(beginning: Beginning, now: number): Begun {
	const { run, step, scope, acted } = beginning;
	const { plan } = step;
	if (plan.if !== undefined) {
		const wanted = holds(plan.if, scope());
		if (!wanted.ok) return fail(step, `if: ${wanted.error}`);
		if (!wanted.value) return skip(step, "if is false");
	}
	const state = comparedState(run, step);
	if (state !== null && acted !== null && acted.run !== run.id && acted.state === state) {
		return skip(step, `nothing has changed since ${acted.run} acted`);
	}
	if (plan.use === "approve") return ask(beginning, now);
	if (plan.use === "wait") return sleep(beginning, now);
	const remembered = state === null ? {} : { acted: { run: run.id, state, at: now } };
	if (plan.for_each === undefined) return { kind: "send", ...remembered };
	const begun = fanOut(beginning, plan.for_each);
	return begun.kind === "fan_out" ? { ...begun, ...remembered } : begun;
}

/**
 * What was read, where the workflow compares it and the step would act on it. Null if it was not read in full: then
 * there is nothing to compare, and the step acts.
 */
function comparedState(run: Run, { kind, plan }: StepState): string | null {
	if (run.skip_unchanged === undefined || kind !== "step" || !isGuarded(plan)) return null;
	// Whoever wants a run again wants it to act.
	if (run.repeats !== undefined) return null;
	const outputs: Json[] = [];
	for (const id of run.skip_unchanged) {
		const read = findStep(run, id);
		if (read?.status !== "succeeded") return null;
		const isList = read.plan.for_each !== undefined;
		const parts = isList ? itemsOf(run, read) : [read];
		const answers = parts.flatMap(({ fell_back, output }) =>
			fell_back === true || output === undefined ? [] : [output],
		);
		if (answers.length < parts.length) return null;
		outputs.push(...(isList ? [answers] : answers));
	}
	return canonicalText(outputs);
}

/** Steps that change something, or ask people to; waiting and reading are free. */
export function isGuarded(plan: Pick<StepPlan, "reads" | "use">): boolean {
	return plan.reads !== true && plan.use !== "wait";
}

function fanOut({ run, step, scope }: Beginning, expression: string): Begun {
	const list = valueIn(expression, scope());
	if (!list.ok) return fail(step, `for_each: ${list.error}`);
	if (!Array.isArray(list.value)) return fail(step, "for_each: must be a list");
	const { length } = list.value;
	if (length === 0) return { kind: "end", step: { ...step, status: "succeeded" } };
	if (length > MAX_ITEMS)
		return fail(step, `for_each: the list has ${length} elements; at most ${MAX_ITEMS} are possible`);
	if (run.steps.length + length > MAX_STATES)
		return fail(step, `for_each: a run can have at most ${MAX_STATES} steps and elements`);
	if (!fitsInRun(run, list.value))
		return fail(step, "for_each: its elements are too large for the run; list only what the step needs");
	const { needs: _, if: __, for_each: ___, ...plan } = step.plan;
	const items = list.value.map((value, index) => ({
		...pendingStep(plan, "item" as const, `${step.id}.${index}`),
		item: { index, value },
		...(step.version === undefined ? {} : { version: step.version }),
	}));
	if (!fitsInRow(run, items))
		return fail(step, "for_each: the run would be larger than 1 MB; list less, or split the workflow");
	return { kind: "fan_out", items };
}

function ask({ step, scope }: Beginning, now: number): Begun {
	const tree = rendered(step.plan.input ?? {}, scope());
	if (!tree.ok) return fail(step, `with.${tree.error}`);
	const input = ApproveInput.safeParse(tree.value);
	if (!input.success) return fail(step, firstProblem(input.error.issues));
	const { of, need, within, on_timeout, self_approval, ask: question = "" } = input.data;
	const until = now + within;
	const approval = { of: [...new Set(of)], need, until, on_timeout, self_approval, ask: question, votes: [] };
	return { kind: "wait", step: { ...step, status: "asking", approval, due_at: until } };
}

function sleep({ step, scope }: Beginning, now: number): Begun {
	const tree = rendered(step.plan.input ?? {}, scope());
	if (!tree.ok) return fail(step, `with.${tree.error}`);
	const input = WaitInput.safeParse(tree.value);
	if (!input.success) return fail(step, "with: write for, like 1h, or until, as a time like 2026-11-20T09:00:00Z");
	const until = "for" in input.data ? now + input.data.for : Date.parse(input.data.until);
	if (until > now + MAX_WAIT_MS) return fail(step, "with.until: is more than 90 days away");
	return { kind: "wait", step: { ...step, status: "sleeping", due_at: until } };
}

function firstProblem(issues: readonly { path: PropertyKey[]; message: string }[]): string {
	const [issue] = issues;
	return `${["with", ...(issue?.path ?? [])].join(".")}: ${issue?.message ?? ""}`;
}

function fail(step: StepState, reason: string): Begun {
	return { kind: "end", step: failStep(step, "expression", reason) };
}

function skip(step: StepState, reason: string): Begun {
	return { kind: "end", step: { ...step, status: "skipped", reason } };
}

/** The stated output of a reading step that failed; null if there is none, or none that can be had. */
export function fallbackOf({ plan }: StepState, scope: () => Scope): JsonObject | null {
	if (plan.fallback === undefined) return null;
	const tree = rendered(plan.fallback, scope());
	const isObject = tree.ok && typeof tree.value === "object" && tree.value !== null && !Array.isArray(tree.value);
	return isObject ? (tree.value as JsonObject) : null;
}
