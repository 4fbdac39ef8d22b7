// The one alarm: set whenever something is due, never later than that, alive whatever happens, and silent otherwise.

import { describe, expect, test } from "vitest";
import { nextWake } from "../../src/core/wake";
import { migrateEntity } from "../../src/entity/schema";
import { load } from "../../src/entity/store";
import type { AttemptReport, LeaseId } from "../../src/model/message";
import type { TimingPlan } from "../../src/model/plan";
import { holdClock } from "./support/clock";
import { Subject } from "./support/entity";
import { holdQueues } from "./support/queues";
import { aggregate, debounce, event, immediate, plan, runId, step } from "./support/things";

const DAY = 86_400_000;

const queues = holdQueues();
const clock = holdClock();

let last = 0;
function subject() {
	const entity = `tracker/task/${++last}`;
	const home = new Subject(`e:${entity}`);
	const accept = (n: number, timing: TimingPlan = immediate, steps = [step("tell")]) =>
		home.calls.accept({ event: event(n, entity), plans: [plan(home.key, timing, { steps })], unmatched: [] });
	return { home, entity, accept };
}

/** When the rows say that something is due; an object that forgot everything would know no more. */
function dueAt(home: Subject): Promise<number | null> {
	return home.run((_, state) => {
		migrateEntity(state.storage);
		const { windows, runs } = load(state.storage.sql);
		return nextWake({ windows, runs, outbox_due_at: null, expires_at: null });
	});
}

test("an alarm is set for everything that is due, after every call", async () => {
	const { home, accept } = subject();
	const notFound: AttemptReport = {
		run: runId(3),
		step: "tell",
		attempt: 1,
		outcome: { kind: "permanent", class: "not_found", reason: "404" },
		exchange: {},
		started_at: clock.now(),
		duration_ms: 5,
	};
	let lease: LeaseId = { until: 0 };
	const calls: (() => Promise<unknown>)[] = [
		() => accept(1, debounce()),
		() => accept(2, debounce()),
		() => accept(3, immediate, [step("tell"), step("note", { repeatable: false })]),
		async () => {
			const claim = await home.calls.claim(runId(3), "note");
			if (claim.state === "go") lease = claim;
		},
		() => home.calls.claim(runId(3), "tell"),
		() => home.calls.report(notFound),
		() => home.calls.postpone(runId(3), "note", lease, clock.now() + 5_000),
		() => home.calls.wake(),
		() => home.calls.resume(runId(3), "tell", "ann"),
		() => home.calls.crashed(runId(3), "tell"),
		() => accept(1, debounce()),
	];
	for (const make of calls) {
		for (const restart of [() => home.evict(), () => home.abort()]) {
			await make();
			expect(await home.alarmAt()).toBeLessThanOrEqual(clock.now() + 60_000);
			await restart();
			// What an object knew beyond its rows is forgotten, so that more may be due than the alarm was set for.
			clock.advance(100);
			await home.calls.wake();
			await home.ring();
			expect(await home.alarmAt()).toBeLessThanOrEqual((await dueAt(home)) ?? Number.NaN);
		}
	}
});

test("an object at rest is woken once more, when all it knows has expired", async () => {
	const { home, accept } = subject();
	const arrived = clock.now();
	await accept(1);
	await home.succeed(runId(1));
	clock.advance(60_000);
	await home.ring();
	expect(await home.alarmAt()).toBe(arrived + 7 * DAY);
});

describe("a handler that fails", () => {
	test.each(["receipt", "window", "run", "mark"])(
		"because of its table %s comes back until it succeeds",
		async (table) => {
			const { home, accept } = subject();
			await accept(1, debounce());
			await home.abort();
			clock.advance(10_000);
			const mend = await home.breakTable(table);
			for (let times = 0; times < 10; times++) {
				expect(await home.ring()).toBe(1);
				expect(await home.alarmAt()).toBe(clock.now() + 60_000);
				clock.advance(60_000);
			}
			await mend();
			await home.ring();
			expect(queues.actions.sent).toMatchObject([{ run: runId(1) }]);
		},
	);

	test("half-way leaves nothing half done, in its rows or in its memory", async () => {
		const { home, entity } = subject();
		const plans = [plan(home.key, debounce(), { workflow: "one" }), plan(home.key, debounce(), { workflow: "two" })];
		await home.calls.accept({ event: event(1, entity), plans, unmatched: [] });
		await home.sql(
			"CREATE TRIGGER no_second BEFORE INSERT ON run WHEN NEW.id LIKE '%.two' BEGIN SELECT RAISE(ABORT, 'no'); END",
		);
		clock.advance(10_000);
		await home.ring();
		expect(await home.sql("SELECT id FROM run")).toEqual([]);
		expect(await home.storedWindows()).toHaveLength(2);
		expect(queues.actions.sent).toEqual([]);
		// New events are let in all the same, into windows that close as soon as they can be written.
		expect(await home.calls.accept({ event: event(2, entity), plans, unmatched: [] })).toEqual({ duplicate: false });
		expect(await home.storedWindows()).toHaveLength(2);
		await home.sql("DROP TRIGGER no_second");
		clock.advance(60_000);
		await home.ring();
		expect(queues.actions.sent.map(({ run }) => run)).toEqual([runId(1, "one"), runId(1, "two")]);
		expect((await home.lease(runId(1, "one"))).window).toMatchObject({ count: 2 });
	});

	test("and is called again by the platform has its successor set before it does anything", async () => {
		const { home, accept } = subject();
		await accept(1);
		await home.succeed(runId(1));
		clock.advance(1_000);
		let during: number | null = null;
		await home.run(async (instance, state) => {
			let release = () => {};
			queues.journal.delay = new Promise((resolve) => {
				release = resolve;
			});
			await state.storage.deleteAlarm();
			const ringing = instance.alarm({ isRetry: true, retryCount: 1, scheduledTime: clock.now() });
			during = await state.storage.getAlarm();
			release();
			await ringing;
		});
		expect(during).toBe(clock.now() + 60_000);
	});
});

test("an alarm that was lost is set again by whoever looks after the object", async () => {
	const { home, accept } = subject();
	await accept(1, debounce());
	await home.run((_, state) => state.storage.deleteAlarm());
	await home.calls.wake();
	clock.advance(10_000);
	await home.ring();
	expect(queues.actions.sent).toMatchObject([{ run: runId(1) }]);
});

describe("does not ring in vain", () => {
	test("after a commit that told nothing, and a restart", async () => {
		const { home, accept } = subject();
		await accept(1, immediate, [step("tell", { repeatable: false })]);
		clock.advance(5_000);
		await home.ring();
		await home.calls.claim(runId(1), "tell");
		await home.abort();
		await home.calls.wake();
		expect(await home.ring()).toBe(0);
		expect(await home.alarmAt()).toBeGreaterThan(clock.now());
	});

	test("for receipts that expired while a window is still open", async () => {
		const { home, accept } = subject();
		await accept(1, aggregate({ window: 30 * DAY }));
		const due = clock.now() + 30 * DAY;
		for (let day = 1; day < 30; day++) {
			clock.advance(DAY);
			expect(await home.ring()).toBeLessThan(2);
		}
		expect(await home.alarmAt()).toBe(due);
		await home.abort();
		clock.advance(DAY);
		await home.ring();
		expect((await home.lease(runId(1))).event?.data).toEqual({ n: 1 });
	});

	test("for receipts that expired while a step still waits", async () => {
		const { home, accept } = subject();
		await accept(1);
		const until = clock.now() + 20 * DAY;
		await home.calls.postpone(runId(1), "tell", await home.lease(runId(1)), until);
		for (let day = 1; day < 20; day++) {
			clock.advance(DAY);
			expect(await home.ring()).toBeLessThan(3);
		}
		expect(await home.alarmAt()).toBe(until);
		clock.advance(DAY);
		await home.ring();
		expect((await home.lease(runId(1))).event?.data).toEqual({ n: 1 });
	});

	test("while the journal takes nothing for days, and then tells all", async () => {
		const { home, accept } = subject();
		queues.journal.failures = Number.POSITIVE_INFINITY;
		await accept(1);
		await home.succeed(runId(1));
		for (let hour = 0; hour < 24 * 10; hour++) {
			clock.advance(3_600_000);
			expect(await home.ring()).toBeLessThan(2);
			if (hour % 50 === 0) await home.abort();
			if (hour % 50 === 0) await home.calls.wake();
		}
		queues.journal.failures = 0;
		clock.advance(300_000);
		await home.ring();
		expect(queues.journal.sent.flatMap(({ facts }) => facts)).toHaveLength(4);
	});
});
