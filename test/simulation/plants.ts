// Mistakes that a shell around the core could make, and mistakes that look from outside as if the core made them: a plan is
// bent on its way in, a run on its way to the rows. None of them touches the core.

import type { EntityState, Turn } from "../../src/core/turn";
import type { Run, StepState } from "../../src/model/entity";
import type { CanonicalEvent } from "../../src/model/event";
import type { Ballot } from "../../src/model/message";
import type { Plan, StepPlan } from "../../src/model/plan";

export const PLANTS = {
	ack_before_commit: "a delivery is answered with 200 before it is committed",
	no_receipt_check: "nobody looks whether an event was here before",
	no_outbox: "what was committed is sent once, and forgotten whether it arrived or not",
	random_key: "every attempt carries an idempotency key of its own",
	throwing_alarm: "an alarm that fails is left to the platform, which gives it up",
	arrival_order: "the latest event is the one that arrived last",
	skips_overdue: "the alarm is set for what lies ahead, and not for what is overdue",
	early_mark: "what was committed counts as sent before it was",
	any_ignored: "a step that needs any of several does not wait for one",
	conditions_ignored: "a step begins whatever its condition says",
	undo_forwards: "what was done first is undone first",
	undo_unseen: "what perhaps happened is undone without a look whether it did",
	undo_forgotten: "one of the steps is not undone",
	quorum_of_one: "the first who approves has approved for all",
	voter_twice: "who votes twice is counted twice",
	told_twice: "a run that goes on tells people of its failure once more",
	cancel_ignored: "what was sent before a run was cancelled is carried out all the same",
	pause_unasked: "a consumer does not ask whether the workflow is paused",
	branch_twice: "a branch of a join that comes again counts as one that is missing",
	veto_ignored: "a veto is a branch like any other",
	late_reopens: "what comes after a join opens a new one, whatever its workflow says",
	acted_forgotten: "nobody remembers what was last acted on",
	wide_fan_out: "all elements of a list are worked on at once",
} as const;

export type Plant = keyof typeof PLANTS;

/** The event as it looks to whoever takes the last one for the latest. */
export function asItArrived(event: CanonicalEvent, now: number): CanonicalEvent {
	return { ...event, timestamp: new Date(now).toISOString(), sequence: undefined };
}

/** The turn as it is written by whoever keeps no outbox. */
export function withoutOutbox(turn: Turn): Turn {
	const { receipt, duplicate, runs } = turn;
	return {
		...turn,
		receipt: receipt === null ? null : { receipt: { ...receipt.receipt, hand_ons: [] }, facts: [] },
		duplicate: duplicate === null ? null : { ...duplicate, facts: [] },
		runs: new Map([...runs].map(([id, { run }]) => [id, { run, facts: [] }])),
	};
}

export function asAnother(ballot: Ballot, n: number): Ballot {
	return { ...ballot, by: `${ballot.by} again ${n}` };
}

/** A plan as it arrives at an Entity. */
export function bentPlan(plant: Plant | null, state: EntityState, plan: Plan): Plan {
	const { timing } = plan;
	if (timing.kind === "join") {
		const open = state.windows.get(plan.workflow);
		if (plant === "branch_twice" && open !== undefined && Object.hasOwn(open.branches, plan.branch ?? "")) {
			const missing = Object.keys(timing.branches).find(
				(name) => timing.branches[name] === "required" && !Object.hasOwn(open.branches, name),
			);
			return { ...plan, branch: missing ?? plan.branch };
		}
		if (plant === "veto_ignored") {
			const branches = Object.entries(timing.branches).map(([name, role]) => [
				name,
				role === "veto" ? "optional" : role,
			]);
			return { ...plan, timing: { ...timing, branches: Object.fromEntries(branches) } };
		}
		if (plant === "late_reopens") return { ...plan, timing: { ...timing, late: "reopen" } };
	}
	return { ...plan, steps: plan.steps.map((step, i) => bentStep(plant, step, i)) };
}

function bentStep(plant: Plant | null, step: StepPlan, i: number): StepPlan {
	if (plant === "any_ignored" && step.needs?.some !== undefined) return { ...step, needs: { all: step.needs.all } };
	if (plant === "conditions_ignored") return { ...step, if: undefined };
	if (plant === "undo_forgotten" && i === 0) return { ...step, undo: undefined };
	if (plant === "quorum_of_one" && step.use === "approve") return { ...step, input: { ...step.input, need: 1 } };
	if (plant === "wide_fan_out" && step.for_each !== undefined) return { ...step, concurrency: 100 };
	return step;
}

/** A turn as it is written. */
export function bendTurn(plant: Plant | null, state: EntityState, turn: Turn): void {
	if (plant === "acted_forgotten") for (const workflow of turn.acted.keys()) turn.acted.set(workflow, null);
	if (plant !== "undo_forwards" && plant !== "told_twice" && plant !== "cancel_ignored") return;
	for (const [id, written] of turn.runs) {
		turn.runs.set(id, { ...written, run: bentRun(plant, state.runs.get(id), written.run) });
	}
}

function bentRun(plant: Plant, before: Run | undefined, run: Run): Run {
	if (before === undefined) return run;
	switch (plant) {
		case "undo_forwards":
			return { ...run, steps: run.steps.map((step) => backwards(before, step)) };
		case "told_twice": {
			const isGoingOn = run.resumed > before.resumed;
			const stays = ({ kind, status }: StepState) =>
				kind !== "on_failure" || status === "ready" || status === "pending";
			return isGoingOn ? { ...run, steps: run.steps.filter(stays) } : run;
		}
		case "cancel_ignored": {
			if (before.cancelled !== undefined || run.cancelled === undefined) return run;
			const sent = before.steps.filter(({ status }) => status === "ready" || status === "queued");
			const steps = run.steps.map((step) => sent.find(({ id }) => id === step.id) ?? step);
			return { ...run, steps, status: sent.length > 0 ? "running" : run.status };
		}
		default:
			return run;
	}
}

function backwards(before: Run, step: StepState): StepState {
	const isNew = before.steps.some(({ id, succeeded_as }) => id === step.id && succeeded_as === undefined);
	return isNew && step.succeeded_as !== undefined ? { ...step, succeeded_as: 1_000 - step.succeeded_as } : step;
}
