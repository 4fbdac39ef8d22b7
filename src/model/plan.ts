// What the edge asks an Entity to do with one event: one plan per workflow that wants it. A plan carries all that
// the Entity needs to decide, so that deciding reads no configuration.

import type { JsonObject } from "./json";
import type { Name, StepId } from "./name";
import type { Aggregate, Debounce } from "./timing";
import type { PRIORITIES } from "./workflow";

export interface StepPlan {
	id: StepId;
	connection: Name;
	timeout_ms: number;
	/** True if the target recognises a repeated request by its idempotency key. */
	repeatable: boolean;
	on_unknown: "retry" | "stop";
	attempts: number;
	base_ms: number;
	cap_ms: number;
}

/** What an aggregate keeps of one event, evaluated at the edge so that the Entity only adds up. */
export interface Extract {
	counts_by?: string;
	latest_by?: string;
	top?: string;
	sum?: Record<string, number>;
	critical?: boolean;
	kept?: JsonObject;
	flush?: boolean;
	/** Expressions that failed on this event and are left out of what it adds. */
	problems?: string[];
}

export type TimingPlan =
	| { kind: "immediate" }
	| ({ kind: "debounce" } & Debounce)
	| ({ kind: "aggregate" } & Pick<Aggregate, "window" | "every" | "tz" | "max_events" | "max_bytes" | "when_empty"> & {
				top_n: number;
			});

export interface Plan {
	workflow: Name;
	version: number;
	/** The Entity that holds this plan's windows and runs: its home (`e:…`) or a group (`g:…`). */
	entity_key: string;
	priority: (typeof PRIORITIES)[number];
	timing: TimingPlan;
	steps: StepPlan[];
	extract?: Extract;
	/** Set if an expression of the workflow failed on this event: it becomes a dead letter instead of a run. */
	failed?: string;
}

/** Why a workflow that listens to the event's source did not want it. */
export interface NonMatch {
	workflow: Name;
	reason: "event_type" | "actor" | "condition" | "expression";
	detail: string;
}
