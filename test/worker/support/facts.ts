// Facts as Entities tell them, without an Entity.

import { homeKey } from "../../../src/core/accept";
import * as facts from "../../../src/core/facts";
import { failStep, findStep, replaceStep, startRun } from "../../../src/core/run/run";
import * as runFacts from "../../../src/core/run-facts";
import type { Run, StepState, Verdict } from "../../../src/model/entity";
import type { CanonicalEvent } from "../../../src/model/event";
import type { Fact } from "../../../src/model/fact";
import type { Outcome } from "../../../src/model/outcome";
import { event, immediate, plan, runId, step, TENANT, traceId } from "./things";

export const T0 = Date.UTC(2026, 10, 20, 9);

interface Parts {
	workflow?: string;
	entity?: string;
	at?: number;
	event?: Partial<CanonicalEvent>;
	connection?: string;
}

/** What an event tells that starts a run at once: that it was received, and that the run began. */
export function received(n: number, parts: Parts = {}): Fact[] {
	const { workflow = "wf", at = T0 + n } = parts;
	const about = eventOf(n, parts);
	const verdict: Verdict = { workflow, version: 1, verdict: "started", run: runId(n, workflow) };
	const input = { event: about, plans: [], unmatched: [] };
	return [
		facts.eventReceived(placeOf(n, parts), input, [verdict], at),
		runFacts.runStarted(placeOf(n, parts), runOf(n, parts), at),
	];
}

/** An event that nobody wanted. */
export function unwanted(n: number, parts: Parts = {}): Fact {
	const { at = T0 + n } = parts;
	return facts.eventReceived(
		placeOf(n, parts),
		{ event: eventOf(n, parts), plans: [], unmatched: [{ workflow: "wf", reason: "actor", detail: "a robot" }] },
		[],
		at,
	);
}

/** What the first attempt tells that ends the run. */
export function succeeded(n: number, parts: Parts = {}): Fact[] {
	const { at = T0 + n } = parts;
	const run = ended(runOf(n, parts), succeed(onlyStep(n, parts)));
	return [
		attempt(n, run, { kind: "succeeded", output: null }, parts),
		runFacts.runFinished(placeOf(n, parts), run, at + 50),
	];
}

export function failed(n: number, parts: Parts = {}): Fact[] {
	const { at = T0 + n } = parts;
	const step = failStep({ ...onlyStep(n, parts), attempts: 1 }, "not_found", "the target answered 404");
	const run = ended(runOf(n, parts), step);
	return [
		attempt(n, run, { kind: "permanent", class: "not_found", reason: "the target answered 404" }, parts),
		runFacts.deadLetterOpened(placeOf(n, parts), run, step, at + 50),
		runFacts.runFinished(placeOf(n, parts), run, at + 50),
	];
}

/** An operator retries the dead letter of `failed`, and the step succeeds. */
export function retried(n: number, parts: Parts = {}): { retried: Fact[]; resolved: Fact[] } {
	const { at = T0 + n } = parts;
	const again = { ...onlyStep(n, parts), resumed: 1 };
	const place = placeOf(n, parts);
	const running = { ...replaceStep(runOf(n, parts), again), resumed: 1 };
	const done = ended(running, succeed(again));
	return {
		retried: [runFacts.deadLetterRetried(place, running, again, "ann", at + 1_000)],
		resolved: [
			runFacts.deadLetterResolved(place, done, again, at + 2_000),
			runFacts.runFinished(place, done, at + 2_000),
		],
	};
}

export function discarded(n: number, parts: Parts = {}): Fact {
	const { at = T0 + n } = parts;
	const run = runOf(n, parts);
	return runFacts.deadLetterDiscarded(
		placeOf(n, parts),
		run,
		onlyStep(n, parts),
		{ by: "ann", reason: "not needed" },
		at + 3_000,
	);
}

function attempt(n: number, run: Run, outcome: Outcome, parts: Parts): Fact {
	const { at = T0 + n } = parts;
	const step = findStep(run, "tell") ?? onlyStep(n, parts);
	const report = {
		run: run.id,
		step: step.id,
		attempt: 1,
		outcome,
		exchange: { response: { status: outcome.kind === "succeeded" ? 200 : 404, headers: {}, body: "x".repeat(300) } },
		started_at: at + 10,
		duration_ms: 40,
	};
	return runFacts.attemptFinished(placeOf(n, parts), run, step, report, at + 50);
}

function succeed(step: StepState): StepState {
	return { ...step, status: "succeeded", attempts: 1, due_at: null };
}

/** The run with its one step as it ended. */
function ended(run: Run, step: StepState): Run {
	return { ...replaceStep(run, step), status: step.status === "succeeded" ? "succeeded" : "failed" };
}

function onlyStep(n: number, parts: Parts): StepState {
	const [only] = runOf(n, parts).steps;
	if (only === undefined) throw new Error("a run has steps");
	return only;
}

function runOf(n: number, { workflow = "wf", at = T0 + n, connection = "out" }: Parts): Run {
	const start = {
		...{ id: runId(n, workflow), work: plan("", immediate, { workflow, steps: [step("tell", { connection })] }) },
		...{ trace_id: traceId(n), source: "tracker", event_id: eventOf(n, {}).id, window: null, n: 1 },
	};
	return startRun(start, at);
}

function eventOf(n: number, { entity = "tracker/issue/1", at = T0 + n, event: more }: Parts): CanonicalEvent {
	return event(n, entity, { at, ...more });
}

function placeOf(n: number, parts: Parts): { tenant: string; key: string } {
	return { tenant: TENANT, key: homeKey(eventOf(n, parts)) };
}
