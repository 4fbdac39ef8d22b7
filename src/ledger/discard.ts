// The end of a letter that no Entity knows (any more): the Ledger is all that is left to tell of it. The fact has the id
// that the Entity's own would have, so that it is told once, also if the Entity's is still on its way.

import type { Fact } from "../model/fact";
import { isClosed } from "../model/letter";
import { chunkReader, findEntries } from "./entries";
import { findDeadLetter } from "./letters";

interface Discarding {
	tenant: string;
	by: string;
	reason: string;
	replay?: string;
	now: number;
}

/** Nothing if it is over already. */
export function discardedFact(sql: SqlStorage, id: string, { tenant, by, reason, replay, now }: Discarding): Fact[] {
	const letter = findDeadLetter(sql, id);
	if (letter === null || isClosed(letter)) return [];
	const told = findEntries(sql, chunkReader(sql), letter.trace_id) ?? [];
	const opening = told
		.filter(({ kind, data }) => data.id === id && (kind === "dead_letter.opened" || kind === "delivery.unreadable"))
		.toSorted((a, b) => a.at - b.at)
		.at(-1);
	return [
		{
			id: `${(opening?.id ?? id).replace(/:opened$/, "")}:discarded`,
			at: now,
			tenant,
			kind: "dead_letter.discarded",
			trace_id: letter.trace_id,
			actor: by,
			classification: "internal",
			data: { id, by, reason, ...(replay === undefined ? {} : { replay }) },
		},
	];
}
