import { describe, expect, test } from "vitest";
import { acceptIntoAggregate } from "../../../src/core/timing/aggregate";
import { MAX_CRITICAL, MAX_VALUES, OTHER } from "../../../src/core/timing/summary";
import { MAX_LISTED, runWindowOf } from "../../../src/core/timing/window";
import type { Window } from "../../../src/model/entity";
import type { JsonObject } from "../../../src/model/json";
import type { Extract } from "../../../src/model/plan";
import { aggregate, event, NOW, plan } from "../run/given";

/** The window after one event for each extract, the n-th of them n seconds after nine. */
function windowOf(extracts: Extract[], topN = 10): Window {
	const timing = aggregate({ max_events: 10_000, top_n: topN });
	const opening = { id: "run_a.b", work: plan(timing), timing, trace_id: "a", source: "crm", n: 1 };
	const start: { window: Window | null } = { window: null };
	const { window } = extracts.reduce(({ window }, extract, n) => {
		const { id, timestamp } = event(n);
		const arrival = { event_id: id, at: NOW + n, order: { timestamp }, changes: [], bytes: 1, extract };
		return acceptIntoAggregate(window, opening, arrival, NOW + n);
	}, start);
	if (window === null) throw new Error("the window is not open any more");
	return window;
}

function summaryOf(extracts: Extract[], topN = 10): JsonObject {
	return runWindowOf(windowOf(extracts, topN)).summary ?? {};
}

const id = (n: number) => event(n).id;

test("events that say nothing are counted", () => {
	expect(summaryOf([{}, {}])).toEqual({
		count: 2,
		counts_by: {},
		latest_by: {},
		top: [],
		sum: {},
		critical: { count: 0, events: [] },
		events: [],
	});
});

describe("counts_by", () => {
	test("counts each value", () => {
		const values = ["open", "closed", "open", "open"];
		expect(summaryOf(values.map((counts_by) => ({ counts_by })))).toMatchObject({ counts_by: { open: 3, closed: 1 } });
	});

	test("counts values that are names of things in JavaScript like any other", () => {
		const values = ["__proto__", "constructor", "toString", "__proto__", "hasOwnProperty", "constructor"];
		const counts = summaryOf(values.map((counts_by) => ({ counts_by }))).counts_by;
		expect(Object.entries(counts ?? {})).toEqual([
			["__proto__", 2],
			["constructor", 2],
			["toString", 1],
			["hasOwnProperty", 1],
		]);
		expect(Object.getPrototypeOf(counts)).toBe(Object.prototype);
		expect(JSON.stringify(counts)).toContain('"__proto__":2');
	});

	test("counts by name up to a bound, and all others together", () => {
		const values = Array.from({ length: MAX_VALUES + 5 }, (_, n) => `v${n}`);
		const { counts_by } = windowOf([...values, "v0", "new"].map((value) => ({ counts_by: value }))).summary;
		expect(Object.keys(counts_by)).toHaveLength(MAX_VALUES + 1);
		expect(OTHER).toBe("(other)");
		expect(counts_by).toMatchObject({ v0: 2, [`v${MAX_VALUES - 1}`]: 1, [OTHER]: 6 });
		expect(counts_by).not.toHaveProperty(`v${MAX_VALUES}`);
	});
});

describe("latest_by", () => {
	test("keeps the newest event of each value by the time at the source", () => {
		const { latest_by } = summaryOf([
			{ latest_by: "a", kept: { n: 0 } },
			{ latest_by: "b", kept: { n: 1 } },
			{ latest_by: "a", kept: { n: 2 } },
		]);
		expect(latest_by).toEqual({ a: { id: id(2), n: 2 }, b: { id: id(1), n: 1 } });
	});

	test("an older event that comes later does not take its place", () => {
		const timing = aggregate();
		const opening = { id: "run_a.b", work: plan(timing), timing, trace_id: "a", source: "crm", n: 1 };
		const arrive = (window: Window | null, n: number) => {
			const { id, timestamp } = event(n);
			const extract = { latest_by: "a", kept: { n } };
			const arrival = { event_id: id, at: NOW, order: { timestamp }, changes: [], bytes: 1, extract };
			return acceptIntoAggregate(window, opening, arrival, NOW).window;
		};
		expect(arrive(arrive(null, 2), 1)?.summary.latest_by.a?.event).toEqual({ id: id(2), n: 2 });
	});

	test("__proto__ and constructor are values", () => {
		const { latest_by } = summaryOf([
			{ latest_by: "__proto__" },
			{ latest_by: "constructor" },
			{ latest_by: "__proto__" },
		]);
		expect(Object.entries(latest_by ?? {})).toEqual([
			["__proto__", { id: id(2) }],
			["constructor", { id: id(1) }],
		]);
	});

	test("keeps no more values than it may, but goes on with those that it has", () => {
		const values = Array.from({ length: MAX_VALUES + 1 }, (_, n) => `v${n}`);
		const { latest_by } = windowOf([...values, "v0"].map((value) => ({ latest_by: value }))).summary;
		expect(Object.keys(latest_by)).toHaveLength(MAX_VALUES);
		expect(latest_by.v0?.event).toEqual({ id: id(MAX_VALUES + 1) });
		expect(latest_by).not.toHaveProperty(`v${MAX_VALUES}`);
	});
});

describe("top", () => {
	test("lists the most frequent values, most frequent first, and equals by name", () => {
		const values = ["b", "c", "d", "c", "a", "b", "c"];
		expect(
			summaryOf(
				values.map((top) => ({ top })),
				3,
			).top,
		).toEqual([
			{ value: "c", count: 3 },
			{ value: "b", count: 2 },
			{ value: "a", count: 1 },
		]);
	});
});

test("top values that are equally frequent stand by name, in whatever order they came", () => {
	const values = ["d", "b", "e", "a", "c"];
	expect(summaryOf(values.map((top) => ({ top }))).top).toEqual(
		["a", "b", "c", "d", "e"].map((value) => ({ value, count: 1 })),
	);
});

describe("sum", () => {
	test("adds up each name", () => {
		const sums: Record<string, number>[] = [{ amount: 1.5, items: 2 }, { amount: -0.5 }, { items: 1 }];
		expect(summaryOf(sums.map((sum) => ({ sum })))).toMatchObject({ sum: { amount: 1, items: 3 } });
	});

	test("a sum may be named constructor", () => {
		expect(summaryOf([{ sum: { constructor: 1 } as never }, { sum: { constructor: 2 } as never }]).sum).toEqual({
			constructor: 3,
		});
	});
});

describe("critical events", () => {
	test("are listed apart with what is kept of them", () => {
		const { critical } = summaryOf([{ critical: true, kept: { a: 1 } }, { critical: false }, { critical: true }]);
		expect(critical).toEqual({ count: 2, events: [{ id: id(0), a: 1 }, { id: id(2) }] });
	});

	test("are all counted, and listed up to a bound", () => {
		const { critical, critical_count } = windowOf(
			Array.from({ length: MAX_CRITICAL + 3 }, () => ({ critical: true })),
		).summary;
		expect(critical).toHaveLength(MAX_CRITICAL);
		expect(critical_count).toBe(MAX_CRITICAL + 3);
	});
});

describe("the list of events", () => {
	test("has what is kept of each, and nothing of those of which nothing is kept", () => {
		expect(summaryOf([{ kept: { a: 1 } }, {}, { kept: { a: 2 } }]).events).toEqual([
			{ id: id(0), a: 1 },
			{ id: id(2), a: 2 },
		]);
	});

	test("ids are listed up to a bound, and all are counted", () => {
		const window = windowOf(Array.from({ length: MAX_LISTED + 1 }, () => ({})));
		expect(window.events).toHaveLength(MAX_LISTED);
		expect(window).toMatchObject({ count: MAX_LISTED + 1, latest: { event_id: id(MAX_LISTED) } });
	});
});
