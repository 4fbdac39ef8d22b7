// After an attempt: is the step done, does it try again and when, or is it over. One table decides it for all actions.

import type { StepState } from "../model/entity";
import type { FailureClass, Outcome, PERMANENT_CLASSES } from "../model/outcome";
import type { AttemptPlan, StepPlan } from "../model/plan";

/**
 * `Retry-After` is honoured in full up to this; what asks for longer is tried again then. No queue holds a message so
 * long: the Entity's alarm does.
 */
export const MAX_RETRY_AFTER_MS = 7 * 86_400_000;
/** What was sent has arrived by then, or never will, however short its step's own time-out is. */
export const ARRIVAL_MS = 10_000;

/** When what was sent has certainly arrived, or never will. */
export function arrivalMs({ timeout_ms }: Pick<StepPlan, "timeout_ms">): number {
	return Math.max(timeout_ms, ARRIVAL_MS);
}

/** Each pause may be this many times as long as the one before. With the defaults five pauses fill about an hour. */
export const BACKOFF_FACTOR = 4;

/**
 * What is known of a failed attempt. A permanent failure is named by its class. `refused_for_now`: it did not take
 * effect, and may later. Of the others nobody knows whether they took effect: `timed_out` and `lost` can be repeated
 * without harm, `doubtful` cannot and may be tried all the same, `doubtful_stop` must not.
 */
export type Failing =
	| (typeof PERMANENT_CLASSES)[number]
	| "unknown_outcome"
	| "refused_for_now"
	| "timed_out"
	| "lost"
	| "doubtful"
	| "doubtful_stop";

/** Each pause is drawn from the step's backoff, with full jitter, and is at least what the target or the step states. */
export type RetryPause = "backoff" | "retry_after" | "timeout";

export interface RetryRule {
	/** Null: it is not tried again. Otherwise it is, while the step has attempts left, after this pause. */
	again: RetryPause | null;
	/** Of the dead letter: at once if it is not tried again, otherwise when the attempts have run out. */
	ends_as: FailureClass;
}

/** What happens after each. The reason is always that of the last attempt. */
export const RETRY_POLICY: Readonly<Record<Failing, RetryRule>> = {
	// The same request would fail in the same way: somebody has to change something first.
	invalid: { again: null, ends_as: "invalid" },
	auth: { again: null, ends_as: "auth" },
	permission: { again: null, ends_as: "permission" },
	not_found: { again: null, ends_as: "not_found" },
	policy: { again: null, ends_as: "policy" },
	expression: { again: null, ends_as: "expression" },
	unknown_outcome: { again: null, ends_as: "unknown_outcome" },
	// The target took nothing, so trying again repeats nothing. It may say when.
	refused_for_now: { again: "retry_after", ends_as: "exhausted" },
	// The target recognises the idempotency key, or a repetition changes nothing.
	timed_out: { again: "backoff", ends_as: "timeout" },
	lost: { again: "backoff", ends_as: "exhausted" },
	// Long enough for what is still on its way to arrive: then it can be seen whether it took effect.
	doubtful: { again: "timeout", ends_as: "unknown_outcome" },
	doubtful_stop: { again: null, ends_as: "unknown_outcome" },
};

export type AfterAttempt =
	| { status: "succeeded" }
	| { status: "waiting"; due_at: number }
	| { status: "failed"; class: FailureClass; reason: string };

/** `random` is in [0, 1). `left`: how many retries its run has left. */
export function afterAttempt(
	step: StepState,
	outcome: Outcome,
	{ now, random, left }: { now: number; random: number; left: number },
): AfterAttempt {
	if (outcome.kind === "succeeded") return { status: "succeeded" };
	const { again, ends_as } = RETRY_POLICY[failingOf(step.plan, outcome)];
	const isLast = step.attempts + 1 >= step.plan.attempts;
	if (again === null || isLast) return { status: "failed", class: ends_as, reason: outcome.reason };
	if (left <= 0) return { status: "failed", class: ends_as, reason: `${outcome.reason}; the run has no retries left` };
	const backoff = Math.floor(random * backoffCapMs(step.plan, step.attempts));
	return { status: "waiting", due_at: now + Math.max(backoff, leastMs(again, step.plan, outcome, random)) };
}

/** The row of the table that an outcome falls under. */
export function failingOf(
	{ repeatable, on_unknown, reads }: Pick<AttemptPlan, "repeatable" | "on_unknown"> & Pick<StepPlan, "reads">,
	outcome: Exclude<Outcome, { kind: "succeeded" }>,
): Failing {
	switch (outcome.kind) {
		case "permanent":
			return outcome.class;
		case "transient":
			return "refused_for_now";
		case "unknown":
			if (on_unknown === "stop" && reads !== true) return "doubtful_stop";
			if (repeatable) return outcome.timed_out ? "timed_out" : "lost";
			return "doubtful";
	}
}

function leastMs(pause: RetryPause, plan: StepPlan, outcome: Outcome, random: number): number {
	switch (pause) {
		case "backoff":
			return 0;
		case "retry_after":
			return outcome.kind === "transient" ? spread(outcome.after_ms ?? 0, random) : 0;
		case "timeout":
			return arrivalMs(plan);
	}
}

/** By up to a tenth: a target that asks for a second is not hit six times in as many. */
function spread(afterMs: number, random: number): number {
	const floor = Math.min(afterMs, MAX_RETRY_AFTER_MS);
	return floor + Math.floor((random * floor) / 10);
}

/** The longest pause after the `finished`-th attempt (0 for the first): full jitter draws anything up to it. */
export function backoffCapMs(plan: Pick<StepPlan, "base_ms" | "cap_ms">, finished: number): number {
	return Math.min(plan.cap_ms, plan.base_ms * BACKOFF_FACTOR ** finished);
}
