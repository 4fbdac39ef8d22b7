// A bulk goes on: one beat acts on a few letters, through their Entities, which do it once for each bulk however often
// they are asked. So a beat that dies half-way is simply taken again.

import type { Env } from "../env";
import { type DeadLetter, isClosed, stepOf } from "../model/letter";
import type { PatchAnswer } from "../model/message";
import { entityOf } from "../stubs";
import * as beats from "./beats";
import { discardedFact } from "./discard";
import { chunkReader, findEntries } from "./entries";
import { findDeadLetter } from "./letters";
import * as replays from "./replays";
import { type Rereading, reread } from "./reread";

/** How many Entities are called at once. */
const LANES = 10;
/** A letter whose Entity cannot be reached is tried this often, a beat that comes to no end likewise. */
const MOST_TRIES = 5;
const MOST_BEATS = 10;
const NOT_WAITING = "it does not wait for anybody now";
const NO_RUN = "its delivery never became an event, so there is no step: retry it without another input or version";

export interface Driving extends Rereading {
	env: Env;
}

/** Every bulk whose time has come has one beat. */
export async function driveReplays(driving: Driving): Promise<void> {
	for (const bulk of beats.dueReplays(driving.sql, driving.now())) {
		try {
			await beat(driving, bulk);
		} catch (error) {
			note(bulk, error);
		}
	}
}

async function beat(driving: Driving, bulk: replays.Bulk): Promise<void> {
	const { sql } = driving;
	// Perhaps it was aborted while another one had its beat.
	if (replays.findBulk(sql, bulk.id)?.state !== "running") return;
	const { items, tries } = beats.takeBeat(sql, bulk, driving.now());
	if (tries > MOST_BEATS) {
		end(
			driving,
			bulk,
			"aborted",
			`it came to no end in ${MOST_BEATS} tries; start it again for the letters that are left`,
		);
		return;
	}
	const waiting = [...items];
	const lane = async () => {
		for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(driving, bulk.id, item);
	};
	await Promise.all(Array.from({ length: LANES }, lane));
	beats.beatDone(sql, bulk.id);
	if (!beats.isWaiting(sql, bulk.id)) end(driving, bulk, "done");
}

/** Not if it was aborted meanwhile. */
function end({ sql, commit, now }: Driving, { id }: replays.Bulk, state: "done" | "aborted", reason?: string): void {
	const bulk = replays.findBulk(sql, id);
	if (bulk?.state !== "running") return;
	const told = reason === undefined ? {} : { reason };
	commit(() => [replays.endReplay(sql, bulk, { state, by: bulk.by, now: now(), ...told })]);
}

async function act(driving: Driving, replay: string, { letter: id }: beats.Item): Promise<void> {
	const { sql } = driving;
	const bulk = replays.findBulk(sql, replay);
	if (bulk?.state !== "running") return;
	const tries = beats.countTry(sql, replay, id);
	const letter = findDeadLetter(sql, id);
	try {
		const reason = letter === null ? "there is no such letter any more" : await actOn(driving, bulk, letter);
		const isDone = reason === null || (letter !== null && isTold(sql, bulk, letter));
		// What an earlier try did, before this object died, its Entity has perhaps not told yet.
		if (!isDone && letter !== null && stepOf(letter) !== null && tries > 1 && tries < MOST_TRIES) return;
		beats.settle(sql, replay, id, isDone ? null : reason);
	} catch (error) {
		note(bulk, error);
		if (tries >= MOST_TRIES) {
			beats.settle(
				sql,
				replay,
				id,
				"what it needs could not be reached; read the letter, it may be retried all the same",
			);
		}
	}
}

/** As it stood before this try. A delivery that was read in vain has been told of, and is not done. */
function isTold(sql: SqlStorage, { id }: replays.Bulk, letter: DeadLetter): boolean {
	if (stepOf(letter) === null && !isClosed(letter)) return false;
	const told = findEntries(sql, chunkReader(sql), letter.trace_id) ?? [];
	return told.some(({ data }) => data.id === letter.id && data.replay === id);
}

/** Null if it was done, else why it could not be. */
async function actOn(driving: Driving, bulk: replays.Bulk, letter: DeadLetter): Promise<string | null> {
	const { sql, env } = driving;
	const { workflow } = letter;
	const at = stepOf(letter);
	if (at === null)
		return bulk.act === "discard" ? discardHere(driving, bulk, letter) : rereadFor(driving, bulk, letter);
	const work = workflow === null ? null : replays.findWork(sql, bulk.id, workflow);
	if (bulk.act === "retry" && bulk.version !== undefined && work === null)
		return "its workflow was not in the selection when it was started";
	const { with: tree, paths = [] } = bulk.patch ?? {};
	const said = await entityOf(env, bulk.tenant, at.entity_key).replay(at.run, at.step, {
		...{ by: bulk.by, replay: bulk.id },
		...(bulk.act === "discard" ? { discard: bulk.reason ?? "" } : {}),
		...(tree === undefined ? {} : { patch: { with: tree, paths } }),
		...(work === null ? {} : { work }),
	});
	return said === "gone" && bulk.act === "discard" ? discardHere(driving, bulk, letter) : reasonOf(said);
}

async function rereadFor(driving: Driving, bulk: replays.Bulk, { id }: DeadLetter): Promise<string | null> {
	const { id: replay, by, patch, version, started_at: since } = bulk;
	if (patch !== undefined || version !== undefined) return NO_RUN;
	const answer = await reread(driving, id, { by, since, replay });
	switch (answer.said) {
		case "ok":
			return null;
		case "unreadable":
			return answer.reason;
		case "closed":
			return NOT_WAITING;
		case "gone":
			return "nothing is kept of its delivery";
	}
}

/** No Entity knows it (any more). */
function discardHere({ sql, busy, commit, now }: Driving, bulk: replays.Bulk, { id }: DeadLetter): string | null {
	if (busy.has(id)) return NOT_WAITING;
	const { by, tenant, reason = "" } = bulk;
	commit(() => discardedFact(sql, id, { tenant, by, reason, replay: bulk.id, now: now() }));
	return null;
}

function reasonOf(said: PatchAnswer): string | null {
	switch (said) {
		case "ok":
			return null;
		case "conflict":
			return "it does not wait for anybody now, or its run is under way, was undone or cancelled";
		case "gone":
			return "its run is no longer kept, or has no such step any more";
		case "not_patchable":
			return "its step is an undo or goes nowhere, and has no input that could be replaced";
		case "too_large":
			return "its run keeps no more patched inputs; retry what is patched first";
	}
}

function note({ id, tenant }: replays.Bulk, error: unknown): void {
	console.error(JSON.stringify({ at: "ledger.replay", tenant, replay: id, error: String(error) }));
}
