// What debounce and aggregate share: opening a window, adding an arrival to it, and what a run gets to know of it.
// A window is a fold over the receipts of its events: replaying them in order gives the same window.

import type { Arrival, NetChange, RunWindow, Summary, Window } from "../../model/entity";
import type { CanonicalEvent } from "../../model/event";
import type { Json } from "../../model/json";
import type { Plan, TimingPlan, Work } from "../../model/plan";
import type { Gate } from "../run/gate";
import { isNotOlder } from "./order";
import { addToSummary, emptySummary, foldIntoSummary, publishSummary } from "./summary";

/** How many event ids a window lists; those beyond are counted, and each has its own fact. */
export const MAX_LISTED = 1_000;
/** A debounce that keeps all its events acts early at these bounds, so that a run stays within a row. */
export const MAX_KEPT_EVENTS = 200;
export const MAX_KEPT_BYTES = 1_048_576;

/** What a timing decision does to the window of one workflow and one key. */
export interface TimingDecision {
	/** The window as it stands afterwards; null if it closed. */
	window: Window | null;
	/** The window that becomes a run now. */
	acts: Window | null;
	/** Why that run may not begin by itself. */
	gate?: Gate;
	verdict: "debounced" | "collapsed" | "aggregated" | "joined" | "late" | "started";
}

export type WindowTiming = Exclude<TimingPlan, { kind: "immediate" }>;

export interface Opening {
	id: string;
	work: Work;
	timing: WindowTiming;
	trace_id: string;
	source: string | null;
	n: number;
}

export function openWindow({ id, work, timing, trace_id, source, n }: Opening, now: number): Window {
	return {
		id,
		...justWork(work),
		timing,
		trace_id,
		source,
		opened_n: n,
		opened_at: now,
		due_at: now,
		first_at: null,
		last_at: null,
		count: 0,
		bytes: 0,
		latest: null,
		events: [],
		net: {},
		summary: emptySummary(),
		branches: {},
	};
}

/** Of a plan or a window, without what else it is. */
function justWork({ workflow, version, priority, steps, compensate, skip_unchanged, retry_budget }: Work): Work {
	return {
		workflow,
		version,
		priority,
		steps,
		...(compensate === undefined ? {} : { compensate }),
		...(skip_unchanged === undefined ? {} : { skip_unchanged }),
		...(retry_budget === undefined ? {} : { retry_budget }),
	};
}

/** The window as it was before anything arrived: what is kept of it, the rest being a fold over its receipts. */
export function emptied(window: Window): Window {
	const { id, timing, trace_id, source, opened_n, opened_at, due_at } = window;
	return { ...openWindow({ id, work: window, timing, trace_id, source, n: opened_n }, opened_at), due_at };
}

export function arrivalOf(event: CanonicalEvent, plan: Plan, bytes: number, now: number): Arrival {
	return {
		event_id: event.id,
		at: now,
		order: { timestamp: event.timestamp, sequence: event.sequence },
		changes: event.changes,
		bytes,
		extract: plan.extract,
		branch: plan.branch,
	};
}

/** Adds an arrival; when the window is due is for its timing to say. */
export function addArrival(window: Window, arrival: Arrival): Window {
	const aggregates = window.timing.kind === "aggregate";
	return countArrival(window, arrival, aggregates ? addToSummary(window.summary, arrival) : window.summary);
}

/** The same, where nobody else holds the window: its summary is folded in place. */
export function foldArrival(window: Window, arrival: Arrival): Window {
	foldIntoSummary(window.summary, arrival);
	return countArrival(window, arrival, window.summary);
}

function countArrival(window: Window, arrival: Arrival, summary: Summary): Window {
	const newest = window.latest === null || isNotOlder(arrival.order, window.latest.order);
	const keepsAll = window.timing.kind === "debounce" && window.timing.keep === "all";
	const aggregates = window.timing.kind === "aggregate";
	return {
		...window,
		first_at: window.first_at ?? arrival.at,
		last_at: arrival.at,
		count: window.count + 1,
		bytes: window.bytes + (aggregates ? summaryBytes(arrival) : keepsAll ? arrival.bytes : 0),
		latest: newest ? { event_id: arrival.event_id, order: arrival.order } : window.latest,
		events: window.events.length < MAX_LISTED ? [...window.events, arrival.event_id] : window.events,
		net: keepsAll ? addChanges(window.net, arrival) : window.net,
		summary,
	};
}

export function runWindowOf(window: Window): RunWindow {
	return {
		count: window.count,
		first_at: window.first_at,
		last_at: window.last_at,
		events: window.events,
		keep_all: window.timing.kind === "debounce" && window.timing.keep === "all",
		summary: window.timing.kind === "aggregate" ? publishSummary(window, window.timing.top_n) : null,
		branches: branchesOf(window),
		diff: Object.entries(window.net).map(([field, change]) => ({ field, from: change.from, to: change.to })),
	};
}

/** Of a join, with those that did not come. */
function branchesOf({ timing, branches }: Window): RunWindow["branches"] {
	if (timing.kind !== "join") return {};
	return Object.fromEntries(Object.keys(timing.branches).map((name) => [name, branches[name] ?? null]));
}

/** `"id":"evt_…",` and what separates one from the next. */
const ID_BYTES = 48;

/** At most what an arrival adds to a summary: what is kept of it stands there again for each list that it is in. */
function summaryBytes({ extract }: Arrival): number {
	if (extract === undefined) return 0;
	const { kept, counts_by, latest_by, top, critical } = extract;
	const names = [counts_by, latest_by, top].filter((name) => name !== undefined);
	const places = (kept === undefined ? 0 : 1) + (latest_by === undefined ? 0 : 1) + (critical === true ? 1 : 0);
	const keptBytes = places * (ID_BYTES + (kept === undefined ? 0 : bytesOf(kept)));
	return names.reduce((total, name) => total + bytesOf(name), keptBytes);
}

/** As UTF-8, which is how rows are measured. */
function bytesOf(value: Json): number {
	return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}

function addChanges(net: Window["net"], arrival: Arrival): Window["net"] {
	const next = new Map(Object.entries(net));
	for (const { field, from, to } of arrival.changes) {
		const known = next.get(field);
		next.set(field, known === undefined ? first(from, to, arrival) : extend(known, from, to, arrival));
	}
	return Object.fromEntries(next);
}

function first(from: NetChange["from"], to: NetChange["to"], { order }: Arrival): NetChange {
	return { from, to, earliest: order, latest: order };
}

function extend(known: NetChange, from: NetChange["from"], to: NetChange["to"], { order }: Arrival): NetChange {
	if (isNotOlder(order, known.latest)) return { ...known, to, latest: order };
	if (!isNotOlder(order, known.earliest)) return { ...known, from, earliest: order };
	return known;
}
