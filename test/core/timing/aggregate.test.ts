import { describe, expect, test } from "vitest";
import type { Extract } from "../../../src/model/plan";
import { aggregate, DAY, event, Given, idsOf, NOW, plan, runOf } from "../run/given";

function collect(timing: ReturnType<typeof aggregate>, extract: Extract = {}, ...times: number[]): Given {
	const given = new Given();
	for (const [n, at] of times.entries()) given.arrives(event(n + 1), plan(timing, { extract }), at);
	return given;
}

describe("a window of a minute", () => {
	test("ends a minute after its first event, whatever comes in between", () => {
		const given = collect(aggregate(), {}, 0, 30_000, 59_999);
		expect(given.window()).toMatchObject({ count: 3, due_at: NOW + 60_000 });
		given.passes(60_000);
		expect(given.run()).toMatchObject({
			id: runOf(1),
			event_id: event(3).id,
			window: { count: 3, events: idsOf(1, 2, 3), keep_all: false, summary: { count: 3 } },
		});
		expect(given.window()).toBeUndefined();
	});

	test("gives each event the verdict that it was aggregated, into which run and until when", () => {
		const given = new Given();
		given.arrives(event(1), plan(aggregate()), 0);
		const receipt = given.arrives(event(2), plan(aggregate(), { extract: { counts_by: "a" } }), 10);
		expect(receipt?.verdicts).toEqual([
			{
				workflow: "deal-watch",
				version: 1,
				verdict: "aggregated",
				run: runOf(1),
				due_at: NOW + 60_000,
				extract: { counts_by: "a" },
			},
		]);
	});

	test("does not take in the event that arrives before its late alarm", () => {
		const given = collect(aggregate(), {}, 0, 90_000);
		expect(given.run().window?.events).toEqual(idsOf(1));
		expect(given.window()).toMatchObject({ id: runOf(2), count: 1, due_at: NOW + 150_000 });
	});

	test("may be as long as a month", () => {
		const given = collect(aggregate({ window: 31 * DAY }), {}, 0, 30 * DAY);
		given.passes(31 * DAY - 1);
		expect(given.runs).toEqual([]);
		given.passes(31 * DAY);
		expect(given.run().window?.count).toBe(2);
	});
});

describe("a window acts early", () => {
	test("with the event that fills it, which is in it", () => {
		const given = collect(aggregate({ max_events: 3 }), {}, 0, 1, 2, 3);
		expect(given.run()).toMatchObject({ started_at: NOW + 2, window: { events: idsOf(1, 2, 3) } });
		expect(given.window()).toMatchObject({ id: runOf(4), count: 1 });
	});

	test("at its first event, where one is enough, and nothing stays open", () => {
		const given = collect(aggregate({ max_events: 1 }), {}, 0);
		expect(given.run().window?.count).toBe(1);
		expect(given.window()).toBeUndefined();
		expect(given.receipts.get(event(1).id)?.verdicts).toEqual([
			{ workflow: "deal-watch", version: 1, verdict: "aggregated", run: runOf(1), extract: {} },
		]);
	});

	test("when what is kept is too large", () => {
		const extract = { kept: { text: "x".repeat(501) } };
		const given = collect(aggregate({ max_bytes: 1_024 }), extract, 0, 1, 2);
		expect(given.run().window?.count).toBe(2);
		expect(given.window()).toMatchObject({ count: 1, bytes: 560 });
	});

	test.each<[string, Extract, number]>([
		["nothing is kept", {}, 0],
		["as UTF-8", { kept: { a: "ü" } }, 48 + 10],
		["once more where it may be the latest of its value", { kept: { a: "x" }, latest_by: "v" }, 2 * (48 + 9) + 3],
		["once more where it is critical", { kept: { a: "x" }, critical: true }, 2 * (48 + 9)],
		["not where it might have been critical", { kept: { a: "x" }, critical: false }, 48 + 9],
		["the names of values too", { counts_by: "ab", top: "abc" }, 4 + 5],
		["names and ids alone, where nothing else is kept", { latest_by: "v", critical: true }, 2 * 48 + 3],
	])("counting what is kept: %s", (_, extract, bytes) => {
		expect(collect(aggregate(), extract, 0).window()?.bytes).toBe(bytes);
	});

	test("when an event says so", () => {
		const given = collect(aggregate(), {}, 0);
		given.arrives(event(2), plan(aggregate(), { extract: { flush: false } }), 1);
		expect(given.runs).toEqual([]);
		given.arrives(event(3), plan(aggregate(), { extract: { flush: true } }), 2);
		expect(given.run()).toMatchObject({ started_at: NOW + 2, window: { events: idsOf(1, 2, 3) } });
	});

	test("when an event says so that opens it", () => {
		expect(collect(aggregate(), { flush: true }, 0).run().window?.events).toEqual(idsOf(1));
	});
});

describe("a clock window", () => {
	const daily = aggregate({ window: undefined, every: "0 9 * * *", tz: "Europe/Berlin" });
	const noon = Date.parse("2026-10-24T10:00:00.000Z") - NOW;

	test("ends at the next tick of its zone's clock, the day that the clocks go back too", () => {
		const given = collect(daily, {}, noon);
		expect(given.window()?.due_at).toBe(Date.parse("2026-10-25T08:00:00.000Z"));
	});

	test("ends at the next tick the day that the clocks go forward", () => {
		const given = collect(daily, {}, Date.parse("2026-03-28T11:00:00.000Z") - NOW);
		expect(given.window()?.due_at).toBe(Date.parse("2026-03-29T07:00:00.000Z"));
	});

	test("that nobody opened is opened by a reminder, once", () => {
		const given = new Given();
		given.ticks(plan(daily), "aa", noon);
		given.ticks(plan(daily), "bb", noon + 1);
		expect(given.window()).toMatchObject({ id: "run_aa.deal-watch", count: 0, source: null, trace_id: "aa" });
	});

	test("is not opened by a reminder that comes for another timing", () => {
		const given = new Given();
		given.ticks(plan({ kind: "immediate" }), "aa", noon);
		expect(given.state.n).toBe(0);
	});

	test.each([
		["skip", 0],
		["run", 1],
	] as const)("that ends empty does as it is told: %s", (when_empty, runs) => {
		const given = new Given();
		given.ticks(plan({ ...daily, when_empty }), "aa", noon);
		given.passes(noon + DAY);
		expect(given.runs).toHaveLength(runs);
		expect(given.window()).toBeUndefined();
	});

	test("that acts empty has no event and an empty summary", () => {
		const given = new Given();
		given.ticks(plan({ ...daily, when_empty: "run" }), "aa", noon);
		given.passes(noon + DAY);
		expect(given.run()).toMatchObject({
			event_id: null,
			source: null,
			window: { count: 0, events: [], first_at: null, last_at: null, summary: { count: 0, events: [] } },
		});
	});

	test("takes in the event that comes after the reminder, and keeps its own trace", () => {
		const given = new Given();
		given.ticks(plan(daily), "aa", noon);
		given.arrives(event(1), plan(daily), noon + 1);
		expect(given.window()).toMatchObject({ id: "run_aa.deal-watch", count: 1, latest: { event_id: event(1).id } });
	});

	test("a reminder after the tick closes the old window and opens the next", () => {
		const given = collect(daily, {}, noon);
		given.ticks(plan(daily), "bb", noon + DAY);
		expect(given.run().window?.events).toEqual(idsOf(1));
		expect(given.window()).toMatchObject({ id: "run_bb.deal-watch", count: 0 });
	});
});
