// One attempt in the simulation: src/delivery/prepare.ts and attempt.ts, without templates and HTTP. What is done is looked
// up in the version that the lease names; what perhaps happened is looked for before it is repeated or taken back.

import type { Lease } from "../../src/model/message";
import type { Outcome } from "../../src/model/outcome";
import type { AttemptPlan, StepPlan } from "../../src/model/plan";
import type { Action } from "./consumer";
import { ACTIONS, type Use } from "./graph";
import type { History } from "./history";
import { versionOf } from "./planning";
import { type Answered, doneBy, type Found } from "./receiver";
import { Violation } from "./violation";

export interface Attempting {
	message: Action;
	lease: Lease;
	isStale: boolean;
}

const AT_ONCE = 5;

export function carryOut(history: History, attempting: Attempting): Answered {
	const { lease } = attempting;
	const plan = planOf(history, lease);
	return lease.kind === "undo" ? takeBack(history, attempting, plan) : carryOutStep(history, attempting, plan);
}

function planOf({ scenario }: History, lease: Lease): StepPlan {
	const workflow = scenario.workflows.find(({ name }) => name === lease.workflow);
	const steps = workflow === undefined ? [] : versionOf(workflow, lease.version).steps;
	const plan = steps.find(({ id }) => id === lease.step);
	if (plan === undefined) throw new Violation(`${lease.step} was leased of version ${lease.version}, which has none`);
	return plan;
}

function carryOutStep(history: History, attempting: Attempting, plan: StepPlan): Answered {
	const { lease } = attempting;
	if (plan.connection === null) throw new Violation(`${plan.use} was leased to a consumer: ${lease.idempotency_key}`);
	const isProbed = lease.doubtful && !plan.repeatable && canProbe(plan);
	if (!isProbed) return act(history, attempting, plan);
	const found = look(history, attempting);
	switch (found.kind) {
		case "found":
			return done({ kind: "succeeded", output: { ok: true }, undo: found.undo });
		case "absent":
			return act(history, attempting, plan);
		case "unclear":
			return unclear(found);
	}
}

function takeBack(history: History, attempting: Attempting, plan: StepPlan): Answered {
	const { lease } = attempting;
	const { undo } = plan;
	if (undo === undefined)
		throw new Violation(`${lease.step} is undone, and nothing says how: ${lease.idempotency_key}`);
	const isBlind = history.plant === "undo_unseen";
	if (!lease.doubtful || isBlind) return actBack(history, attempting, undo, lease.undo_with);
	if (!canProbe(plan)) return done({ kind: "permanent", class: "unknown_outcome", reason: "nobody knows" });
	const found = look(history, attempting);
	switch (found.kind) {
		case "found":
			return actBack(history, attempting, undo, found.undo);
		case "absent":
			return done({ kind: "succeeded", output: null });
		case "unclear":
			return unclear(found);
	}
}

function actBack(history: History, attempting: Attempting, undo: AttemptPlan & { natural: boolean }, known: unknown) {
	if (undo.natural && known === undefined && history.plant !== "undo_unseen")
		return done({ kind: "permanent", class: "invalid", reason: "the answer did not say what it needs" });
	return act(history, attempting, undo);
}

function act({ receiver }: History, { message, lease, isStale }: Attempting, plan: AttemptPlan & Partial<StepPlan>) {
	const { run, step } = message;
	const { kind, idempotency_key: key } = lease;
	return receiver.receive({ run, step, key, kind, plan, reads: plan.reads === true, isStale });
}

function look({ receiver }: History, { message, lease }: Attempting): Found {
	return receiver.probe(message.run, doneBy({ step: message.step, kind: lease.kind }));
}

function canProbe({ use }: StepPlan): boolean {
	return ACTIONS[use as Use].probe;
}

function unclear({ after_ms }: Extract<Found, { kind: "unclear" }>): Answered {
	const reason = "whether an earlier attempt took effect cannot be seen";
	return done(
		after_ms === undefined ? { kind: "unknown", reason, timed_out: false } : { kind: "transient", reason, after_ms },
	);
}

function done(outcome: Outcome): Answered {
	return { outcome, after_ms: AT_ONCE };
}
