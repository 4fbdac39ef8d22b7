// Joins, played once more from what arrived at each: it begins its run with the very event that makes its condition hold, or
// when its time is over, and never again for what comes after.

import type { Run, Window } from "../../../src/model/entity";
import type { JoinPlan } from "../../../src/model/plan";
import { KINDS, type Kind, kindOf } from "../events";
import { NEEDS } from "../timings";
import { Violation } from "../violation";
import { type Insight, stepIn } from "./insight";

interface Played {
	/** How many events it took; none if they did not suffice. */
	complete: number | null;
	isVetoed: boolean;
}

const PUNCTUAL_MS = 1_000;

export function checkJoins(insight: Insight): void {
	const { witness } = insight.history;
	const joins = [...witness.opened.values()].filter(({ timing }) => timing.kind === "join");
	for (const window of joins) {
		const { timing } = planned(insight, window);
		const run = witness.runs.get(window.id)?.run;
		if (run === undefined) throw new Violation(`${window.id} was opened, and came to no end`);
		checkJoin(insight, window, timing, run);
		for (const other of joins) checkNotTwice(insight, { window, other, timing });
	}
}

function planned(insight: Insight, window: Window): { timing: JoinPlan } {
	const workflow = insight.history.scenario.workflows.find(({ name }) => name === window.workflow);
	const timing = workflow?.versions[window.version - 1]?.timing;
	if (timing?.kind !== "join") throw new Violation(`${window.id} is of a workflow that joins nothing`);
	return { timing };
}

function checkJoin(insight: Insight, window: Window, timing: JoinPlan, run: Run): void {
	const { witness, world } = insight.history;
	const arrivals = witness.arrivals.get(window.id) ?? [];
	const events = new Map(insight.history.scenario.events.map(({ event }) => [event.id, event]));
	const kinds = arrivals.map(({ event_id }) => {
		const event = events.get(event_id);
		return event === undefined ? "a" : kindOf(event);
	});
	const { complete, isVetoed } = play(timing, kinds);
	const first = arrivals[0]?.at ?? 0;
	const start = stepIn(run, "_start");
	if (complete !== null) {
		const last = arrivals[complete - 1]?.at;
		if (arrivals.length !== complete) throw new Violation(`${run.id} went on joining after it was complete`);
		if (run.started_at !== last)
			throw new Violation(`${run.id} was complete at ${last}, and began at ${run.started_at}`);
		if (isVetoed && start?.status !== "failed" && start?.resumed === 0)
			throw new Violation(`${run.id} goes on, and was vetoed`);
		if (isVetoed !== (start !== undefined))
			throw new Violation(`${run.id} was ${isVetoed ? "" : "not "}vetoed, and ends otherwise`);
		return;
	}
	const due = first + timing.by;
	if (run.started_at < due)
		throw new Violation(`${run.id} began at ${run.started_at}, and was not complete until ${due}`);
	if (world.wasCalm && run.started_at > due + PUNCTUAL_MS)
		throw new Violation(`${run.id} was due at ${due}, and began late`);
	const isGated = timing.on_short !== "proceed";
	if (isGated !== (start !== undefined))
		throw new Violation(`${run.id} was short, and not treated as ${timing.on_short}`);
	if (
		start !== undefined &&
		(start.approval !== undefined) !== (timing.on_short === "escalate") &&
		start.resumed === 0
	) {
		throw new Violation(`${run.id} was short, and people were ${start.approval === undefined ? "not " : ""}asked`);
	}
}

function play({ branches, need }: JoinPlan, kinds: readonly Kind[]): Played {
	const had = new Set<Kind>();
	for (const [i, kind] of kinds.entries()) {
		had.add(kind);
		if (branches[kind] === "veto") return { complete: i + 1, isVetoed: true };
		const required = KINDS.filter((name) => branches[name] === "required" && had.has(name)).length;
		const isComplete = typeof need === "number" ? required >= need : NEEDS[need]?.((name) => had.has(name)) === true;
		if (isComplete) return { complete: i + 1, isVetoed: false };
	}
	return { complete: null, isVetoed: false };
}

interface Pair {
	window: Window;
	other: Window;
	timing: JoinPlan;
}

/** What comes after a join that ignores it opens no other, for as long as the join itself may have waited. */
function checkNotTwice({ history: { witness } }: Insight, { window, other, timing }: Pair): void {
	if (other === window || timing.late !== "ignore" || other.workflow !== window.workflow) return;
	const run = witness.runs.get(window.id);
	if (run === undefined || witness.runs.get(other.id)?.entity_key !== run.entity_key) return;
	const isAfter = other.opened_at >= window.opened_at && other.opened_n > window.opened_n;
	const until = run.run.started_at + timing.by;
	if (isAfter && other.opened_at < until) throw new Violation(`${other.id} joins what came too late for ${window.id}`);
}
