// The steps of a run move: those whose needs are met begin, those whose needs can never be met are skipped, and what
// fanned out is gathered.

import type { Acted, Run, StepState } from "../../model/entity";
import type { Fact } from "../../model/fact";
import * as facts from "../run-facts";
import { actedIn, type EntityState, eventIn, type Turn } from "../turn";
import { begin } from "./begin";
import { dispatch } from "./dispatch";
import { judgeNeeds } from "./needs";
import { failStep, findStep, replaceStep, START } from "./run";
import { scopeOf } from "./scope";
import { isOver, itemsOf } from "./status";

/** How many elements of a list are worked on at a time, unless the document says otherwise. */
const CONCURRENCY = 10;

/** A run on its way through one turn. */
export interface Moving {
	state: EntityState;
	turn: Turn;
	run: Run;
	facts: Fact[];
}

/** One look at every step; true if any of them moved. */
export function moveOnce(moving: Moving): boolean {
	const before = moving.run;
	for (const { id } of before.steps) {
		const step = findStep(moving.run, id);
		if (step?.status === "pending") (step.kind === "item" ? considerItem : consider)(moving, step);
		if (step?.status === "fanned_out") gather(moving, step);
	}
	return moving.run !== before;
}

function consider(moving: Moving, step: StepState): void {
	const find = (id: string) => findStep(moving.run, id);
	const isGated = step.kind === "step" && find(START) !== undefined;
	const gate = judgeNeeds(isGated ? { all: [START] } : undefined, find);
	const needs = gate.kind === "met" ? judgeNeeds(step.plan.needs, find) : gate;
	switch (needs.kind) {
		case "open":
			break;
		case "never": {
			const { blocked, reason } = needs;
			end(moving, { ...step, status: "skipped", reason, ...(blocked ? { blocked } : {}) });
			break;
		}
		case "met":
			start(moving, step);
			break;
	}
}

function start(moving: Moving, step: StepState): void {
	const { state, turn, run } = moving;
	const read = (id: string) => eventIn(state, turn, id);
	const scope = () => ({ ...scopeOf(run, step, read), now: new Date(turn.now).toISOString() });
	const acted = actedIn(state, turn, run.workflow);
	const begun = begin({ run, step, scope, acted }, turn.now);
	switch (begun.kind) {
		case "send":
			remember(moving, begun.acted);
			send(moving, step);
			break;
		case "wait":
			moving.run = replaceStep(run, begun.step);
			moving.facts.push(facts.stepWaiting(state, moving.run, begun.step, turn.now));
			break;
		case "fan_out":
			remember(moving, begun.acted);
			moving.run = replaceStep(run, { ...step, status: "fanned_out" });
			moving.run = { ...moving.run, steps: [...moving.run.steps, ...begun.items] };
			break;
		case "end":
			end(moving, begun.step);
			break;
	}
}

function remember({ turn, run }: Moving, acted: Acted | undefined): void {
	if (acted !== undefined) turn.acted.set(run.workflow, acted);
}

function considerItem(moving: Moving, item: StepState): void {
	const { plan } = item;
	const siblings = moving.run.steps.filter((other) => other.kind === "item" && other.plan.id === plan.id);
	const open = siblings.filter((other) => other.status !== "pending" && !isOver(other)).length;
	if (open < (plan.concurrency ?? CONCURRENCY)) send(moving, item);
}

/** A step that fanned out ends with the last of its items. */
function gather(moving: Moving, step: StepState): void {
	const items = itemsOf(moving.run, step);
	if (items.every(isOver)) end(moving, gathered(step, items));
}

function gathered(step: StepState, items: readonly StepState[]): StepState {
	const failed = items.filter(({ status }) => status === "failed");
	const [first] = failed;
	if (first !== undefined) {
		const reason = `${failed.length} of ${items.length} failed, the first with: ${first.reason ?? ""}`;
		return failStep(step, first.class ?? "exhausted", reason);
	}
	const stopped = items.find(({ status }) => status !== "succeeded");
	if (stopped === undefined) return { ...step, status: "succeeded" };
	const { status, reason, blocked } = stopped;
	return { ...step, status, reason, ...(blocked === true ? { blocked } : {}) };
}

function send(moving: Moving, step: StepState): void {
	const { turn, run } = moving;
	moving.run = replaceStep(run, dispatch(step, turn.now));
	turn.dispatch.push({ run: run.id, step: step.id });
}

/** A step ends without an attempt. */
export function end(moving: Moving, ended: StepState): void {
	const { state, turn } = moving;
	moving.run = replaceStep(moving.run, { ...ended, due_at: null });
	moving.facts.push(...facts.endOfStep(state, moving.run, ended, turn.now));
}
