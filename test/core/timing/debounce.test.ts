import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_KEPT_BYTES, MAX_KEPT_EVENTS } from "../../../src/core/timing/window";
import type { TimingPlan } from "../../../src/model/plan";
import { DAY, debounce, event, Given, HOUR, idsOf, NOW, plan, runOf, SUCCEEDED } from "../run/given";

/** Events by number arriving at milliseconds after nine. */
function burst(timing: TimingPlan, ...arrivals: [n: number, at: number][]): Given {
	const given = new Given();
	for (const [n, at] of arrivals) given.arrives(event(n), plan(timing), at);
	return given;
}

describe("a trailing debounce of 10 s, 60 s at the most", () => {
	test("waits as long as the burst goes on", () => {
		const given = burst(debounce(), [1, 0], [2, 9_000], [3, 18_000]);
		given.passes(27_999);
		expect(given.runs).toEqual([]);
		expect(given.window()).toMatchObject({ count: 3, due_at: NOW + 28_000, first_at: NOW, last_at: NOW + 18_000 });
	});

	test("fires once when the burst ends, with the latest event and a list of all", () => {
		const given = burst(debounce(), [1, 0], [2, 9_000], [3, 18_000]);
		given.passes(28_000);
		given.passes(28_001);
		expect(given.runs).toHaveLength(1);
		expect(given.run()).toMatchObject({
			id: runOf(1),
			event_id: event(3).id,
			started_at: NOW + 28_000,
			window: {
				count: 3,
				first_at: NOW,
				last_at: NOW + 18_000,
				events: idsOf(1, 2, 3),
				keep_all: false,
				diff: [],
				summary: null,
			},
		});
		expect(given.window()).toBeUndefined();
		expect(given.dispatched).toEqual([]);
	});

	test("sends its step when it fires", () => {
		const given = burst(debounce(), [1, 0]);
		given.passes(10_000);
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
	});

	test("never waits longer than max_wait, however long the burst", () => {
		const given = burst(debounce(), [1, 0]);
		for (let at = 5_000; at < 60_000; at += 5_000) given.arrives(event(at), plan(debounce()), at);
		expect(given.window()?.due_at).toBe(NOW + 60_000);
		given.passes(60_000);
		expect(given.run().window?.count).toBe(12);
	});

	test("an event in the last second of max_wait does not push the end", () => {
		const given = burst(
			debounce(),
			[1, 0],
			[2, 9_000],
			[3, 18_000],
			[4, 27_000],
			[5, 36_000],
			[6, 45_000],
			[7, 54_000],
		);
		given.arrives(event(8), plan(debounce()), 59_999);
		expect(given.window()).toMatchObject({ count: 8, due_at: NOW + 60_000 });
		given.passes(60_000);
		expect(given.run()).toMatchObject({ event_id: event(8).id, window: { count: 8 } });
	});

	test("an event at the very moment of the end opens the next window", () => {
		const given = burst(debounce(), [1, 0], [2, 10_000]);
		expect(given.run()).toMatchObject({ id: runOf(1), window: { count: 1 } });
		expect(given.window()).toMatchObject({ id: runOf(2), count: 1, due_at: NOW + 20_000 });
	});

	test("a max_wait that is shorter than quiet ends it", () => {
		const given = burst(debounce({ quiet: 60_000, max_wait: 5_000 }), [1, 0]);
		expect(given.window()?.due_at).toBe(NOW + 5_000);
	});

	test.each([
		["hours", 3 * HOUR, 12 * HOUR],
		["days", 7 * DAY, 30 * DAY],
	])("waits for %s where it is told to", (_, quiet, max_wait) => {
		const timing = debounce({ quiet, max_wait });
		const given = burst(timing, [1, 0], [2, quiet - 1]);
		given.passes(2 * quiet - 2);
		expect(given.runs).toEqual([]);
		given.passes(2 * quiet - 1);
		expect(given.run()).toMatchObject({ event_id: event(2).id, started_at: NOW + 2 * quiet - 1 });
	});
});

describe("the latest event", () => {
	test("is the newest at its source: an older one that comes later is counted and not taken", () => {
		const given = burst(debounce(), [5, 0], [3, 1_000], [4, 2_000]);
		given.passes(20_000);
		expect(given.run()).toMatchObject({ event_id: event(5).id, window: { count: 3, events: idsOf(5, 3, 4) } });
	});

	test("an older event that comes later still keeps the burst going", () => {
		expect(burst(debounce(), [5, 0], [3, 6_000]).window()?.due_at).toBe(NOW + 16_000);
	});

	test("goes by sequence where there is one, beyond 2^53 too", () => {
		const given = new Given();
		given.arrives(event(1, { sequence: "9007199254740993" }), plan(debounce()), 0);
		given.arrives(event(2, { sequence: "9007199254740992" }), plan(debounce()), 1);
		given.passes(20_000);
		expect(given.run().event_id).toBe(event(1).id);
	});

	test("is the later arrival where both are from the same moment", () => {
		const { timestamp } = event(1);
		const given = new Given();
		given.arrives(event(1), plan(debounce()), 0);
		given.arrives(event(2, { timestamp }), plan(debounce()), 1);
		expect(given.window()?.latest?.event_id).toBe(event(2).id);
	});
});

describe("a window that is over", () => {
	test("does not take in the event that arrives before its late alarm: it fires without it, and a fresh one opens", () => {
		const given = burst(debounce(), [1, 0], [2, 45_000]);
		expect(given.run()).toMatchObject({ id: runOf(1), event_id: event(1).id, window: { events: idsOf(1) } });
		expect(given.window()).toMatchObject({ id: runOf(2), count: 1, due_at: NOW + 55_000 });
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
	});

	test("leaves its run alone: an event that arrives while it executes opens a fresh window", () => {
		const given = burst(debounce(), [1, 0]);
		given.passes(10_000);
		given.claims(10_100);
		given.arrives(event(2), plan(debounce()), 10_200);
		expect(given.step("tell", runOf(1)).status).toBe("leased");
		given.reports(SUCCEEDED, 10_300, { run: runOf(1) });
		expect(given.run(runOf(1)).status).toBe("succeeded");
		given.passes(20_200);
		expect(given.run(runOf(2))).toMatchObject({ event_id: event(2).id, window: { events: idsOf(2) } });
	});

	test("does not come back after max_wait: the next burst has its own", () => {
		const timing = debounce({ quiet: 10_000, max_wait: 10_000 });
		const given = burst(timing, [1, 0], [2, 10_500], [3, 20_400]);
		given.passes(20_500);
		expect(given.runs.map((run) => run.window?.events)).toEqual([idsOf(1), idsOf(2, 3)]);
	});
});

describe("a leading debounce", () => {
	const timing = debounce({ edge: "leading" });

	test("acts at the first event, and at no other of the burst", () => {
		const given = burst(timing, [1, 0]);
		expect(given.receipts.get(event(1).id)?.verdicts).toMatchObject([{ verdict: "started", run: runOf(1) }]);
		expect(given.run()).toMatchObject({ id: runOf(1), event_id: event(1).id, started_at: NOW, window: { count: 1 } });
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
		const receipt = given.arrives(event(2), plan(timing), 9_000);
		expect(receipt?.verdicts).toMatchObject([{ verdict: "collapsed", run: runOf(1), due_at: NOW + 19_000 }]);
		given.passes(19_000);
		expect(given.runs).toHaveLength(1);
		expect(given.window()).toBeUndefined();
	});

	test("has acted when the burst ends, though its run is long forgotten by then", () => {
		const given = burst(timing, [1, 0]);
		given.attempts(SUCCEEDED, 10);
		given.passes(20_000);
		expect(given.kinds().filter((kind) => kind === "run.started")).toHaveLength(1);
	});

	test("acts again at the first event after the burst", () => {
		const given = burst(timing, [1, 0], [2, 9_000], [3, 19_000]);
		expect(given.runs.map(({ id }) => id)).toEqual([runOf(1), runOf(3)]);
	});

	test("acts again after max_wait, though the burst goes on", () => {
		const given = burst(
			debounce({ edge: "leading", quiet: 10_000, max_wait: 12_000 }),
			[1, 0],
			[2, 9_000],
			[3, 13_000],
		);
		expect(given.runs.map(({ id }) => id)).toEqual([runOf(1), runOf(3)]);
	});

	test("goes on counting when it keeps all and is full: it has acted already", () => {
		const keeps = debounce({ edge: "leading", keep: "all", quiet: DAY, max_wait: DAY });
		const given = new Given();
		for (let n = 1; n <= MAX_KEPT_EVENTS + 1; n++) given.arrives(event(n), plan(keeps), n);
		expect(given.runs).toHaveLength(1);
		expect(given.window()?.count).toBe(MAX_KEPT_EVENTS + 1);
	});
});

describe("keeping all events", () => {
	const timing = debounce({ keep: "all", quiet: DAY, max_wait: DAY });
	const changed = (n: number, from: number, to: number, field = "stage") =>
		event(n, { changes: [{ field, from, to }] });

	test("the run has the net difference, by the time at the source", () => {
		const given = new Given();
		given.arrives(changed(20, 20, 30), plan(timing), 0);
		given.arrives(changed(30, 30, 40), plan(timing), 1);
		given.arrives(changed(10, 10, 20), plan(timing), 2);
		given.arrives(changed(25, 31, 32), plan(timing), 3);
		given.arrives(changed(40, 1, 2, "amount"), plan(timing), 4);
		given.passes(DAY);
		expect(given.run().window).toMatchObject({
			keep_all: true,
			diff: [
				{ field: "stage", from: 10, to: 40 },
				{ field: "amount", from: 1, to: 2 },
			],
		});
	});

	test("a field named __proto__ is a field like any other", () => {
		const given = new Given();
		given.arrives(changed(1, 1, 2, "__proto__"), plan(timing), 0);
		given.arrives(changed(2, 2, 3, "__proto__"), plan(timing), 1);
		given.passes(DAY);
		expect(given.run().window?.diff).toEqual([{ field: "__proto__", from: 1, to: 3 }]);
	});

	test("bodies stay with their receipts", () => {
		const given = new Given();
		const receipts = [changed(2, 2, 3), changed(1, 1, 2)].map((one, at) => given.arrives(one, plan(timing), at));
		expect(receipts.map((receipt) => receipt?.event?.data)).toEqual([{ n: 2 }, { n: 1 }]);
	});

	test("it fires early when there are too many to keep", () => {
		const given = new Given();
		for (let n = 1; n < MAX_KEPT_EVENTS; n++) given.arrives(event(n), plan(timing), n);
		expect(given.runs).toEqual([]);
		const last = given.arrives(event(MAX_KEPT_EVENTS), plan(timing), MAX_KEPT_EVENTS);
		expect(given.run().window?.count).toBe(MAX_KEPT_EVENTS);
		expect(given.window()).toBeUndefined();
		expect(last).toMatchObject({ verdicts: [{ verdict: "debounced", run: runOf(1) }] });
		expect(last?.event).not.toBeNull();
	});

	test("it fires early when they are too large to keep", () => {
		const half = "x".repeat(MAX_KEPT_BYTES / 2);
		const given = new Given();
		given.arrives(event(1, { data: { half } }), plan(timing), 0);
		expect(given.runs).toEqual([]);
		given.arrives(event(2, { data: { half } }), plan(timing), 1);
		expect(given.run().window?.count).toBe(2);
	});

	test("an older event that makes it too large is kept as well", () => {
		const data = { half: "x".repeat(MAX_KEPT_BYTES / 2) };
		const given = new Given();
		given.arrives(event(2, { data }), plan(timing), 0);
		const older = given.arrives(event(1, { data }), plan(timing), 1);
		expect(given.run()).toMatchObject({ event_id: event(2).id, window: { count: 2 } });
		expect(older?.event).not.toBeNull();
	});

	test("it is too large at the bound, not only beyond it", () => {
		const overhead = JSON.stringify(event(1, { data: { x: "" } })).length;
		const sized = (bytes: number) => event(1, { data: { x: "x".repeat(bytes - overhead) } });
		const given = [new Given(), new Given()] as const;
		given[0].arrives(sized(MAX_KEPT_BYTES - 1), plan(timing), 0);
		given[1].arrives(sized(MAX_KEPT_BYTES), plan(timing), 0);
		expect(given.map(({ runs }) => runs.length)).toEqual([0, 1]);
	});

	test("a window that keeps only the latest is never full", () => {
		const given = new Given();
		const endless = debounce({ quiet: DAY, max_wait: DAY });
		for (let n = 0; n <= MAX_KEPT_EVENTS; n++) given.arrives(event(n), plan(endless), n);
		expect(given.runs).toEqual([]);
	});

	test("a window that keeps only the latest is never too large", () => {
		const given = new Given();
		const data = { much: "x".repeat(MAX_KEPT_BYTES) };
		for (let n = 1; n <= 3; n++) given.arrives(event(n, { data }), plan(debounce()), n);
		expect(given.runs).toEqual([]);
		expect(given.window()).toMatchObject({ bytes: 0, net: {} });
	});
});

test("any burst fires exactly once per window, at min(last + quiet, first + max_wait), with every event in one window", () => {
	const arrivals = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 40 });
	fc.assert(
		fc.property(arrivals, (gaps) => {
			const given = new Given();
			let at = 0;
			for (const [n, gap] of gaps.entries()) {
				at += gap;
				given.arrives(event(n), plan(debounce()), at);
			}
			given.passes(at + 60_000);
			const runs = given.runs;
			expect(runs.flatMap((run) => run.window?.events ?? [])).toEqual(idsOf(...gaps.keys()));
			for (const { window, started_at } of runs) {
				const due = Math.min((window?.last_at ?? 0) + 10_000, (window?.first_at ?? 0) + 60_000);
				expect(started_at).toBeGreaterThanOrEqual(due);
			}
		}),
	);
});
