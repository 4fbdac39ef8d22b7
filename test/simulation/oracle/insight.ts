// What an oracle knows of a run besides what the core says of it: its plan as it was published, the event that it is about,
// and what its conditions come to.

import type { Run, StepState } from "../../../src/model/entity";
import type { CanonicalEvent } from "../../../src/model/event";
import type { StepPlan } from "../../../src/model/plan";
import { itemsOf } from "../events";
import { CONDITIONS, LIST } from "../graph";
import type { History } from "../history";
import { versionOf } from "../planning";
import type { Version } from "../scenario";

export class Insight {
	readonly #events: ReadonlyMap<string, CanonicalEvent>;

	constructor(readonly history: History) {
		this.#events = new Map(history.scenario.events.map(({ event }) => [event.id, event]));
	}

	versionOf(run: Run, version = run.version): Version | undefined {
		const workflow = this.history.scenario.workflows.find(({ name }) => name === run.workflow);
		return workflow === undefined ? undefined : versionOf(workflow, version);
	}

	/** As it was published in the version that the step is of; nothing for what no document names. */
	planOf(run: Run, step: StepState): StepPlan | undefined {
		return this.versionOf(run, step.version)?.steps.find(({ id }) => id === step.plan.id);
	}

	eventOf({ event_id }: Run): CanonicalEvent | undefined {
		return event_id === null ? undefined : this.#events.get(event_id);
	}

	/** All that the run is about: the event, and those of a join's branches. */
	eventsOf(run: Run): CanonicalEvent[] {
		const branches = Object.values(run.window?.branches ?? {}).map((branch) => branch?.event_id ?? "");
		const ids = [run.event_id ?? "", ...branches, ...(run.window?.events ?? [])];
		return ids.map((id) => this.#events.get(id)).filter((event) => event !== undefined);
	}

	/** Null where it cannot be evaluated. */
	holds(run: Run, condition: string | undefined): boolean | null {
		if (condition === undefined) return true;
		const read = /^steps\.(\w+)\.status == "succeeded"$/.exec(condition)?.[1];
		if (read !== undefined) return run.steps.find(({ id }) => id === read)?.status === "succeeded";
		return this.eventOf(run) === undefined ? null : (CONDITIONS[condition] ?? null);
	}

	/** How many elements the step fans out over; null where there is no list. */
	lengthOf(run: Run, { for_each }: StepPlan): number | null {
		const event = this.eventOf(run);
		return for_each === LIST && event !== undefined ? itemsOf(event) : null;
	}
}

export function stepIn(run: Run | undefined, id: string): StepState | undefined {
	return run?.steps.find((step) => step.id === id);
}

const OVER = ["succeeded", "failed", "skipped", "cancelled"];

export function isOver({ status }: StepState): boolean {
	return OVER.includes(status);
}

const BEGUN = ["ready", "asking", "sleeping", "fanned_out"];

/** Whether a commit let the step begin: from its place in the queue of what waits, or from the skipped. */
export function begins(before: Run | undefined, { id, status }: StepState): boolean {
	const was = stepIn(before, id)?.status ?? "pending";
	if (was === "pending") return !["pending", "skipped", "cancelled"].includes(status);
	return (was === "skipped" || was === "cancelled") && BEGUN.includes(status);
}

export function isOpen({ status }: Run): boolean {
	return status === "running" || status === "compensating";
}

/** Steps that failed, and nobody had said that they may. */
export function failuresOf(insight: Insight, run: Run): StepState[] {
	return run.steps.filter((step) => {
		if (step.status !== "failed" || (step.kind !== "step" && step.kind !== "start")) return false;
		return insight.planOf(run, step)?.continue_on_error !== true;
	});
}
