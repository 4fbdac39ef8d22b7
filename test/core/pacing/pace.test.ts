import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIRST_PAUSE_MS } from "../../../src/core/pacing/breaker";
import { CALLED_MS, call as callAll, callOff as callOffOne } from "../../../src/core/pacing/called";
import { CALL_EVERY_MS, callsDue, restAfter } from "../../../src/core/pacing/calling";
import {
	admit,
	HELD_MS,
	hold,
	LONG_PAUSE_MS,
	look,
	MAX_PARKED,
	type Pace,
	pause,
	resume,
	STEPS_PER_LANE,
	settle,
	UNHURRIED,
} from "../../../src/core/pacing/pace";
import { Parking } from "../../../src/core/pacing/parking";
import { MAX_RETRY_AFTER_MS } from "../../../src/core/retry";
import type { Bounds } from "../../../src/model/connection";
import type { Admission, AdmitCall, Wanted } from "../../../src/model/message";

const NOW = 1_000_000;
const FREE: Bounds = { rate: null, concurrency: 24 };
const TEN_A_MINUTE: Bounds = { rate: { requests: 10, per_ms: 60_000, burst: 4 }, concurrency: 24 };

let [batches, steps] = [0, 0];

function of(workflow: string, count: number, scope?: string): Wanted[] {
	return Array.from({ length: count }, () => ({
		...{ workflow, entity_key: "e", run: `r${++steps}`, step: "tell" },
		...(scope === undefined ? {} : { scope }),
	}));
}

function ask(
	pace: Pace,
	steps: Wanted[],
	{ now = NOW, bounds = FREE, batch = `b${++batches}`, random = (): number => 0, parked = 0 } = {},
) {
	const call: AdmitCall = { batch, steps, lanes: 6, bounds, longest_ms: 10_000 };
	const [next, admission] = admit(pace, call, { now, random, parked });
	return { pace: next, admission, batch };
}

function see(pace: Pace, now: number) {
	return look(pace, { now, parked: 0 });
}

function call(pace: Pace, steps: readonly Wanted[], now: number): Pace {
	return { ...pace, called: callAll(pace.called, steps, now) };
}

function callOff(pace: Pace, step: Wanted): Pace {
	return { ...pace, called: callOffOne(pace.called, step) };
}

function goes({ waits }: Admission): number {
	return waits.filter((wait) => wait === null).length;
}

function end(
	pace: Pace,
	batch: string,
	parts: { finished?: number; failed?: number; unused?: number } = {},
	now = NOW,
) {
	return settle(pace, { batch, finished: 0, failed: 0, unused: 0, ...parts }, FREE, now, 0);
}

describe("where nothing is known of a target", () => {
	test("a batch goes, in all lanes that it has", () => {
		const { admission } = ask(UNHURRIED, of("w", 25));
		expect(admission).toEqual({ waits: Array(25).fill(null), lanes: 6, settle: false, slow: false });
	});

	test("lanes are held over batches, and what finds none is parked", () => {
		let pace = UNHURRIED;
		for (let n = 0; n < 4; n++) pace = ask(pace, of("w", 25)).pace;
		expect(see(pace, NOW).in_flight).toBe(24);
		const { admission } = ask(pace, of("w", 3));
		expect(admission.waits).toEqual(["parked", "parked", "parked"]);
	});

	test("a batch that says nothing more holds its lanes only for a while", () => {
		const pace = ask(UNHURRIED, of("w", 6)).pace;
		expect(see(pace, NOW + HELD_MS - 1).in_flight).toBe(6);
		expect(see(pace, NOW + HELD_MS).in_flight).toBe(0);
	});

	test("one that is not done says so, and holds them on; its end frees them", () => {
		const { pace, batch } = ask(UNHURRIED, of("w", 6));
		const held = hold(pace, { batch, lanes: 5, left: 6, slow: true, ms: 30_000 }, NOW + 1_000);
		expect(see(held, NOW + 30_999).in_flight).toBe(5);
		expect(see(held, NOW + 31_000).in_flight).toBe(0);
		expect(see(end(held, batch), NOW + 2_000).in_flight).toBe(0);
		// As long as it is at it, others know that the target is slow.
		const later = (pace: Pace, now: number) => ask(pace, of("w", 1), { now }).admission.slow;
		expect([later(pace, NOW + 2_000), later(held, NOW + 2_000), later(held, NOW + 31_000)]).toEqual([
			false,
			true,
			false,
		]);
		expect(later(end(held, batch), NOW + 2_000)).toBe(false);
	});

	test("no more is let in than can stand in the lanes there are", () => {
		const { admission } = ask(UNHURRIED, of("w", 25), { bounds: { rate: null, concurrency: 2 } });
		expect([goes(admission), admission.lanes, admission.settle]).toEqual([2 * STEPS_PER_LANE, 2, true]);
	});
});

describe("where a rate is known", () => {
	test("what is over it comes back at its own time, evenly", () => {
		const { admission } = ask(UNHURRIED, of("w", 8), { bounds: TEN_A_MINUTE });
		const interval = 60_000 / 7;
		expect(admission.waits.slice(0, 4)).toEqual([null, null, null, null]);
		expect(admission.waits.slice(4)).toEqual(
			[1, 2, 3, 4].map((n) => Math.ceil(NOW + Math.ceil(interval) + (n - 1) * interval) - NOW),
		);
	});

	test("what was not used is given back", () => {
		const { pace, batch } = ask(UNHURRIED, of("w", 4), { bounds: TEN_A_MINUTE });
		const back = settle(pace, { batch, finished: 1, failed: 0, unused: 3 }, TEN_A_MINUTE, NOW, 0);
		expect(goes(ask(back, of("w", 4), { bounds: TEN_A_MINUTE }).admission)).toBe(3);
	});

	test("workflows share it fairly", () => {
		const { admission } = ask(UNHURRIED, [...of("flood", 20), ...of("trickle", 1)], { bounds: TEN_A_MINUTE });
		expect(goes(admission)).toBe(4);
		expect(admission.waits.at(-1)).toBeNull();
	});

	test("who came away with nothing is expected back, and finds its share", () => {
		const bounds: Bounds = { rate: { requests: 1, per_ms: 10_000, burst: 1 }, concurrency: 24 };
		let { pace } = ask(UNHURRIED, of("flood", 1), { bounds });
		const trickle = ask(pace, of("trickle", 1), { bounds });
		const backAt = NOW + Number(trickle.admission.waits[0]);
		// The flood is a little faster, every time.
		const flood = ask(trickle.pace, of("flood", 25), { bounds, now: backAt });
		expect(goes(flood.admission)).toBe(0);
		expect(goes(ask(flood.pace, of("trickle", 1), { bounds, now: backAt + 100 }).admission)).toBe(1);
		// Who does not come is not waited for.
		pace = ask(trickle.pace, of("flood", 25), { bounds, now: backAt + 2_000 }).pace;
		expect(see(pace, backAt + 2_000).in_flight).toBe(1);
	});
});

describe("a pause", () => {
	test("of the whole connection holds everything, and jitter spreads the end", () => {
		const paused = pause(UNHURRIED, { ms: 30_000 }, NOW);
		const { admission } = ask(paused, of("w", 10), { random: () => 0.5 });
		expect(goes(admission)).toBe(0);
		expect(Math.min(...admission.waits.map(Number))).toBeGreaterThanOrEqual(30_000);
		expect(new Set(admission.waits).size).toBe(10);
		expect(see(paused, NOW).paused_until).toBe(NOW + 30_000);
		expect(goes(ask(paused, of("w", 10), { now: NOW + 30_000 }).admission)).toBe(10);
	});

	test("of a part holds that part alone", () => {
		const paused = pause(UNHURRIED, { ms: 30_000, scope: "channel C1" }, NOW);
		const { admission } = ask(paused, [...of("w", 2, "channel C1"), ...of("w", 2, "channel C2"), ...of("w", 1)]);
		expect(admission.waits.map((wait) => wait === null)).toEqual([false, false, true, true, true]);
		expect(see(paused, NOW)).toMatchObject({
			...{ paused_until: null, paused_scopes: [{ scope: "channel C1", until: NOW + 30_000 }] },
		});
	});

	test("of a part does not keep the rest of its workflow waiting", () => {
		let pace = pause(UNHURRIED, { ms: 3_600_000, scope: "channel C1" }, NOW);
		pace = ask(pace, of("w", 5, "channel C1")).pace;
		expect(see(pace, NOW).waiting).toBe(5);
		const { admission } = ask(pace, of("w", 25, "channel C2"), { bounds: { rate: null, concurrency: 1 } });
		expect(goes(admission)).toBe(STEPS_PER_LANE);
		expect(admission.waits.slice(STEPS_PER_LANE)).toEqual(Array(20).fill("parked"));
	});

	test("of over a minute parks who meets it, who is called when it is over; near its end they come by themselves", () => {
		const paused = pause(UNHURRIED, { ms: LONG_PAUSE_MS + 1 }, NOW);
		expect(ask(paused, of("w", 2)).admission.waits).toEqual(["parked", "parked"]);
		expect(callsDue(paused, FREE, NOW)).toEqual({ count: 0, again_at: NOW + LONG_PAUSE_MS + 1 });
		const { admission } = ask(paused, of("w", 2), { now: NOW + 1 });
		expect(admission.waits[0]).toBe(LONG_PAUSE_MS);
		// Whoever finds no place among the parked is told the time.
		expect(ask(paused, of("w", 1), { parked: MAX_PARKED }).admission.waits).toEqual([LONG_PAUSE_MS + 1]);
	});

	test("of any kind ends when an operator says so, and a target that failed is tried by one step", () => {
		const { pace: begun, batch } = ask(UNHURRIED, of("w", 10));
		const failed = end(begun, batch, { finished: 10, failed: 10 });
		const scoped = pause(pause(failed, { ms: 900_000 }, NOW), { ms: 900_000, scope: "channel C1" }, NOW);
		expect(callsDue(scoped, FREE, NOW).count).toBe(0);
		const resumed = resume(scoped, NOW);
		expect(see(resumed, NOW)).toMatchObject({ breaker: "half_open", paused_until: null, paused_scopes: [] });
		expect(callsDue(resumed, FREE, NOW).count).toBe(1);
		expect(goes(ask(resumed, of("w", 5, "channel C1")).admission)).toBe(1);
		expect(resume(UNHURRIED, NOW)).toEqual(UNHURRIED);
	});

	test("is not shortened by another, and no longer than a day", () => {
		const long = pause(UNHURRIED, { ms: 10 * MAX_RETRY_AFTER_MS }, NOW);
		expect(see(pause(long, { ms: 5 }, NOW), NOW).paused_until).toBe(NOW + MAX_RETRY_AFTER_MS);
	});
});

describe("a target that fails", () => {
	function broken(): Pace {
		const { pace, batch } = ask(UNHURRIED, of("w", 10));
		return end(pace, batch, { finished: 10, failed: 10 });
	}

	test("is left alone, and asked by one step when its pause is over", () => {
		const open = broken();
		expect(see(open, NOW)).toMatchObject({ breaker: "open", paused_until: NOW + FIRST_PAUSE_MS });
		const { admission } = ask(open, of("w", 5));
		expect(admission.waits).toEqual(Array(5).fill("parked"));
		const then = NOW + FIRST_PAUSE_MS;
		expect(see(open, then)).toMatchObject({ breaker: "half_open", paused_until: null });
		const probe = ask(open, of("w", 5), { now: then });
		expect([goes(probe.admission), probe.admission.lanes, probe.admission.settle]).toEqual([1, 1, true]);
		expect(probe.admission.waits.slice(1)).toEqual(Array(4).fill("parked"));
		expect(goes(ask(probe.pace, of("w", 5), { now: then }).admission)).toBe(0);
		const closed = end(probe.pace, probe.batch, { finished: 1 }, then);
		expect(see(closed, then).breaker).toBe("closed");
		expect(goes(ask(closed, of("w", 5), { now: then }).admission)).toBe(5);
	});
});

describe("what a breaker counts", () => {
	const failing = (left: number) => {
		const first = ask(UNHURRIED, of("w", 25));
		const other = ask(first.pace, of("w", 10));
		const held =
			left === 0 ? other.pace : hold(other.pace, { batch: first.batch, lanes: 6, left, slow: true, ms: 9_000 }, NOW);
		return see(end(held, other.batch, { finished: 10, failed: 10 }), NOW).breaker;
	};

	test("are those that went well although their batch said nothing, and those that ended in a batch that goes on", () => {
		expect([0, 1, 20, 22].map(failing)).toEqual(["closed", "closed", "closed", "open"]);
	});
});

describe("those who are parked", () => {
	const SMALL: Bounds = { rate: null, concurrency: 4 };

	test("are called when their target is due for a probe, one at a time, and as many as have room once it answers", () => {
		const first = ask(UNHURRIED, of("w", 10));
		let pace = end(first.pace, first.batch, { finished: 10, failed: 10 });
		expect(callsDue(pace, FREE, NOW)).toEqual({ count: 0, again_at: NOW + FIRST_PAUSE_MS });
		const then = NOW + FIRST_PAUSE_MS;
		expect(callsDue(pace, FREE, then)).toEqual({ count: 1, again_at: then + CALL_EVERY_MS });
		const [probe, other] = of("w", 2) as [Wanted, Wanted];
		pace = call(pace, [probe], then);
		expect(callsDue(pace, FREE, then + 1).count).toBe(0);
		// Another is called when it is not back in time, or when it is known that it will not come.
		expect(callsDue(pace, FREE, then + CALLED_MS).count).toBe(1);
		expect(callsDue(callOff(pace, probe), FREE, then + 1).count).toBe(1);
		const asked = ask(pace, [probe, other], { now: then + 100, parked: 9 });
		expect(asked.admission).toEqual({ waits: [null, "parked"], lanes: 1, settle: true, slow: true });
		expect(callsDue(asked.pace, FREE, then + 100).count).toBe(0);
		const closed = end(asked.pace, asked.batch, { finished: 1 }, then + 200);
		expect(callsDue(closed, FREE, then + 200).count).toBe(24);
	});

	test("are called when lanes are free: one for each of a slow target, more as a quick one answers more", () => {
		const { pace, batch } = ask(UNHURRIED, of("w", 20), { bounds: SMALL });
		expect(callsDue(pace, SMALL, NOW)).toEqual({ count: 0, again_at: NOW + HELD_MS });
		const slow = hold(pace, { batch, lanes: 3, left: 20, slow: true, ms: 30_000 }, NOW + 1_000);
		expect(callsDue(slow, SMALL, NOW + 1_000).count).toBe(1);
		const answered = (finished: number) =>
			callsDue(end(pace, batch, { finished }, NOW + 1_000), SMALL, NOW + 1_000).count;
		expect([1, 5, 20].map(answered)).toEqual([4, 10, 4 * STEPS_PER_LANE]);
	});

	test("are not called into a pause, and no more of them than there are tokens", () => {
		const paused = pause(UNHURRIED, { ms: 30_000 }, NOW);
		expect(callsDue(paused, FREE, NOW)).toEqual({ count: 0, again_at: NOW + 30_000 });
		expect(callsDue(UNHURRIED, TEN_A_MINUTE, NOW).count).toBe(4);
	});

	test("and cannot be reached are called less and less often, but once a minute", () => {
		expect([9, 10, 19, 20, 30, 60, 70, 20_000].map((vain) => restAfter(vain, 10))).toEqual([
			...[0, 1_000, 1_000, 2_000, 4_000, 32_000],
			...[60_000, 60_000],
		]);
		expect(restAfter(5, 0)).toBe(0);
	});

	test("are not more than can be remembered: the others come back by themselves, hours later and spread", () => {
		const { pace, batch } = ask(UNHURRIED, of("w", 10));
		const open = end(pace, batch, { finished: 10, failed: 10 });
		const waits = (parked: number, random: number) =>
			ask(open, of("w", 1), { parked, random: () => random }).admission.waits;
		expect(waits(MAX_PARKED - 1, 0)).toEqual(["parked"]);
		expect([0, 0.5].map((random) => waits(MAX_PARKED, random))).toEqual([[3_600_000], [5_400_000]]);
	});

	test("find their room when they come, although others ask before them", () => {
		const [a, b] = of("parked", 2) as [Wanted, Wanted];
		const called = call(UNHURRIED, [a, b], NOW);
		const bounds: Bounds = { rate: null, concurrency: 2 };
		const newcomers = ask(called, of("new", 5), { bounds });
		expect(newcomers.admission.waits).toEqual(Array(5).fill("parked"));
		expect(ask(newcomers.pace, [a], { bounds }).admission.waits).toEqual([null]);
		// Their room is not kept for ever.
		expect(goes(ask(called, of("new", 5), { bounds, now: NOW + CALLED_MS }).admission)).toBe(5);
	});

	test("are the probe, and nobody else is while one of them is on its way", () => {
		const { pace, batch } = ask(UNHURRIED, of("w", 10));
		const now = NOW + FIRST_PAUSE_MS;
		const [oldest] = of("w", 1) as [Wanted];
		const called = call(end(pace, batch, { finished: 10, failed: 10 }), [oldest], now);
		expect(ask(called, of("other", 3), { now }).admission.waits).toEqual(Array(3).fill("parked"));
		expect(ask(called, [...of("other", 3), oldest], { now }).admission.waits.at(-1)).toBeNull();
	});

	test("have a token each, and wait for the next one where there is none", () => {
		const some = ask(UNHURRIED, of("w", 3), { bounds: TEN_A_MINUTE }).pace;
		const [parked] = of("parked", 1) as [Wanted];
		expect(goes(ask(call(some, [parked], NOW), of("new", 3), { bounds: TEN_A_MINUTE }).admission)).toBe(0);
		const none = ask(some, of("w", 1), { bounds: TEN_A_MINUTE }).pace;
		const { count, again_at } = callsDue(none, TEN_A_MINUTE, NOW);
		expect([count, again_at - NOW]).toEqual([0, Math.ceil(60_000 / 7)]);
	});

	test("of a target that is slow, but answers, go five to a lane as ever", () => {
		const { pace, batch } = ask(UNHURRIED, of("w", 6));
		const asked = (slow: boolean) =>
			goes(ask(hold(pace, { batch, lanes: 6, left: 3, slow, ms: 9_000 }, NOW), of("w", 25)).admission);
		expect([asked(false), asked(true)]).toEqual([25, 6]);
	});

	test("go before others of their workflow that come with them", () => {
		const [a, ...others] = of("w", 6) as [Wanted, ...Wanted[]];
		const { admission } = ask(call(UNHURRIED, [a], NOW), [...others, a], { bounds: { ...SMALL, concurrency: 1 } });
		expect(admission.waits).toEqual([null, null, null, null, "parked", null]);
	});
});

interface Going {
	at: number;
	workflow: string;
}

interface World {
	counts: readonly number[];
	bounds: Bounds;
	/** How long a request takes, and how long it takes a step that is called to be there. */
	serviceMs: number;
	latencyMs?: number;
	random: () => number;
}

/** Steps arrive and are carried out, or come back when they are told to or called, until all have gone. */
function simulate({ counts, bounds, serviceMs, latencyMs = 50, random }: World): { gone: Going[]; asked: number } {
	const waiting = counts.flatMap((count, w) => of(`w${w}`, count).map((step) => ({ at: NOW, step })));
	const total = waiting.length;
	const parked = new Parking();
	const gone: Going[] = [];
	let ends: { at: number; batch: string; steps: number }[] = [];
	let [pace, alarmAt, asked] = [UNHURRIED, Infinity, 0];
	for (let rounds = 0; gone.length < total; rounds++) {
		if (rounds > 100 * total + 1_000) throw new Error(`${total - gone.length} steps never went`);
		const now = Math.min(alarmAt, ...waiting.map(({ at }) => at), ...ends.map(({ at }) => at));
		const over = ends.filter(({ at }) => at <= now);
		ends = ends.filter(({ at }) => at > now);
		for (const { batch, steps } of over)
			pace = settle(pace, { batch, finished: steps, failed: 0, unused: 0 }, bounds, now, 0);
		const isCalling = over.length > 0 || alarmAt <= now;
		if (alarmAt <= now) alarmAt = Infinity;
		if (isCalling && parked.size > 0) {
			const { count, again_at } = callsDue(pace, bounds, now);
			const called = parked.next(count, new Set());
			pace = call(pace, called, now);
			waiting.push(...called.map((step) => ({ at: now + latencyMs, step })));
			alarmAt = Math.min(alarmAt, again_at);
		}
		waiting.sort((a, b) => a.at - b.at);
		const due = waiting.splice(0, Math.min(25, waiting.filter(({ at }) => at <= now).length)).map(({ step }) => step);
		if (due.length === 0) continue;
		asked += due.length;
		const { admission, batch, pace: after } = ask(pace, due, { now, bounds, random, parked: parked.size });
		pace = hold(after, { batch, lanes: admission.lanes, left: 0, slow: true, ms: 60_000 }, now);
		expect(see(pace, now).in_flight).toBeLessThanOrEqual(bounds.concurrency);
		for (const [n, step] of due.entries()) {
			const wait = admission.waits[n] as Admission["waits"][number];
			if (wait === "parked") parked.park(step);
			else if (wait === null) gone.push({ at: now, workflow: step.workflow });
			else {
				expect(wait).toBeGreaterThan(0);
				waiting.push({ at: now + wait, step });
			}
		}
		if (parked.size > 0) alarmAt = Math.min(alarmAt, callsDue(pace, bounds, now).again_at);
		ends.push({ at: now + serviceMs, batch, steps: goes(admission) });
	}
	return { gone, asked };
}

const bounds = fc.record({
	rate: fc.option(
		fc.record({
			requests: fc.integer({ min: 2, max: 60 }),
			per_ms: fc.constantFrom(1_000, 60_000),
			burst: fc.constant(2),
		}),
		{ nil: null },
	),
	concurrency: fc.integer({ min: 1, max: 30 }),
});
const chances = fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true }));

test("every step goes in the end, never more at once or in a stretch of time than the target bears", () => {
	fc.assert(
		fc.property(
			fc.array(fc.nat(60), { minLength: 1, maxLength: 5 }),
			bounds,
			fc.nat(2_000),
			chances,
			(counts, bounds, ms, random) => {
				const { gone } = simulate({ counts, bounds, serviceMs: ms, random: () => random.next().value ?? 0 });
				expect(gone).toHaveLength(counts.reduce((sum, count) => sum + count, 0));
				const { rate } = bounds;
				if (rate === null) return;
				for (const { at: from } of gone) {
					expect(gone.filter(({ at }) => at >= from && at < from + rate.per_ms).length).toBeLessThanOrEqual(
						rate.requests,
					);
				}
			},
		),
		{ numRuns: 60 },
	);
});

test("a workflow with little to do is not behind one with much", () => {
	fc.assert(
		fc.property(fc.integer({ min: 100, max: 300 }), chances, (flood, random) => {
			const bounds: Bounds = { rate: { requests: 60, per_ms: 60_000, burst: 5 }, concurrency: 24 };
			const world = { counts: [flood, 5], bounds, serviceMs: 10, random: () => random.next().value ?? 0 };
			const { gone } = simulate(world);
			const last = Math.max(...gone.filter(({ workflow }) => workflow === "w1").map(({ at }) => at));
			const all = Math.max(...gone.map(({ at }) => at));
			expect(last - NOW).toBeLessThan((all - NOW) / 3);
		}),
		{ numRuns: 30 },
	);
});

test("the same holds where room is what there is too little of; and nobody comes in vain again and again", () => {
	fc.assert(
		fc.property(
			fc.record({
				flood: fc.integer({ min: 200, max: 400 }),
				concurrency: fc.integer({ min: 1, max: 12 }),
				serviceMs: fc.integer({ min: 1, max: 20_000 }),
				latencyMs: fc.integer({ min: 1, max: 4_000 }),
			}),
			({ flood, concurrency, ...world }) => {
				const bounds: Bounds = { rate: null, concurrency };
				const { gone, asked } = simulate({ ...world, counts: [flood, 5], bounds, random: () => 0 });
				expect(gone.map(({ workflow }) => workflow).lastIndexOf("w1")).toBeLessThan(flood / 2);
				expect(asked).toBeLessThanOrEqual(3.1 * flood);
			},
		),
		{ numRuns: 100 },
	);
});
