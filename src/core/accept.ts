// One event arrives at one Entity. Seen before? Then nothing but a note. Otherwise every workflow that wants it gets
// its verdict: act now, wait in a window, or be handed on to the Entity of the workflow's own key.

import type { AcceptInput, Receipt, Run, Verdict, Window } from "../model/entity";
import type { CanonicalEvent } from "../model/event";
import type { Fact } from "../model/fact";
import type { Plan, StepPlan } from "../model/plan";
import * as facts from "./facts";
import { advance } from "./run/advance";
import type { Gate } from "./run/gate";
import { type Start, startRun } from "./run/run";
import * as runFacts from "./run-facts";
import { acceptIntoAggregate, openAggregate } from "./timing/aggregate";
import { acceptIntoDebounce } from "./timing/debounce";
import { acceptIntoJoin } from "./timing/join";
import { arrivalOf, type Opening, type TimingDecision } from "./timing/window";
import { type EntityState, putRun, runIn, type Turn, windowIn } from "./turn";

/** Longer than any sender redelivers by itself. */
export const RECEIPT_MS = 7 * 86_400_000;

export interface Accepting extends AcceptInput {
	/** The receipt of this event, if it was here before. */
	receipt: Receipt | null;
	/** Size of the event as it is stored. */
	bytes: number;
}

/** The key of the Entity that is an event's home. */
export function homeKey(event: Pick<CanonicalEvent, "entity_id">): string {
	return `e:${event.entity_id}`;
}

/**
 * The key of the Entity of one workflow and one value of its key. It holds the workflow's name: a receipt there says that
 * the event was judged, and there must be one workflow only that it was judged for.
 */
export function groupKey(workflow: string, value: string): string {
	return `g:${workflow}:${value}`;
}

/** Time has passed up to the turn's `now` before this: no window here is overdue. */
export function acceptEvent(state: EntityState, turn: Turn, input: Accepting): void {
	const isHome = state.key === homeKey(input.event);
	if (input.receipt !== null) {
		if (isHome) noteDuplicate(state, turn, input.event, input.receipt);
		return;
	}
	turn.arriving = input.event;
	const handOns: Plan[] = [];
	const verdicts = input.plans.map((plan) => judge(state, turn, input, plan, handOns));
	turn.receipt = {
		receipt: {
			event_id: input.event.id,
			n: turn.n,
			at: turn.now,
			expires_at: turn.now + RECEIPT_MS,
			order: { timestamp: input.event.timestamp, sequence: input.event.sequence },
			verdicts,
			duplicates: 0,
			hand_ons: handOns,
			event: isRead(state, turn, input.event, verdicts) ? input.event : null,
		},
		facts: [
			...(isHome
				? [facts.eventReceived(state, input, verdicts, turn.now)]
				: verdicts.map((verdict) => facts.eventHandedOn(state, input.event, verdict, turn.now))),
			...verdicts.flatMap((verdict) => stillWaiting(state, turn, verdict)),
		],
	};
}

/** A join that the event has not completed says what it waits for, unless it is a branch that had come before. */
function stillWaiting(state: EntityState, turn: Turn, { verdict, workflow, run, branch }: Verdict): Fact[] {
	const window = windowIn(state, turn, workflow);
	if (verdict !== "joined" || branch === undefined || window?.id !== run || window.closed === true) return [];
	if (window.branches[branch]?.count !== 1) return [];
	return [facts.joinWaiting(state, window, branch, turn.now)];
}

function noteDuplicate(state: EntityState, turn: Turn, event: CanonicalEvent, known: Receipt): void {
	const receipt = { ...known, n: turn.n, duplicates: known.duplicates + 1 };
	const more = toldNow(receipt.duplicates);
	turn.duplicate = {
		receipt,
		facts: more === 0 ? [] : [facts.eventDuplicate(state, event, { receipt, more }, turn.now)],
	};
}

/**
 * How many duplicates the journal hears of now: each of the first hundred, then a hundred at a time, because a delivery
 * that is sent for ever must not fill its trace.
 */
function toldNow(duplicates: number): number {
	if (duplicates <= 100) return 1;
	return duplicates % 100 === 0 ? 100 : 0;
}

function judge(state: EntityState, turn: Turn, input: Accepting, plan: Plan, handOns: Plan[]): Verdict {
	const { event } = input;
	const id = runIdOf(event.trace.trace_id, plan.workflow);
	const verdict = { workflow: plan.workflow, version: plan.version, run: id };
	if (plan.failed !== undefined) {
		begin(state, turn, { ...startOf(event, plan, turn), gate: { class: "expression", reason: plan.failed } });
		return { ...verdict, verdict: "failed" };
	}
	if (plan.entity_key !== state.key) {
		handOns.push(plan);
		return { ...verdict, verdict: "handed_on" };
	}
	if (plan.timing.kind === "immediate") {
		begin(state, turn, startOf(event, plan, turn));
		return { ...verdict, verdict: "started" };
	}
	const known = windowIn(state, turn, plan.workflow);
	// A join that is over holds nobody who no longer joins.
	const open = known?.closed === true && plan.timing.kind !== "join" ? null : known;
	const decision = place(open, input, { state, turn, plan });
	const window = decision.window ?? decision.acts ?? open;
	if (open !== null || decision.window !== null) turn.windows.set(plan.workflow, decision.window);
	if (decision.acts !== null) actOn(state, turn, decision.acts, decision.gate);
	return {
		...verdict,
		version: window?.version ?? plan.version,
		verdict: decision.verdict,
		run: window?.id ?? id,
		due_at: decision.window?.due_at,
		extract: plan.extract,
		branch: plan.branch,
	};
}

/** The window's own timing holds until it closes: it is pinned to the version that opened it. */
function place(open: Window | null, input: Accepting, { state, turn, plan }: Placing): TimingDecision {
	const timing = open?.timing ?? plan.timing;
	const opening = windowOpening(state, turn, input.event, plan);
	const arrival = arrivalOf(input.event, plan, input.bytes, turn.now);
	switch (timing.kind) {
		case "debounce":
			return acceptIntoDebounce(open, { ...opening, timing }, arrival, turn.now);
		case "aggregate":
			return acceptIntoAggregate(open, { ...opening, timing }, arrival, turn.now);
		case "join":
			return acceptIntoJoin(open, { ...opening, timing }, arrival, turn.now);
		case "immediate":
			throw new Error("an immediate workflow has no window");
	}
}

function openingOf(event: CanonicalEvent, plan: Plan, turn: Turn): Omit<Opening, "timing"> {
	const trace_id = event.trace.trace_id;
	return { id: runIdOf(trace_id, plan.workflow), work: plan, trace_id, source: event.source, n: turn.n };
}

interface Placing {
	state: EntityState;
	turn: Turn;
	plan: Plan;
}

/** An event that comes again after its receipt expired may find the run of its first window still kept for operators. */
function windowOpening(state: EntityState, turn: Turn, event: CanonicalEvent, plan: Plan): Omit<Opening, "timing"> {
	const opening = openingOf(event, plan, turn);
	return runIn(state, turn, opening.id) === undefined ? opening : { ...opening, id: `${opening.id}.${turn.n}` };
}

function startOf(event: CanonicalEvent, plan: Plan, turn: Turn): Start {
	return { ...openingOf(event, plan, turn), event_id: event.id, window: null };
}

/** A cron window must exist even if no event ever arrives, where its workflow wants to hear of emptiness. */
export function ensureWindow(state: EntityState, turn: Turn, plan: Plan, trace_id: string): void {
	if (plan.timing.kind !== "aggregate" || windowIn(state, turn, plan.workflow) !== null) return;
	const opening = {
		id: runIdOf(trace_id, plan.workflow),
		work: plan,
		timing: plan.timing,
		trace_id,
		source: null,
		n: turn.n,
	};
	turn.windows.set(plan.workflow, openAggregate(opening, turn.now));
}

/** A window becomes a run. */
export function actOn(state: EntityState, turn: Turn, window: Window, gate?: Gate): void {
	begin(state, turn, {
		id: window.id,
		work: window,
		trace_id: window.trace_id,
		source: window.source,
		event_id: window.latest?.event_id ?? null,
		window,
		n: window.opened_n,
		gate,
	});
}

function begin(state: EntityState, turn: Turn, start: Start): void {
	// The event's receipt has expired but a run of it is still kept for operators: it was acted on, and is not again.
	if (runIn(state, turn, start.id) !== undefined) return;
	beginRun(state, turn, startRun(start, turn.now));
}

export function beginRun(state: EntityState, turn: Turn, run: Run): void {
	const [first] = run.steps;
	putRun(turn, run, [
		runFacts.runStarted(state, run, turn.now),
		...(first?.status === "failed" ? runFacts.endOfStep(state, run, first, turn.now) : []),
		...(first?.status === "asking" ? [runFacts.stepWaiting(state, run, first, turn.now)] : []),
	]);
	advance(state, turn, run.id);
}

/** Derived, so that whoever knows the event knows the run; and the trace can be read off the id. */
export function runIdOf(traceId: string, workflow: string): string {
	return `run_${traceId}.${workflow}`;
}

/** Whether anybody here will read the event's body: not if a newer one has already taken its place. */
function isRead(state: EntityState, turn: Turn, event: CanonicalEvent, verdicts: Verdict[]): boolean {
	return verdicts.some((verdict) => {
		if (verdict.verdict === "handed_on") return true;
		const run = runIn(state, turn, verdict.run);
		if (run !== undefined && isReadBy(run, event.id)) return true;
		const window = windowIn(state, turn, verdict.workflow);
		if (window === null) return false;
		if (Object.values(window.branches).some((branch) => branch.event_id === event.id)) return true;
		if (asksPeople(window.steps)) return true;
		return window.latest?.event_id === event.id || (window.timing.kind === "debounce" && window.timing.keep === "all");
	});
}

/** Whoever caused any of its events must not approve what comes of them, and their bodies tell who did. */
function asksPeople(steps: readonly StepPlan[]): boolean {
	return steps.some(({ use }) => use === "approve");
}

function isReadBy({ event_id, window, steps }: Run, id: string): boolean {
	if (event_id === id || window?.keep_all === true) return true;
	if (window?.events.includes(id) === true && asksPeople(steps.map(({ plan }) => plan))) return true;
	return Object.values(window?.branches ?? {}).some((branch) => branch?.event_id === id);
}
