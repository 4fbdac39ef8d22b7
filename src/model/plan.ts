// What the edge asks an Entity to do with one event: one plan per workflow that wants it. A plan carries all that
// the Entity needs to decide, so that deciding reads no configuration.

import type { JsonObject } from "./json";
import type { Name, StepId } from "./name";
import type { Aggregate, Debounce, Join } from "./timing";
import type { PRIORITIES } from "./workflow";

/** How one action is tried. */
export interface AttemptPlan {
	use: string;
	/** Null for `approve` and `wait`, which go nowhere. */
	connection: Name | null;
	timeout_ms: number;
	/** True if the target recognises a repeated request by its idempotency key, or if nothing is changed there. */
	repeatable: boolean;
	on_unknown: "retry" | "stop";
	attempts: number;
	base_ms: number;
	cap_ms: number;
}

/** `all` must have ended well, and of `some.of` at least so many. */
export interface NeedsPlan {
	all: StepId[];
	some?: { at_least: number; of: StepId[] };
}

/** `natural`: by the action that the connector names, with the input that the step's own answer gave. */
export interface UndoPlan extends AttemptPlan {
	natural: boolean;
}

/** Expressions are texts here: the Entity compiles them when it comes to the step. */
export interface StepPlan extends AttemptPlan {
	id: StepId;
	/** True for a step of `on_failure`. */
	on_failure?: true;
	/** True for an action that only reads. */
	reads?: true;
	needs?: NeedsPlan;
	if?: string;
	for_each?: string;
	concurrency?: number;
	continue_on_error?: true;
	/** What `approve` and `wait` are given: a template. */
	input?: JsonObject;
	/** The output if the reading fails: a template. */
	fallback?: JsonObject;
	/** Absent where nothing can or should be undone. */
	undo?: UndoPlan;
}

/** What is to be done, whatever it was that asked for it: pinned to one version of a workflow. */
export interface Work {
	workflow: Name;
	version: number;
	priority: (typeof PRIORITIES)[number];
	steps: StepPlan[];
	/** True if the steps that succeeded are undone when one has failed. */
	compensate?: true;
	/** How many retries all steps may use up, where that is not the default. */
	retry_budget?: number;
	/** Reading steps: nothing is done if what they read is what was last acted on. */
	skip_unchanged?: StepId[];
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

export type DebouncePlan = { kind: "debounce" } & Omit<Debounce, "skip_unchanged">;

export type TimingPlan =
	| { kind: "immediate" }
	| DebouncePlan
	| ({ kind: "aggregate" } & Pick<Aggregate, "window" | "every" | "tz" | "max_events" | "max_bytes" | "when_empty"> & {
				top_n: number;
			})
	| JoinPlan;

/** `need`: how many of the required branches, or a condition over the names of all. */
export interface JoinPlan extends Pick<Join, "by" | "on_short" | "late"> {
	kind: "join";
	branches: Record<string, "required" | "optional" | "veto">;
	need: number | string;
}

export interface Plan extends Work {
	/** The Entity that holds this plan's windows and runs: its home (`e:…`) or a group (`g:…`). */
	entity_key: string;
	timing: TimingPlan;
	/** The branch of the join that the event completes. */
	branch?: string;
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
