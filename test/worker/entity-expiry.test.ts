// What an Entity lets go of, and when: nothing that is still needed, and everything once nothing is.

import { describe, expect, test } from "vitest";
import type { TimingPlan } from "../../src/model/plan";
import { holdClock } from "./support/clock";
import { Subject } from "./support/entity";
import { holdQueues } from "./support/queues";
import { debounce, event, eventId, immediate, plan, runId, step } from "./support/things";

const DAY = 86_400_000;

const queues = holdQueues();
const clock = holdClock();

let last = 0;
function subject() {
	const entity = `tracker/lead/${++last}`;
	const home = new Subject(`e:${entity}`);
	const accept = (n: number, timing: TimingPlan = immediate, steps = [step("tell")]) =>
		home.calls.accept({ event: event(n, entity), plans: [plan(home.key, timing, { steps })], unmatched: [] });
	return { home, entity, accept };
}

/** Days pass one by one, and the alarm rings whenever it is due. */
async function pass(home: Subject, days: number): Promise<void> {
	for (let day = 0; day < days; day++) {
		clock.advance(DAY);
		await home.ring();
	}
}

function receipts(home: Subject): Promise<{ event_id: string }[]> {
	return home.sql<{ event_id: string }>("SELECT event_id FROM receipt ORDER BY arrived_n");
}

test("seven days after the last event nothing is left, not even an alarm", async () => {
	const { home, accept } = subject();
	await accept(1);
	await home.succeed(runId(1));
	await pass(home, 6);
	await accept(2, debounce());
	await pass(home, 1);
	await home.succeed(runId(2));
	await pass(home, 5);
	expect(await receipts(home)).toContainEqual({ event_id: eventId(2) });
	await pass(home, 1);
	expect(await home.isEmpty()).toBe(true);
	expect(await home.alarmAt()).toBeNull();
});

test("an object that forgot all begins anew, and is forgotten again", async () => {
	const { home, accept } = subject();
	for (let times = 0; times < 2; times++) {
		expect(await accept(1)).toEqual({ duplicate: false });
		await home.succeed(runId(1));
		await pass(home, 7);
		expect(await home.isEmpty()).toBe(true);
	}
});

test("a question about what never was leaves nothing behind", async () => {
	const { home } = subject();
	expect(await home.calls.claim(runId(1), "tell")).toEqual({ state: "done" });
	expect(await home.calls.resume(runId(1), "tell", "ann")).toBe("gone");
	expect(await home.calls.discard(runId(1), "tell", "ann", "why not")).toBe("gone");
	await home.calls.crashed(runId(1), "tell");
	await home.ring();
	expect(await home.isEmpty()).toBe(true);
	expect(await home.alarmAt()).toBeNull();
});

describe("a dead letter", () => {
	test("can be retried for thirty days, with its event and under the same key", async () => {
		const { home, accept } = subject();
		await accept(1);
		const { idempotency_key } = await home.lease(runId(1));
		await home.evict();
		clock.advance(1_000);
		await home.ring();
		await home.fail(runId(1));
		await pass(home, 29);
		await home.abort();
		queues.actions.clear();
		expect(await home.calls.resume(runId(1), "tell", "ann")).toBe("ok");
		expect(queues.actions.sent).toMatchObject([{ run: runId(1), step: "tell" }]);
		expect(await home.lease(runId(1))).toMatchObject({ idempotency_key, attempt: 1, event: { data: { n: 1 } } });
	});

	test("that nobody cares for is gone after thirty days", async () => {
		const { home, accept } = subject();
		await accept(1);
		await home.fail(runId(1));
		await pass(home, 31);
		expect(await home.isEmpty()).toBe(true);
		expect(await home.calls.resume(runId(1), "tell", "ann")).toBe("gone");
	});

	test("that was discarded is not kept any longer", async () => {
		const { home, accept } = subject();
		await accept(1);
		await home.fail(runId(1));
		expect(await home.calls.discard(runId(1), "tell", "ann", "not needed")).toBe("ok");
		await pass(home, 8);
		expect(await home.isEmpty()).toBe(true);
	});

	test("stays open while its neighbours succeed, and its retry sends nothing that succeeded", async () => {
		const { home, accept } = subject();
		await accept(1, immediate, [step("tell"), step("note"), step("file")]);
		await home.succeed(runId(1), "tell");
		await home.fail(runId(1), "note");
		await home.succeed(runId(1), "file");
		expect(await home.storedRun(runId(1))).toMatchObject({ status: "partial" });
		await home.abort();
		queues.actions.clear();
		expect(await home.calls.resume(runId(1), "tell", "ann")).toBe("conflict");
		expect(await home.calls.resume(runId(1), "note", "ann")).toBe("ok");
		expect(await home.calls.resume(runId(1), "note", "ann")).toBe("conflict");
		expect(queues.actions.sent).toMatchObject([{ step: "note" }]);
		await home.succeed(runId(1), "note");
		expect(await home.storedRun(runId(1))).toMatchObject({ status: "succeeded" });
	});

	test("keeps its event from starting the workflow again, though the receipt has expired", async () => {
		const { home, accept } = subject();
		await accept(1);
		await home.fail(runId(1));
		await accept(2);
		await home.succeed(runId(2));
		await pass(home, 10);
		await home.sql("DELETE FROM receipt WHERE event_id = ?", eventId(1));
		await home.evict();
		queues.actions.clear();
		await accept(1);
		expect(queues.actions.sent).toEqual([]);
		expect(await home.storedRun(runId(1))).toMatchObject({ status: "failed" });
	});
});

test("an entity that is never at rest drops what expired, and keeps what an open window reads", async () => {
	const { home, accept } = subject();
	await accept(1, debounce({ quiet: 7 * DAY, max_wait: 30 * DAY, keep: "all" }));
	for (let day = 1; day <= 12; day++) {
		await home.calls.accept({
			event: event(100 + day, home.key.slice(2)),
			plans: [plan(home.key, immediate, { workflow: "other" })],
			unmatched: [],
		});
		await home.succeed(runId(100 + day, "other"));
		await pass(home, 1);
	}
	// The window closed after seven days; once its run is over, its event is needed no more.
	expect(await receipts(home)).toContainEqual({ event_id: eventId(1) });
	await home.succeed(runId(1));
	await pass(home, 2);
	const left = (await receipts(home)).map(({ event_id }) => event_id);
	expect(left.filter((id) => [1, 101, 102, 103, 104, 105, 106].map(eventId).includes(id))).toEqual([]);
	expect(left.slice(-4)).toEqual([109, 110, 111, 112].map(eventId));
	// Runs that are over can be done again as long as their events are here, and go with them.
	const runs = await home.sql<{ finished_at: number }>(
		"SELECT json_extract(doc, '$.finished_at') AS finished_at FROM run",
	);
	expect(runs.length).toBeGreaterThan(0);
	expect(runs.filter(({ finished_at }) => finished_at < clock.now() - 8 * DAY)).toEqual([]);
});

test("what the journal does not know yet is kept beyond its time", async () => {
	const { home, accept } = subject();
	queues.journal.failures = Number.POSITIVE_INFINITY;
	await accept(1);
	await home.fail(runId(1));
	await pass(home, 20);
	await home.abort();
	await home.calls.wake();
	await pass(home, 20);
	await home.abort();
	queues.journal.failures = 0;
	await home.calls.wake();
	await pass(home, 1);
	expect(new Set(queues.journal.sent.flatMap(({ facts }) => facts.map(({ id }) => id))).size).toBe(5);
	await pass(home, 1);
	expect(await home.isEmpty()).toBe(true);
});

describe("an event that comes while the object forgets", () => {
	test.each(["before", "after"])("%s its storage is emptied is not lost", async (when) => {
		const { home, entity, accept } = subject();
		await accept(1);
		await home.succeed(runId(1));
		clock.advance(1_000);
		await home.ring();
		clock.advance(7 * DAY);
		await home.run(async (instance, state) => {
			const { storage } = state;
			const deleteAll = storage.deleteAll.bind(storage);
			const arrive = () =>
				instance.accept({ event: event(2, entity), plans: [plan(home.key, immediate)], unmatched: [] });
			let arriving: Promise<unknown> = Promise.resolve();
			Object.defineProperty(storage, "deleteAll", {
				configurable: true,
				value: () => {
					const deleting = deleteAll();
					arriving = arrive();
					return deleting;
				},
			});
			await storage.deleteAlarm();
			const ringing = instance.alarm();
			if (when === "before") arriving = arrive();
			await ringing;
			await arriving;
			Reflect.deleteProperty(storage, "deleteAll");
		});
		expect(queues.actions.sent).toContainEqual(expect.objectContaining({ run: runId(2) }));
		expect(await home.alarmAt()).toBeLessThanOrEqual(clock.now() + 1_000);
		await home.abort();
		expect(await receipts(home)).toContainEqual({ event_id: eventId(2) });
		await home.calls.wake();
		await home.succeed(runId(2));
		clock.advance(1_000);
		await home.ring();
		expect(await home.calls.accept({ event: event(2, entity), plans: [], unmatched: [] })).toEqual({ duplicate: true });
	});
});
