// Aggregate: events are collected for a time, or until the next tick of a clock, and act together as a summary.

import type { Arrival, Window } from "../../model/entity";
import { nextTick } from "./cron";
import { addArrival, type Opening, openWindow, type TimingDecision, type WindowTiming } from "./window";

type AggregateTiming = Extract<WindowTiming, { kind: "aggregate" }>;

/** `window` is not yet due: a window that is due closes before anything arrives at it. */
export function acceptIntoAggregate(
	window: Window | null,
	opening: Opening & { timing: AggregateTiming },
	arrival: Arrival,
	now: number,
): TimingDecision {
	const joined = addArrival(window ?? openAggregate(opening, now), arrival);
	const { max_events, max_bytes } = policyOf(joined);
	const full = joined.count >= max_events || joined.bytes >= max_bytes || arrival.extract?.flush === true;
	return full
		? { window: null, acts: joined, verdict: "aggregated" }
		: { window: joined, acts: null, verdict: "aggregated" };
}

/** An aggregate's end is known when it opens: its length, or the next tick of its clock. */
export function openAggregate(opening: Opening & { timing: AggregateTiming }, now: number): Window {
	const { window, every, tz } = opening.timing;
	const due_at = every === undefined ? now + (window ?? 0) : nextTick(every, tz, now);
	return { ...openWindow(opening, now), due_at };
}

/** What an aggregate that is due becomes. Only a cron window can be empty. */
export function closeAggregate(window: Window): Window | null {
	return window.count > 0 || policyOf(window).when_empty === "run" ? window : null;
}

function policyOf(window: Window): AggregateTiming {
	if (window.timing.kind !== "aggregate") throw new Error(`window ${window.id} is not an aggregate`);
	return window.timing;
}
