// Lists walk the chunks from the newest; one page looks at a bounded number of them, so it can be short and still have
// a next one.

import type { Entry, Page, PageQuery } from "../model/ledger";
import type { ReadChunk } from "./entries";

const CHUNKS_PER_PAGE = 200;

/** From the newest entry on. `pick` sees each and says what to make of it. */
export function walk<T>(sql: SqlStorage, read: ReadChunk, query: PageQuery, pick: (entry: Entry) => T | null): Page<T> {
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
