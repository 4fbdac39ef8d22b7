// What travels between stages: queue messages, and the calls that stages make on each other's objects.

import type { Bounds } from "./connection";
import type { AcceptInput, Approval, StepState, VOTES } from "./entity";
import type { Fact } from "./fact";
import type { JsonObject } from "./json";
import type { Exchange, Outcome } from "./outcome";
import type { Plan, Work } from "./plan";
import type { Patch, StepReplay } from "./replay";

/** On the actions queues: ids only. */
export interface ActionMessage {
	tenant: string;
	entity_key: string;
	run: string;
	step: string;
}

/** On the journal queue. */
export interface JournalMessage {
	tenant: string;
	facts: Fact[];
}

/** By its end a lease of a step is told from its later ones. */
export type LeaseId = Pick<Lease, "until">;

/** Everything that an attempt needs besides the workflow document and the connection. */
export interface Lease {
	state: "go";
	/** `undo`: take back what the step did. */
	kind: "do" | "undo";
	/** The step's id in the document. */
	step: string;
	attempt: number;
	/** Epoch milliseconds: its end. */
	until: number;
	idempotency_key: string;
	trace_id: string;
	workflow: string;
	version: number;
	/** When the run started, epoch milliseconds. */
	started_at: number;
	/** What expressions read, but for the present time and the attempt. */
	scope: JsonObject;
	/** Nobody knows whether it took effect: look before doing it, or before undoing it. */
	doubtful: boolean;
	/** When the last attempt of which nobody knows that ended, epoch milliseconds; absent if that is not known either. */
	doubtful_at?: number;
	/** The key that the step itself was carried out with; of an undo not its own. */
	probe_key: string;
	/** What an operator wrote in the place of the step's input; of an undo, that of the step that it takes back. */
	patched_with?: JsonObject;
	/** Of an undo by the connector's own way: the input of the action that undoes. */
	undo_with?: JsonObject;
}

/** `done`: never carry it out (again). `busy`: somebody else has it, or it is not yet time. */
export type Claim = Lease | { state: "done" } | { state: "busy" };

export interface AttemptReport {
	run: string;
	step: string;
	attempt: number;
	outcome: Outcome;
	exchange: Exchange;
	started_at: number;
	duration_ms: number;
}

/** An event travels between objects as the JSON text that is also stored: cloning its tree would cost several times as much. */
export interface AcceptCall extends Omit<AcceptInput, "event"> {
	event: string;
}

/** An event on its way from its home to the Entity of a workflow's own key. */
export interface HandOnCall {
	event: string;
	plan: Plan;
}

export interface EntityCalls {
	accept(call: AcceptCall): Promise<{ duplicate: boolean }>;
	handOn(call: HandOnCall): Promise<void>;
	tick(plan: Plan, traceId: string): Promise<void>;
	claim(run: string, step: string): Promise<Claim>;
	report(report: AttemptReport): Promise<void>;
	/** The consumer gives the step that it claimed with this lease back, untried; it is sent again then. */
	postpone(run: string, step: string, lease: LeaseId, sendAt: number): Promise<void>;
	/** The same, and its Connection calls it when there is room for it. */
	park(run: string, step: string, lease: LeaseId): Promise<void>;
	/** There is room for the parked step. */
	call(run: string, step: string): Promise<CallAnswer>;
	/** Looks at what is due, in case its alarm was lost. */
	wake(): Promise<void>;
	crashed(run: string, step: string): Promise<void>;
	/** The step's workflow is paused: it is kept until then. */
	hold(run: string, step: string, until: number): Promise<void>;
	/** What was held goes on. */
	release(workflow: string): Promise<void>;
	resume(run: string, step: string, by: string): Promise<OperatorAnswer>;
	discard(run: string, step: string, by: string, reason: string): Promise<OperatorAnswer>;
	/** Retries it with another input, which every later attempt of the step is given too. */
	patch(run: string, step: string, order: PatchOrder): Promise<PatchAnswer>;
	/** What a bulk does to one letter. Asked again for the same bulk, it answers the same and does nothing. */
	replay(run: string, step: string, order: StepReplay): Promise<PatchAnswer>;
	/** What a consumer would get with the step, without claiming it; null if the run or the step is not kept. */
	peek(run: string, step: string): Promise<Peeked | null>;
	cancel(run: string, order: CancelOrder): Promise<OperatorAnswer>;
	/** Goes on at every step that failed; on another version if `work` is given. */
	resumeRun(run: string, order: ResumeOrder): Promise<OperatorAnswer>;
	/** The same again under a new identity. */
	rerun(run: string, order: RerunOrder): Promise<{ said: "ok"; run: string } | { said: "gone" | "conflict" }>;
	vote(run: string, step: string, ballot: Ballot): Promise<VoteAnswer>;
	/** The run as it stands now; null if it is no longer kept. */
	look(run: string): Promise<RunState | null>;
}

/** `coming`: it was sent on its way. `busy`: somebody has it at this moment. `gone`: it waits for no call. */
export type CallAnswer = "coming" | "busy" | "gone";

export interface CancelOrder {
	by: string;
	reason: string;
	compensate: boolean;
}

export interface PatchOrder extends Patch {
	by: string;
}

/** `not_patchable`: an undo, or a step that goes nowhere. `too_large`: a run keeps so much of patched inputs. */
export type PatchAnswer = OperatorAnswer | "not_patchable" | "too_large";

/** `resumable`: the letter waits for a person, and its step can go on. `open`: other steps of the run are under way. */
export interface Peeked {
	lease: Lease;
	resumable: boolean;
	open: boolean;
}

export interface ResumeOrder {
	by: string;
	work?: Work;
}

export interface RerunOrder extends ResumeOrder {
	/** The approver who asks for it, who may then not approve it alone. */
	asked_by?: string;
	/** Asking twice under one name is asking once. */
	name: string;
}

export interface Ballot {
	/** The approver's name. Null for an operator, who may vote only where no approvers are named. */
	approver: string | null;
	/** What the journal says who it was. */
	by: string;
	teams: string[];
	/** The approver's ids in other systems, like `github:583231`. */
	identities: string[];
	vote: (typeof VOTES)[number];
	comment?: string;
}

/** `not_asked`: somebody else has to vote. `own`: it is about what they did themselves. `over`: nothing waits for votes. */
export type VoteAnswer = "counted" | "voted_already" | "not_asked" | "own" | "over" | "gone";

/** A run as its Entity knows it at this moment. */
export interface RunState {
	id: string;
	workflow: string;
	version: number;
	status: string;
	event_id: string | null;
	steps: (Pick<StepState, "id" | "kind" | "status" | "attempts" | "due_at" | "class" | "reason"> & {
		approval?: Approval;
	})[];
}

/** `gone`: the Entity no longer knows the run. `conflict`: the step does not stand in the dead letters now. */
export type OperatorAnswer = "ok" | "gone" | "conflict";

/** A step that wants to go. `scope`: the part of the target that it concerns, where the vendor pauses parts. */
export interface Wanted extends Omit<ActionMessage, "tenant"> {
	workflow: string;
	scope?: string;
}

export interface AdmitCall {
	batch: string;
	steps: readonly Wanted[];
	/** How many of them the batch could carry out at once. */
	lanes: number;
	bounds: Bounds;
	/** The longest that one of them may take. */
	longest_ms: number;
}

export interface Admission {
	/** For each step: null to go, the milliseconds after which it comes back, or `parked` until its Entity is called. */
	waits: (number | "parked" | null)[];
	/** How many may be under way at once. */
	lanes: number;
	/** The end of the batch must be told, even if nothing special happened. */
	settle: boolean;
	/** Its target is known to be slow at present, or perhaps still fails: nobody should wait for it. */
	slow: boolean;
}

/** What a batch that is not done yet needs, and for how many milliseconds at most. */
export interface Holding {
	batch: string;
	lanes: number;
	/** How many of its steps are not over. */
	left: number;
	/** Nothing of it ended since it last said so. */
	slow: boolean;
	ms: number;
}

/** What became of the steps of a batch that were admitted. */
export interface Settlement {
	batch: string;
	/** Requests that were made, and those of them that the target failed on. */
	finished: number;
	failed: number;
	/** Steps that were admitted and did not go. */
	unused: number;
}

/** A connection as it is paced at this moment. */
export interface ConnectionState {
	breaker: "closed" | "open" | "half_open";
	/** Epoch milliseconds: until when nothing goes, by the target's wish or because it fails. */
	paused_until: number | null;
	/** Parts of the target that asked for a pause of their own. */
	paused_scopes: { scope: string; until: number }[];
	/** Requests under way, at most. */
	in_flight: number;
	/** Steps that were told to come back later: an estimate. */
	waiting: number;
	/** Of a connection by OAuth that has been used. */
	token?: TokenState;
}

/** The access token of a connection, but never the token. Times are epoch milliseconds. */
export interface TokenState {
	/** Null if there is none, or it does not expire as far as is known. */
	expires_at: number | null;
	/** When the present one was granted; null if the operator gave it, or there is none. */
	refreshed_at: number | null;
	/** Why there is no new one, if it was last asked for in vain. */
	last_error: string | null;
}

/** `wait`: none can be had at present. `refused`: none will be had before somebody changes something. */
export type Authorization =
	| { state: "go"; token: string; serial: number }
	| { state: "wait"; ms: number }
	| { state: "refused"; class: "auth" | "policy"; reason: string };

/**
 * Pacing, and no truth: wherever such a call fails, work goes on without it. Access tokens of connections by OAuth, and
 * these are truth: without one, work waits.
 */
export interface ConnectionCalls {
	admit(call: AdmitCall): Promise<Admission>;
	/** The batch is not done yet. */
	hold(holding: Holding): Promise<void>;
	settle(done: Settlement, bounds: Bounds): Promise<void>;
	/** The target asked for a pause of this length, for all of it or for a part. */
	pause(ms: number, scope?: string): Promise<void>;
	/** An operator ends every pause, and lets the target be tried. */
	resume(): Promise<void>;
	state(): Promise<ConnectionState>;
	/** The access token for a batch. `settings`: which settings the batch knows; what holds is what the database says. */
	authorize(settings: string): Promise<Authorization>;
	/** The target refused the token with this number. `auth`: another one would not help. */
	refuse(serial: number): Promise<"again" | "auth">;
}
