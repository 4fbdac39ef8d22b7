// After an attempt: is the step done, does it try again and when, or is it over. One place decides it for all actions.

import type { StepState } from "../model/entity";
import type { FailureClass, Outcome } from "../model/outcome";
import type { StepPlan } from "../model/plan";

/** `Retry-After` is honoured in full up to this; what asks for longer is tried again then. */
export const MAX_RETRY_AFTER_MS = 86_400_000;
/** Each pause may be this many times as long as the one before. With the defaults five pauses fill about an hour. */
export const BACKOFF_FACTOR = 4;

export type AfterAttempt =
	| { status: "succeeded" }
	| { status: "waiting"; due_at: number }
	| { status: "failed"; class: FailureClass; reason: string };

/** `random` is in [0, 1). */
export function afterAttempt(step: StepState, outcome: Outcome, now: number, random: number): AfterAttempt {
	switch (outcome.kind) {
		case "succeeded":
			return { status: "succeeded" };
		case "permanent":
			return { status: "failed", class: outcome.class, reason: outcome.reason };
		case "transient":
			return againOr(step, "exhausted", outcome.reason, now + pauseMs(step, outcome.after_ms, random));
		case "unknown":
			if (step.plan.repeatable) {
				const last = outcome.timed_out ? "timeout" : "exhausted";
				return againOr(step, last, outcome.reason, now + pauseMs(step, undefined, random));
			}
			if (step.plan.on_unknown === "stop") {
				return { status: "failed", class: "unknown_outcome", reason: outcome.reason };
			}
			return againOr(step, "unknown_outcome", outcome.reason, now + pauseMs(step, undefined, random));
	}
}

function againOr(step: StepState, last: FailureClass, reason: string, due_at: number): AfterAttempt {
	return step.attempts + 1 < step.plan.attempts
		? { status: "waiting", due_at }
		: { status: "failed", class: last, reason };
}

/** Full jitter: anything up to the cap of this attempt. A stated `Retry-After`, spread by up to a tenth, is
 * the least: a target that asks for a second is not hit six times in as many. */
function pauseMs(step: StepState, afterMs: number | undefined, random: number): number {
	const backoff = Math.floor(random * backoffCapMs(step.plan, step.attempts));
	if (afterMs === undefined) return backoff;
	const floor = Math.min(afterMs, MAX_RETRY_AFTER_MS);
	return Math.max(backoff, floor + Math.floor((random * floor) / 10));
}

/** The longest pause after the `finished`-th attempt (0 for the first). */
export function backoffCapMs(plan: Pick<StepPlan, "base_ms" | "cap_ms">, finished: number): number {
	return Math.min(plan.cap_ms, plan.base_ms * BACKOFF_FACTOR ** finished);
}
