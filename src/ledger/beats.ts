// The beat of bulks: which letters are due, when the next ones are, and what became of each.

import type { Bulk } from "./replays";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

export interface Item {
	letter: string;
	tries: number;
}

/** When the next letter is due; null if no bulk is running. */
export function nextReplayAt(sql: SqlStorage): number | null {
	return sql.exec<{ at: number | null }>("SELECT min(next_at) AS at FROM replay WHERE next_at IS NOT NULL").one().at;
}

export function dueReplays(sql: SqlStorage, now: number): Bulk[] {
	const rows = sql.exec<{ doc: string }>("SELECT doc FROM replay WHERE next_at <= ? ORDER BY next_at", now).toArray();
	return rows.map(({ doc }) => JSON.parse(doc) as Bulk);
}

/**
 * The letters of one beat, and when the next beat is: at most `per_minute` in any minute, and never more at once because
 * time was lost. That it was begun is counted before anything is done.
 */
export function takeBeat(sql: SqlStorage, { id, per_minute }: Bulk, now: number): { items: Item[]; tries: number } {
	const beatMs = Math.max(SECOND_MS, Math.ceil(MINUTE_MS / per_minute));
	const atOnce = Math.max(1, Math.floor((per_minute * beatMs) / MINUTE_MS));
	const { tries } = sql
		.exec<{ tries: number }>(
			"UPDATE replay SET next_at = ?, tries = tries + 1 WHERE id = ? RETURNING tries",
			now + beatMs,
			id,
		)
		.one();
	const items = sql
		.exec<{ letter: string; tries: number }>(
			"SELECT letter, tries FROM replay_item WHERE replay = ? AND state = 'waiting' ORDER BY tries, letter LIMIT ?",
			id,
			atOnce,
		)
		.toArray();
	return { items, tries };
}

export function beatDone(sql: SqlStorage, id: string): void {
	sql.exec("UPDATE replay SET tries = 0 WHERE id = ?", id);
}

/** How often it was tried, with this time; counted before it is, so that one that ends its object is not tried for ever. */
export function countTry(sql: SqlStorage, replay: string, letter: string): number {
	return sql
		.exec<{ tries: number }>(
			"UPDATE replay_item SET tries = tries + 1 WHERE replay = ? AND letter = ? RETURNING tries",
			...[replay, letter],
		)
		.one().tries;
}

/** Without a reason it was done. */
export function settle(sql: SqlStorage, replay: string, letter: string, reason: string | null): void {
	sql.exec(
		"UPDATE replay_item SET state = ?, reason = ? WHERE replay = ? AND letter = ?",
		...[reason === null ? "done" : "failed", reason, replay, letter],
	);
}

export function isWaiting(sql: SqlStorage, replay: string): boolean {
	const waiting = "SELECT 1 FROM replay_item WHERE replay = ? AND state = 'waiting' LIMIT 1";
	return sql.exec(waiting, replay).toArray().length > 0;
}
