import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIRST_PAUSE_MS } from "../../../src/core/pacing/breaker";
import {
	admit,
	HELD_MS,
	hold,
	look,
	type Pace,
	pause,
	STEPS_PER_LANE,
	settle,
	UNHURRIED,
} from "../../../src/core/pacing/pace";
import { MAX_RETRY_AFTER_MS } from "../../../src/core/retry";
import type { Bounds } from "../../../src/model/connection";
import type { Admission, AdmitCall, Wanted } from "../../../src/model/message";

const NOW = 1_000_000;
const FREE: Bounds = { rate: null, concurrency: 24 };
const TEN_A_MINUTE: Bounds = { rate: { requests: 10, per_ms: 60_000, burst: 4 }, concurrency: 24 };

function of(workflow: string, count: number, scope?: string): Wanted[] {
	return Array.from({ length: count }, () => ({ workflow, ...(scope === undefined ? {} : { scope }) }));
}

let batches = 0;

function ask(
	pace: Pace,
	steps: Wanted[],
	{ now = NOW, bounds = FREE, batch = `b${++batches}`, random = (): number => 0 } = {},
) {
	const call: AdmitCall = { batch, steps, lanes: 6, bounds, longest_ms: 10_000 };
	const [next, admission] = admit(pace, call, now, random);
	return { pace: next, admission, batch };
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

	test("lanes are held over batches, and what finds none comes back one by one", () => {
		let pace = UNHURRIED;
		for (let n = 0; n < 4; n++) pace = ask(pace, of("w", 25)).pace;
		expect(look(pace, NOW).in_flight).toBe(24);
		const { admission, pace: after } = ask(pace, of("w", 3));
		expect(goes(admission)).toBe(0);
		expect(new Set(admission.waits).size).toBe(3);
		expect(look(after, NOW).waiting).toBe(3);
	});

	test("a batch that says nothing more holds its lanes only for a while", () => {
		const pace = ask(UNHURRIED, of("w", 6)).pace;
		expect(look(pace, NOW + HELD_MS - 1).in_flight).toBe(6);
		expect(look(pace, NOW + HELD_MS).in_flight).toBe(0);
	});

	test("one that is not done says so, and holds them on; its end frees them", () => {
		const { pace, batch } = ask(UNHURRIED, of("w", 6));
		const held = hold(pace, batch, { lanes: 5, ms: 30_000 }, NOW + 1_000);
		expect(look(held, NOW + 30_999).in_flight).toBe(5);
		expect(look(held, NOW + 31_000).in_flight).toBe(0);
		expect(look(end(held, batch), NOW + 2_000).in_flight).toBe(0);
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
		const backAt = NOW + (trickle.admission.waits[0] ?? 0);
		// The flood is a little faster, every time.
		const flood = ask(trickle.pace, of("flood", 25), { bounds, now: backAt });
		expect(goes(flood.admission)).toBe(0);
		expect(goes(ask(flood.pace, of("trickle", 1), { bounds, now: backAt + 100 }).admission)).toBe(1);
		// Who does not come is not waited for.
		pace = ask(trickle.pace, of("flood", 25), { bounds, now: backAt + 2_000 }).pace;
		expect(look(pace, backAt + 2_000).in_flight).toBe(1);
	});
});

describe("a pause", () => {
	test("of the whole connection holds everything, and jitter spreads the end", () => {
		const paused = pause(UNHURRIED, { ms: 30_000 }, NOW);
		const { admission } = ask(paused, of("w", 10), { random: () => 0.5 });
		expect(goes(admission)).toBe(0);
		expect(Math.min(...admission.waits.map(Number))).toBeGreaterThanOrEqual(30_000);
		expect(new Set(admission.waits).size).toBe(10);
		expect(look(paused, NOW).paused_until).toBe(NOW + 30_000);
		expect(goes(ask(paused, of("w", 10), { now: NOW + 30_000 }).admission)).toBe(10);
	});

	test("of a part holds that part alone", () => {
		const paused = pause(UNHURRIED, { ms: 30_000, scope: "channel C1" }, NOW);
		const { admission } = ask(paused, [...of("w", 2, "channel C1"), ...of("w", 2, "channel C2"), ...of("w", 1)]);
		expect(admission.waits.map((wait) => wait === null)).toEqual([false, false, true, true, true]);
		expect(look(paused, NOW)).toMatchObject({
			...{ paused_until: null, paused_scopes: [{ scope: "channel C1", until: NOW + 30_000 }] },
		});
	});

	test("of a part does not keep the rest of its workflow waiting", () => {
		let pace = pause(UNHURRIED, { ms: 3_600_000, scope: "channel C1" }, NOW);
		pace = ask(pace, of("w", 5, "channel C1")).pace;
		expect(look(pace, NOW).waiting).toBe(5);
		const { admission } = ask(pace, of("w", 25, "channel C2"), { bounds: { rate: null, concurrency: 1 } });
		expect(goes(admission)).toBe(STEPS_PER_LANE);
		expect(Math.max(...admission.waits.map(Number))).toBeLessThan(60_000);
	});

	test("is not shortened by another, and no longer than a day", () => {
		const long = pause(UNHURRIED, { ms: 10 * MAX_RETRY_AFTER_MS }, NOW);
		expect(look(pause(long, { ms: 5 }, NOW), NOW).paused_until).toBe(NOW + MAX_RETRY_AFTER_MS);
	});
});

describe("a target that fails", () => {
	function broken(): Pace {
		const { pace, batch } = ask(UNHURRIED, of("w", 10));
		return end(pace, batch, { finished: 10, failed: 10 });
	}

	test("is left alone, and asked by one step when its pause is over", () => {
		const open = broken();
		expect(look(open, NOW)).toMatchObject({ breaker: "open", paused_until: NOW + FIRST_PAUSE_MS });
		const { admission } = ask(open, of("w", 5));
		expect(goes(admission)).toBe(0);
		expect(Math.min(...admission.waits.map(Number))).toBeGreaterThanOrEqual(FIRST_PAUSE_MS);
		const then = NOW + FIRST_PAUSE_MS;
		expect(look(open, then)).toMatchObject({ breaker: "half_open", paused_until: null });
		const probe = ask(open, of("w", 5), { now: then });
		expect([goes(probe.admission), probe.admission.lanes, probe.admission.settle]).toEqual([1, 1, true]);
		expect(goes(ask(probe.pace, of("w", 5), { now: then }).admission)).toBe(0);
		const closed = end(probe.pace, probe.batch, { finished: 1 }, then);
		expect(look(closed, then).breaker).toBe("closed");
		expect(goes(ask(closed, of("w", 5), { now: then }).admission)).toBe(5);
	});
});

interface Going {
	at: number;
	workflow: string;
}

/** Steps arrive, are carried out in so many milliseconds or wait until they are told to come back, until all have gone. */
function simulate(counts: readonly number[], bounds: Bounds, serviceMs: number, random: () => number): Going[] {
	const waiting = counts.flatMap((count, w) => Array.from({ length: count }, () => ({ at: NOW, workflow: `w${w}` })));
	const ends: { at: number; batch: string; steps: number }[] = [];
	const gone: Going[] = [];
	let pace = UNHURRIED;
	for (let rounds = 0; waiting.length > 0; rounds++) {
		if (rounds > 20_000) throw new Error(`${waiting.length} steps never went`);
		waiting.sort((a, b) => a.at - b.at);
		const now = waiting[0]?.at ?? NOW;
		for (const over of ends.splice(0)) {
			if (over.at > now) ends.push(over);
			else pace = settle(pace, { batch: over.batch, finished: over.steps, failed: 0, unused: 0 }, bounds, over.at, 0);
		}
		const due = waiting.filter(({ at }) => at <= now).slice(0, 25);
		const asked = ask(
			pace,
			due.map(({ workflow }) => ({ workflow })),
			{ now, bounds, random },
		);
		pace = hold(asked.pace, asked.batch, { lanes: asked.admission.lanes, ms: 60_000 }, now);
		expect(look(pace, now).in_flight).toBeLessThanOrEqual(bounds.concurrency);
		for (const [n, step] of due.entries()) {
			const wait = asked.admission.waits[n];
			if (wait !== null && wait !== undefined) {
				expect(wait).toBeGreaterThan(0);
				step.at = now + wait;
				continue;
			}
			waiting.splice(waiting.indexOf(step), 1);
			gone.push({ at: now, workflow: step.workflow });
		}
		ends.push({ at: now + serviceMs, batch: asked.batch, steps: goes(asked.admission) });
	}
	return gone;
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
				const gone = simulate(counts, bounds, ms, () => random.next().value ?? 0);
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
			const gone = simulate([flood, 5], bounds, 10, () => random.next().value ?? 0);
			const last = Math.max(...gone.filter(({ workflow }) => workflow === "w1").map(({ at }) => at));
			const all = Math.max(...gone.map(({ at }) => at));
			expect(last - NOW).toBeLessThan((all - NOW) / 3);
		}),
		{ numRuns: 30 },
	);
});
