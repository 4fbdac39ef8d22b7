// Events, plans and steps with everything that a test does not care about filled in.

import { runIdOf } from "../../../src/core/accept";
import type { CanonicalEvent } from "../../../src/model/event";
import type { Plan, StepPlan, TimingPlan } from "../../../src/model/plan";

export const TENANT = "acme";

/** 32 hex digits that a reader can tell apart. */
export function traceId(n: number): string {
	return n.toString(16).padStart(32, "0");
}

export function eventId(n: number): string {
	return `evt_${traceId(n)}`;
}

/** The run that event `n` starts, or whose window it opens. */
export function runId(n: number, workflow = "wf"): string {
	return runIdOf(traceId(n), workflow);
}

interface EventParts extends Partial<Omit<CanonicalEvent, "timestamp">> {
	/** Epoch milliseconds at the source; by default the events of a test follow each other. */
	at?: number;
}

/** Event `n` about `entity_id`, with `n` as its data. */
export function event(n: number, entity_id: string, { at = n * 1_000, ...parts }: EventParts = {}): CanonicalEvent {
	const [system = "", type = "", id = ""] = entity_id.split("/");
	return {
		id: eventId(n),
		tenant_id: TENANT,
		source: "tracker",
		source_system: system,
		event_type: `${type}.updated`,
		native_type: "updated",
		entity: { type, id },
		entity_id,
		actor: { kind: "human" },
		timestamp: new Date(at).toISOString(),
		received_at: new Date(at).toISOString(),
		changes: [],
		data: { n },
		trust: "signed",
		trace: { trace_id: traceId(n), hops: 0, path: [] },
		schema_version: 1,
		...parts,
	};
}

/** Attempts follow each other at once, so that no test waits. */
export function step(id: string, parts: Partial<StepPlan> = {}): StepPlan {
	return {
		id,
		use: "http.request",
		connection: "out",
		timeout_ms: 1_000,
		repeatable: true,
		on_unknown: "retry",
		attempts: 3,
		base_ms: 100,
		cap_ms: 1_000,
		...parts,
	};
}

export const immediate: TimingPlan = { kind: "immediate" };

export function debounce(parts: Partial<Extract<TimingPlan, { kind: "debounce" }>> = {}): TimingPlan {
	return { kind: "debounce", quiet: 10_000, max_wait: 60_000, edge: "trailing", keep: "latest", ...parts };
}

export function aggregate(parts: Partial<Extract<TimingPlan, { kind: "aggregate" }>> = {}): TimingPlan {
	return {
		kind: "aggregate",
		window: 60_000,
		max_events: 1_000,
		max_bytes: 1_048_576,
		when_empty: "skip",
		top_n: 10,
		...parts,
	};
}

/** A plan of the workflow `wf` for the Entity with this key. */
export function plan(entity_key: string, timing: TimingPlan, parts: Partial<Plan> = {}): Plan {
	return { workflow: "wf", version: 1, entity_key, priority: "normal", timing, steps: [step("tell")], ...parts };
}
