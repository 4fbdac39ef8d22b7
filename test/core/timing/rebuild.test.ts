import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rebuildWindow } from "../../../src/core/timing/rebuild";
import { emptied } from "../../../src/core/timing/window";
import type { Receipt, Window } from "../../../src/model/entity";
import type { Extract, TimingPlan } from "../../../src/model/plan";
import { aggregate, DAY, debounce, event, Given, join, plan } from "../run/given";

/** As it comes back from a disk. */
function written<T>(value: T): T {
	return JSON.parse(JSON.stringify(value)) as T;
}

/** The window as a restarted Entity knows it: what was written when it opened, and the receipts in order of arrival. */
function rebuilt(given: Given, opened: Window): Window {
	return rebuildWindow(written(opened), written([...given.receipts.values()]), bytesOf);
}

/** The row of the window that is open, written once. */
function opening(rows: Map<string, Window>, live: Window): Window {
	const row = rows.get(live.id) ?? emptied(live);
	rows.set(live.id, row);
	return row;
}

function bytesOf({ event }: Receipt): number {
	return event === null ? 0 : JSON.stringify(event).length;
}

const word = fc.constantFrom("a", "b", "__proto__", "constructor");
const json = fc.constantFrom(0, 1, "x", null);
const extract: fc.Arbitrary<Extract> = fc.record(
	{
		counts_by: word,
		latest_by: word,
		top: word,
		sum: fc.dictionary(fc.constantFrom("x", "constructor"), fc.integer()),
		critical: fc.boolean(),
		kept: fc.dictionary(word, json),
	},
	{ requiredKeys: [] },
);
const arrival = fc.record({
	happenedAt: fc.integer({ min: 0, max: 100 }),
	gap: fc.integer({ min: 0, max: 7_000 }),
	sequence: fc.option(fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String), { nil: undefined }),
	changes: fc.array(fc.record({ field: word, from: json, to: json }), { maxLength: 3 }),
	extract,
	branch: fc.constantFrom("build", "scan", "constructor"),
	again: fc.boolean(),
});
const timing: fc.Arbitrary<TimingPlan> = fc.constantFrom(
	debounce(),
	debounce({ keep: "all", quiet: DAY, max_wait: DAY }),
	debounce({ edge: "leading" }),
	aggregate(),
	aggregate({ window: undefined, every: "*/2 * * * *", tz: "Europe/Berlin", max_events: 5 }),
	join({ branches: { build: "required", scan: "required", last: "required" }, need: 3, late: "reopen" }),
	join({ branches: { build: "required", scan: "required", last: "required" }, need: "last", by: DAY }),
);

test("a window that is rebuilt from its receipts is the window, whatever arrived in whatever order", () => {
	fc.assert(
		fc.property(timing, fc.array(arrival, { minLength: 1, maxLength: 30 }), (timing, arrivals) => {
			const given = new Given();
			const rows = new Map<string, Window>();
			let at = 0;
			for (const [n, one] of arrivals.entries()) {
				at += one.gap;
				const { timestamp } = event(one.happenedAt);
				const { sequence, changes, extract, branch } = one;
				const arriving = event(n, { timestamp, sequence, changes });
				given.arrives(arriving, plan(timing, { extract, branch }), at);
				const opened = given.window();
				if (opened !== undefined) opening(rows, opened);
				if (one.again) given.arrives(arriving, plan(timing, { extract, branch }), at + 1);
				const live = given.window();
				if (live !== undefined) expect(rebuilt(given, opening(rows, live))).toEqual(written(live));
			}
		}),
		{ numRuns: 300 },
	);
});

test("what its run is to do survives", () => {
	const given = new Given();
	const more = { compensate: true as const, skip_unchanged: ["read"], priority: "urgent" as const, version: 7 };
	given.arrives(event(1), plan(debounce(), more), 0);
	const live = given.window();
	expect(live && rebuilt(given, live)).toMatchObject({ ...more, steps: plan().steps });
	given.passes(10_000);
	expect(given.run()).toMatchObject(more);
});

test("an event that came too late for a join is not of it", () => {
	const given = new Given();
	const [build, scan] = ["build", "scan"].map((branch) => plan(join(), { branch }));
	if (build === undefined || scan === undefined) throw new Error("there are two");
	given.arrives(event(1), build, 0);
	given.arrives(event(2), scan, 1);
	given.arrives(event(3), scan, 2);
	const live = given.window();
	expect(live && rebuilt(given, live)).toMatchObject({ count: 2, branches: { scan: { event_id: event(2).id } } });
});

describe("what a window does not take for its own", () => {
	const timing = debounce();

	test("events of another window of the same workflow", () => {
		const given = new Given();
		given.arrives(event(1), plan(timing), 0);
		given.arrives(event(2), plan(timing), 30_000);
		const live = given.window();
		expect(live && rebuilt(given, live).events).toEqual([event(2).id]);
	});

	test("events of another workflow", () => {
		const given = new Given();
		given.arrives(event(1), [plan(timing), plan(timing, { workflow: "other" })], 0);
		given.arrives(event(2), plan(timing, { workflow: "other" }), 1);
		const live = given.window();
		expect(live && rebuilt(given, live).count).toBe(1);
	});

	test.each(["failed", "handed_on"] as const)(
		"an event that was %s, though its run would be named alike",
		(verdict) => {
			const given = new Given();
			const receipt = given.arrives(event(1), plan(timing), 0);
			const live = given.window();
			if (receipt === undefined || live === undefined) throw new Error("nothing is open");
			const verdicts = receipt.verdicts.map((one) => ({ ...one, verdict }));
			expect(rebuildWindow(emptied(live), [{ ...receipt, verdicts }], bytesOf).count).toBe(0);
		},
	);
});

test("an empty window is what its row says, and keeps its end", () => {
	const given = new Given();
	given.ticks(plan(aggregate({ window: undefined, every: "0 9 * * *", when_empty: "run" })), "aa", 1);
	const live = given.window();
	expect(live && rebuilt(given, live)).toEqual(live && written(live));
});

test("bodies that nobody reads are not needed: the window is the same without them", () => {
	const given = new Given();
	for (const [at, n] of [5, 3, 4].entries()) given.arrives(event(n), plan(debounce()), at);
	expect([...given.receipts.values()].map(({ event }) => event !== null)).toEqual([true, false, false]);
	const live = given.window();
	expect(live && rebuilt(given, live)).toEqual(live && written(live));
});
