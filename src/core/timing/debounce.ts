// Debounce: a burst of events acts once. Trailing: when it has been quiet long enough, or `max_wait` after the first
// event at the latest. Leading: at the first event, and the rest of the burst is counted, not acted on.

import type { Arrival, Window } from "../../model/entity";
import type { DebouncePlan } from "../../model/plan";
import { addArrival, MAX_KEPT_BYTES, MAX_KEPT_EVENTS, type Opening, openWindow, type TimingDecision } from "./window";

/** `window` is not yet due: a window that is due closes before anything arrives at it. */
export function acceptIntoDebounce(
	window: Window | null,
	opening: Opening & { timing: DebouncePlan },
	arrival: Arrival,
	now: number,
): TimingDecision {
	const joined = joinDebounce(window ?? openWindow(opening, now), arrival);
	if (policyOf(joined).edge === "leading") {
		return window === null
			? { window: joined, acts: joined, verdict: "started" }
			: { window: joined, acts: null, verdict: "collapsed" };
	}
	if (isFull(joined)) return { window: null, acts: joined, verdict: "debounced" };
	return { window: joined, acts: null, verdict: "debounced" };
}

/** The fold: also what rebuilds a window from its receipts. */
export function joinDebounce(window: Window, arrival: Arrival): Window {
	const joined = addArrival(window, arrival);
	const { quiet, max_wait } = policyOf(joined);
	const firstAt = joined.first_at ?? arrival.at;
	return { ...joined, due_at: Math.min(arrival.at + quiet, firstAt + max_wait) };
}

/** What a debounce that is due becomes: a run, or nothing where its first event already acted. */
export function closeDebounce(window: Window): Window | null {
	return policyOf(window).edge === "leading" ? null : window;
}

function isFull(window: Window): boolean {
	return policyOf(window).keep === "all" && (window.count >= MAX_KEPT_EVENTS || window.bytes >= MAX_KEPT_BYTES);
}

function policyOf(window: Window): DebouncePlan {
	if (window.timing.kind !== "debounce") throw new Error(`window ${window.id} is not a debounce`);
	return window.timing;
}
