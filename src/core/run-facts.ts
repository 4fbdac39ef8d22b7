// What decisions about runs tell the journal. A fact's id says what it tells, and is unique within its trace: a run that
// goes on after its end tells its new end under another id.

import type { Run, StepState, Vote } from "../model/entity";
import type { Fact } from "../model/fact";
import type { JsonObject } from "../model/json";
import type { AttemptReport, CancelOrder } from "../model/message";
import type { Place } from "./facts";
import { deadLetterId } from "./run/run";
import { opensLetter } from "./run/status";
import { leftInTheWorld } from "./run/undo";

export function runStarted(place: Place, run: Run, now: number): Fact {
	const { window } = run;
	return {
		...ofRun(place, run, now),
		id: `started:${nameOf(run)}`,
		kind: "run.started",
		entity_key: place.key,
		data: {
			priority: run.priority,
			steps: [...run.steps.map(({ id }) => id), ...(run.on_failure ?? []).map(({ id }) => id)],
			...(run.repeats === undefined ? {} : { repeats: run.repeats }),
			...(run.asked_by === undefined ? {} : { asked_by: run.asked_by }),
			window:
				window === null
					? null
					: { count: window.count, first_at: window.first_at, last_at: window.last_at, events: window.events },
		},
	};
}

export function runResumed(
	place: Place,
	run: Run,
	{ by, from_version }: { by: string; from_version: number },
	now: number,
): Fact {
	return {
		...ofRun(place, run, now),
		id: `resumed:${nameOf(run)}:${run.resumed}`,
		kind: "run.resumed",
		actor: by,
		data: { by, version: run.version, from_version },
	};
}

export function runCancelled(place: Place, run: Run, { by, reason, compensate }: CancelOrder, now: number): Fact {
	return {
		...ofRun(place, run, now),
		id: `cancelled:${nameOf(run)}`,
		kind: "run.cancelled",
		actor: by,
		data: { by, reason, compensate },
	};
}

/** `order`: the steps that are to be undone. */
export function runCompensating(place: Place, run: Run, order: string[], now: number): Fact {
	return {
		...ofRun(place, run, now),
		id: `compensating:${nameOf(run)}:${run.resumed}`,
		kind: "run.compensating",
		data: { steps: order },
	};
}

export function runFinished(place: Place, run: Run, now: number): Fact {
	const left = isTakenBack(run) ? leftInTheWorld(run) : [];
	return {
		...ofRun(place, run, now),
		id: `finished:${nameOf(run)}:${run.resumed}`,
		kind: "run.finished",
		data: {
			status: run.status,
			steps: Object.fromEntries(run.steps.filter(({ kind }) => kind !== "item").map(({ id, status }) => [id, status])),
			took_ms: now - run.started_at,
			...(left.length === 0 ? {} : { left }),
		},
	};
}

/** Somebody will want to know what the run has left in the world: it was called off, or should have been undone. */
function isTakenBack({ status, compensate }: Run): boolean {
	const failed = status === "failed" || status === "partial";
	return (
		status === "cancelled" ||
		status === "compensated" ||
		status === "compensation_failed" ||
		(failed && compensate === true)
	);
}

/** A step waits for people, or for a time. */
export function stepWaiting(place: Place, run: Run, step: StepState, now: number): Fact {
	const { approval, due_at } = step;
	return {
		...ofStep(place, run, step, now),
		id: `waiting:${nameOf(run)}:${step.id}:${run.resumed}`,
		kind: "step.waiting",
		entity_key: place.key,
		data:
			approval === undefined
				? { for: "time", until: due_at }
				: { for: "approval", until: due_at, of: approval.of, need: approval.need, ask: approval.ask },
	};
}

/** A step ended in another way than by an attempt. */
function stepEnded(place: Place, run: Run, step: StepState, now: number): Fact {
	return {
		...ofStep(place, run, step, now),
		id: `ended:${nameOf(run)}:${step.id}:${run.resumed}:${step.status}`,
		kind: "step.ended",
		data: {
			status: step.status,
			...(step.class === undefined ? {} : { class: step.class }),
			...(step.reason === undefined ? {} : { reason: step.reason }),
			...(step.fell_back === undefined ? {} : { fell_back: true }),
			...(step.blocked === undefined ? {} : { blocked: true }),
		},
	};
}

/**
 * What is told of a step that ended in another way than by an attempt. What only stands in the way of a retried step
 * does not resolve its letter.
 */
export function endOfStep(place: Place, run: Run, step: StepState, now: number): Fact[] {
	return [
		stepEnded(place, run, step, now),
		...(opensLetter(run, step) ? [deadLetterOpened(place, run, step, now)] : []),
		...(step.status !== "failed" && step.blocked !== true && step.resumed > 0
			? [deadLetterResolved(place, run, step, now)]
			: []),
	];
}

export function approvalVoted(place: Place, run: Run, step: StepState, { by, vote, comment }: Vote, now: number): Fact {
	const approval = step.approval;
	return {
		...ofStep(place, run, step, now),
		id: `voted:${nameOf(run)}:${step.id}:${run.resumed}:${by}`,
		kind: "approval.voted",
		actor: by,
		data: {
			vote,
			...(comment === undefined ? {} : { comment }),
			approved: approval?.votes.filter((cast) => cast.vote === "approve").length ?? 0,
			need: approval?.need ?? 1,
		},
	};
}

export function attemptFinished(place: Place, run: Run, step: StepState, report: AttemptReport, now: number): Fact {
	const { outcome, exchange } = report;
	return {
		...ofStep(place, run, step, now),
		// An attempt that was given up may turn out to have succeeded: that is a fact of its own.
		id: `attempt:${nameOf(run)}:${step.id}:${step.resumed}:${report.attempt}:${outcome.kind}`,
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
		...(step.kind === "undo" ? { left: leftInTheWorld(run) } : {}),
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
		id: `dead_letter:${nameOf(run)}:${step.id}:${step.resumed}:${what}`,
		kind: `dead_letter.${what}`,
		entity_key: place.key,
		data: { id: deadLetterId(run, step), ...data },
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
	return { ...ofRun(place, run, now), step: step.id };
}

/** What tells a run from the others of its trace: its workflow, or more where an event opened a second window of it. */
function nameOf(run: Run): string {
	return run.id.slice(`run_${run.trace_id}.`.length);
}
