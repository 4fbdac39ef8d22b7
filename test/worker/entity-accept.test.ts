// An event arrives: judged once, committed before the answer, at the price that was promised.

import { expect, test } from "vitest";
import { holdClock } from "./support/clock";
import { refusalOf, Subject } from "./support/entity";
import { holdQueues } from "./support/queues";
import { aggregate, debounce, event, eventId, immediate, plan, runId, step } from "./support/things";

const queues = holdQueues();
const clock = holdClock();

let last = 0;
/** An Entity of its own for each test. */
function subject(): { home: Subject; entity: string } {
	const entity = `tracker/issue/${++last}`;
	return { home: new Subject(`e:${entity}`), entity };
}

test("starts a run of every workflow that wants to act at once, and sends its steps", async () => {
	const { home, entity } = subject();
	const steps = [step("tell"), step("note")];
	const plans = [plan(home.key, immediate, { steps }), plan(home.key, immediate, { workflow: "other", version: 7 })];
	expect(await home.calls.accept({ event: event(1, entity), plans, unmatched: [] })).toEqual({ duplicate: false });
	expect(queues.actions.sent).toEqual([
		{ tenant: "acme", entity_key: home.key, run: runId(1), step: "tell" },
		{ tenant: "acme", entity_key: home.key, run: runId(1), step: "note" },
		{ tenant: "acme", entity_key: home.key, run: runId(1, "other"), step: "tell" },
	]);
	expect((await home.lease(runId(1))).event).toEqual(event(1, entity));
	expect(await home.lease(runId(1, "other"))).toMatchObject({ workflow: "other", version: 7, attempt: 1 });
});

test("urgent workflows travel on their own queue", async () => {
	const { home, entity } = subject();
	const plans = [plan(home.key, immediate, { priority: "urgent" }), plan(home.key, immediate, { workflow: "slow" })];
	await home.calls.accept({ event: event(2, entity), plans, unmatched: [] });
	expect(queues.urgent.sent.map(({ run }) => run)).toEqual([runId(2)]);
	expect(queues.actions.sent.map(({ run }) => run)).toEqual([runId(2, "slow")]);
});

test("an event that comes again is noted and starts nothing", async () => {
	const { home, entity } = subject();
	const input = { event: event(3, entity), plans: [plan(home.key, immediate)], unmatched: [] };
	await home.calls.accept(input);
	await home.succeed(runId(3));
	expect(await home.calls.accept(input)).toEqual({ duplicate: true });
	expect(await home.calls.accept(input)).toEqual({ duplicate: true });
	expect(queues.actions.sent).toHaveLength(1);
	expect(await home.calls.claim(runId(3), "tell")).toEqual({ state: "done" });
	const [receipt] = await home.sql<{ doc: string }>("SELECT doc FROM receipt");
	expect(JSON.parse(receipt?.doc ?? "")).toMatchObject({ duplicates: 2 });
});

test("the same event delivered fifty times at once starts one run", async () => {
	const { home, entity } = subject();
	const input = { event: event(4, entity), plans: [plan(home.key, immediate)], unmatched: [] };
	const answers = await Promise.all(Array.from({ length: 50 }, () => home.calls.accept(input)));
	expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
	expect(queues.actions.sent).toHaveLength(1);
	const claims = await Promise.all(Array.from({ length: 50 }, () => home.calls.claim(runId(4), "tell")));
	expect(claims.filter(({ state }) => state === "go")).toHaveLength(1);
});

test("what was answered survives an abort that follows at once", async () => {
	const { home, entity } = subject();
	await home.calls.accept({ event: event(5, entity), plans: [plan(home.key, debounce())], unmatched: [] });
	await home.abort();
	expect(await home.sql("SELECT event_id FROM receipt")).toEqual([{ event_id: eventId(5) }]);
	expect(await home.storedWindows()).toHaveLength(1);
});

test("an event that was not committed is not answered", async () => {
	const { home, entity } = subject();
	const input = { event: event(6, entity), plans: [plan(home.key, immediate)], unmatched: [] };
	const answer = await home
		.run(async (instance, state) => {
			const accepting = instance.accept(input);
			state.abort("between the write and the commit");
			return accepting;
		})
		.catch(() => "no answer");
	expect(answer).toBe("no answer");
	expect(await home.isEmpty()).toBe(true);
	expect(await home.calls.accept(input)).toEqual({ duplicate: false });
});

test("an event of another tenant is refused and leaves nothing behind", async () => {
	const { home, entity } = subject();
	const foreign = event(7, entity, { tenant_id: "globex" });
	const input = { event: foreign, plans: [plan(home.key, immediate)], unmatched: [] };
	expect(await refusalOf(home.calls.accept(input))).toContain("belongs to another tenant");
	expect(await refusalOf(home.calls.handOn({ event: foreign, plan: plan(home.key, immediate) }))).toContain(
		"another tenant",
	);
	expect(await home.isEmpty()).toBe(true);
});

test("a plan whose expression failed ends in the dead letters at once", async () => {
	const { home, entity } = subject();
	const failed = plan(home.key, immediate, { failed: "key: no such field" });
	await home.calls.accept({ event: event(8, entity), plans: [failed], unmatched: [] });
	expect(queues.actions.sent).toEqual([]);
	expect(await home.storedRun(runId(8))).toMatchObject({
		status: "failed",
		steps: [
			{ id: "_start", status: "failed", class: "expression", reason: "key: no such field" },
			{ id: "tell", status: "skipped", blocked: true },
		],
	});
});

test("an event of a megabyte is taken and handed to its run whole", async () => {
	const { home, entity } = subject();
	const large = event(9, entity, { data: { text: "ä".repeat(500_000) } });
	await home.calls.accept({ event: large, plans: [plan(home.key, immediate)], unmatched: [] });
	await home.evict();
	expect((await home.lease(runId(9))).event).toEqual(large);
});

test("three hundred runs in flight all come through a restart", async () => {
	const { home, entity } = subject();
	const numbers = Array.from({ length: 300 }, (_, n) => 1_000 + n);
	const accept = (n: number) => ({ event: event(n, entity), plans: [plan(home.key, immediate)], unmatched: [] });
	await Promise.all(numbers.map((n) => home.calls.accept(accept(n))));
	expect(queues.actions.sent).toHaveLength(300);
	await home.abort();
	queues.actions.clear();
	clock.advance(2_000);
	await home.ring();
	// What was sent is known in memory only: it is sent again, a hundred at a time, which is what a queue takes.
	expect(queues.actions.sent).toHaveLength(300);
	expect(queues.actions.calls).toBe(3);
	await Promise.all(numbers.map((n) => home.succeed(runId(n))));
	expect(await home.sql("SELECT count(*) AS open FROM run WHERE open = 1")).toEqual([{ open: 0 }]);
});

/** Rows written by `work` inside of the object, as the platform bills them: an alarm that is set is one. */
function rowsWritten(home: Subject, work: (calls: Subject["calls"]) => Promise<unknown>): Promise<number> {
	return home.run(async (instance, state) => {
		const { storage } = state;
		const { sql } = storage;
		let rows = 0;
		const exec = sql.exec.bind(sql) as (...args: unknown[]) => SqlStorageCursor<Record<string, SqlStorageValue>>;
		const setAlarm = storage.setAlarm.bind(storage);
		Object.defineProperty(sql, "exec", {
			configurable: true,
			value: (...args: unknown[]) => {
				const cursor = exec(...args);
				rows += cursor.rowsWritten;
				return cursor;
			},
		});
		Object.defineProperty(storage, "setAlarm", {
			configurable: true,
			value: (at: number) => {
				rows += 1;
				return setAlarm(at);
			},
		});
		await work(instance);
		Reflect.deleteProperty(sql, "exec");
		Reflect.deleteProperty(storage, "setAlarm");
		return rows;
	});
}

test("what an event costs: one row for it, one for what it opens, one alarm", async () => {
	const { home, entity } = subject();
	const settle = () => home.calls.accept({ event: event(19, entity), plans: [], unmatched: [] });
	const accept =
		(n: number, timing = immediate) =>
		(calls: Subject["calls"]) =>
			calls.accept({ event: event(n, entity), plans: [plan(home.key, timing)], unmatched: [] });
	await settle();
	// A receipt, a run, and the alarm that looks whether its step was sent.
	expect(await rowsWritten(home, accept(20))).toBe(3);
	expect(await rowsWritten(home, (calls) => calls.claim(runId(20), "tell"))).toBe(0);
	// A receipt and a window; the alarm of the run is earlier than the window's end.
	expect(await rowsWritten(home, accept(21, debounce()))).toBe(2);
	expect(await rowsWritten(home, accept(22, debounce()))).toBe(1);
	expect(await rowsWritten(home, accept(23, debounce()))).toBe(1);
	expect(await rowsWritten(home, accept(23, debounce()))).toBe(1);
});

test("a collected event costs one row, however many there are", async () => {
	const { home, entity } = subject();
	const collect = (n: number) =>
		rowsWritten(home, (calls) =>
			calls.accept({ event: event(n, entity), plans: [plan(home.key, aggregate())], unmatched: [] }),
		);
	await collect(30);
	for (let n = 31; n < 50; n++) expect(await collect(n)).toBe(1);
});
