// Letters of deliveries that could not be read: what is kept of them is read again. The Ledger says what is kept and
// tells what came of it; how a delivery is read, it does not know.

import type { Fact } from "../model/fact";
import type { JsonObject } from "../model/json";
import type { DeadLetter, KeptDelivery, ReadAgain, RereadAnswer } from "../model/letter";
import { chunkReader, findEntries } from "./entries";
import { findDeadLetter } from "./letters";

export type ReadKept = (kept: KeptDelivery, isLook: boolean) => Promise<ReadAgain>;

export interface Rereading {
	sql: SqlStorage;
	tenant: string;
	read: ReadKept;
	/** Appends facts, in one commit with what `change` changes. */
	commit: (change: () => Fact[]) => void;
	now: () => number;
}

/** Throws if it cannot be read or its events cannot be taken in at present. */
export async function reread(
	{ sql, tenant, read, commit, now }: Rereading,
	id: string,
	{ by, look = false, replay }: { by: string; look?: boolean; replay?: string },
): Promise<Exclude<RereadAnswer, { said: "unavailable" }>> {
	const letter = findDeadLetter(sql, id);
	const opening = letter === null ? null : openingOf(sql, tenant, letter);
	if (letter === null || opening === null) return { said: "gone" };
	if (letter.state === "resolved" || letter.state === "discarded") return { said: "closed" };
	const at = now();
	const { events, reason } = await read(opening.kept, look);
	const answer = reason === null ? { said: "ok" as const, events } : { said: "unreadable" as const, reason };
	if (look) return answer;
	const about = { tenant, trace_id: letter.trace_id, classification: "internal" as const };
	const retried = { id, by, ...(replay === undefined ? {} : { replay }) };
	const ended: Pick<Fact, "kind" | "data"> =
		reason === null
			? { kind: "dead_letter.resolved", data: { id, events: events.map((event) => event.id) } }
			: { kind: "dead_letter.opened", data: { ...opening.data, reason, taken: events.length } };
	const name = `${id}:${opening.times + 1}`;
	commit(() => [
		{ ...about, id: `${name}:retried`, at, kind: "dead_letter.retried", actor: by, data: retried },
		{ ...about, id: `${name}:${reason === null ? "resolved" : "opened"}`, at: now(), ...ended },
	]);
	return answer;
}

/** What is kept, what was told when it was, and how often it was read again; null if the letter is not about a delivery. */
function openingOf(
	sql: SqlStorage,
	tenant: string,
	{ id, trace_id }: DeadLetter,
): { kept: KeptDelivery; data: JsonObject; times: number } | null {
	const told = (findEntries(sql, chunkReader(sql), trace_id) ?? []).filter(({ data }) => data.id === id);
	const came = told.filter(({ kind }) => kind === "delivery.unreadable").toSorted((a, b) => a.at - b.at);
	const { at: received_at, data } = came.at(-1) ?? {};
	if (received_at === undefined || typeof data?.archive !== "string" || typeof data.source !== "string") return null;
	const taking = told.filter((fact) => Number(fact.data.taken ?? 0) > 0).map(({ at }) => at);
	const taken_at = taking.length === 0 ? null : Math.min(...taking);
	const times = told.filter(({ kind }) => kind === "dead_letter.retried").length;
	return { kept: { tenant, source: data.source, archive: data.archive, received_at, taken_at }, data, times };
}
