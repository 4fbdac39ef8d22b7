// Since when an earlier request of a run can have left something at its target.

import type { Mark } from "../connector";

/** How far a target's clock may be behind ours: its own clock stamps what it lists. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Epoch milliseconds by the target's clock: what it stamped before is not of the mark's run. */
export function earliestOf(mark: Mark): number {
	return Math.max(mark.since - CLOCK_SKEW_MS, 0);
}
