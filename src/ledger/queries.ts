// Reading the journal back: events, traces, dead letters, the chain itself.

import type { Entry, EventQuery, Page } from "../model/ledger";
import type { DeadLetter } from "../model/letter";
import { follows, GENESIS } from "./chain";
import { chunkReader, findEntries } from "./entries";
import { withinBounds } from "./exchanges";
import { findDeadLetter } from "./letters";
import { asItHappened } from "./order";
import { traceOfRun } from "./runs";
import { walk } from "./walk";

export function listEvents(sql: SqlStorage, query: EventQuery): Page<Entry> {
	return walk(sql, chunkReader(sql), query, (entry) => {
		const isEvent = entry.kind === "event.received" || entry.kind === "delivery.unreadable";
		return isEvent && matchesEvent(entry, query) ? entry : null;
	});
}

function matchesEvent({ data }: Entry, { source, event_type, entity_id }: EventQuery): boolean {
	return (
		(source === undefined || data.source === source) &&
		(event_type === undefined || data.event_type === event_type) &&
		(entity_id === undefined || data.entity_id === entity_id)
	);
}

export function traceEntries(sql: SqlStorage, traceId: string): Entry[] | null {
	const entries = findEntries(sql, chunkReader(sql), traceId);
	return entries === null ? null : withinBounds(entries.sort(asItHappened));
}

/** An event's own trace, and the facts of the runs that its windows became. */
export function findEvent(sql: SqlStorage, eventId: string): Entry[] | null {
	const read = chunkReader(sql);
	const traceId = eventId.slice("evt_".length);
	const own = findEntries(sql, read, traceId);
	if (own === null) return null;
	const runs = new Set(own.flatMap(runsOf).filter((run) => traceOfRun(run) !== traceId));
	const others = [...runs].flatMap((run) =>
		(findEntries(sql, read, traceOfRun(run)) ?? []).filter((entry) => entry.run === run),
	);
	return withinBounds([...own, ...others].sort(asItHappened));
}

function runsOf({ data }: Entry): string[] {
	const verdicts = Array.isArray(data.verdicts) ? data.verdicts : [];
	return verdicts.flatMap((verdict) => {
		const run = verdict !== null && typeof verdict === "object" && !Array.isArray(verdict) ? verdict.run : null;
		return typeof run === "string" ? [run] : [];
	});
}

/** A letter with everything that was tried for its step, in order. */
export function deadLetterStory(sql: SqlStorage, id: string): { letter: DeadLetter; story: Entry[] } | null {
	const letter = findDeadLetter(sql, id);
	if (letter === null) return null;
	const entries = traceEntries(sql, letter.trace_id) ?? [];
	const story = entries.filter(
		(entry) => entry.data.id === id || (entry.run === letter.run && entry.step === letter.step && letter.run !== null),
	);
	return { letter, story };
}

/** Recomputes the whole chain. `broken_at` is the first entry that does not follow from those before it. */
export function verifyChain(sql: SqlStorage): { ok: boolean; entries: number; head: string; broken_at: number | null } {
	let head = GENESIS;
	let entries = 0;
	for (const row of sql.exec<{ entries: string }>("SELECT entries FROM chunk ORDER BY last_seq")) {
		for (const entry of JSON.parse(row.entries) as Entry[]) {
			if (entry.seq !== entries + 1 || !follows(head, entry)) return { ok: false, entries, head, broken_at: entry.seq };
			head = entry.hash;
			entries += 1;
		}
	}
	return { ok: true, entries, head, broken_at: null };
}
