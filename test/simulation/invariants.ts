// The statements that must always be true, as far as one history can show them.

import { isRunOpen } from "../../src/core/run/status";
import { isNotOlder } from "../../src/core/timing/order";
import { MAX_KEPT_EVENTS } from "../../src/core/timing/window";
import type { Run, StepState, Window } from "../../src/model/entity";
import type { History } from "./history";
import { wants } from "./planning";
import { Violation } from "./violation";

/** How much later than due an alarm may be set: what is being sent at this moment is left alone for so long. */
const SLACK_MS = 1_000;
/** An alarm waits until the one before has sent what it had to send. */
const PUNCTUAL_MS = 1_000;
/** An alarm that rings more often than this at one moment turns in a circle. */
const MAX_RINGS = 20;

/** After every step: whoever has something to do will be woken for it. */
export function checkAlarms({ entities, world }: History): void {
	for (const [key, entity] of entities) {
		if (!entity.isTouched) continue;
		entity.isTouched = false;
		const due = entity.dueAt();
		const { next } = entity.alarm;
		if (next === null && !entity.isEmpty()) throw new Violation(`${key} sleeps for ever on what it has to do`);
		if (due !== null && (next === null || next > Math.max(due, world.now) + SLACK_MS)) {
			throw new Violation(`${key} has something due at ${due}, but its alarm rings at ${next}`);
		}
		if (entity.alarm.rings > MAX_RINGS) throw new Violation(`${key} is woken over and over at ${world.now}`);
	}
}

/** Once everything has come to rest. */
export function checkHistory(history: History): void {
	checkEvents(history);
	for (const { run } of history.witness.runs.values()) {
		checkEnd(history, run);
		if (run.window !== null && run.repeats === undefined) checkWindow(history, run);
	}
	checkKeys(history);
	history.oracle.check();
	checkLedger(history);
	for (const [key, entity] of history.entities) {
		if (!entity.isEmpty()) throw new Violation(`${key} still keeps something, but nothing is due`);
	}
}

/** Statements 1 and 2: for each workflow, an event that was answered is in exactly one run, or collapsed into one. */
function checkEvents({ scenario, witness }: History): void {
	for (const { event } of scenario.events) {
		if (!witness.answered.has(event.id)) throw new Violation(`${event.id} was never answered`);
		for (const workflow of scenario.workflows) {
			if (!wants(workflow, event)) continue;
			const judged = witness.judged.get(`${event.id} ${workflow.name}`) ?? [];
			if (judged.length !== 1) {
				throw new Violation(`${event.id} was judged ${judged.length} times for ${workflow.name}`);
			}
			if (judged[0]?.verdict.verdict === "late") continue;
			const run = judged[0]?.verdict.run ?? "";
			const found = witness.runs.get(run)?.run ?? undefined;
			const events = found?.window?.events ?? (found === undefined ? [] : [found.event_id]);
			const collapsed = witness.quiet.get(run)?.events ?? [];
			if (!events.includes(event.id) && !collapsed.includes(event.id)) {
				throw new Violation(`${event.id} was answered, but ${workflow.name} never acted on it`);
			}
		}
		const runs = [...witness.runs.values()].filter(({ run }) => contains(run, event.id));
		for (const workflow of scenario.workflows) {
			const started = runs.filter(({ run }) => run.workflow === workflow.name && run.repeats === undefined);
			if (started.length > 1) throw new Violation(`${event.id} started ${workflow.name} ${started.length} times`);
		}
	}
}

function contains(run: Run, eventId: string): boolean {
	return run.window === null ? run.event_id === eventId : run.window.events.includes(eventId);
}

/** Statement 5: it came to an end, and what failed stands in the dead letters. */
function checkEnd(history: History, run: Run): void {
	const { witness } = history;
	if (isRunOpen(run)) throw new Violation(`${run.id} never ended`);
	for (const step of run.steps) {
		const { id, status, resumed, discarded } = step;
		const letter = `${run.trace_id} dead_letter:${run.id.slice(`run_${run.trace_id}.`.length)}:${id}:${resumed}`;
		const isDiscarded = witness.facts.has(`${letter}:discarded`);
		const isOpen = witness.facts.has(`${letter}:opened`) && !witness.facts.has(`${letter}:resolved`);
		if (isOpen !== isLetter(history, run, step) && !isDiscarded) {
			throw new Violation(`${run.id} ${id} is ${status}, but its dead letter is ${isOpen ? "open" : "not there"}`);
		}
		// What another version of the workflow leaves aside is discarded too, in the journal alone.
		if (discarded === true ? !isDiscarded : isDiscarded && run.resumed === 0) {
			throw new Violation(`${run.id} ${id} was discarded, or not, and the journal says otherwise`);
		}
	}
}

/** Whether a failure waits for a person: not where people decided it, where its author expected it, or its elements speak. */
function isLetter({ oracle }: History, run: Run, step: StepState): boolean {
	if (step.status !== "failed" || step.class === "rejected") return false;
	if (step.kind !== "undo" && oracle.insight.planOf(run, step)?.continue_on_error === true) return false;
	return step.kind !== "step" || !run.steps.some(({ kind, plan }) => kind === "item" && plan.id === step.id);
}

/** A window's run has all of its events, reads the newest of them, and came when it was due. */
function checkWindow({ witness, world, scenario }: History, run: Run): void {
	const opened = witness.opened.get(run.id) ?? undefined;
	const arrivals = witness.arrivals.get(run.id) ?? [];
	const events = run.window?.events ?? [];
	const isLeading = opened?.timing.kind === "debounce" && opened.timing.edge === "leading";
	const expected = isLeading ? arrivals.slice(0, 1) : arrivals;
	if (expected.map(({ event_id }) => event_id).join() !== events.join()) {
		throw new Violation(`${run.id} was given other events than arrived at its window`);
	}
	const orders = new Map(scenario.events.map(({ event }) => [event.id, event]));
	const taken = orders.get(run.event_id ?? "");
	for (const id of events) {
		const other = orders.get(id);
		if (other !== undefined && (taken === undefined || !isNotOlder(taken, other))) {
			throw new Violation(`${run.id} acts on ${run.event_id}, but ${id} is newer`);
		}
	}
	if (opened === undefined || isLeading || opened.timing.kind === "join") return;
	if (opened.version !== run.version && run.resumed === 0)
		throw new Violation(`${run.id} left the version that its window was opened by`);
	const due = dueOf(
		opened,
		arrivals.map(({ at }) => at),
	);
	const isEarly = run.started_at < due;
	if (isEarly && !isFull(opened, arrivals.length, events.includes(idOf(5)))) {
		throw new Violation(`${run.id} started at ${run.started_at}, but was due at ${due}`);
	}
	if (run.started_at > due + PUNCTUAL_MS && world.wasCalm) {
		throw new Violation(`${run.id} was due at ${due} and started at ${run.started_at}, without any trouble`);
	}
}

function dueOf({ timing, due_at }: Window, at: number[]): number {
	if (timing.kind !== "debounce") return due_at;
	return Math.min((at.at(-1) ?? 0) + timing.quiet, (at[0] ?? 0) + timing.max_wait);
}

function isFull({ timing }: Window, count: number, isFlushed: boolean): boolean {
	if (timing.kind === "aggregate") return count >= timing.max_events || isFlushed;
	return timing.kind === "debounce" && timing.keep === "all" && count >= MAX_KEPT_EVENTS;
}

function idOf(n: number): string {
	return `evt_${(n + 1).toString(16).padStart(32, "0")}`;
}

/** Statement 3: one key for every attempt of a step, and no key for two steps. */
function checkKeys({ receiver, witness }: History): void {
	const steps = new Map<string, string>();
	for (const { run, step, key } of receiver.received) {
		const name = `${run} ${step}`;
		if ((steps.get(key) ?? name) !== name) throw new Violation(`${key} was sent for two steps`);
		if (witness.keys.get(name) !== key) throw new Violation(`${name} was sent under a key that it was not leased with`);
		steps.set(key, name);
	}
}

/** Statement 7: what was committed can be read back, all of it and nothing else. */
function checkLedger({ witness, ledger }: History): void {
	for (const name of witness.facts.keys()) {
		if (!ledger.facts.has(name)) throw new Violation(`the Ledger never heard of ${name}`);
	}
	for (const name of ledger.facts.keys()) {
		if (!witness.facts.has(name)) throw new Violation(`the Ledger heard of ${name}, which was never committed`);
	}
}
