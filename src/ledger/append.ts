// Appending to the chain. Facts arrive at least once; one that stands in its trace already is left out, so appending
// twice is appending once. Everything that one append changes is one commit.

import type { Fact } from "../model/fact";
import type { Entry } from "../model/ledger";
import { entryOf, GENESIS } from "./chain";
import { addToCounters, type Counters } from "./count";
import { chunkReader, findTrace, type TraceRow } from "./entries";
import { noteGroups } from "./groups";
import { writeLetters } from "./letters";
import { writeWaiting } from "./waiting";

/** Entries are kept in chunks below this, well under the platform's limit of 2 MB for a row. */
const CHUNK_BYTES = 500_000;

export interface Head {
	seq: number;
	hash: string;
	counters: Counters;
}

export function headOf(sql: SqlStorage): Head {
	const row = sql
		.exec<{ last_seq: number; head: string; counters: string }>(
			"SELECT last_seq, head, counters FROM chunk ORDER BY last_seq DESC LIMIT 1",
		)
		.toArray()[0];
	if (row === undefined) return { seq: 0, hash: GENESIS, counters: {} };
	return { seq: row.last_seq, hash: row.head, counters: JSON.parse(row.counters) as Counters };
}

/** What was new of them. Call inside one transaction. */
export function append(sql: SqlStorage, facts: readonly Fact[]): Fact[] {
	const traces = new Map<string, TraceRow>();
	const fresh = facts.filter((fact) => isNew(sql, traces, fact));
	let head = headOf(sql);
	for (const group of inChunks(fresh)) {
		head = writeChunk(sql, head, group);
		for (const fact of group) noteChunk(traces, fact, head.seq);
	}
	const touched = new Set(fresh.map((fact) => fact.trace_id));
	for (const id of touched) writeTrace(sql, id, traces.get(id));
	const read = chunkReader(sql);
	writeLetters(sql, read, fresh, (id) => traces.get(id)?.facts ?? []);
	noteGroups(sql, fresh);
	writeWaiting(sql, read, fresh);
	return fresh;
}

function isNew(sql: SqlStorage, traces: Map<string, TraceRow>, fact: Fact): boolean {
	const trace = traces.get(fact.trace_id) ?? findTrace(sql, fact.trace_id) ?? { facts: [], chunks: [] };
	traces.set(fact.trace_id, trace);
	if (trace.facts.includes(fact.id)) return false;
	trace.facts.push(fact.id);
	return true;
}

function inChunks(facts: readonly Fact[]): Fact[][] {
	const chunks: Fact[][] = [];
	let bytes = Number.POSITIVE_INFINITY;
	for (const fact of facts) {
		const size = JSON.stringify(fact).length;
		if (bytes + size > CHUNK_BYTES) {
			chunks.push([]);
			bytes = 0;
		}
		chunks.at(-1)?.push(fact);
		bytes += size;
	}
	return chunks;
}

function writeChunk(sql: SqlStorage, before: Head, facts: Fact[]): Head {
	const entries: Entry[] = [];
	for (const fact of facts) {
		entries.push(entryOf(entries.at(-1)?.hash ?? before.hash, before.seq + entries.length + 1, fact));
	}
	const head = {
		seq: before.seq + entries.length,
		hash: entries.at(-1)?.hash ?? before.hash,
		counters: addToCounters(before.counters, facts),
	};
	sql.exec(
		"INSERT INTO chunk (last_seq, first_seq, head, counters, entries) VALUES (?, ?, ?, ?, ?)",
		head.seq,
		before.seq + 1,
		head.hash,
		JSON.stringify(head.counters),
		JSON.stringify(entries),
	);
	return head;
}

function noteChunk(traces: Map<string, TraceRow>, fact: Fact, lastSeq: number): void {
	const trace = traces.get(fact.trace_id);
	if (trace !== undefined && trace.chunks.at(-1) !== lastSeq) trace.chunks.push(lastSeq);
}

function writeTrace(sql: SqlStorage, id: string, trace: TraceRow | undefined): void {
	if (trace === undefined) return;
	sql.exec(
		"INSERT INTO trace (trace_id, facts, chunks) VALUES (?, ?, ?) ON CONFLICT (trace_id) DO UPDATE SET facts = excluded.facts, chunks = excluded.chunks",
		id,
		JSON.stringify(trace.facts),
		JSON.stringify(trace.chunks),
	);
}
