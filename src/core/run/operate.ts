// What people do with a run: retry or discard a dead letter, cancel the run, let it go on, do it again under a new
// identity, vote.

import type { Run, StepState } from "../../model/entity";
import type { Fact } from "../../model/fact";
import type { JsonObject } from "../../model/json";
import type { Ballot, CancelOrder, OperatorAnswer, RerunOrder, ResumeOrder, VoteAnswer } from "../../model/message";
import type { Work } from "../../model/plan";
import { beginRun, runIdOf } from "../accept";
import { endStep } from "../end";
import * as facts from "../run-facts";
import { type EntityState, eventIn, putRun, runIn, type Turn } from "../turn";
import { advance } from "./advance";
import { castVote } from "./approval";
import { dispatch } from "./dispatch";
import { moveTo } from "./move";
import { reopened } from "./reopen";
import { findStep, replaceStep, startRun, withoutEnd } from "./run";
import { isRunOpen, itemsOf, opensLetter } from "./status";
import { isUndone } from "./undo";

/** Bulks that are remembered of one step. */
const REPLAYS_KEPT = 20;

/**
 * Retry of a dead letter: the run goes on at the failed step, under the same idempotency key. `with`: from now on the step
 * is given this. `told` is told before that it is retried.
 */
export function resumeStep(
	state: EntityState,
	turn: Turn,
	runId: string,
	stepId: string,
	by: string,
	{
		with: patched_with,
		...more
	}: { with?: JsonObject; replay?: string; told?: (run: Run, step: StepState) => Fact[] } = {},
): OperatorAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return "gone";
	if (!isResumable(run, step)) return "conflict";
	const next = patched_with === undefined ? step : { ...step, patched_with };
	goOn(state, turn, run, { steps: [next], by, told: more.told?.(run, next) ?? [], replay: more.replay });
	return "ok";
}

/** What was undone, or called off, must not be done in part: it can be done again as a whole. */
export function isResumable(run: Run, step: StepState): boolean {
	return isOpenLetter(run, step) && (step.kind === "undo" || (!isUndone(run) && run.cancelled === undefined));
}

/** The letter of an undo is discarded: its step stays as it is, and older ones are undone. */
export function discardStep(
	state: EntityState,
	turn: Turn,
	{ run: runId, step: stepId, ...why }: { run: string; step: string; by: string; reason: string; replay?: string },
): OperatorAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return "gone";
	if (!isOpenLetter(run, step)) return "conflict";
	const discarded = { ...step, discarded: true };
	const next = step.kind === "undo" ? reopened(run, [discarded]) : replaceStep(run, discarded);
	putRun(turn, next, [withReplay(facts.deadLetterDiscarded(state, next, discarded, why, turn.now), why.replay)]);
	advance(state, turn, runId);
	return "ok";
}

function isOpenLetter(run: Run, step: StepState): boolean {
	return opensLetter(run, step) && step.discarded !== true;
}

export function cancelRun(state: EntityState, turn: Turn, runId: string, order: CancelOrder): OperatorAnswer {
	const run = runIn(state, turn, runId);
	if (run === undefined) return "gone";
	if (!isRunOpen(run) || run.cancelled !== undefined || isUndone(run)) return "conflict";
	const cancelled = { ...run, cancelled: { by: order.by, compensate: order.compensate } };
	putRun(turn, cancelled, [facts.runCancelled(state, cancelled, order, turn.now)]);
	advance(state, turn, runId);
	return "ok";
}

/** The run goes on at everything that failed. What an operator has discarded stays as it is. */
export function resumeRun(
	state: EntityState,
	turn: Turn,
	runId: string,
	{ by, work, replay }: ResumeOrder & { replay?: string },
): OperatorAnswer {
	const run = runIn(state, turn, runId);
	if (run === undefined) return "gone";
	const undone = isUndone(run);
	if (isRunOpen(run) && work === undefined) return tryNow(state, turn, run, by);
	if (isRunOpen(run) || (run.cancelled !== undefined && !undone) || (undone && work !== undefined)) return "conflict";
	const moved = work === undefined ? run : moveTo(run, work);
	const failed = moved.steps.filter((step) => isToResume(moved, step) && (step.kind === "undo") === undone);
	if (failed.length === 0 && moved === run) return "conflict";
	const reason = `version ${moved.version} has no such step, or goes on without it`;
	const given = run.steps.filter((step) => isOpenLetter(run, step) && !isLetterIn(moved, step.id));
	const told = given.map((step) => facts.deadLetterDiscarded(state, run, step, { by, reason }, turn.now));
	goOn(state, turn, moved, { steps: failed, by, told, from_version: run.version, replay });
	return "ok";
}

/**
 * What waits for its next attempt, or to be called, is tried at once: the wish of a person replaces the pause. If there
 * is still no room for it, or its workflow is paused, it is held again.
 */
function tryNow(state: EntityState, turn: Turn, run: Run, by: string): OperatorAnswer {
	// But for an undo that waits for what perhaps still happens.
	const waiting = run.steps.filter(
		({ status, kind, attempts }) => (status === "waiting" && (kind !== "undo" || attempts > 0)) || status === "held",
	);
	if (waiting.length === 0) return "conflict";
	const next = reopened(
		run,
		waiting.map((step) => dispatch({ ...step, dispatches: 0 }, turn.now)),
	);
	putRun(turn, next, [facts.runResumed(state, next, { by, from_version: run.version }, turn.now)]);
	for (const { id } of waiting) turn.dispatch.push({ run: run.id, step: id });
	advance(state, turn, run.id);
	return "ok";
}

function isLetterIn(run: Run, id: string): boolean {
	const step = findStep(run, id);
	return step !== undefined && isOpenLetter(run, step);
}

function isToResume(run: Run, step: StepState): boolean {
	if (step.status !== "failed" || step.discarded === true || step.plan.continue_on_error === true) return false;
	// People have decided, and what they said stays: only the whole run can be done again.
	if (step.class === "rejected") return false;
	return step.kind !== "step" || itemsOf(run, step).length === 0;
}

interface GoingOn {
	steps: StepState[];
	by: string;
	told: Fact[];
	/** Set if a whole run is resumed. */
	from_version?: number;
	/** The bulk that it belongs to. */
	replay: string | undefined;
}

function goOn(state: EntityState, turn: Turn, run: Run, { steps, by, told, from_version, replay }: GoingOn): void {
	const isMoved = from_version !== undefined && from_version !== run.version;
	const again = steps.map((step) => noteReplay(onceMore(step, isMoved, turn.now), replay));
	const next = reopened(run, again);
	const letters = steps.filter((step) => opensLetter(run, step)).map(({ id }) => id);
	putRun(turn, next, [
		...told,
		...(from_version === undefined ? [] : [facts.runResumed(state, next, { by, from_version }, turn.now)]),
		...again
			.filter(({ id }) => letters.includes(id))
			.map((step) => withReplay(facts.deadLetterRetried(state, next, step, by, turn.now), replay)),
		...again
			.filter(({ status }) => status === "succeeded")
			.flatMap((step) => facts.endOfStep(state, next, step, turn.now)),
	]);
	for (const { id, status } of again) if (status === "ready") turn.dispatch.push({ run: run.id, step: id });
	advance(state, turn, run.id);
}

/**
 * What was sent before is sent again; what failed before that begins anew, and so does an element of a list, in its turn,
 * and a step that another version may begin in another way; what only stood in the way gives way.
 */
function onceMore(step: StepState, isMoved: boolean, now: number): StepState {
	// What was patched was patched for the version that it was written for: another one brings its own input.
	const { patched_with, ...rest } = withoutEnd(step);
	const patch = isMoved || patched_with === undefined ? {} : { patched_with };
	const clean = { ...rest, ...patch, attempts: 0, dispatches: 0, resumed: step.resumed + 1 };
	if (step.kind === "start") return { ...clean, status: "succeeded" };
	const takesItsTurn = step.kind === "item" || (step.kind === "step" && isMoved);
	const isSent = !takesItsTurn && step.attempts + step.dispatches > 0;
	return isSent ? dispatch(clean, now) : { ...clean, status: "pending" };
}

function withReplay(fact: Fact, replay: string | undefined): Fact {
	return replay === undefined ? fact : { ...fact, data: { ...fact.data, replay } };
}

function noteReplay(step: StepState, replay: string | undefined): StepState {
	if (replay === undefined) return step;
	return { ...step, replays: [...(step.replays ?? []), replay].slice(-REPLAYS_KEPT) };
}

/** `source`: the run that is repeated, as far as it is still kept. Asking twice under one name is asking once. */
export function rerun(
	state: EntityState,
	turn: Turn,
	{ source, existing, order }: { source: Run; existing: Run | undefined; order: RerunOrder },
): { said: "ok"; run: string } | { said: "gone" | "conflict" } {
	const id = rerunId(source, order.name);
	if (existing !== undefined) return existing.repeats === source.id ? { said: "ok", run: id } : { said: "conflict" };
	if (readBy(source).some((event) => eventIn(state, turn, event) === null)) return { said: "gone" };
	const start = {
		...{ id, work: order.work ?? workOfRun(source), trace_id: source.trace_id, source: source.source },
		...{ event_id: source.event_id, window: null, n: source.opened_n },
	};
	const asked = order.asked_by === undefined ? {} : { asked_by: order.asked_by };
	const run = { ...startRun(start, turn.now), window: source.window, repeats: source.id, ...asked };
	const steps = order.work === undefined ? run.steps.map((step) => inVersionOf(source, step)) : run.steps;
	beginRun(state, turn, { ...run, steps });
	return { said: "ok", run: id };
}

/** A run that has gone on with another version may hold steps of the one before, which only that one knows. */
function inVersionOf(source: Run, step: StepState): StepState {
	const { version } = findStep(source, step.id) ?? {};
	return version === undefined ? step : { ...step, version };
}

/** The events whose bodies the run reads. */
function readBy({ event_id, window }: Run): string[] {
	const branches = Object.values(window?.branches ?? {}).map((branch) => branch?.event_id ?? null);
	const ids = [event_id, ...(window?.keep_all === true ? window.events : []), ...branches];
	return [...new Set(ids)].filter((id) => id !== null);
}

export function rerunId(source: Run, name: string): string {
	return `${runIdOf(source.trace_id, source.workflow)}.${name}`;
}

function workOfRun({ steps, on_failure = [], ...run }: Run): Work {
	const { workflow, version, priority, compensate, skip_unchanged, retry_budget } = run;
	const plans = steps.filter(({ kind }) => kind === "step").map(({ plan }) => plan);
	return { workflow, version, priority, compensate, skip_unchanged, retry_budget, steps: [...plans, ...on_failure] };
}

export function vote(state: EntityState, turn: Turn, runId: string, stepId: string, ballot: Ballot): VoteAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return "gone";
	// Whoever caused any of the events that led to it, not only the one that is read.
	const ids = new Set([...readBy(run), ...(run.window?.events ?? [])]);
	const events = [...ids].map((id) => eventIn(state, turn, id)).filter((event) => event !== null);
	const voting = { step, ballot, events, asked_by: run.asked_by };
	const voted = castVote(voting, turn.now);
	if (voted.said !== "counted") return voted.said;
	const next = replaceStep(run, voted.step);
	putRun(turn, next, [facts.approvalVoted(state, next, voted.step, voted.vote, turn.now)]);
	if (voted.decided) endStep(state, turn, next, voted.step);
	return "counted";
}
