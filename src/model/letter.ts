// Dead letters as they are listed, the groups that those of one cause form, and the alerts that there are too many.

import { z } from "zod";
import type { CanonicalEvent } from "./event";
import { type FAILURE_CLASSES, FailureClass } from "./outcome";

export const DEAD_LETTER_STATES = ["open", "retrying", "resolved", "discarded"] as const;

export const DeadLetter = z.strictObject({
	id: z.string(),
	state: z.enum(DEAD_LETTER_STATES),
	class: FailureClass,
	reason: z.string(),
	opened_at: z.int(),
	/** When it failed last: a retry that fails opens it again. */
	failed_at: z.int(),
	updated_at: z.int(),
	trace_id: z.string(),
	entity_key: z.string().nullable(),
	/** What the event is about, like `hubspot/deal/991`; null until the journal has been told of the event. */
	entity_id: z.string().nullable(),
	event: z.string().nullable(),
	source: z.string().nullable(),
	source_system: z.string().nullable(),
	workflow: z.string().nullable(),
	version: z.int().nullable(),
	run: z.string().nullable(),
	step: z.string().nullable(),
	connection: z.string().nullable(),
	/** The id of the group of those that failed in the same way. */
	group: z.string(),
	/** Of an undo that failed: what the run has changed and nothing has taken back. */
	left: z.array(z.string()).optional(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** Where the step stands that the letter is about; null if it is about a delivery that never became an event. */
export function stepOf({
	entity_key,
	run,
	step,
}: DeadLetter): { entity_key: string; run: string; step: string } | null {
	return entity_key === null || run === null || step === null ? null : { entity_key, run, step };
}

/** It waits for nobody any more. */
export function isClosed({ state }: DeadLetter): boolean {
	return state === "discarded" || state === "resolved";
}

/** A delivery that was kept because it could not be read, or not all of it. */
export interface KeptDelivery {
	tenant: string;
	source: string;
	source_system: string;
	/** The key of the archive's object. */
	archive: string;
	/** As it was when it came: what its source is trusted with now may be more. */
	trust: CanonicalEvent["trust"];
	/** Epoch milliseconds. */
	received_at: number;
}

/** `reason`: why some of it, or all of it, cannot be read; null if nothing stands against it. */
export interface ReadAgain {
	events: FoundEvent[];
	reason: string | null;
}

export interface FoundEvent {
	id: string;
	event_type: string;
	entity_id: string;
}

export interface KeptReading {
	/** Settings that were read before are too old. Epoch milliseconds. */
	since: number;
	/** Which of the events that were found are to be taken in, by their ids. */
	choose: (ids: readonly string[]) => ReadonlySet<string>;
}

/**
 * What a kept delivery holds by the settings that its source has now; null if it is not there any more. Throws if it
 * cannot be read at present, or the events that are chosen cannot all be taken in.
 */
export type ReadKept = (kept: KeptDelivery, reading: KeptReading) => Promise<ReadAgain | null>;

export interface Reread {
	by: string;
	/** As of a reading. */
	since: number;
}

/**
 * `gone`: nothing is kept under this id. `closed`: it waits for nobody now. `unavailable`: it cannot be read at present, or
 * its events cannot be taken in.
 */
export type RereadAnswer =
	| { said: "ok"; events: FoundEvent[] }
	| { said: "unreadable"; reason: string }
	| { said: "gone" }
	| { said: "closed" }
	| { said: "unavailable" };

/** All that is given must hold. Names stand for themselves; `text` is a part of the reason, in any case of letters. */
export interface LetterFilter {
	state?: DeadLetter["state"];
	class?: (typeof FAILURE_CLASSES)[number];
	workflow?: string;
	version?: number;
	/** The step of the document: its items and its undo are meant too. */
	step?: string;
	connection?: string;
	source?: string;
	source_system?: string;
	/** The id of what the event is about, or the key of the run's Entity. */
	entity?: string;
	trace_id?: string;
	run?: string;
	opened_before?: number;
	opened_after?: number;
	text?: string;
	group?: string;
}

/** Letters that wait for a person: those named, or all that the filter takes. */
export type LetterSelection = { ids: string[] } | Omit<LetterFilter, "state">;

export const GROUP_STATES = ["open", "acknowledged", "resolved", "ignored"] as const;
export const GROUP_MOVES = ["acknowledged", "resolved", "ignored", "reopened"] as const;

/** What a person said of a group last. */
export const GroupMove = z.strictObject({
	move: z.enum(GROUP_MOVES),
	at: z.int(),
	by: z.string(),
	note: z.string().optional(),
});
export type GroupMove = z.infer<typeof GroupMove>;

/** Letters of one cause: the same step failed in the same way, but for the numbers, ids and names in the reason. */
export const LetterGroup = z.strictObject({
	id: z.string(),
	/** Where the facts of what people said of it are told. */
	trace_id: z.string(),
	state: z.enum(GROUP_STATES),
	class: FailureClass,
	workflow: z.string().nullable(),
	step: z.string().nullable(),
	connection: z.string().nullable(),
	/** Of deliveries that could not be read, which no workflow has. */
	source: z.string().nullable(),
	/** The reason without what differs from letter to letter. */
	pattern: z.string(),
	/** The reason of the newest, as it was. */
	sample: z.string(),
	sample_letter: z.string(),
	first_seen: z.int(),
	last_seen: z.int(),
	/** How often it has happened, with retries that failed in the same way. */
	seen: z.int(),
	/** How many of its letters wait for a person now. */
	open: z.int(),
	last_move: GroupMove.nullable(),
});
export type LetterGroup = z.infer<typeof LetterGroup>;

export const ALERT_KINDS = ["open_letters", "oldest_letter"] as const;

/** A limit that is crossed at this time. `value` and `limit`: a number of letters, or an age in milliseconds. */
export const Alert = z.strictObject({
	kind: z.enum(ALERT_KINDS),
	since: z.int(),
	value: z.int(),
	limit: z.int(),
});
export type Alert = z.infer<typeof Alert>;
