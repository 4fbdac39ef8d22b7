// Letters of deliveries that could not be read: what is kept of them is read again. The Ledger says what is kept, which
// events it has never heard of, and what came of it; how a delivery is read, it does not know.

import { TRUST_LEVELS } from "../model/event";
import type { Fact } from "../model/fact";
import type { JsonObject } from "../model/json";
import {
	type DeadLetter,
	isClosed,
	type KeptDelivery,
	type ReadAgain,
	type ReadKept,
	type Reread,
	type RereadAnswer,
} from "../model/letter";
import { chunkReader, findEntries, findTrace } from "./entries";
import { findDeadLetter } from "./letters";

/** Of the events that were found, the fact names as many. */
const IDS_TOLD = 100;
const BROKEN_OFF = "not all of its events could be taken in; retry it";

export interface Rereading {
	sql: SqlStorage;
	tenant: string;
	read: ReadKept;
	/** The letters that are being read. Nothing else may happen to them meanwhile. */
	busy: Set<string>;
	/** Appends facts, in one commit with what `change` changes. */
	commit: (change: () => Fact[]) => void;
	now: () => number;
}

type Said = Exclude<RereadAnswer, { said: "unavailable" }>;

/** Throws if it cannot be read, or its events cannot be taken in, at present. */
export async function reread(rereading: Rereading, id: string, act: Reread & { replay?: string }): Promise<Said> {
	const found = findWaiting(rereading, id);
	if ("said" in found) return found;
	rereading.busy.add(id);
	try {
		return answerOf(await readAndTell(rereading, found, act));
	} finally {
		rereading.busy.delete(id);
	}
}

/** What reading it again would come to. Nothing is taken in, and nothing is told. Throws if it cannot be read at present. */
export async function peek(rereading: Rereading, id: string, since: number): Promise<Said> {
	const found = findWaiting(rereading, id);
	return "said" in found
		? found
		: answerOf(await rereading.read(found.opening.kept, { since, choose: () => new Set() }));
}

function findWaiting({ sql, tenant, busy }: Rereading, id: string): Waiting | { said: "gone" | "closed" } {
	const letter = findDeadLetter(sql, id);
	const opening = letter === null ? null : openingOf(sql, tenant, letter);
	if (letter === null || opening === null) return { said: "gone" };
	return isClosed(letter) || busy.has(id) ? { said: "closed" } : { letter, opening };
}

function answerOf(read: ReadAgain | null): Said {
	if (read === null) return { said: "gone" };
	const { events, reason } = read;
	return reason === null ? { said: "ok", events } : { said: "unreadable", reason };
}

interface Waiting {
	letter: DeadLetter;
	opening: Opening;
}

interface Opening {
	kept: KeptDelivery;
	/** What was told when it was kept. */
	data: JsonObject;
	/** How often it was read again. */
	times: number;
}

async function readAndTell(
	{ sql, tenant, read, commit, now }: Rereading,
	{ letter: { id, trace_id }, opening }: Waiting,
	{ by, since, replay }: Reread & { replay?: string },
): Promise<ReadAgain | null> {
	const at = now();
	let isBegun = false;
	// Of what was received long ago no Entity knows any more that it was: the journal does.
	const choose = (ids: readonly string[]) => {
		const fresh = new Set(ids.filter((event) => findTrace(sql, event.slice("evt_".length)) === null));
		isBegun = fresh.size > 0;
		return fresh;
	};
	const tell = (ended: Pick<Fact, "kind" | "data">) => {
		const about = { tenant, trace_id, classification: "internal" as const };
		const name = `${id}:${opening.times + 1}`;
		const retried = { id, by, ...(replay === undefined ? {} : { replay }) };
		commit(() => [
			{ ...about, id: `${name}:retried`, at, kind: "dead_letter.retried", actor: by, data: retried },
			{ ...about, id: `${name}:${ended.kind.slice("dead_letter.".length)}`, at: now(), ...ended },
		]);
	};
	const open = (reason: string) => tell({ kind: "dead_letter.opened", data: { ...opening.data, reason } });
	try {
		const found = await read(opening.kept, { since, choose });
		const ids = found?.events.slice(0, IDS_TOLD).map((event) => event.id) ?? [];
		if (found?.reason === null)
			tell({ kind: "dead_letter.resolved", data: { id, found: found.events.length, events: ids } });
		else if (found !== null) open(found.reason);
		return found;
	} catch (error) {
		if (isBegun) open(BROKEN_OFF);
		throw error;
	}
}

/** Null if the letter is not about a delivery. */
function openingOf(sql: SqlStorage, tenant: string, { id, trace_id }: DeadLetter): Opening | null {
	const told = (findEntries(sql, chunkReader(sql), trace_id) ?? []).filter(({ data }) => data.id === id);
	const came = told.filter(({ kind }) => kind === "delivery.unreadable").toSorted((a, b) => a.at - b.at);
	const { at: received_at, data } = came.at(-1) ?? {};
	if (received_at === undefined || data === undefined) return null;
	const { source, source_system, archive } = data;
	if (typeof source !== "string" || typeof source_system !== "string" || typeof archive !== "string") return null;
	const trust = TRUST_LEVELS.find((level) => level === data.trust) ?? "token";
	const times = told.filter(({ kind }) => kind === "dead_letter.retried").length;
	return { kept: { tenant, source, source_system, archive, trust, received_at }, data, times };
}
