// What a Connection decides: which steps may go now, and when the others come back. Work is delayed here, never refused.
// Plain data in and out; the clock and chance are passed in. Nothing here is truth about steps: if all of it is
// forgotten, some requests go out sooner than they should, and their target says so.

import type { Bounds } from "../../model/connection";
import type { Admission, AdmitCall, ConnectionState, Holding, Settlement, Wanted } from "../../model/message";
import { MAX_RETRY_AFTER_MS } from "../retry";
import {
	type Breaker,
	CLOSED,
	countFinished,
	countStarted,
	type Gate,
	gateOf,
	halfOpen,
	hurry,
	startProbe,
} from "./breaker";
import { available, type Bucket, fitting, intervalMs, nextTokenAt, putBack, take } from "./bucket";
import { type Called, welcome } from "./called";
import { holdLanes, isSlow, type Lanes, lanesInUse, releaseLanes, stepsLeft } from "./lanes";
import { book, expected, type Line, served, standing, waitingIn } from "./line";
import { addPause, type Pauses, pausedUntil, WHOLE } from "./pauses";
import { type Claimant, fairShares } from "./shares";

export interface Pace {
	bucket: Bucket;
	lanes: Lanes;
	breaker: Breaker;
	pauses: Pauses;
	/** Who waits for a time that is known, by workflow. */
	line: Line;
	/** Who waits for a part of the target to be over its pause, by scope. */
	aside: Line;
	called: Called;
}

export const UNHURRIED: Pace = {
	bucket: 0,
	lanes: new Map(),
	breaker: CLOSED,
	pauses: new Map(),
	line: new Map(),
	aside: new Map(),
	called: new Map(),
};

/** A batch that is not done by then says so, or its lanes are free again. */
export const HELD_MS = 2_000;
/** So many steps may stand behind each other in one lane, where the target is not known to be slow. */
export const STEPS_PER_LANE = 5;
/** After a pause, steps that wait for no rate come back at least this fast. */
const SPACING_MS = 200;
/** Who would wait for longer, for the whole target, is parked, so that an operator can end the pause. */
export const LONG_PAUSE_MS = 60_000;
/** A Connection has them all in memory: who would come after so many comes back by itself within two hours. */
export const MAX_PARKED = 20_000;
const FULL_MS = 3_600_000;
/** Beyond its time-out, for the report of a probe. */
const PROBE_MARGIN_MS = 5_000;

export interface Moment {
	now: number;
	/** In [0, 1). */
	random: () => number;
	/** How many are parked. */
	parked: number;
}

export function admit(before: Pace, ask: AdmitCall, { now, random, parked }: Moment): [Pace, Admission] {
	const [called, back] = welcome(before.called, ask.steps, now);
	const pace = { ...before, called, line: standing(before.line, now), aside: standing(before.aside, now) };
	const gate = gateOf(pace.breaker, now);
	const room = roomFor(pace, ask, { gate, back: back.length, now });
	const isPaused = ({ scope }: Wanted) => pausedUntil(pace.pauses, scope) > now;
	const going = new Set(back.filter((step) => !isPaused(step)).slice(0, room.steps));
	const others = ask.steps.filter((step) => !going.has(step) && !isPaused(step));
	const shares = sharesOf(pace, others, room.steps - going.size, now);
	for (const step of others) {
		const share = shares.get(step.workflow) ?? 0;
		shares.set(step.workflow, share - 1);
		if (share > 0) going.add(step);
	}
	const got = countBy(going);
	const lanes = Math.min(room.lanes, going.size);
	const isProbe = gate.pass === "probe";
	const next = going.size === 0 ? pace : start(pace, ask, { granted: going.size, lanes, isProbe, now });
	const queued = queueUp(next, {
		ask,
		going,
		parked,
		isTimed: isTimed(pace, ask.bounds, { gate, granted: going.size, now }),
		now,
		random,
	});
	const line = [...new Set(ask.steps.map(({ workflow }) => workflow))].reduce(
		(all, workflow) => served(all, workflow, got.get(workflow) ?? 0, now),
		queued.line,
	);
	const isTight = going.size < ask.steps.length || 2 * lanesInUse(next.lanes, now) > ask.bounds.concurrency;
	return [
		{ ...next, line, aside: queued.aside },
		{
			waits: queued.waits,
			lanes,
			settle: isProbe || isTight || parked > 0,
			slow: isProbe || isSlow(pace.lanes, now),
		},
	];
}

/** How many steps may go, in how many lanes. What is kept for those who were called is for nobody else. */
function roomFor(
	pace: Pace,
	{ lanes: asked, bounds }: AdmitCall,
	{ gate, back, now }: { gate: Gate; back: number; now: number },
): { steps: number; lanes: number } {
	if (gate.pass === "none") return { steps: 0, lanes: 0 };
	const isProbe = gate.pass === "probe";
	const notKept = (all: number) => Math.max(all - pace.called.size, Math.min(all, back));
	const free = freeLanes(pace, bounds, now);
	const lanes = Math.min(asked, notKept(isProbe ? Math.min(1, free) : free));
	const steps = isProbe || isSlow(pace.lanes, now) ? lanes : lanes * STEPS_PER_LANE;
	return { steps: Math.min(steps, notKept(tokensOf(pace, bounds, now))), lanes };
}

export function freeLanes({ lanes }: Pace, { concurrency }: Bounds, now: number): number {
	return Math.max(0, concurrency - lanesInUse(lanes, now));
}

export function tokensOf({ bucket }: Pace, { rate }: Bounds, now: number): number {
	return rate === null ? Infinity : available(fitting(bucket, rate, now), rate, now);
}

export function tokenAt({ bucket }: Pace, { rate }: Bounds, now: number): number {
	return rate === null ? now : nextTokenAt(fitting(bucket, rate, now), rate, now);
}

/** Whether a rate or a pause is why no more may go, and says when there will be room. A long pause may end before. */
function isTimed(
	pace: Pace,
	bounds: Bounds,
	{ gate, granted, now }: { gate: Gate; granted: number; now: number },
): boolean {
	const pausedFor = pausedUntil(pace.pauses, undefined) - now;
	return gate.pass === "all" && pausedFor <= LONG_PAUSE_MS && (pausedFor > 0 || tokensOf(pace, bounds, now) <= granted);
}

/** Those who are expected have their share kept for them. */
function sharesOf({ line }: Pace, wanted: readonly Wanted[], steps: number, now: number): Map<string, number> {
	const wants = countBy(wanted);
	const present = [...wants].map(([name, count]): Claimant => ({ name, wants: count, turns: turnsOf(line, name) }));
	const absent = expected(line, new Set(wants.keys()), now).map(
		([name, place]): Claimant => ({ name, wants: place.steps, turns: place.turns }),
	);
	return fairShares([...present, ...absent], steps);
}

/** By workflow. */
function countBy(steps: Iterable<Wanted>): Map<string, number> {
	const counts = new Map<string, number>();
	for (const { workflow } of steps) counts.set(workflow, (counts.get(workflow) ?? 0) + 1);
	return counts;
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
		lanes: holdLanes(pace.lanes, batch, { lanes, left: 0, until: now + HELD_MS, slow: false }, now),
		breaker: isProbe
			? startProbe(pace.breaker, batch, now + longest_ms + PROBE_MARGIN_MS)
			: countStarted(pace.breaker, granted, now),
	};
}

interface Queueing {
	ask: AdmitCall;
	going: ReadonlySet<Wanted>;
	parked: number;
	isTimed: boolean;
	now: number;
	random: () => number;
}

/** A part's pause may be long: whoever waits for it stands aside, so that the rest of its workflow does not wait too. */
function queueUp(
	pace: Pace,
	{ ask, going, parked, isTimed, now, random }: Queueing,
): Pick<Pace, "line" | "aside"> & Pick<Admission, "waits"> {
	const { rate } = ask.bounds;
	const spacing_ms = rate === null ? spacingOf(pace.breaker, now) : intervalMs(rate);
	const wholeUntil = pausedUntil(pace.pauses, undefined);
	let { line, aside } = pace;
	const waits = ask.steps.map((step) => {
		if (going.has(step)) return null;
		const { workflow, scope } = step;
		const until = pausedUntil(pace.pauses, scope);
		const isAside = scope !== undefined && until > Math.max(now, wholeUntil);
		const isKnown = isTimed || isAside || (parked >= MAX_PARKED && wholeUntil > now);
		if (!isKnown) return parked < MAX_PARKED ? "parked" : Math.ceil(FULL_MS * (1 + random()));
		const booking = { now, spacing_ms, random: random(), floor: until > now ? until : tokenAt(pace, ask.bounds, now) };
		const [booked, backAt] = book(isAside ? aside : line, isAside ? scope : workflow, booking);
		if (isAside) aside = booked;
		else line = booked;
		return backAt - now;
	});
	return { line, aside, waits };
}

/** Twice as fast as the target has been answering, so that a backlog is worked off ever faster while it does. */
function spacingOf(breaker: Breaker, now: number): number {
	return Math.min(SPACING_MS, 1_000 / Math.max(1, hurry(breaker, now)));
}

/** The batch is still at it. */
export function hold(pace: Pace, { batch, ms, ...held }: Holding, now: number): Pace {
	return { ...pace, lanes: holdLanes(pace.lanes, batch, { ...held, until: now + ms }, now) };
}

/** The batch is over. */
export function settle(pace: Pace, done: Settlement, { rate }: Bounds, now: number, random: number): Pace {
	const lanes = releaseLanes(pace.lanes, done.batch);
	return {
		...pace,
		lanes,
		bucket: rate === null ? pace.bucket : putBack(pace.bucket, rate, done.unused),
		breaker: countFinished(pace.breaker, done, { underWay: stepsLeft(lanes, now), now, random }),
	};
}

/** The target asked for a pause. */
export function pause(pace: Pace, { scope, ms }: { scope?: string; ms: number }, now: number): Pace {
	const until = now + Math.min(ms, MAX_RETRY_AFTER_MS);
	return { ...pace, pauses: addPause(pace.pauses, scope ?? WHOLE, until, now) };
}

/** An operator ends every pause, and lets the target be tried. */
export function resume(pace: Pace, now: number): Pace {
	return { ...pace, pauses: new Map(), breaker: halfOpen(pace.breaker, now) };
}

export function look(
	{ breaker, pauses, lanes, line, aside }: Pace,
	{ now, parked }: Pick<Moment, "now" | "parked">,
): ConnectionState {
	const until = Math.max(pausedUntil(pauses, undefined), breaker.state === "open" ? breaker.until : 0);
	return {
		breaker: breaker.state === "closed" ? "closed" : now < breaker.until ? "open" : "half_open",
		paused_until: until > now ? until : null,
		paused_scopes: [...pauses]
			.filter(([scope, end]) => scope !== WHOLE && end > now)
			.map(([scope, end]) => ({ scope, until: end })),
		in_flight: lanesInUse(lanes, now),
		waiting: waitingIn(line, now) + waitingIn(aside, now) + parked,
	};
}
