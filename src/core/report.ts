// What becomes of a step in the hands of consumers: claimed, reported, given back, held, given up by the platform.

import type { Run, StepState } from "../model/entity";
import type { AttemptReport, CallAnswer, LeaseId } from "../model/message";
import { endAttempt, endStep } from "./end";
import { advance } from "./run/advance";
import { lease, leaseIsDurable, MAX_CRASHES, sendAgain } from "./run/dispatch";
import { failStep, findStep, replaceStep } from "./run/run";
import { type EntityState, putRun, runIn, type Turn } from "./turn";

/** `durable`: the lease must be committed before the attempt begins. Otherwise it is enough to remember it. */
export type ClaimDecision =
	| { state: "go"; run: Run; step: StepState; durable: boolean }
	| { state: "done" }
	| { state: "busy" };

export function claimStep(state: EntityState, turn: Turn, runId: string, stepId: string): ClaimDecision {
	const run = state.runs.get(runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return { state: "done" };
	switch (step.status) {
		case "succeeded":
		case "failed":
		case "skipped":
		case "cancelled":
			return { state: "done" };
		case "pending":
		case "leased":
		case "waiting":
		case "held":
		case "asking":
		case "sleeping":
		case "fanned_out":
			return { state: "busy" };
		case "ready":
		case "queued": {
			const leased = lease(step, turn.now);
			const next = replaceStep(run, leased);
			putRun(turn, next, []);
			return { state: "go", run: next, step: leased, durable: leaseIsDurable(run, step) };
		}
	}
}

/**
 * A report counts if it is about the attempt that is under way. One exception: a success is always true, however
 * late it comes, and a step that succeeded is never carried out again.
 */
export function reportAttempt(state: EntityState, turn: Turn, report: AttemptReport, random: number): void {
	const run = runIn(state, turn, report.run);
	const step = run === undefined ? undefined : findStep(run, report.step);
	if (run === undefined || step === undefined || step.status === "succeeded") return;
	const isUnderWay = step.status === "ready" || step.status === "queued" || step.status === "leased";
	const isCurrent = isUnderWay && report.attempt === step.attempts + 1;
	if (!isCurrent && report.outcome.kind !== "succeeded") return;
	endAttempt(state, turn, run, step, report, random);
}

/** The step was claimed but not tried, because its connection has to wait until then. */
export function postponeStep(
	state: EntityState,
	turn: Turn,
	ids: Turn["dispatch"][number],
	{ lease, sendAt }: { lease: LeaseId; sendAt: number },
): void {
	giveBack(state, turn, ids, { lease, wait: { status: "waiting", due_at: sendAt } });
}

/** What is parked is called. If it is not, because its call was lost, it comes by itself after this, or up to twice that. */
export const PARKED_MS = 6 * 3_600_000;

/** The step was claimed but not tried, because its connection has no room. `random` is in [0, 1). */
export function parkStep(
	state: EntityState,
	turn: Turn,
	ids: Turn["dispatch"][number],
	{ lease, random }: { lease: LeaseId; random: number },
): void {
	const due_at = turn.now + PARKED_MS + Math.floor(random * PARKED_MS);
	giveBack(state, turn, ids, { lease, wait: { status: "held", due_at } });
}

/** Told late, or twice, the lease may be over, and somebody else may have the step by now. */
function giveBack(
	state: EntityState,
	turn: Turn,
	ids: Turn["dispatch"][number],
	{ lease, wait }: { lease: LeaseId; wait: { status: "waiting" | "held"; due_at: number } },
): void {
	const run = runIn(state, turn, ids.run);
	const step = run === undefined ? undefined : findStep(run, ids.step);
	if (run === undefined || step?.status !== "leased" || step.due_at !== lease.until) return;
	putRun(turn, replaceStep(run, { ...step, ...wait }), []);
	// The run may have been called off meanwhile.
	advance(state, turn, ids.run);
}

/** Its connection has room: what was parked is sent. */
export function callStep(state: EntityState, turn: Turn, runId: string, stepId: string): CallAnswer {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (step?.status === "leased") return "busy";
	if (step?.status !== "held") return "gone";
	sendAgain(state, turn, runId, { ...step, dispatches: 0 });
	return "coming";
}

/** What is held is looked at again after this, and then less and less often: whoever resumes may not know of it yet. */
const FIRST_HOLD_MS = 60_000;

/** The step is not even claimed, because its workflow is paused. It is kept until then at the latest. */
export function holdStep(state: EntityState, turn: Turn, runId: string, stepId: string, until: number): void {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || (step?.status !== "ready" && step?.status !== "queued")) return;
	const holds = (step.holds ?? 0) + 1;
	const due_at = Math.min(until, turn.now + FIRST_HOLD_MS * 2 ** (holds - 1));
	putRun(turn, replaceStep(run, { ...step, status: "held", holds, due_at }), []);
}

/** The workflow is no longer paused: what was held is sent. */
export function releaseSteps(state: EntityState, turn: Turn, workflow: string): void {
	for (const run of state.runs.values()) {
		if (run.workflow !== workflow) continue;
		for (const step of run.steps)
			if (step.status === "held") sendAgain(state, turn, run.id, { ...step, dispatches: 0 });
	}
}

/** The platform gave the message up: whatever the consumer does with it, it does not survive it. */
export function crashStep(state: EntityState, turn: Turn, runId: string, stepId: string): void {
	const run = runIn(state, turn, runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run === undefined || step === undefined) return;
	if (step.status !== "ready" && step.status !== "queued" && step.status !== "leased") return;
	// Nobody had it yet: another message of its batch may have been the one that nobody survived.
	if (step.status !== "leased" && step.dispatches < MAX_CRASHES) {
		sendAgain(state, turn, runId, step);
		return;
	}
	const reason = "the consumer failed on this step every time the queue delivered it";
	const doubt = step.status === "leased" ? { doubtful: true as const, doubtful_at: turn.now } : {};
	endStep(state, turn, run, failStep({ ...step, ...doubt }, "consumer_crash", reason));
}
