// The one alarm of an Entity: when must somebody look at it next, if nothing else happens.

import type { Run, Window } from "../model/entity";

export interface Dues {
	windows: Iterable<Window>;
	runs: Iterable<Run>;
	/** When facts or hand-ons that are not yet known to have left must be sent again, or for the first time. */
	outbox_due_at: number | null;
	/** When the last receipt and the last resumable run may go. */
	expires_at: number | null;
}

/**
 * The earliest due time, or null if there is nothing left to do. It may lie in the past; it is never skipped for that.
 * What has expired goes when all else is over: an Entity that still works would only be woken for it over and over.
 */
export function nextWake({ windows, runs, outbox_due_at, expires_at }: Dues): number | null {
	let next = outbox_due_at ?? Number.POSITIVE_INFINITY;
	for (const window of windows) next = Math.min(next, window.due_at);
	for (const run of runs) {
		for (const step of run.steps) next = Math.min(next, step.due_at ?? Number.POSITIVE_INFINITY);
	}
	return next === Number.POSITIVE_INFINITY ? expires_at : next;
}
