// A bulk: something that is done to many dead letters, one after the other, each once.

import { z } from "zod";
import type { JsonObject } from "./json";
import type { LetterSelection } from "./letter";
import type { Work } from "./plan";

export const REPLAY_STATES = ["running", "done", "aborted"] as const;
/** What is done to each letter. */
export const REPLAY_ACTS = ["retry", "discard"] as const;

export const Replay = z.strictObject({
	id: z.string(),
	/** Starting twice under one name is starting once. Null if none was given. */
	name: z.string().nullable(),
	/** Where its facts are told. */
	trace_id: z.string(),
	act: z.enum(REPLAY_ACTS),
	by: z.string(),
	started_at: z.int(),
	ended_at: z.int().nullable(),
	state: z.enum(REPLAY_STATES),
	total: z.int(),
	/** Letters that were retried or discarded. What became of a retry, its letter tells. */
	done: z.int(),
	/** Letters that could not be. */
	failed: z.int(),
	per_minute: z.int(),
	/** The version that the runs went on with. */
	version: z.union([z.int(), z.literal("current")]).optional(),
	/** Where the patched input differs from the document's. */
	patched: z.array(z.string()).optional(),
	/** Of discarding: why. Of an aborted one: what made it end, unless a person did. */
	reason: z.string().optional(),
	/** The first of those that could not be, with the reason. */
	failures: z.array(z.strictObject({ letter: z.string(), reason: z.string() })),
});
export type Replay = z.infer<typeof Replay>;

/** An input in the place of the document's. */
export interface Patch {
	with: JsonObject;
	/** Where it differs from the document's, like `body.amount`. */
	paths: string[];
}

/** What somebody wants to be done to a selection. */
export interface ReplayOrder {
	by: string;
	name?: string;
	act: Replay["act"];
	select: LetterSelection;
	/** How many letters the selection must hold at this moment. */
	expect: number;
	/** Only these of the selection, which were found to pass. */
	only?: string[];
	per_minute: number;
	/** Of discarding. */
	reason?: string;
	patch?: Patch;
	version?: number | "current";
	/** By workflow: what its runs go on with. */
	works?: Record<string, Work>;
	/** What tells this order from another one under the same name. */
	fingerprint: string;
}

/** `count`: the selection holds another number of letters now. `name`: another order has this name. */
export type ReplayAnswer =
	| { said: "ok"; replay: Replay }
	| { said: "count"; count: number }
	| { said: "too_many"; most: number }
	| { said: "name" };

/** What a bulk asks the Entity to do to one letter. Asking again for the same bulk changes nothing. */
export interface StepReplay {
	by: string;
	replay: string;
	/** Give it up, with this reason. */
	discard?: string;
	patch?: Patch;
	work?: Work;
}
