// The breaker of a connection. Closed, everything passes and is counted. When most of the last minute's requests that
// are over failed, it opens, and nothing passes. After a pause single probes pass; one that the target answers closes it,
// one that fails begins a longer pause.
//
// The numbers start from Convoy's: 70 % failures of at least ten requests, 30 seconds open. Its window of five minutes
// is one here: a target that was busy before it failed would be asked for minutes until enough of that is forgotten.

import type { Settlement } from "../../model/message";

export const WINDOW_MS = 60_000;
const SLICE_MS = 10_000;
export const MIN_REQUESTS = 10;
export const FAILURE_RATE = 0.7;
export const FIRST_PAUSE_MS = 30_000;
export const LONGEST_PAUSE_MS = 600_000;
/** Each pause may be this part longer, so that breakers which opened together do not probe together. */
const JITTER = 0.2;

/** What began and what failed in one slice of the window, and what is known to have been answered. */
interface Slice {
	at: number;
	started: number;
	failed: number;
	answered: number;
}

export type Breaker =
	| { state: "closed"; slices: readonly Slice[] }
	| { state: "open"; until: number; openings: number; probe: { batch: string; until: number } | null };

export const CLOSED: Breaker = { state: "closed", slices: [] };

/** What may pass now: everything, one probe, or nothing before `until`. */
export type Gate = { pass: "all" } | { pass: "probe" } | { pass: "none"; until: number };

export function gateOf(breaker: Breaker, now: number): Gate {
	if (breaker.state === "closed") return { pass: "all" };
	if (now < breaker.until) return { pass: "none", until: breaker.until };
	const { probe } = breaker;
	return probe !== null && now < probe.until ? { pass: "none", until: probe.until } : { pass: "probe" };
}

/** An operator says that it is worth a try: the next step is a probe. */
export function halfOpen(breaker: Breaker, now: number): Breaker {
	return breaker.state === "open" ? { ...breaker, until: Math.min(breaker.until, now), probe: null } : breaker;
}

/** A probe that nobody reports by then is taken for lost, and another may go. */
export function startProbe(breaker: Breaker, batch: string, until: number): Breaker {
	return breaker.state === "open" ? { ...breaker, probe: { batch, until } } : breaker;
}

export function countStarted(breaker: Breaker, started: number, now: number): Breaker {
	return breaker.state === "closed"
		? { ...breaker, slices: counted(breaker.slices, { started, failed: 0, answered: 0 }, now) }
		: breaker;
}

export interface Finishing {
	/** How many requests of other batches began and are not over. */
	underWay: number;
	now: number;
	/** In [0, 1). */
	random: number;
}

export function countFinished(breaker: Breaker, done: Settlement, { underWay, now, random }: Finishing): Breaker {
	if (breaker.state === "open") return afterProbe(breaker, done, now, random);
	const answered = done.finished - done.failed;
	const slices = counted(breaker.slices, { started: -done.unused, failed: done.failed, answered }, now);
	const { started, failed, answered: known } = sum(slices);
	// Those that began longer ago than the window still count when they end.
	const over = Math.max(started - underWay, failed + known);
	const isBroken = done.failed > 0 && over >= MIN_REQUESTS && failed >= FAILURE_RATE * over;
	return isBroken ? opened(1, now, random) : { ...breaker, slices };
}

/** Attempts that began before it opened say nothing of how the target is now. */
function afterProbe(breaker: Breaker & { state: "open" }, done: Settlement, now: number, random: number): Breaker {
	if (breaker.probe?.batch !== done.batch) return breaker;
	if (done.failed > 0) return opened(breaker.openings + 1, now, random);
	return done.finished > 0 ? CLOSED : { ...breaker, probe: null };
}

function opened(openings: number, now: number, random: number): Breaker {
	const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (openings - 1));
	return { state: "open", until: now + Math.round(pause * (1 + JITTER * random)), openings, probe: null };
}

/** So many a second the target should be well able to answer. */
export function hurry(breaker: Breaker, now: number): number {
	return 2 * answersPerSecond(breaker, now);
}

/** Answers a second, by the last slices of the window; batches that did not tell their end do not count. */
export function answersPerSecond(breaker: Breaker, now: number): number {
	if (breaker.state === "open") return 0;
	const recent = breaker.slices.filter(({ at }) => now - at < 2 * SLICE_MS);
	const since = Math.min(...recent.map(({ at }) => at));
	return recent.length === 0 ? 0 : (sum(recent).answered * 1_000) / Math.max(1_000, now - since);
}

function counted(slices: readonly Slice[], more: Omit<Slice, "at">, now: number): Slice[] {
	const living = slices.filter(({ at }) => now - at < WINDOW_MS);
	const last = living.at(-1);
	if (last === undefined || now - last.at >= SLICE_MS) return [...living, { at: now, ...more }];
	return [...living.slice(0, -1), { at: last.at, ...sum([last, { at: now, ...more }]) }];
}

function sum(slices: readonly Slice[]): Omit<Slice, "at"> {
	const all = { started: 0, failed: 0, answered: 0 };
	for (const { started, failed, answered } of slices) {
		all.started += started;
		all.failed += failed;
		all.answered += answered;
	}
	return all;
}
