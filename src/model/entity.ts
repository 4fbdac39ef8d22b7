// What an Entity keeps: receipts of events, open windows, runs. All of it is plain data.

import type { CanonicalEvent, Change, OrderKey } from "./event";
import type { Json, JsonObject } from "./json";
import type { FailureClass } from "./outcome";
import type { Extract, NonMatch, Plan, StepPlan, TimingPlan } from "./plan";
import type { PRIORITIES } from "./workflow";

export const VERDICTS = ["started", "debounced", "collapsed", "aggregated", "handed_on", "failed"] as const;

/** What became of one event for one workflow. `run` names the run that it started, or that its window will become. */
export interface Verdict {
	workflow: string;
	version: number;
	verdict: (typeof VERDICTS)[number];
	run: string;
	due_at?: number;
	extract?: Extract;
}

/** Proof that an event was judged here. `n` is the commit that wrote it. */
export interface Receipt {
	event_id: string;
	n: number;
	at: number;
	expires_at: number;
	order: OrderKey;
	verdicts: Verdict[];
	duplicates: number;
	/** Plans of workflows that group by a key of their own: the event travels on to their Entities. */
	hand_ons: Plan[];
	/** Null where nobody will read the event again, like a late arrival that a newer one outdates. */
	event: CanonicalEvent | null;
}

/** One event as it arrives at a window. */
export interface Arrival {
	event_id: string;
	at: number;
	order: OrderKey;
	changes: Change[];
	bytes: number;
	extract?: Extract;
}

/** The running summary of an aggregate. */
export interface Summary {
	counts_by: Record<string, number>;
	latest_by: Record<string, { order: OrderKey; event: JsonObject }>;
	top: Record<string, number>;
	sum: Record<string, number>;
	critical_count: number;
	critical: JsonObject[];
	events: JsonObject[];
}

/** What happened to one field over a window: the earliest `from` and the latest `to`. */
export interface NetChange {
	from?: Json;
	to?: Json;
	earliest: OrderKey;
	latest: OrderKey;
}

/** An open debounce or aggregate of one workflow and one key. Its id is the id of the run that it becomes. */
export interface Window {
	id: string;
	workflow: string;
	version: number;
	priority: (typeof PRIORITIES)[number];
	timing: Exclude<TimingPlan, { kind: "immediate" }>;
	steps: StepPlan[];
	/** Of the event that opened it; so is the source, which an empty cron window lacks. */
	trace_id: string;
	source: string | null;
	opened_n: number;
	opened_at: number;
	due_at: number;
	first_at: number | null;
	last_at: number | null;
	count: number;
	bytes: number;
	latest: { event_id: string; order: OrderKey } | null;
	/** Event ids in order of arrival, at most `MAX_LISTED` of them. */
	events: string[];
	net: Record<string, NetChange>;
	summary: Summary;
}

export const RUN_STATUSES = ["running", "succeeded", "partial", "failed"] as const;
export const STEP_STATUSES = ["ready", "queued", "leased", "waiting", "succeeded", "failed"] as const;

/**
 * One step of a run. `ready`: to be sent to the queue. `queued`: sent. `leased`: a consumer works on it.
 * `waiting`: until its next attempt. `due_at` is when the Entity acts on it if nobody else did.
 */
export interface StepState {
	plan: StepPlan;
	status: (typeof STEP_STATUSES)[number];
	/** Attempts that came to an end since the step was started or resumed. */
	attempts: number;
	/** How often it was sent to the queue since the last attempt ended. */
	dispatches: number;
	/** How often an operator retried it. */
	resumed: number;
	due_at: number | null;
	class?: FailureClass;
	reason?: string;
	discarded?: boolean;
}

/** One execution of one workflow version. */
export interface Run {
	id: string;
	workflow: string;
	version: number;
	priority: (typeof PRIORITIES)[number];
	trace_id: string;
	source: string | null;
	/** The event that expressions read as `event`; null for an empty cron window. */
	event_id: string | null;
	window: RunWindow | null;
	/** The oldest commit whose receipts this run still reads. */
	opened_n: number;
	started_at: number;
	finished_at: number | null;
	status: (typeof RUN_STATUSES)[number];
	steps: StepState[];
}

/** What a run knows of the window that it came from. */
export interface RunWindow {
	count: number;
	first_at: number | null;
	last_at: number | null;
	events: string[];
	/** True if the run reads the bodies of all its events, not of the latest alone. */
	keep_all: boolean;
	summary: JsonObject | null;
	diff: { field: string; from?: Json; to?: Json }[];
}

export interface AcceptInput {
	event: CanonicalEvent;
	plans: Plan[];
	unmatched: NonMatch[];
}
