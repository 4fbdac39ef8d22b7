// What a decision tells the journal. A fact's id says what it tells, and is unique within its trace.

import type { AcceptInput, Receipt, Run, StepState, Verdict } from "../model/entity";
import type { CanonicalEvent } from "../model/event";
import type { Fact } from "../model/fact";
import type { Json, JsonObject } from "../model/json";
import type { AttemptReport } from "../model/message";
import { deadLetterId } from "./run/run";

/** Where a fact happened: an Entity of a tenant. */
export interface Place {
	tenant: string;
	key: string;
}

export function eventReceived(place: Place, input: AcceptInput, verdicts: Verdict[], now: number): Fact {
	const { event, unmatched } = input;
	return {
		...ofEvent(place, event, now),
		id: "received",
		kind: "event.received",
		data: {
			...aboutEvent(event),
			verdicts: verdicts.map(aboutVerdict),
			unmatched: unmatched.map((reason) => ({ ...reason })),
		},
	};
}

export function eventHandedOn(place: Place, event: CanonicalEvent, verdict: Verdict, now: number): Fact {
	return {
		...ofEvent(place, event, now),
		id: `handed_on:${verdict.workflow}`,
		kind: "event.handed_on",
		workflow: verdict.workflow,
		version: verdict.version,
		data: { verdicts: [aboutVerdict(verdict)] },
	};
}

/** `more`: how many duplicates came since the last time that it was told. */
export function eventDuplicate(
	place: Place,
	event: CanonicalEvent,
	{ receipt, more }: { receipt: Receipt; more: number },
	now: number,
): Fact {
	return {
		...ofEvent(place, event, now),
		id: `duplicate:${receipt.duplicates}`,
		kind: "event.duplicate",
		data: { times: receipt.duplicates, more, first_at: receipt.at, source: event.source },
	};
}

export function runStarted(place: Place, run: Run, now: number): Fact {
	const { window } = run;
	return {
		...ofRun(place, run, now),
		id: `started:${nameOf(run)}`,
		kind: "run.started",
		entity_key: place.key,
		data: {
			priority: run.priority,
			steps: run.steps.map((step) => step.plan.id),
			window:
				window === null
					? null
					: { count: window.count, first_at: window.first_at, last_at: window.last_at, events: window.events },
		},
	};
}

export function runFinished(place: Place, run: Run, now: number): Fact {
	return {
		...ofRun(place, run, now),
		// A run that ended may end again: when a step is resumed, or turns out to have succeeded.
		id: `finished:${nameOf(run)}:${resumes(run)}:${successes(run)}`,
		kind: "run.finished",
		data: {
			status: run.status,
			steps: Object.fromEntries(run.steps.map((step) => [step.plan.id, step.status])),
			took_ms: now - run.started_at,
		},
	};
}

export function attemptFinished(place: Place, run: Run, step: StepState, report: AttemptReport, now: number): Fact {
	const { outcome, exchange } = report;
	return {
		...ofStep(place, run, step, now),
		// An attempt that was given up may turn out to have succeeded: that is a fact of its own.
		id: `attempt:${nameOf(run)}:${step.plan.id}:${step.resumed}:${report.attempt}:${outcome.kind}`,
		kind: "attempt.finished",
		data: {
			attempt: report.attempt,
			outcome: outcome.kind,
			...(outcome.kind === "succeeded" ? {} : { reason: outcome.reason }),
			...(outcome.kind === "permanent" ? { class: outcome.class } : {}),
			...(step.status === "waiting" ? { next_at: step.due_at } : {}),
			connection: step.plan.connection,
			started_at: report.started_at,
			duration_ms: report.duration_ms,
			exchange: exchange as unknown as JsonObject,
		},
	};
}

export function deadLetterOpened(place: Place, run: Run, step: StepState, now: number): Fact {
	return letter(place, run, step, now, "opened", {
		class: step.class ?? "exhausted",
		reason: step.reason ?? "",
		connection: step.plan.connection,
		source: run.source,
		attempts: step.attempts,
	});
}

export function deadLetterRetried(place: Place, run: Run, step: StepState, by: string, now: number): Fact {
	return { ...letter(place, run, step, now, "retried", { by }), actor: by };
}

export function deadLetterDiscarded(
	place: Place,
	run: Run,
	step: StepState,
	{ by, reason }: { by: string; reason: string },
	now: number,
): Fact {
	return { ...letter(place, run, step, now, "discarded", { by, reason }), actor: by };
}

export function deadLetterResolved(place: Place, run: Run, step: StepState, now: number): Fact {
	return letter(place, run, step, now, "resolved", {});
}

function letter(
	place: Place,
	run: Run,
	step: StepState,
	now: number,
	what: "opened" | "retried" | "discarded" | "resolved",
	data: JsonObject,
): Fact {
	return {
		...ofStep(place, run, step, now),
		id: `dead_letter:${nameOf(run)}:${step.plan.id}:${step.resumed}:${what}`,
		kind: `dead_letter.${what}`,
		entity_key: place.key,
		data: { id: deadLetterId(run, step), ...data },
	};
}

function ofEvent(place: Place, event: CanonicalEvent, now: number) {
	return {
		at: now,
		tenant: place.tenant,
		trace_id: event.trace.trace_id,
		entity_key: place.key,
		event: event.id,
		classification: "internal" as const,
	};
}

function ofRun(place: Place, run: Run, now: number) {
	return {
		at: now,
		tenant: place.tenant,
		trace_id: run.trace_id,
		...(run.event_id === null ? {} : { event: run.event_id }),
		workflow: run.workflow,
		version: run.version,
		run: run.id,
		classification: "internal" as const,
	};
}

function ofStep(place: Place, run: Run, step: StepState, now: number) {
	return { ...ofRun(place, run, now), step: step.plan.id };
}

/** What an event was about, without its data: the body stays with its Entity. */
export function aboutEvent(event: CanonicalEvent): JsonObject {
	return {
		source: event.source,
		source_system: event.source_system,
		event_type: event.event_type,
		native_type: event.native_type,
		entity_id: event.entity_id,
		actor: event.actor.kind,
		timestamp: event.timestamp,
		received_at: event.received_at,
		trust: event.trust,
		changed: event.changes.map((change) => change.field),
	};
}

function aboutVerdict({ workflow, version, verdict, run, due_at, extract }: Verdict): Json {
	const problems = extract?.problems;
	return {
		workflow,
		version,
		verdict,
		run,
		...(due_at === undefined ? {} : { due_at }),
		...(problems === undefined ? {} : { problems }),
	};
}

/** What tells a run from the others of its trace: its workflow, or more where an event opened a second window of it. */
function nameOf(run: Run): string {
	return run.id.slice(`run_${run.trace_id}.`.length);
}

function successes(run: Run): number {
	return run.steps.filter((step) => step.status === "succeeded").length;
}

function resumes(run: Run): number {
	return run.steps.reduce((total, step) => total + step.resumed, 0);
}
