// Bulks as they are stored: begun once for each name, with the letters that they are to act on, each of which is taken
// up to its end once. What is due when is in `beats.ts`, what is called then in `replaying.ts`.

import type { Fact } from "../model/fact";
import type { Page, PageQuery } from "../model/ledger";
import type { Work } from "../model/plan";
import type { Patch, Replay, ReplayAnswer, ReplayOrder } from "../model/replay";
import { digest, traceOf } from "./cause";
import { countSelected, selectLetters } from "./letters";

const ID_CHARS = 24;
const FAILURES_TOLD = 100;
const IDS_TOLD = 20;

/** A bulk without what is counted of its letters. `patch`: its tree is forgotten when the bulk ends. */
export interface Bulk extends Omit<Replay, "trace_id" | "done" | "failed" | "failures" | "patched"> {
	tenant: string;
	fingerprint: string;
	patch?: Partial<Patch>;
}

/** Call inside one transaction. The fact of a bulk that began now is to be appended in it. */
export function beginReplay(
	sql: SqlStorage,
	order: ReplayOrder,
	{ tenant, id: anyId, now }: { tenant: string; id: string; now: number },
): { answer: ReplayAnswer; facts: Fact[] } {
	const known = order.name === undefined ? null : namedReplay(sql, order.name, order.fingerprint);
	if (known !== null) return { answer: known, facts: [] };
	const id = idOf(order.name, anyId);
	const { count, most } = countSelected(sql, order.select);
	if (count > most) return { answer: { said: "too_many", most }, facts: [] };
	if (count !== order.expect) return { answer: { said: "count", count }, facts: [] };
	const only = order.only === undefined ? undefined : new Set(order.only);
	const letters = selectLetters(sql, order.select).filter((letter) => only?.has(letter.id) !== false);
	const bulk = newBulk(order, { id, tenant, now, total: letters.length });
	writeBulk(sql, bulk, now);
	for (const letter of letters.toReversed())
		sql.exec("INSERT INTO replay_item (replay, letter, state, tries) VALUES (?, ?, 'waiting', 0)", id, letter.id);
	for (const [workflow, work] of Object.entries(order.works ?? {}))
		sql.exec("INSERT INTO replay_work (replay, workflow, doc) VALUES (?, ?, ?)", id, workflow, JSON.stringify(work));
	return { answer: { said: "ok", replay: viewOf(sql, bulk) }, facts: [startedFact(bulk, order)] };
}

/** Null if the name is free. */
export function namedReplay(sql: SqlStorage, name: string, fingerprint: string): ReplayAnswer | null {
	const known = findBulk(sql, idOf(name, ""));
	if (known === null) return null;
	return known.fingerprint === digest(fingerprint) ? { said: "ok", replay: viewOf(sql, known) } : { said: "name" };
}

function idOf(name: string | undefined, anyId: string): string {
	return `rp_${digest(name === undefined ? { id: anyId } : { name }).slice(0, ID_CHARS)}`;
}

function newBulk(
	{ name, act, by, per_minute, version, patch, reason, fingerprint }: ReplayOrder,
	{ id, tenant, now, total }: { id: string; tenant: string; now: number; total: number },
): Bulk {
	return {
		...{
			id,
			tenant,
			name: name ?? null,
			act,
			by,
			started_at: now,
			ended_at: null,
			state: "running",
			total,
			per_minute,
		},
		...(version === undefined ? {} : { version }),
		...(patch === undefined ? {} : { patch }),
		...(reason === undefined ? {} : { reason }),
		fingerprint: digest(fingerprint),
	};
}

function startedFact(bulk: Bulk, { select }: ReplayOrder): Fact {
	const { act, name, total, per_minute, version, patch, reason } = bulk;
	const selected = "ids" in select ? { ids: select.ids.slice(0, IDS_TOLD), given: select.ids.length } : select;
	return factOf(bulk, "replay.started", bulk.started_at, {
		...{ act, name, total, per_minute, select: selected },
		...(version === undefined ? {} : { version }),
		...(patch === undefined ? {} : { patched: patch.paths ?? [] }),
		...(reason === undefined ? {} : { reason }),
	});
}

/** Call inside one transaction, and append the fact in it. */
export function endReplay(
	sql: SqlStorage,
	bulk: Bulk,
	{ state, by, now, reason }: { state: "done" | "aborted"; by: string; now: number; reason?: string },
): Fact {
	const { patch, ...rest } = bulk;
	const ended: Bulk = {
		...rest,
		...(patch?.paths === undefined ? {} : { patch: { paths: patch.paths } }),
		...{ state, ended_at: now },
		...(reason === undefined ? {} : { reason }),
	};
	writeBulk(sql, ended, null);
	sql.exec("DELETE FROM replay_work WHERE replay = ?", bulk.id);
	const { done, failed, total } = viewOf(sql, ended);
	const kind = state === "done" ? ("replay.finished" as const) : ("replay.aborted" as const);
	const left = total - done - failed;
	return {
		...factOf(ended, kind, now, { act: bulk.act, done, failed, left, ...(reason === undefined ? {} : { reason }) }),
		actor: by,
	};
}

export function findBulk(sql: SqlStorage, id: string): Bulk | null {
	const row = sql.exec<{ doc: string }>("SELECT doc FROM replay WHERE id = ?", id).toArray()[0];
	return row === undefined ? null : (JSON.parse(row.doc) as Bulk);
}

export function findWork(sql: SqlStorage, replay: string, workflow: string): Work | null {
	const select = "SELECT doc FROM replay_work WHERE replay = ? AND workflow = ?";
	const row = sql.exec<{ doc: string }>(select, replay, workflow).toArray()[0];
	return row === undefined ? null : (JSON.parse(row.doc) as Work);
}

export function findReplay(sql: SqlStorage, id: string): Replay | null {
	const bulk = findBulk(sql, id);
	return bulk === null ? null : viewOf(sql, bulk);
}

export function listReplays(sql: SqlStorage, { cursor, limit }: PageQuery): Page<Replay> {
	const [at, id = ""] = (cursor ?? `${Number.MAX_SAFE_INTEGER}~`).split("~");
	const rows = sql
		.exec<{ doc: string }>(
			"SELECT doc FROM replay WHERE (started_at, id) < (?, ?) ORDER BY started_at DESC, id DESC LIMIT ?",
			...[Number(at), id, limit],
		)
		.toArray();
	const items = rows.map(({ doc }) => ({ ...viewOf(sql, JSON.parse(doc) as Bulk), failures: [] }));
	const last = items.at(-1);
	return { items, cursor: last === undefined || items.length < limit ? null : `${last.started_at}~${last.id}` };
}

function writeBulk(sql: SqlStorage, bulk: Bulk, nextAt: number | null): void {
	sql.exec(
		"INSERT INTO replay (id, started_at, next_at, tries, doc) VALUES (?, ?, ?, 0, ?) ON CONFLICT (id) DO UPDATE SET next_at = excluded.next_at, doc = excluded.doc",
		...[bulk.id, bulk.started_at, nextAt, JSON.stringify(bulk)],
	);
}

export function viewOf(sql: SqlStorage, { tenant, fingerprint: _, patch, ...bulk }: Bulk): Replay {
	const counted = sql
		.exec<{ state: string; n: number }>(
			"SELECT state, count(*) AS n FROM replay_item WHERE replay = ? GROUP BY state",
			bulk.id,
		)
		.toArray();
	const failures = sql
		.exec<{ letter: string; reason: string }>(
			"SELECT letter, reason FROM replay_item WHERE replay = ? AND state = 'failed' ORDER BY letter LIMIT ?",
			...[bulk.id, FAILURES_TOLD],
		)
		.toArray();
	const numberOf = (state: string) => counted.find((row) => row.state === state)?.n ?? 0;
	return {
		...bulk,
		trace_id: traceOf("replay", tenant, bulk.id),
		...{ done: numberOf("done"), failed: numberOf("failed"), failures },
		...(patch === undefined ? {} : { patched: patch.paths ?? [] }),
	};
}

function factOf(
	{ id, tenant, by }: Bulk,
	kind: "replay.started" | "replay.finished" | "replay.aborted",
	at: number,
	data: Fact["data"],
): Fact {
	return {
		...{ id: `${id}:${kind}`, at, tenant, kind, trace_id: traceOf("replay", tenant, id), actor: by },
		classification: "internal",
		data: { replay: id, by, ...data },
	};
}
