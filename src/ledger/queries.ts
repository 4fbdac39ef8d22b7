// Reading the journal back. Lists walk the chunks from the newest; one page looks at a bounded number of them, so it
// can be short and still have a next one.

import type {
	DeadLetter,
	DeadLetterQuery,
	Entry,
	EventQuery,
	Page,
	PageQuery,
	RunQuery,
	RunSummary,
	RunView,
} from "../model/ledger";
import { follows, GENESIS } from "./chain";
import { chunkReader, findDeadLetter, findEntries, type ReadChunk } from "./entries";

const CHUNKS_PER_PAGE = 200;
/** How many letters one page looks at. */
const LETTERS_PER_PAGE = 5_000;

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

export function listRuns(sql: SqlStorage, query: RunQuery): Page<RunSummary> {
	const read = chunkReader(sql);
	return walk(sql, read, query, (entry) => {
		if (entry.kind !== "run.started" || entry.run === undefined) return null;
		if (query.workflow !== undefined && entry.workflow !== query.workflow) return null;
		const run = viewRun(sql, read, entry.run);
		if (run === null || (query.status !== undefined && run.status !== query.status)) return null;
		const { facts: _, ...summary } = run;
		return summary;
	});
}

/** From the newest entry on. `pick` sees each and says what to make of it. */
function walk<T>(sql: SqlStorage, read: ReadChunk, query: PageQuery, pick: (entry: Entry) => T | null): Page<T> {
	const items: T[] = [];
	const below = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(query.cursor);
	const chunks = sql
		.exec<{ first_seq: number; last_seq: number }>(
			"SELECT first_seq, last_seq FROM chunk WHERE first_seq < ? ORDER BY last_seq DESC LIMIT ?",
			below,
			CHUNKS_PER_PAGE,
		)
		.toArray();
	for (const chunk of chunks) {
		for (const entry of read(chunk.last_seq).toReversed()) {
			if (entry.seq >= below) continue;
			const item = pick(entry);
			if (item !== null) items.push(item);
			if (items.length === query.limit) return { items, cursor: entry.seq > 1 ? String(entry.seq) : null };
		}
	}
	const last = chunks.at(-1);
	return { items, cursor: last === undefined || last.first_seq <= 1 ? null : String(last.first_seq) };
}

export function traceEntries(sql: SqlStorage, traceId: string): Entry[] | null {
	return findEntries(sql, chunkReader(sql), traceId)?.sort(asItHappened) ?? null;
}

/** Facts of several Entities reach the chain in any order; and nothing of an event comes before it was received. */
function asItHappened(a: Entry, b: Entry): number {
	const isReceipt = ({ kind }: Entry) => kind === "event.received";
	return a.at - b.at || Number(isReceipt(b)) - Number(isReceipt(a)) || a.seq - b.seq;
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
	return [...own, ...others].sort(asItHappened);
}

function runsOf({ data }: Entry): string[] {
	const verdicts = Array.isArray(data.verdicts) ? data.verdicts : [];
	return verdicts.flatMap((verdict) => {
		const run = verdict !== null && typeof verdict === "object" && !Array.isArray(verdict) ? verdict.run : null;
		return typeof run === "string" ? [run] : [];
	});
}

/** `run_<trace>.<workflow>` */
function traceOfRun(run: string): string {
	return run.slice("run_".length, run.indexOf("."));
}

export function findRun(sql: SqlStorage, id: string): RunView | null {
	return viewRun(sql, chunkReader(sql), id);
}

function viewRun(sql: SqlStorage, read: ReadChunk, id: string): RunView | null {
	const facts = (findEntries(sql, read, traceOfRun(id)) ?? []).filter((entry) => entry.run === id).sort(asItHappened);
	const started = facts.find((entry) => entry.kind === "run.started");
	if (started === undefined) return null;
	const finished = facts.findLast((entry) => entry.kind === "run.finished" || entry.kind === "dead_letter.retried");
	const isOver = finished?.kind === "run.finished";
	return {
		id,
		workflow: started.workflow ?? "",
		version: started.version ?? 0,
		status: isOver ? (finished.data.status as RunView["status"]) : "running",
		trace_id: started.trace_id,
		entity_key: started.entity_key ?? "",
		event: started.event ?? null,
		started_at: started.at,
		finished_at: isOver ? finished.at : null,
		facts,
	};
}

/** Runs of the recent chunks that started before `before` and have not ended. */
export function unfinishedRuns(sql: SqlStorage, before: number): { run: string; entity_key: string }[] {
	const read = chunkReader(sql);
	const resumed = new Set<string>();
	const over = new Set<string>();
	const { items } = walk(sql, read, { limit: Number.POSITIVE_INFINITY }, ({ kind, run = "", entity_key = "", at }) => {
		if (kind === "dead_letter.retried") resumed.add(run);
		if (kind === "run.finished" && !resumed.has(run)) over.add(run);
		return kind === "run.started" && at < before && !over.has(run) ? { run, entity_key } : null;
	});
	return items.filter(({ run }) => viewRun(sql, read, run)?.status === "running");
}

export function listDeadLetters(sql: SqlStorage, query: DeadLetterQuery): Page<DeadLetter> {
	const items: DeadLetter[] = [];
	let looked = 0;
	const [at, id] = (query.cursor ?? `${Number.MAX_SAFE_INTEGER}~`).split("~");
	const rows = sql.exec<{ doc: string }>(
		"SELECT doc FROM dead_letter WHERE (opened_at, id) < (?, ?) ORDER BY opened_at DESC, id DESC",
		Number(at),
		id ?? "",
	);
	for (const { doc } of rows) {
		const letter = JSON.parse(doc) as DeadLetter;
		looked += 1;
		if (matchesLetter(letter, query)) items.push(letter);
		if (items.length === query.limit || looked === LETTERS_PER_PAGE) {
			return { items, cursor: `${letter.opened_at}~${letter.id}` };
		}
	}
	return { items, cursor: null };
}

const LETTER_FILTERS = ["state", "class", "workflow", "source", "connection", "trace_id"] as const;

function matchesLetter(letter: DeadLetter, query: DeadLetterQuery): boolean {
	return LETTER_FILTERS.every((name) => query[name] === undefined || letter[name] === query[name]);
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
