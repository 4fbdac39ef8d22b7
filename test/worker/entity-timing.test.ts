// When an Entity acts: windows of every kind, closed by its one alarm, by an arrival that comes after their end, or by
// their own limits. The last tests let the platform's scheduler ring.

import { describe, expect, test } from "vitest";
import type { TimingPlan } from "../../src/model/plan";
import { holdClock } from "./support/clock";
import { Subject } from "./support/entity";
import { holdQueues } from "./support/queues";
import { aggregate, debounce, event, eventId, immediate, plan, runId } from "./support/things";

const DAY = 86_400_000;

const queues = holdQueues();

let last = 0;
function subject() {
	const entity = `tracker/deal/${++last}`;
	const home = new Subject(`e:${entity}`);
	const accept = (n: number, timing: TimingPlan, parts: Parameters<typeof event>[2] = {}) =>
		home.calls.accept({ event: event(n, entity, parts), plans: [plan(home.key, timing)], unmatched: [] });
	return { home, entity, accept };
}

function sentRuns(): string[] {
	return queues.actions.sent.map(({ run }) => run);
}

describe("in held time", () => {
	const clock = holdClock();

	test("a debounce acts once, when it has been quiet long enough, on the newest event", async () => {
		const { home, accept } = subject();
		for (const n of [1, 2, 3]) {
			await accept(n, debounce());
			clock.advance(9_000);
			await home.ring();
		}
		expect(sentRuns()).toEqual([]);
		clock.advance(1_000);
		await home.ring();
		expect(sentRuns()).toEqual([runId(1)]);
		const { event: latest, window } = await home.lease(runId(1));
		expect(latest?.data).toEqual({ n: 3 });
		expect(window).toMatchObject({ count: 3, event_ids: [1, 2, 3].map(eventId) });
	});

	test("a debounce that never comes to rest acts when it has waited as long as it may", async () => {
		const { home, accept } = subject();
		for (let n = 1; n <= 12; n++) {
			await accept(n, debounce({ max_wait: 30_000 }));
			clock.advance(5_000);
			await home.ring();
		}
		expect([...new Set(sentRuns())]).toEqual([runId(1), runId(7)]);
	});

	test("an older event that comes late does not overwrite a newer one, and is not kept", async () => {
		const { home, accept } = subject();
		await accept(5, debounce());
		await accept(4, debounce());
		expect(await home.sql("SELECT event_id, event IS NULL AS dropped FROM receipt ORDER BY arrived_n")).toEqual([
			{ event_id: eventId(5), dropped: 0 },
			{ event_id: eventId(4), dropped: 1 },
		]);
		clock.advance(10_000);
		await home.ring();
		const lease = await home.lease(runId(5));
		expect(lease.event?.data).toEqual({ n: 5 });
		expect(lease.window).toMatchObject({ count: 2 });
	});

	test("the source's own sequence decides before its clock does", async () => {
		const { home, accept } = subject();
		await accept(1, debounce(), { sequence: "18446744073709551615", at: 1_000 });
		await accept(2, debounce(), { sequence: "18446744073709551614", at: 9_000 });
		clock.advance(10_000);
		await home.ring();
		expect((await home.lease(runId(1))).event?.data).toEqual({ n: 1 });
	});

	test("a leading debounce acts at once, and again only after a pause", async () => {
		const { home, accept } = subject();
		const timing = debounce({ edge: "leading" });
		await accept(1, timing);
		expect(sentRuns()).toEqual([runId(1)]);
		await home.succeed(runId(1));
		for (const n of [2, 3]) {
			clock.advance(9_000);
			await home.ring();
			await accept(n, timing);
		}
		clock.advance(10_000);
		await accept(4, timing);
		expect(sentRuns()).toEqual([runId(1), runId(4)]);
	});

	test("a debounce that keeps all hands its run every event and what changed in sum", async () => {
		const { home, accept } = subject();
		const timing = debounce({ keep: "all" });
		await accept(1, timing, { changes: [{ field: "stage", from: "new", to: "open" }] });
		await accept(3, timing, { changes: [{ field: "stage", from: "legal", to: "won" }] });
		await accept(2, timing, { changes: [{ field: "stage", from: "open", to: "legal" }] });
		clock.advance(10_000);
		await home.ring();
		const { window } = await home.lease(runId(1));
		expect(window.events.map(({ data }) => data.n)).toEqual([1, 3, 2]);
		expect(window.diff).toEqual([{ field: "stage", from: "new", to: "won" }]);
	});

	test("a debounce that keeps all acts early when it holds as much as a run can", async () => {
		const { home, accept } = subject();
		const timing = debounce({ keep: "all" });
		for (let n = 1; n <= 201; n++) await accept(n, timing);
		expect(sentRuns()).toEqual([runId(1)]);
		expect((await home.lease(runId(1))).window.events).toHaveLength(200);
		expect(await home.storedWindows()).toMatchObject([{ id: runId(201) }]);
	});

	test("an event that comes while the run is at work opens a window of its own", async () => {
		const { home, accept } = subject();
		await accept(1, debounce());
		clock.advance(10_000);
		await home.ring();
		await home.lease(runId(1));
		await accept(2, debounce());
		clock.advance(10_000);
		await home.ring();
		expect(sentRuns()).toContain(runId(2));
	});

	test("an arrival after the end closes the window first, though the alarm is late", async () => {
		const { home, accept } = subject();
		await accept(1, debounce());
		clock.advance(3_600_000);
		await accept(2, debounce());
		expect(sentRuns()).toEqual([runId(1)]);
		expect((await home.lease(runId(1))).window).toMatchObject({ count: 1 });
		expect(await home.storedWindows()).toMatchObject([{ id: runId(2) }]);
	});

	test("a window keeps the timing of the version that opened it", async () => {
		const { home, entity } = subject();
		const versions = [plan(home.key, debounce()), plan(home.key, debounce({ quiet: 50_000 }), { version: 2 })];
		for (const [index, version] of versions.entries()) {
			await home.calls.accept({ event: event(index + 1, entity), plans: [version], unmatched: [] });
		}
		clock.advance(10_000);
		await home.ring();
		expect(await home.lease(runId(1))).toMatchObject({ version: 1, window: { count: 2 } });
	});

	test("an aggregate acts at the end of its time, with a summary", async () => {
		const { home, entity } = subject();
		for (let n = 1; n <= 5; n++) {
			const extract = { counts_by: n % 2 === 0 ? "even" : "odd", sum: { total: n }, kept: { n } };
			const plans = [plan(home.key, aggregate(), { extract })];
			await home.calls.accept({ event: event(n, entity), plans, unmatched: [] });
			clock.advance(10_000);
			await home.ring();
		}
		expect(sentRuns()).toEqual([]);
		clock.advance(10_000);
		await home.ring();
		expect((await home.lease(runId(1))).window?.summary).toMatchObject({
			count: 5,
			counts_by: { odd: 3, even: 2 },
			sum: { total: 15 },
			events: [1, 2, 3, 4, 5].map((n) => ({ id: eventId(n), n })),
		});
	});

	test("an aggregate acts early when it is full, or when an event asks for it", async () => {
		const { home, entity, accept } = subject();
		for (const n of [1, 2, 3]) await accept(n, aggregate({ max_events: 3 }));
		const flush = plan(home.key, aggregate(), { workflow: "flushed", extract: { flush: true } });
		await home.calls.accept({ event: event(4, entity), plans: [flush], unmatched: [] });
		expect(sentRuns()).toEqual([runId(1), runId(4, "flushed")]);
		expect((await home.lease(runId(1))).window).toMatchObject({ count: 3 });
	});

	test("a clock window acts at its tick, although nothing came, and once", async () => {
		const group = new Subject("g:daily:all");
		const timing = aggregate({ window: undefined, every: "0 12 * * *", tz: "UTC", when_empty: "run" });
		const daily = plan(group.key, timing, { workflow: "daily" });
		const noon = Math.ceil((clock.now() - DAY / 2) / DAY) * DAY + DAY / 2;
		for (const trace of ["a", "b", "c"]) await group.calls.tick(daily, trace.repeat(32));
		expect(await group.storedWindows()).toMatchObject([{ id: `run_${"a".repeat(32)}.daily`, due_at: noon }]);
		await group.evict();
		clock.advance(noon - clock.now());
		await group.ring();
		expect(sentRuns()).toEqual([`run_${"a".repeat(32)}.daily`]);
		const { event: none, window } = await group.lease(`run_${"a".repeat(32)}.daily`);
		expect(none).toBeNull();
		expect(window).toMatchObject({ count: 0, event_ids: [] });
	});

	test("a clock window that is empty and may be skipped leaves nothing behind", async () => {
		const group = new Subject("g:quiet:all");
		const timing = aggregate({ window: undefined, every: "0 12 * * *", tz: "UTC", when_empty: "skip" });
		await group.calls.tick(plan(group.key, timing, { workflow: "quiet" }), "d".repeat(32));
		clock.advance(2 * DAY);
		await group.ring();
		expect(sentRuns()).toEqual([]);
		expect(await group.isEmpty()).toBe(true);
	});

	test("workflows of one entity do not disturb each other", async () => {
		const { home, entity } = subject();
		for (const n of [1, 2]) {
			const plans = [
				plan(home.key, immediate, { workflow: "now" }),
				plan(home.key, debounce(), { workflow: "soon" }),
				plan(home.key, debounce({ edge: "leading" }), { workflow: "first" }),
				plan(home.key, aggregate(), { workflow: "later" }),
			];
			await home.calls.accept({ event: event(n, entity), plans, unmatched: [] });
		}
		expect(sentRuns()).toEqual([runId(1, "now"), runId(1, "first"), runId(2, "now")]);
		clock.advance(60_000);
		await home.ring();
		expect(await home.lease(runId(1, "soon"))).toMatchObject({ window: { count: 2 } });
		expect(await home.lease(runId(1, "later"))).toMatchObject({ window: { count: 2 } });
	});
});

describe("in real time", () => {
	test("the platform's alarm closes a window, and the object may be gone meanwhile", async () => {
		const { home, accept } = subject();
		for (const n of [1, 2]) await accept(n, debounce({ quiet: 400, max_wait: 2_000 }));
		await home.abort();
		await expect.poll(sentRuns).toEqual([runId(1)]);
		expect((await home.lease(runId(1))).window).toMatchObject({ count: 2 });
	});

	test("a step that was not sent is sent by the platform's alarm", async () => {
		const { accept } = subject();
		queues.actions.failures = 1;
		await accept(1, immediate);
		expect(sentRuns()).toEqual([]);
		await expect.poll(sentRuns).toEqual([runId(1)]);
	});
});
