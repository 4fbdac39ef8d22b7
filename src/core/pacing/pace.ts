// What a Connection decides: which steps may go now, and when the others come back. Work is delayed here, never refused.
// Plain data in and out; the clock and chance are passed in. Nothing here is truth about steps: if all of it is
// forgotten, some requests go out sooner than they should, and their target says so.

import type { Bounds } from "../../model/connection";
import type { Admission, AdmitCall, ConnectionState, Settlement } from "../../model/message";
import { MAX_RETRY_AFTER_MS } from "../retry";
import {
	answersPerSecond,
	type Breaker,
	CLOSED,
	countFinished,
	countStarted,
	type Gate,
	gateOf,
	startProbe,
} from "./breaker";
import { available, type Bucket, fitting, intervalMs, nextTokenAt, putBack, take } from "./bucket";
import { holdLanes, isSlow, type Lanes, lanesInUse, releaseLanes } from "./lanes";
import { book, expected, type Line, served, standing, waitingIn } from "./line";
import { addPause, type Pauses, pausedUntil, WHOLE } from "./pauses";
import { type Claimant, fairShares } from "./shares";

export interface Pace {
	bucket: Bucket;
	lanes: Lanes;
	breaker: Breaker;
	pauses: Pauses;
	/** Who waits for room, by workflow. */
	line: Line;
	/** Who waits for a part of the target to be over its pause, by scope. */
	aside: Line;
}

export const UNHURRIED: Pace = {
	bucket: 0,
	lanes: new Map(),
	breaker: CLOSED,
	pauses: new Map(),
	line: new Map(),
	aside: new Map(),
};

/** A batch that is not done by then says so, or its lanes are free again. */
export const HELD_MS = 2_000;
/** So many steps may stand behind each other in one lane. */
export const STEPS_PER_LANE = 5;
/** Where all lanes are taken, one may be free after this. */
const LANE_WAIT_MS = 200;
/**
 * Steps that wait for no rate come back at least this fast, or this fast while the breaker is open. Each that comes back
 * in vain costs its Entity three commits: with thousands of them, much faster would be felt by everybody else.
 */
const SPACING_MS = 200;
const OPEN_SPACING_MS = 500;
/** Beyond its time-out, for the report of a probe. */
const PROBE_MARGIN_MS = 5_000;

/** `random` is in [0, 1). */
export function admit(pace: Pace, ask: AdmitCall, now: number, random: () => number): [Pace, Admission] {
	const line = standing(pace.line, now);
	const gate = gateOf(pace.breaker, now);
	const room = roomFor(pace, ask, gate, now);
	const shares = sharesOf(pace, ask, { line, steps: room.steps, now });
	const got = new Map<string, number>();
	const going = ask.steps.map(({ workflow, scope }) => {
		const has = got.get(workflow) ?? 0;
		if (pausedUntil(pace.pauses, scope) > now || has >= (shares.get(workflow) ?? 0)) return false;
		got.set(workflow, has + 1);
		return true;
	});
	const granted = going.filter(Boolean).length;
	const lanes = Math.min(room.lanes, granted);
	const next = granted === 0 ? pace : start(pace, ask, { granted, lanes, isProbe: gate.pass === "probe", now });
	const queued = queueUp({ ...next, line, aside: standing(pace.aside, now) }, { ask, going, now, random });
	const after = [...new Set(ask.steps.map(({ workflow }) => workflow))].reduce(
		(all, workflow) => served(all, workflow, got.get(workflow) ?? 0, now),
		queued.line,
	);
	const isTight = granted < ask.steps.length || 2 * lanesInUse(next.lanes, now) > ask.bounds.concurrency;
	const settle = gate.pass === "probe" || isTight;
	const slow = gate.pass === "probe" || isSlow(pace.lanes, now);
	return [
		{ ...next, line: after, aside: queued.aside },
		{ waits: queued.waits, lanes, settle, slow },
	];
}

/** How many steps may go, in how many lanes. */
function roomFor(
	pace: Pace,
	{ lanes: asked, bounds }: AdmitCall,
	gate: Gate,
	now: number,
): { steps: number; lanes: number } {
	if (gate.pass === "none") return { steps: 0, lanes: 0 };
	const free = Math.max(0, bounds.concurrency - lanesInUse(pace.lanes, now));
	const lanes = Math.min(gate.pass === "probe" ? 1 : asked, free);
	const steps = gate.pass === "probe" ? lanes : lanes * STEPS_PER_LANE;
	return { steps: Math.min(steps, tokensOf(pace, bounds, now)), lanes };
}

function tokensOf({ bucket }: Pace, { rate }: Bounds, now: number): number {
	return rate === null ? Infinity : available(fitting(bucket, rate, now), rate, now);
}

/** When somebody who found no room may come back. */
function roomAt({ breaker, bucket }: Pace, { rate }: Bounds, now: number): number {
	const gate = gateOf(breaker, now);
	if (gate.pass === "none") return gate.until;
	const tokenAt = rate === null ? now : nextTokenAt(fitting(bucket, rate, now), rate, now);
	return Math.max(tokenAt, now + LANE_WAIT_MS);
}

/** Those who are expected have their share kept for them. */
function sharesOf(
	pace: Pace,
	ask: AdmitCall,
	{ line, steps, now }: { line: Line; steps: number; now: number },
): Map<string, number> {
	const wants = new Map<string, number>();
	for (const { workflow, scope } of ask.steps) {
		if (pausedUntil(pace.pauses, scope) <= now) wants.set(workflow, (wants.get(workflow) ?? 0) + 1);
	}
	const present = [...wants].map(([name, wanted]): Claimant => ({ name, wants: wanted, turns: turnsOf(line, name) }));
	const absent = expected(line, new Set(wants.keys()), now).map(
		([name, place]): Claimant => ({ name, wants: place.steps, turns: place.turns }),
	);
	return fairShares([...present, ...absent], steps);
}

function turnsOf(line: Line, workflow: string): number {
	return line.get(workflow)?.turns ?? 0;
}

interface Going {
	granted: number;
	lanes: number;
	isProbe: boolean;
	now: number;
}

function start(pace: Pace, { batch, bounds, longest_ms }: AdmitCall, { granted, lanes, isProbe, now }: Going): Pace {
	const { rate } = bounds;
	return {
		...pace,
		bucket: rate === null ? 0 : take(fitting(pace.bucket, rate, now), rate, granted, now),
		lanes: holdLanes(pace.lanes, batch, { lanes, until: now + HELD_MS, slow: false }, now),
		breaker: isProbe
			? startProbe(pace.breaker, batch, now + longest_ms + PROBE_MARGIN_MS)
			: countStarted(pace.breaker, granted, now),
	};
}

interface Queueing {
	ask: AdmitCall;
	going: readonly boolean[];
	now: number;
	random: () => number;
}

/** A part's pause may be long: whoever waits for it stands aside, so that the rest of its workflow does not wait too. */
function queueUp(
	pace: Pace,
	{ ask, going, now, random }: Queueing,
): Pick<Pace, "line" | "aside"> & Pick<Admission, "waits"> {
	const { rate } = ask.bounds;
	const spacing_ms = rate === null ? spacingOf(pace.breaker, now) : intervalMs(rate);
	const roomFrom = roomAt(pace, ask.bounds, now);
	const wholeUntil = pausedUntil(pace.pauses, undefined);
	let { line, aside } = pace;
	const waits = ask.steps.map(({ workflow, scope }, n) => {
		if (going[n]) return null;
		const until = pausedUntil(pace.pauses, scope);
		const booking = { now, spacing_ms, random: random(), floor: until > now ? until : roomFrom };
		const isAside = scope !== undefined && until > Math.max(now, wholeUntil);
		const [booked, backAt] = book(isAside ? aside : line, isAside ? scope : workflow, booking);
		if (isAside) aside = booked;
		else line = booked;
		return backAt - now;
	});
	return { line, aside, waits };
}

/** Twice as fast as the target has been answering, so that a backlog is worked off ever faster while it does. */
function spacingOf(breaker: Breaker, now: number): number {
	if (breaker.state === "open") return OPEN_SPACING_MS;
	return Math.min(SPACING_MS, 500 / Math.max(1, answersPerSecond(breaker, now)));
}

/** The batch is still at it: it holds so many lanes for so long. */
export function hold(pace: Pace, batch: string, { lanes, ms }: { lanes: number; ms: number }, now: number): Pace {
	return { ...pace, lanes: holdLanes(pace.lanes, batch, { lanes, until: now + ms, slow: true }, now) };
}

/** The batch is over. */
export function settle(pace: Pace, done: Settlement, { rate }: Bounds, now: number, random: number): Pace {
	return {
		...pace,
		lanes: releaseLanes(pace.lanes, done.batch),
		bucket: rate === null ? pace.bucket : putBack(pace.bucket, rate, done.unused),
		breaker: countFinished(pace.breaker, done, now, random),
	};
}

/** The target asked for a pause. */
export function pause(pace: Pace, { scope, ms }: { scope?: string; ms: number }, now: number): Pace {
	const until = now + Math.min(ms, MAX_RETRY_AFTER_MS);
	return { ...pace, pauses: addPause(pace.pauses, scope ?? WHOLE, until, now) };
}

export function look({ breaker, pauses, lanes, line, aside }: Pace, now: number): ConnectionState {
	const until = Math.max(pausedUntil(pauses, undefined), breaker.state === "open" ? breaker.until : 0);
	return {
		breaker: breaker.state === "closed" ? "closed" : now < breaker.until ? "open" : "half_open",
		paused_until: until > now ? until : null,
		paused_scopes: [...pauses]
			.filter(([scope, end]) => scope !== WHOLE && end > now)
			.map(([scope, end]) => ({ scope, until: end })),
		in_flight: lanesInUse(lanes, now),
		waiting: waitingIn(line, now) + waitingIn(aside, now),
	};
}
