// What travels between stages: queue messages, and the calls that stages make on each other's objects.

import type { AcceptInput, RunWindow } from "./entity";
import type { CanonicalEvent } from "./event";
import type { Fact } from "./fact";
import type { Exchange, Outcome } from "./outcome";
import type { Plan } from "./plan";

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

/** Everything that an attempt needs besides the workflow document and the connection. */
export interface Lease {
	state: "go";
	run: string;
	attempt: number;
	idempotency_key: string;
	trace_id: string;
	workflow: string;
	version: number;
	started_at: number;
	event: CanonicalEvent | null;
	window: (RunWindow & { bodies: CanonicalEvent[] }) | null;
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
	/** The consumer gives a claimed step back until then, untried. */
	postpone(run: string, step: string, until: number): Promise<void>;
	/** Looks at what is due, in case its alarm was lost. */
	wake(): Promise<void>;
	crashed(run: string, step: string): Promise<void>;
	resume(run: string, step: string, by: string): Promise<OperatorAnswer>;
	discard(run: string, step: string, by: string, reason: string): Promise<OperatorAnswer>;
}

/** `gone`: the Entity no longer knows the run. `conflict`: the step does not stand in the dead letters now. */
export type OperatorAnswer = "ok" | "gone" | "conflict";

export interface ConnectionCalls {
	/** How long requests of this connection must wait now, in milliseconds; 0 to go. */
	admit(): Promise<number>;
	/** The target asked for a pause of this length. */
	pause(ms: number): Promise<void>;
}
