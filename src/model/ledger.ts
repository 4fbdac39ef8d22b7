// What can be asked of a tenant's Ledger, and what it answers.

import { z } from "zod";
import { Fact } from "./fact";
import { FailureClass } from "./outcome";

/** A fact as it stands in the chain. */
export const Entry = Fact.extend({ seq: z.int(), hash: z.string() });
export type Entry = z.infer<typeof Entry>;

export const DEAD_LETTER_STATES = ["open", "retrying", "resolved", "discarded"] as const;

export const DeadLetter = z.strictObject({
	id: z.string(),
	state: z.enum(DEAD_LETTER_STATES),
	class: FailureClass,
	reason: z.string(),
	opened_at: z.int(),
	updated_at: z.int(),
	trace_id: z.string(),
	entity_key: z.string().nullable(),
	event: z.string().nullable(),
	source: z.string().nullable(),
	workflow: z.string().nullable(),
	version: z.int().nullable(),
	run: z.string().nullable(),
	step: z.string().nullable(),
	connection: z.string().nullable(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** A run as the journal tells it. */
export const RunView = z.strictObject({
	id: z.string(),
	workflow: z.string(),
	version: z.int(),
	status: z.enum(["running", "succeeded", "partial", "failed"]),
	trace_id: z.string(),
	entity_key: z.string(),
	event: z.string().nullable(),
	started_at: z.int(),
	finished_at: z.int().nullable(),
	facts: z.array(Entry),
});
export type RunView = z.infer<typeof RunView>;

/** A run in a list: what was said in each attempt would make a page of megabytes. */
export const RunSummary = RunView.omit({ facts: true });
export type RunSummary = z.infer<typeof RunSummary>;

/** `cursor` is where the next page starts; null at the end. A page can be short or empty and still have a next one. */
export interface Page<T> {
	items: T[];
	cursor: string | null;
}

export interface PageQuery {
	cursor?: string;
	limit: number;
}

export interface EventQuery extends PageQuery {
	source?: string;
	event_type?: string;
	entity_id?: string;
}

export interface RunQuery extends PageQuery {
	workflow?: string;
	status?: RunView["status"];
}

export interface DeadLetterQuery extends PageQuery {
	state?: DeadLetter["state"];
	class?: DeadLetter["class"];
	workflow?: string;
	source?: string;
	connection?: string;
	trace_id?: string;
}

export interface LedgerCalls {
	append(facts: Fact[]): Promise<void>;
	/** `event.received` and `delivery.unreadable` facts, newest first. */
	events(query: EventQuery): Promise<Page<Entry>>;
	/** All that is known of one event, in order; null if nothing is. Facts of the runs that it led to are included. */
	event(id: string): Promise<Entry[] | null>;
	/** The facts of one trace, in order. (`trace` itself is a name that the platform keeps for its own handlers.) */
	entriesOf(traceId: string): Promise<Entry[] | null>;
	runs(query: RunQuery): Promise<Page<RunSummary>>;
	run(id: string): Promise<RunView | null>;
	deadLetters(query: DeadLetterQuery): Promise<Page<DeadLetter>>;
	/** With the story of every attempt, in order. */
	deadLetter(id: string): Promise<{ letter: DeadLetter; story: Entry[] } | null>;
	/** Totals since the ledger began, by counter name. */
	counters(): Promise<Record<string, number>>;
	/** Recent runs that started before `before` and have not been heard to end. */
	unfinished(before: number): Promise<{ run: string; entity_key: string }[]>;
	/** Recomputes the hash chain from its beginning. */
	verify(): Promise<{ ok: boolean; entries: number; head: string; broken_at: number | null }>;
}
