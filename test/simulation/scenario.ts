// What one history is made of: a handful of workflows and events, and how bad a day it is.

import type { StepPlan, TimingPlan } from "../../src/model/plan";
import { eventsOf, type Planned } from "./events";
import { type Graph, graphOf } from "./graph";
import type { Prng } from "./prng";
import { debounceOf, joinOf, timingOf } from "./timings";
import { START, type Troubles } from "./world";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How far apart things are: bursts of seconds as well as debounces of days. */
const SCALES = [2 * SECOND, 2 * SECOND, 30 * SECOND, 5 * MINUTE, 3 * HOUR, 5 * DAY] as const;
const TICKS = 3;
/** The share of histories with runs that are more than a few steps in a row; they take longest. */
const ORCHESTRATED = 0.4;

export interface Version extends Graph {
	from: number;
	timing: TimingPlan;
}

export interface SimulatedWorkflow {
	name: string;
	/** Whether it groups by a key of its own, so that events are handed on. */
	isGrouped: boolean;
	/** What is published when. */
	versions: Version[];
	isUrgent: boolean;
	/** The event on which its expressions fail. */
	failsOn: string | null;
}

export interface Scenario {
	workflows: SimulatedWorkflow[];
	/** Whether runs are more than a few steps in a row: people vote, pause, cancel and repeat them. */
	isOrchestrated: boolean;
	events: Planned[];
	/** When a cron workflow is reminded that its window must exist. */
	ticks: number[];
	calmAt: number;
	troubles: Troubles;
}

export function scenarioOf(prng: Prng): Scenario {
	const isOrchestrated = prng.chance(ORCHESTRATED);
	const scale = prng.pick(SCALES);
	const events = eventsOf(prng, scale, isOrchestrated ? 4 : 6);
	const ids = events.map(({ event }) => event.id);
	const until = Math.max(...events.map(({ at }) => at)) + scale;
	const make = isOrchestrated ? orchestrated : simple;
	const workflows = Array.from({ length: isOrchestrated ? prng.between(1, 2) : prng.between(1, 3) }, (_, n) =>
		workflowOf(prng, n, { ids, scale }, (from) => make(prng, scale, from)),
	);
	return {
		workflows,
		isOrchestrated,
		events,
		ticks: Array.from({ length: TICKS }, () => prng.between(START, until)),
		calmAt: prng.chance(0.15) ? START : until + prng.between(0, HOUR),
		troubles: troublesOf(prng),
	};
}

function troublesOf(prng: Prng): Troubles {
	const some = () => (prng.chance(0.4) ? 0 : prng.pick([0.01, 0.05, 0.2]));
	return {
		crash: some(),
		consumer: some(),
		loss: some(),
		queue: some(),
		delay: some(),
		alarm: some(),
		target: prng.pick([0, 0.1, 0.5]),
	};
}

function workflowOf(
	prng: Prng,
	n: number,
	{ ids, scale }: { ids: string[]; scale: number },
	make: (from: number) => Version,
): SimulatedWorkflow {
	const first = make(START);
	const versions = [first];
	if (prng.chance(0.3)) {
		const from = START + Math.floor(prng.next() * scale * prng.pick([0.5, 3]));
		versions.push(nextVersion(prng, first, make(from)));
	}
	return {
		name: `workflow-${n}`,
		isGrouped: prng.chance(0.4),
		versions,
		isUrgent: prng.chance(0.2),
		failsOn: prng.chance(0.1) ? prng.pick(ids) : null,
	};
}

/** A join stays a join of the same branches; of the steps some stay as they are. */
function nextVersion(prng: Prng, first: Version, next: Version): Version {
	const timing = first.timing.kind === "join" || next.timing.kind === "join" ? first.timing : next.timing;
	if (prng.chance(0.5)) return { ...next, timing };
	return { ...first, from: next.from, timing, steps: first.steps.map((step) => ({ ...step, attempts: 6 })) };
}

function simple(prng: Prng, scale: number, from: number): Version {
	return { from, timing: timingOf(prng, scale), steps: stepsOf(prng) };
}

function orchestrated(prng: Prng, scale: number, from: number): Version {
	if (prng.chance(0.35)) return { from, timing: joinOf(prng, scale), ...graphOf(prng, { skipUnchanged: false }) };
	if (prng.chance(0.3)) return { from, timing: debounceOf(prng, scale), ...graphOf(prng, { skipUnchanged: true }) };
	return { from, timing: timingOf(prng, scale), ...graphOf(prng, { skipUnchanged: false }) };
}

function stepsOf(prng: Prng): StepPlan[] {
	const isInRow = prng.chance(0.5);
	const count = prng.chance(0.002) ? 50 : prng.pick([1, 1, 2, 3]);
	return Array.from({ length: count }, (_, n) => ({
		id: `step_${n}`,
		...(prng.chance(0.6) ? { use: "target.push", repeatable: true } : { use: "target.blind", repeatable: false }),
		connection: "target",
		timeout_ms: 20_000,
		on_unknown: prng.chance(0.5) ? "stop" : "retry",
		attempts: prng.pick([1, 3, 6]),
		base_ms: 1_000,
		cap_ms: 600_000,
		...(isInRow && n > 0 ? { needs: { all: [`step_${n - 1}`] } } : {}),
	}));
}
