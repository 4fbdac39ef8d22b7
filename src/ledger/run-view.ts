// A run as its facts tell it. It is folded from all of them, in the order in which they happened, so that it does not
// matter in which order they came.

import { RUN_STATUSES } from "../model/entity";
import type { Entry, RunView } from "../model/ledger";
import { asItHappened } from "./order";
import { isUndo, stepsOf } from "./steps";
import { waitsOf } from "./waits";

/** `undone`: what goes on once its undoing has begun is undoing. */
interface State extends Pick<RunView, "status" | "finished_at" | "version" | "left"> {
	undone: boolean;
}

/** `facts` are all facts of one run, in any order. Null as long as nobody has told that it began. */
export function runViewOf(facts: readonly Entry[]): RunView | null {
	const told = facts.toSorted(asItHappened);
	const started = told.find((fact) => fact.kind === "run.started");
	if (started?.run === undefined) return null;
	const { run, workflow = "", version = 0, trace_id, entity_key = "", event = null, at, data } = started;
	const begun: State = { status: "running", finished_at: null, version, left: [], undone: false };
	const state = told.reduce(after, begun);
	return {
		...{ id: run, workflow, version: state.version, status: state.status, trace_id, entity_key, event },
		...{ started_at: at, finished_at: state.finished_at },
		...{ repeats: typeof data.repeats === "string" ? data.repeats : null, left: state.left },
		...{ steps: stepsOf(told, !isOpen(state.status)), waits: waitsOf(told), facts: told },
	};
}

/** A run that is over goes on if an operator wants it, or if what was given up turns out to have succeeded. */
function after(state: State, fact: Entry): State {
	switch (fact.kind) {
		case "run.resumed":
			return { ...open(state), version: fact.version ?? state.version };
		case "run.compensating":
			return open({ ...state, undone: true });
		case "attempt.finished":
			return fact.data.outcome === "succeeded" ? open(state) : state;
		case "dead_letter.retried":
			return open(state);
		case "dead_letter.discarded":
			// Where an undo stood in the way, what is older is undone now.
			return isUndo(fact.step) ? open(state) : state;
		case "run.finished":
			return { ...state, status: statusOf(fact), finished_at: fact.at, left: leftOf(fact) };
		case "event.received":
		case "event.duplicate":
		case "event.handed_on":
		case "delivery.unreadable":
		case "join.waiting":
		case "run.started":
		case "run.cancelled":
		case "step.waiting":
		case "step.ended":
		case "approval.voted":
		case "dead_letter.opened":
		case "dead_letter.resolved":
		case "workflow.paused":
		case "workflow.resumed":
		case "connection.resumed":
		case "dead_letter.patched":
		case "letter_group.acknowledged":
		case "letter_group.resolved":
		case "letter_group.ignored":
		case "letter_group.reopened":
		case "replay.started":
		case "replay.finished":
		case "replay.aborted":
		case "alert.raised":
		case "alert.cleared":
			return state;
	}
}

/** True of a run that is not over. */
export function isOpen(status: RunView["status"]): boolean {
	return status === "running" || status === "compensating";
}

function open(state: State): State {
	return { ...state, status: state.undone ? "compensating" : "running", finished_at: null, left: [] };
}

function statusOf({ data }: Entry): RunView["status"] {
	return RUN_STATUSES.find((status) => status === data.status) ?? "failed";
}

function leftOf({ data }: Entry): string[] {
	return Array.isArray(data.left) ? data.left.filter((text) => typeof text === "string") : [];
}
