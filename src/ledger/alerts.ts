// Limits of the dead letters that wait for a person. Each crossing is told once, as a fact and as a line of the log, and
// so is the way back. The age is looked at by the sweeper only: letters grow old without any fact.

import type { Fact } from "../model/fact";
import { ALERT_KINDS, type Alert } from "../model/letter";
import { traceOf } from "./cause";

/** `back`: an alert is over at this, so that it does not come and go with every letter. */
const LIMITS: Record<Alert["kind"], { over: number; back: number }> = {
	open_letters: { over: 100, back: 80 },
	oldest_letter: { over: 86_400_000, back: 86_400_000 },
};

/** More letters than this are not counted: it stands for itself and more. */
const MOST_COUNTED = 1_000;

export function listAlerts(sql: SqlStorage, now: number): Alert[] {
	return ALERT_KINDS.flatMap((kind) => {
		const since = sinceOf(sql, kind);
		return since === null ? [] : [{ kind, since, value: measure(sql, kind, now), limit: LIMITS[kind].over }];
	});
}

/** The facts of every limit that was crossed, to be appended in the same commit. */
export function watchLetters(
	sql: SqlStorage,
	tenant: string,
	now: number,
	kinds: readonly Alert["kind"][] = ALERT_KINDS,
): Fact[] {
	return kinds.flatMap((kind) => watch(sql, tenant, kind, now));
}

function watch(sql: SqlStorage, tenant: string, kind: Alert["kind"], now: number): Fact[] {
	const { over, back } = LIMITS[kind];
	const value = measure(sql, kind, now);
	const since = sinceOf(sql, kind);
	if (since === null) {
		if (value <= over) return [];
		sql.exec("INSERT INTO alert (kind, since) VALUES (?, ?)", kind, now);
		return [factOf(tenant, "alert.raised", { kind, since: now, value, limit: over }, now)];
	}
	if (value > back) return [];
	sql.exec("DELETE FROM alert WHERE kind = ?", kind);
	return [factOf(tenant, "alert.cleared", { kind, since, value, limit: over }, now)];
}

function measure(sql: SqlStorage, kind: Alert["kind"], now: number): number {
	switch (kind) {
		case "open_letters":
			return sql
				.exec<{ value: number }>(
					"SELECT count(*) AS value FROM (SELECT 1 FROM dead_letter WHERE state = 'open' LIMIT ?)",
					MOST_COUNTED,
				)
				.one().value;
		case "oldest_letter": {
			const { at } = sql
				.exec<{ at: number | null }>("SELECT min(opened_at) AS at FROM dead_letter WHERE state = 'open'")
				.one();
			return at === null ? 0 : Math.max(0, now - at);
		}
	}
}

function sinceOf(sql: SqlStorage, kind: Alert["kind"]): number | null {
	return sql.exec<{ since: number }>("SELECT since FROM alert WHERE kind = ?", kind).toArray()[0]?.since ?? null;
}

function factOf(tenant: string, kind: "alert.raised" | "alert.cleared", alert: Alert, at: number): Fact {
	return {
		id: `${kind}:${alert.kind}:${alert.since}`,
		at,
		tenant,
		kind,
		trace_id: traceOf("alerts", tenant),
		classification: "internal",
		data: { alert: alert.kind, since: alert.since, value: alert.value, limit: alert.limit },
	};
}
