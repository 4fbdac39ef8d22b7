// Reading the chain's entries: by chunk, and by the trace that they belong to.

import type { Entry } from "../model/ledger";

/** Neighbours in time stand in the same few chunks, so a query that follows many runs parses each chunk about once. */
const CHUNKS_REMEMBERED = 16;

/** What is known of a trace: the ids of its facts, and the chunks that they stand in. */
export interface TraceRow {
	facts: string[];
	chunks: number[];
}

/** The entries of the chunk that ends with this sequence number. */
export type ReadChunk = (lastSeq: number) => readonly Entry[];

/** One reader lasts for one query: it remembers what it parsed. */
export function chunkReader(sql: SqlStorage): ReadChunk {
	const remembered = new Map<number, Entry[]>();
	return (lastSeq) => {
		const entries = remembered.get(lastSeq) ?? readChunk(sql, lastSeq);
		remembered.delete(lastSeq);
		remembered.set(lastSeq, entries);
		const [oldest] = remembered.keys();
		if (oldest !== undefined && remembered.size > CHUNKS_REMEMBERED) remembered.delete(oldest);
		return entries;
	};
}

function readChunk(sql: SqlStorage, lastSeq: number): Entry[] {
	return sql
		.exec<{ entries: string }>("SELECT entries FROM chunk WHERE last_seq = ?", lastSeq)
		.toArray()
		.flatMap(({ entries }) => JSON.parse(entries) as Entry[]);
}

export function findTrace(sql: SqlStorage, traceId: string): TraceRow | null {
	const row = sql
		.exec<{ facts: string; chunks: string }>("SELECT facts, chunks FROM trace WHERE trace_id = ?", traceId)
		.toArray()[0];
	return row === undefined
		? null
		: { facts: JSON.parse(row.facts) as string[], chunks: JSON.parse(row.chunks) as number[] };
}

/** All entries of a trace, in the order of the chain. */
export function findEntries(sql: SqlStorage, read: ReadChunk, traceId: string): Entry[] | null {
	const trace = findTrace(sql, traceId);
	if (trace === null) return null;
	return trace.chunks.flatMap(read).filter((entry) => entry.trace_id === traceId);
}
