// What can be asked of a tenant's Ledger, and what it answers.

import { z } from "zod";
import { RUN_STATUSES, VOTES } from "./entity";
import { Fact } from "./fact";
import type {
	Alert,
	DeadLetter,
	GroupMove,
	LetterFilter,
	LetterGroup,
	LetterSelection,
	Reread,
	RereadAnswer,
} from "./letter";
import { FailureClass } from "./outcome";
import type { Replay, ReplayAnswer, ReplayOrder } from "./replay";

/** A fact as it stands in the chain. */
export const Entry = Fact.extend({ seq: z.int(), hash: z.string() });
export type Entry = z.infer<typeof Entry>;

export const WAIT_KINDS = ["join", "approval", "time"] as const;

const waiting = {
	/** Of a join: the run that it will become, of which nothing else is known yet. */
	run: z.string(),
	workflow: z.string(),
	version: z.int(),
	trace_id: z.string(),
	entity_key: z.string().nullable(),
	since: z.int(),
	until: z.int(),
};

export const JoinWait = z.strictObject({
	kind: z.literal("join"),
	...waiting,
	/** The branches that have come, and those that have not. */
	have: z.array(z.string()),
	missing: z.array(z.string()),
});
export type JoinWait = z.infer<typeof JoinWait>;

export const ApprovalWait = z.strictObject({
	kind: z.literal("approval"),
	...waiting,
	step: z.string(),
	ask: z.string(),
	/** Who may vote; empty for every operator. */
	of: z.array(z.string()),
	need: z.int(),
	approved: z.int(),
	votes: z.array(z.strictObject({ by: z.string(), vote: z.enum(VOTES), at: z.int(), comment: z.string().optional() })),
});
export type ApprovalWait = z.infer<typeof ApprovalWait>;

export const TimeWait = z.strictObject({ kind: z.literal("time"), ...waiting, step: z.string() });
export type TimeWait = z.infer<typeof TimeWait>;

/** What something waits for, and until when at the latest. */
export type Wait = JoinWait | ApprovalWait | TimeWait;

/**
 * `pending`: nothing was told of it yet. `running`: it was begun, or goes on at an operator's wish. `waiting`: until
 * `until`, for its next attempt unless the run's `waits` name it. `undoing`, `undone`, `undo_failed`: it took effect,
 * and what became of taking it back.
 */
export const STEP_VIEW_STATUSES = [
	"pending",
	"running",
	"waiting",
	"succeeded",
	"failed",
	"skipped",
	"cancelled",
	"undoing",
	"undone",
	"undo_failed",
] as const;

/** A step as the journal tells it; an item of a fan-out (`tell.3`) stands after its step, an undo within it. */
export const StepView = z.strictObject({
	id: z.string(),
	status: z.enum(STEP_VIEW_STATUSES),
	class: FailureClass.optional(),
	reason: z.string().optional(),
	/** How often it was tried, in all; tries of its undo are not counted. */
	attempts: z.int(),
	until: z.int().optional(),
	/** True if the reading failed and the stated fallback stands in for it. */
	fell_back: z.literal(true).optional(),
});
export type StepView = z.infer<typeof StepView>;

/** A run as the journal tells it. */
export const RunView = z.strictObject({
	id: z.string(),
	workflow: z.string(),
	version: z.int(),
	status: z.enum(RUN_STATUSES),
	trace_id: z.string(),
	entity_key: z.string(),
	event: z.string().nullable(),
	started_at: z.int(),
	finished_at: z.int().nullable(),
	/** The run that it repeats. */
	repeats: z.string().nullable(),
	/** What it has changed and was to be taken back and could not be. */
	left: z.array(z.string()),
	steps: z.array(StepView),
	waits: z.array(z.discriminatedUnion("kind", [JoinWait, ApprovalWait, TimeWait])),
	facts: z.array(Entry),
});
export type RunView = z.infer<typeof RunView>;

/** A run in a list: what was said in each attempt would make a page of megabytes, and so would a hundred fan-outs. */
export const RunSummary = RunView.omit({ steps: true, facts: true });
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

export interface WaitQuery extends PageQuery {
	kind?: Wait["kind"];
	workflow?: string;
}

export interface DeadLetterQuery extends PageQuery, LetterFilter {}

export interface GroupQuery extends PageQuery {
	state?: LetterGroup["state"];
	class?: LetterGroup["class"];
	workflow?: string;
	connection?: string;
}

/** `count` is cut at `most`; `steps`: the steps of documents that its letters are about, at most a hundred of them. */
export interface Selected {
	count: number;
	most: number;
	steps: { workflow: string; version: number; step: string }[];
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
	/** All of it, or with the facts of one step and its items only. Exchanges beyond what an answer holds are left out. */
	run(id: string, step?: string): Promise<RunView | null>;
	runSummary(id: string): Promise<RunSummary | null>;
	/** What is waited for now, soonest deadline first. */
	waiting(query: WaitQuery): Promise<Page<Wait>>;
	deadLetters(query: DeadLetterQuery): Promise<Page<DeadLetter>>;
	/** With the story of every attempt, in order. */
	deadLetter(id: string): Promise<{ letter: DeadLetter; story: Entry[] } | null>;
	/** Closes a letter that no Entity knows. False if it is closed already. */
	discard(id: string, by: string, reason: string): Promise<boolean>;
	/** Reads the delivery of a letter again, and takes its events in. */
	reread(id: string, act: Reread): Promise<RereadAnswer>;
	/** What reading it again would come to, by settings that were not read before `since`. */
	peek(id: string, since: number): Promise<RereadAnswer>;
	/** A page of the letters of a selection, newest first; of named ones by their ids. */
	selected(select: LetterSelection, page: PageQuery): Promise<Page<DeadLetter>>;
	countSelected(select: LetterSelection): Promise<Selected>;
	/** Newest first. */
	letterGroups(query: GroupQuery): Promise<Page<LetterGroup>>;
	letterGroup(id: string): Promise<LetterGroup | null>;
	/** What a person says of a group. Saying what holds already tells nothing. Null if there is no such group. */
	moveGroup(id: string, move: Omit<GroupMove, "at">): Promise<LetterGroup | null>;
	startReplay(order: ReplayOrder): Promise<ReplayAnswer>;
	/** What starting a bulk under this name would answer; null if the name is free. */
	namedReplay(name: string, fingerprint: string): Promise<ReplayAnswer | null>;
	/** Newest first, without their failures. */
	replays(query: PageQuery): Promise<Page<Replay>>;
	replay(id: string): Promise<Replay | null>;
	/** Whoever is under way comes to its end. `over` if it was over before. */
	abortReplay(id: string, by: string): Promise<{ said: "ok" | "over"; replay: Replay } | null>;
	/** The limits that are crossed now. */
	alerts(): Promise<Alert[]>;
	/** Totals since the ledger began, by counter name. */
	counters(): Promise<Record<string, number>>;
	/**
	 * For the sweeper: recent runs that started before `before` and have not been heard to end, and waits that should be over
	 * since. It also keeps bulks going whose alarm was lost, and tells of letters that have grown old.
	 */
	unfinished(before: number): Promise<{ run: string; entity_key: string }[]>;
	/** Recomputes the hash chain from its beginning. */
	verify(): Promise<{ ok: boolean; entries: number; head: string; broken_at: number | null }>;
}
