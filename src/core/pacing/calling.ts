// Who of those that are parked is called, and when. What they are called for is decided when they come: see `admit`.

import type { Bounds } from "../../model/connection";
import { gateOf, hurry } from "./breaker";
import { underWay } from "./called";
import { firstEnd, isSlow } from "./lanes";
import { freeLanes, type Pace, STEPS_PER_LANE, tokenAt, tokensOf } from "./pace";
import { pausedUntil } from "./pauses";

/** As long as somebody is parked, it is seen this often who else can be called. */
export const CALL_EVERY_MS = 1_000;

/** Where nobody can be reached, it is tried less and less often. */
const LONGEST_REST_MS = 60_000;

/** Far fewer than the platform lets an object make for one event. */
const MOST_AT_ONCE = 100;

/** How many of those who are parked are to be called now, and when to see again at the latest. */
export function callsDue(pace: Pace, bounds: Bounds, now: number): { count: number; again_at: number } {
	const gate = gateOf(pace.breaker, now);
	const pausedFor = pausedUntil(pace.pauses, undefined);
	if (pausedFor > now) return { count: 0, again_at: pausedFor };
	if (gate.pass === "none") return { count: 0, again_at: gate.until };
	const free = freeLanes(pace, bounds, now);
	if (free === 0) return { count: 0, again_at: firstEnd(pace.lanes, now) };
	const tokens = tokensOf(pace, bounds, now);
	if (tokens === 0) return { count: 0, again_at: Math.max(tokenAt(pace, bounds, now), now + CALL_EVERY_MS) };
	const wanted = Math.min(gate.pass === "probe" ? 1 : callable(pace, free, now), tokens, MOST_AT_ONCE);
	return { count: Math.max(0, wanted - underWay(pace.called, now)), again_at: now + CALL_EVERY_MS };
}

/** How long nobody is called, after so many calls in a row that reached nobody. First everybody has a turn. */
export function restAfter(vain: number, parked: number): number {
	const turns = parked === 0 ? 0 : Math.floor(vain / parked);
	return turns === 0 ? 0 : Math.min(LONGEST_REST_MS, CALL_EVERY_MS * 2 ** (turns - 1));
}

/** One for each lane; where lanes are soon free again, as many as can stand in them, but not all at once. */
function callable({ lanes, breaker }: Pace, free: number, now: number): number {
	return isSlow(lanes, now) ? free : Math.min(free * STEPS_PER_LANE, Math.max(free, Math.floor(hurry(breaker, now))));
}
