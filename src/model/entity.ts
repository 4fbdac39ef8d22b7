// What an Entity keeps: receipts of events, open windows, runs. All of it is plain data.

import type { CanonicalEvent, Change, OrderKey } from "./event";
import type { Json, JsonObject } from "./json";
import type { FailureClass } from "./outcome";
import type { Extract, NonMatch, Plan, StepPlan, TimingPlan, Work } from "./plan";

export const VERDICTS = [
	"started",
	"debounced",
	"collapsed",
	"aggregated",
	"joined",
	"late",
	"handed_on",
	"failed",
] as const;

/** What became of one event for one workflow. `run` names the run that it started, or that its window will become. */
export interface Verdict {
	workflow: string;
	version: number;
	verdict: (typeof VERDICTS)[number];
	run: string;
	due_at?: number;
	extract?: Extract;
	/** The branch of the join that the event completed. */
	branch?: string;
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
	branch?: string;
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

/** What completed a branch of a join: the newest of its events, and how many there were. */
export interface BranchState {
	event_id: string;
	order: OrderKey;
	at: number;
	count: number;
}

/** An open debounce, aggregate or join of one workflow and one key. Its id is the id of the run that it becomes. */
export interface Window extends Work {
	id: string;
	timing: Exclude<TimingPlan, { kind: "immediate" }>;
	/** True of a join that is over and stays for those who come late. */
	closed?: true;
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
	/** Of a join: the branches that have come. */
	branches: Record<string, BranchState>;
}

/** `compensating` is as open as `running`: what succeeded is being undone. */
export const RUN_STATUSES = [
	"running",
	"compensating",
	"succeeded",
	"partial",
	"failed",
	"compensated",
	"compensation_failed",
	"cancelled",
] as const;

/**
 * `pending`: waits for other steps. `ready`: to be sent to the queue. `queued`: sent. `leased`: a consumer works on it.
 * `waiting`: until its next attempt. `held`: its workflow is paused, or its target has no room for it. `asking`: waits
 * for votes. `sleeping`: waits for a time. `fanned_out`: its items are carried out. The last four are ends.
 */
export const STEP_STATUSES = [
	"pending",
	"ready",
	"queued",
	"leased",
	"waiting",
	"held",
	"asking",
	"sleeping",
	"fanned_out",
	"succeeded",
	"failed",
	"skipped",
	"cancelled",
] as const;

/**
 * `start` stands before all others where a run may not begin by itself. An `item` is a step for one element of a list,
 * `undo` takes a step back, `on_failure` tells people.
 */
export const STEP_KINDS = ["start", "step", "item", "undo", "on_failure"] as const;

export const VOTES = ["approve", "reject"] as const;

export interface Vote {
	by: string;
	vote: (typeof VOTES)[number];
	at: number;
	comment?: string;
}

/** What people are asked, and what they said. An empty `of` stands for every operator. */
export interface Approval {
	of: string[];
	need: number;
	until: number;
	on_timeout: "fail" | "proceed";
	self_approval: boolean;
	ask: string;
	votes: Vote[];
}

/** One step of a run. `due_at` is when the Entity acts on it if nobody else did. */
export interface StepState {
	/** The plan's id; of an item `tell.3`, of an undo `tell.undo`. */
	id: string;
	kind: (typeof STEP_KINDS)[number];
	plan: StepPlan;
	status: (typeof STEP_STATUSES)[number];
	/** Attempts that came to an end since the step was started or resumed. */
	attempts: number;
	/** How often it was sent to the queue since the last attempt ended. */
	dispatches: number;
	/** How often an operator retried it. */
	resumed: number;
	due_at: number | null;
	/** How often it was held because its workflow was paused. */
	holds?: number;
	/** Of an item: its place in the list, from 0, and what stands there. */
	item?: { index: number; value: Json };
	/** The version of its plan, where the run has gone on to another. */
	version?: number;
	/** Its place in the order in which steps succeeded, from 1. */
	succeeded_as?: number;
	output?: Json;
	/** True if the output is the stated fallback, because the reading failed. */
	fell_back?: true;
	/** What the action that undoes it is to be given. */
	undo_with?: JsonObject;
	/** True if an attempt ended without anybody knowing whether it took effect. */
	doubtful?: true;
	/** When the last such attempt ended, epoch milliseconds. */
	doubtful_at?: number;
	/** What an operator wrote in the place of its input: every later attempt is given this. */
	patched_with?: JsonObject;
	/** The bulks that retried it, newest last: each does so once. */
	replays?: string[];
	approval?: Approval;
	class?: FailureClass;
	/** Why it failed, was skipped or was cancelled. */
	reason?: string;
	/** True of a step that was only stopped, or that needs what failed: it may yet be carried out. */
	blocked?: true;
	discarded?: boolean;
}

/** One execution of one workflow version. */
export interface Run extends Omit<Work, "steps"> {
	id: string;
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
	/** What tells people if it could not be completed. */
	on_failure?: StepPlan[];
	/** The run that it repeats, at an operator's wish. */
	repeats?: string;
	/** The approver who asked for the run, if one did. */
	asked_by?: string;
	/** Set once an operator has cancelled it. */
	cancelled?: { by: string; compensate: boolean };
	/** Retries that its steps have used up since it was started or resumed. */
	retries?: number;
	/** How often it has gone on at an operator's wish, or because of a late success. */
	resumed: number;
}

/** What a workflow with `skip_unchanged` last acted on here, as canonical JSON text. */
export interface Acted {
	run: string;
	state: string;
	at: number;
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
	/** Of a join: its branches by name; null for those that did not come. */
	branches: Record<string, BranchState | null>;
}

export interface AcceptInput {
	event: CanonicalEvent;
	plans: Plan[];
	unmatched: NonMatch[];
}
