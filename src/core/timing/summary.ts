// The running summary of an aggregate. What each event adds was evaluated before; here it is only added up.

import type { Arrival, Summary, Window } from "../../model/entity";
import type { JsonObject } from "../../model/json";
import { isNotOlder } from "./order";

/** How many distinct values are counted by name; the rest are counted together under `OTHER`. */
export const MAX_VALUES = 1_000;
export const OTHER = "(other)";
/** How many critical events are listed; all of them are counted. */
export const MAX_CRITICAL = 100;

export function emptySummary(): Summary {
	return { counts_by: {}, latest_by: {}, top: {}, sum: {}, critical_count: 0, critical: [], events: [] };
}

export function addToSummary(summary: Summary, arrival: Arrival): Summary {
	const { extract, order } = arrival;
	if (extract === undefined) return summary;
	const kept: JsonObject = { id: arrival.event_id, ...extract.kept };
	return {
		counts_by: count(summary.counts_by, extract.counts_by),
		latest_by: keepLatest(summary.latest_by, extract.latest_by, { order, event: kept }),
		top: count(summary.top, extract.top),
		sum: addSums(summary.sum, extract.sum),
		critical_count: summary.critical_count + (extract.critical === true ? 1 : 0),
		critical:
			extract.critical === true && summary.critical.length < MAX_CRITICAL
				? [...summary.critical, kept]
				: summary.critical,
		events: extract.kept === undefined ? summary.events : [...summary.events, kept],
	};
}

/** What a run reads as `window.summary`. */
export function publishSummary(window: Window, topN: number): JsonObject {
	const { counts_by, latest_by, top, sum, critical, critical_count, events } = window.summary;
	return {
		count: window.count,
		counts_by,
		latest_by: Object.fromEntries(Object.entries(latest_by).map(([value, { event }]) => [value, event])),
		top: Object.entries(top)
			.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
			.slice(0, topN)
			.map(([value, times]) => ({ value, count: times })),
		sum,
		critical: { count: critical_count, events: critical },
		events,
	};
}

function count(counts: Record<string, number>, value: string | undefined): Record<string, number> {
	if (value === undefined) return counts;
	const name = Object.hasOwn(counts, value) || Object.keys(counts).length < MAX_VALUES ? value : OTHER;
	return withEntry(counts, name, (own(counts, name) ?? 0) + 1);
}

function keepLatest(
	latest: Summary["latest_by"],
	value: string | undefined,
	candidate: Summary["latest_by"][string],
): Summary["latest_by"] {
	if (value === undefined) return latest;
	const known = own(latest, value);
	if (known !== undefined && !isNotOlder(candidate.order, known.order)) return latest;
	if (known === undefined && Object.keys(latest).length >= MAX_VALUES) return latest;
	return withEntry(latest, value, candidate);
}

function addSums(sums: Record<string, number>, added: Record<string, number> | undefined): Record<string, number> {
	if (added === undefined) return sums;
	return Object.entries(added).reduce(
		(total, [name, value]) => withEntry(total, name, (own(total, name) ?? 0) + value),
		sums,
	);
}

/** Names come from events: `constructor` is one like any other. */
function own<T>(record: Record<string, T>, name: string): T | undefined {
	return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A copy with one own property more, whatever its name: `{ ...o, [k]: v }` is safe for `__proto__`, assignment is not. */
function withEntry<T>(record: Record<string, T>, name: string, value: T): Record<string, T> {
	return { ...record, [name]: value };
}
