// What one history is made of: a handful of workflows and events, and how bad a day it is.

import { groupKey, homeKey } from "../../src/core/accept";
import type { CanonicalEvent } from "../../src/model/event";
import type { Extract, Plan, StepPlan, TimingPlan } from "../../src/model/plan";
import type { Prng } from "./prng";
import { START, type Troubles } from "./world";

export const TENANT = "acme";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How far apart things are: bursts of seconds as well as debounces of days. */
const SCALES = [2 * SECOND, 2 * SECOND, 30 * SECOND, 5 * MINUTE, 3 * HOUR, 5 * DAY] as const;
const TICKS = 3;

export interface SimulatedWorkflow {
	name: string;
	/** Whether it groups by a key of its own, so that events are handed on. */
	isGrouped: boolean;
	/** What is published when. */
	versions: { from: number; timing: TimingPlan; steps: StepPlan[] }[];
	/** The event on which its expressions fail. */
	failsOn: string | null;
}

export interface Scenario {
	workflows: SimulatedWorkflow[];
	events: { event: CanonicalEvent; at: number }[];
	/** When a cron workflow is reminded that its window must exist. */
	ticks: number[];
	calmAt: number;
	troubles: Troubles;
}

export function scenarioOf(prng: Prng): Scenario {
	const scale = prng.pick(SCALES);
	const events = eventsOf(prng, scale);
	const ids = events.map(({ event }) => event.id);
	const until = Math.max(...events.map(({ at }) => at)) + scale;
	const workflows = Array.from({ length: prng.between(1, 3) }, (_, n) => workflowOf(prng, n, scale, ids));
	return {
		workflows,
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

function eventsOf(prng: Prng, scale: number): Scenario["events"] {
	const isSequenced = prng.chance(0.4);
	const entities = prng.between(1, 2);
	const burst = prng.between(1, 6);
	let at = START + 1_000;
	return Array.from({ length: burst }, (_, n) => {
		at += Math.floor(prng.next() * scale * prng.pick([0, 0.1, 1, 2]));
		// Some happened well before they are told.
		const happenedAt = at - (prng.chance(0.4) ? Math.floor(prng.next() * scale * 2) : 0);
		return { event: eventOf(prng, n, happenedAt, entities, isSequenced), at };
	});
}

function eventOf(prng: Prng, n: number, happenedAt: number, entities: number, isSequenced: boolean): CanonicalEvent {
	const trace_id = (n + 1).toString(16).padStart(32, "0");
	const id = String(prng.between(1, entities));
	const time = new Date(happenedAt).toISOString();
	return {
		id: `evt_${trace_id}`,
		tenant_id: TENANT,
		source: "crm",
		source_system: "crm",
		event_type: "deal.updated",
		native_type: "deal.updated",
		entity: { type: "deal", id },
		entity_id: `crm/deal/${id}`,
		actor: { kind: "human" },
		timestamp: time,
		received_at: time,
		...(isSequenced ? { sequence: String(10n ** 20n + BigInt(happenedAt)) } : {}),
		changes: [{ field: "stage", from: n, to: n + 1 }],
		data: { n, group: prng.between(1, 2) },
		trust: "signed",
		trace: { trace_id, hops: 0, path: [] },
		schema_version: 1,
	};
}

function workflowOf(prng: Prng, n: number, scale: number, ids: string[]): SimulatedWorkflow {
	const versions = [{ from: START, timing: timingOf(prng, scale), steps: stepsOf(prng) }];
	if (prng.chance(0.2)) {
		versions.push({
			from: START + Math.floor(prng.next() * scale * 3),
			timing: timingOf(prng, scale),
			steps: stepsOf(prng),
		});
	}
	return {
		name: `workflow-${n}`,
		isGrouped: prng.chance(0.4),
		versions,
		failsOn: prng.chance(0.1) ? prng.pick(ids) : null,
	};
}

function timingOf(prng: Prng, scale: number): TimingPlan {
	const kind = prng.between(0, 9);
	if (kind <= 2) return { kind: "immediate" };
	if (kind <= 6) {
		return {
			kind: "debounce",
			quiet: scale,
			max_wait: Math.floor(scale * prng.pick([0.5, 1, 2, 4])),
			edge: prng.chance(0.25) ? "leading" : "trailing",
			keep: prng.chance(0.3) ? "all" : "latest",
		};
	}
	const limits = { max_events: prng.pick([2, 4, 1_000]), max_bytes: 1_048_576, top_n: 3 };
	if (kind === 7)
		return { kind: "aggregate", every: "*/10 * * * *", tz: "Europe/Berlin", when_empty: "run", ...limits };
	return { kind: "aggregate", window: scale * 2, when_empty: "skip", ...limits };
}

function stepsOf(prng: Prng): StepPlan[] {
	const count = prng.chance(0.002) ? 50 : prng.pick([1, 1, 2, 3]);
	return Array.from({ length: count }, (_, n) => ({
		id: `step_${n}`,
		connection: "target",
		timeout_ms: 20_000,
		repeatable: prng.chance(0.6),
		on_unknown: prng.chance(0.5) ? "stop" : "retry",
		attempts: prng.pick([1, 3, 6]),
		base_ms: 1_000,
		cap_ms: 600_000,
	}));
}

/** What the workflow, as it is published now, makes of an event. */
export function planOf(workflow: SimulatedWorkflow, event: CanonicalEvent, now: number): Plan {
	const found = workflow.versions.findLastIndex((version) => version.from <= now);
	const { timing, steps } = workflow.versions[found] ?? unpublished(workflow);
	const home = homeKey(event);
	return {
		workflow: workflow.name,
		version: found + 1,
		entity_key: workflow.isGrouped ? groupKey(workflow.name, String(event.data.group)) : home,
		priority: "normal",
		timing,
		steps,
		...(timing.kind === "aggregate" ? { extract: extractOf(event) } : {}),
		...(workflow.failsOn === event.id ? { failed: "the key has no value" } : {}),
	};
}

function extractOf(event: CanonicalEvent): Extract {
	const n = Number(event.data.n);
	return { counts_by: `group ${event.data.group}`, sum: { n }, kept: { n }, ...(n === 5 ? { flush: true } : {}) };
}

function unpublished(workflow: SimulatedWorkflow): never {
	throw new Error(`${workflow.name} has no version yet`);
}
