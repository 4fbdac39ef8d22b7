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

/** A summary with the arrival in it; the one before stays as it was. */
export function addToSummary(summary: Summary, arrival: Arrival): Summary {
	const next = {
		...summary,
		counts_by: { ...summary.counts_by },
		latest_by: { ...summary.latest_by },
		top: { ...summary.top },
		sum: { ...summary.sum },
		critical: [...summary.critical],
		events: [...summary.events],
	};
	foldIntoSummary(next, arrival);
	return next;
}

/** The same in place, for folding thousands of arrivals: copies of everything for each would take seconds. */
export function foldIntoSummary(summary: Summary, { event_id, extract, order }: Arrival): void {
	if (extract === undefined) return;
	const kept: JsonObject = { id: event_id, ...extract.kept };
	count(summary.counts_by, extract.counts_by);
	keepLatest(summary.latest_by, extract.latest_by, { order, event: kept });
	count(summary.top, extract.top);
	for (const [name, value] of Object.entries(extract.sum ?? {}))
		put(summary.sum, name, (own(summary.sum, name) ?? 0) + value);
	if (extract.critical === true) {
		summary.critical_count += 1;
		if (summary.critical.length < MAX_CRITICAL) summary.critical.push(kept);
	}
	if (extract.kept !== undefined) summary.events.push(kept);
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

function count(counts: Record<string, number>, value: string | undefined): void {
	if (value === undefined) return;
	const name = Object.hasOwn(counts, value) || sizeOf(counts) < MAX_VALUES ? value : OTHER;
	put(counts, name, (own(counts, name) ?? 0) + 1);
}

function keepLatest(
	latest: Summary["latest_by"],
	value: string | undefined,
	candidate: Summary["latest_by"][string],
): void {
	if (value === undefined) return;
	const known = own(latest, value);
	if (known !== undefined && !isNotOlder(candidate.order, known.order)) return;
	if (known === undefined && sizeOf(latest) >= MAX_VALUES) return;
	put(latest, value, candidate);
}

function sizeOf(record: object): number {
	return Object.keys(record).length;
}

/** Names come from events: `constructor` is one like any other. */
function own<T>(record: Record<string, T>, name: string): T | undefined {
	return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Defines an own property, whatever its name: assigning to `__proto__` would do something else. */
function put<T>(record: Record<string, T>, name: string, value: T): void {
	Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
}
