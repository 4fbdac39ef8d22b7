// What is committed leaves: steps to their queue, facts to the journal, events to the Entities of other keys. Whatever
// fails on the way is done again, and what arrives twice is one.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { JOURNAL_DELAY_MS, JOURNAL_PASSING_MS } from "../../src/core/outbox";
import type { Fact } from "../../src/model/fact";
import type { TimingPlan } from "../../src/model/plan";
import { ledgerOf } from "../../src/stubs";
import { holdClock } from "./support/clock";
import { Subject, told } from "./support/entity";
import { holdQueues } from "./support/queues";
import { debounce, event, immediate, plan, runId, step } from "./support/things";

const queues = holdQueues();
const clock = holdClock();

let last = 0;
function subject() {
	const entity = `tracker/order/${++last}`;
	const home = new Subject(`e:${entity}`);
	const group = new Subject(`g:grouped:${last}`);
	const accept = (n: number, timing: TimingPlan = immediate) =>
		home.calls.accept({ event: event(n, entity), plans: [plan(home.key, timing)], unmatched: [] });
	/** An event that belongs to the group as well. */
	const grouped = (n: number, timing: TimingPlan = debounce()) =>
		home.calls.accept({
			event: event(n, entity),
			plans: [plan(group.key, timing, { workflow: "grouped" })],
			unmatched: [],
		});
	return { home, group, entity, accept, grouped };
}

function journal(): Fact[] {
	return queues.journal.sent.flatMap(({ facts }) => facts);
}

async function sentThrough(home: Subject): Promise<number | undefined> {
	return (await home.sql<{ value: number }>("SELECT value FROM mark WHERE name = 'sent_through'"))[0]?.value;
}

test("facts leave with the alarm, together and in order, and are then known to have left", async () => {
	const { home, accept } = subject();
	await accept(1);
	await home.succeed(runId(1));
	expect(queues.journal.sent).toEqual([]);
	clock.advance(1_000);
	await home.ring();
	expect(queues.journal.sent).toHaveLength(1);
	expect(queues.journal.sent[0]).toMatchObject({ tenant: "acme" });
	expect(told(journal())).toEqual([
		"event.received received",
		"run.started started:wf",
		expect.stringContaining("attempt.finished attempt:wf:tell:0:1"),
		expect.stringContaining("run.finished finished:wf:0"),
	]);
	expect(await sentThrough(home)).toBe(2);
	await home.evict();
	await home.calls.wake();
	await home.ring();
	expect(queues.journal.sent).toHaveLength(1);
});

test("facts that could not be sent are sent later, after longer and longer pauses", async () => {
	const { home, accept } = subject();
	queues.journal.failures = 4;
	await accept(1);
	await home.succeed(runId(1));
	const pauses: number[] = [];
	while (journal().length === 0) {
		const due = (await home.alarmAt()) ?? Number.NaN;
		expect(await sentThrough(home)).toBeUndefined();
		pauses.push(due - clock.now());
		clock.advance(due - clock.now());
		expect(await home.ring()).toBe(1);
	}
	expect(pauses.slice(2)).toEqual([2_000, 4_000, 8_000]);
	expect(journal()).toHaveLength(4);
	expect(await sentThrough(home)).toBe(2);
});

test("facts that were sent right before a crash are sent again, the same", async () => {
	const { home, accept } = subject();
	await accept(1);
	await home.succeed(runId(1));
	clock.advance(1_000);
	const ringing = home.run((instance, state) => {
		queues.journal.onSent = () => state.abort("the queue has them, and nothing says so yet");
		return instance.alarm();
	});
	await ringing.catch(() => {});
	queues.journal.onSent = () => {};
	const before = told(journal());
	expect(before).toHaveLength(4);
	await home.calls.wake();
	clock.advance(JOURNAL_DELAY_MS);
	await home.ring();
	expect(told(journal())).toEqual([...before, ...before]);
	const ledger = ledgerOf(env, "acme");
	for (const { facts } of queues.journal.sent) await ledger.append(facts);
	expect(await ledger.verify()).toMatchObject({ ok: true, entries: 4 });
});

test("an entity at work sends its facts in passing", async () => {
	const { home, accept } = subject();
	await accept(1);
	await home.succeed(runId(1));
	await accept(2);
	clock.advance(JOURNAL_PASSING_MS - 1);
	await accept(3);
	expect(journal()).toEqual([]);
	clock.advance(1);
	// A step that was just sent will have more to tell in a moment.
	await accept(4);
	expect(journal()).toEqual([]);
	await home.succeed(runId(4));
	await home.run(() => {});
	expect(journal().filter(({ kind }) => kind === "event.received")).toHaveLength(4);
});

test("a step that was not sent is sent again, and then waits for a consumer", async () => {
	const { home, accept } = subject();
	queues.actions.failures = 2;
	await accept(1);
	clock.advance(1_000);
	await home.ring();
	expect(queues.actions.sent).toEqual([]);
	clock.advance(2_000);
	await home.ring();
	expect(queues.actions.sent).toMatchObject([{ run: runId(1), step: "tell" }]);
	clock.advance(30_000);
	await home.ring();
	expect(queues.actions.sent).toHaveLength(1);
});

test("a queue that refuses one lot of steps still gets the others", async () => {
	const { home, entity } = subject();
	const steps = Array.from({ length: 50 }, (_, n) => step(`s${n}`));
	const plans = ["a", "b", "c", "d"].map((workflow) => plan(home.key, immediate, { workflow, steps }));
	queues.actions.failures = 1;
	await home.calls.accept({ event: event(1, entity), plans, unmatched: [] });
	await home.run(() => {});
	expect(queues.actions.sent).toHaveLength(100);
	clock.advance(1_000);
	await home.ring();
	expect(new Set(queues.actions.sent.map(({ run, step }) => `${run} ${step}`)).size).toBe(200);
});

test("a workflow that groups by its own key gets the event at that key's Entity", async () => {
	const { home, group, entity, grouped } = subject();
	await grouped(1);
	await grouped(2);
	expect(await home.storedWindows()).toEqual([]);
	expect(await group.storedWindows()).toMatchObject([{ id: runId(1, "grouped"), workflow: "grouped" }]);
	clock.advance(10_000);
	await group.ring();
	const lease = await group.lease(runId(1, "grouped"));
	expect(lease.event).toEqual(event(2, entity));
	expect(lease.window).toMatchObject({ count: 2 });
	clock.advance(5_000);
	await home.ring();
	await group.ring();
	expect(told(journal())).toEqual(
		expect.arrayContaining([
			"event.received received",
			"event.handed_on handed_on:grouped",
			"run.started started:grouped",
		]),
	);
});

test("an event reaches its group after the group failed for a while, once", async () => {
	const { home, group, grouped } = subject();
	const mend = await group.breakTable("receipt");
	await grouped(1);
	await home.run(() => {});
	for (const pause of [1_000, 2_000, 4_000]) {
		await home.evict();
		clock.advance(pause);
		await home.ring();
	}
	await mend();
	clock.advance(8_000);
	await home.ring();
	await group.evict();
	await home.evict();
	await home.calls.wake();
	await home.ring();
	expect(await group.sql("SELECT count(*) AS receipts FROM receipt")).toEqual([{ receipts: 1 }]);
	clock.advance(10_000);
	await group.ring();
	expect((await group.lease(runId(1, "grouped"))).window).toMatchObject({ count: 1 });
});

test("an event that is handed on twice counts once", async () => {
	const { home, group, entity, grouped } = subject();
	await grouped(1);
	const handOn = { event: event(1, entity), plan: plan(group.key, debounce(), { workflow: "grouped" }) };
	await group.calls.handOn(handOn);
	await group.calls.handOn(handOn);
	clock.advance(10_000);
	await group.ring();
	expect((await group.lease(runId(1, "grouped"))).window).toMatchObject({ count: 1 });
	await home.ring();
	expect(told(journal())).not.toContain("event.duplicate duplicate:1");
});

test("the hand-ons of an event that came again are not forgotten", async () => {
	const { home, group, grouped } = subject();
	const mend = await group.breakTable("receipt");
	await grouped(1);
	expect(await grouped(1)).toEqual({ duplicate: true });
	await home.abort();
	await mend();
	clock.advance(1_000);
	await home.ring();
	expect(await group.sql("SELECT count(*) AS receipts FROM receipt")).toEqual([{ receipts: 1 }]);
});

/** Watches the calls of a group's `handOn`, and makes each wait for `before`. */
async function watchHandOns(group: Subject, before: Promise<void> = Promise.resolve()) {
	const seen = { calls: 0, stop: () => {} };
	await runInDurableObject(group.stub, (instance) => {
		const prototype = Object.getPrototypeOf(instance);
		const { handOn } = prototype;
		prototype.handOn = async function (...args: unknown[]) {
			if (this !== instance) return handOn.apply(this, args);
			seen.calls += 1;
			await before;
			return handOn.apply(this, args);
		};
		seen.stop = () => {
			prototype.handOn = handOn;
		};
	});
	return seen;
}

test("a group that fails is not flooded by the events that follow", async () => {
	const { home, group, grouped } = subject();
	const mend = await group.breakTable("receipt");
	const seen = await watchHandOns(group);
	for (let n = 1; n <= 100; n++) await grouped(n);
	await home.run(() => {});
	expect(seen.calls).toBe(100);
	clock.advance(1_000);
	await home.ring();
	expect(seen.calls).toBeLessThan(160);
	seen.stop();
	await mend();
	for (let n = 0; n < 10; n++) {
		clock.advance(2_000);
		await home.ring();
	}
	expect(await group.sql("SELECT count(*) AS receipts FROM receipt")).toEqual([{ receipts: 100 }]);
});

test("an event that is on its way to a slow group is not sent beside itself", async () => {
	const { home, group, grouped } = subject();
	let release = () => {};
	const seen = await watchHandOns(
		group,
		new Promise((resolve) => {
			release = resolve;
		}),
	);
	await grouped(1);
	for (let second = 0; second < 5; second++) {
		clock.advance(1_000);
		expect(await home.ring()).toBe(1);
	}
	expect(seen.calls).toBe(1);
	release();
	seen.stop();
	await expect.poll(() => group.storedWindows()).toHaveLength(1);
});

test("a message of the journal stays within what the queue takes, whatever script it is written in", async () => {
	const { home, accept } = subject();
	await accept(1);
	for (let attempt = 1; attempt <= 3; attempt++) {
		await home.lease(runId(1));
		await home.calls.report({
			run: runId(1),
			step: "tell",
			attempt,
			outcome: { kind: "transient", reason: "503", after_ms: 0 },
			exchange: { response: { status: 503, headers: {}, body: "満".repeat(28_000) } },
			started_at: clock.now(),
			duration_ms: 5,
		});
		clock.advance(500);
		await home.ring();
	}
	await home.evict();
	clock.advance(5_000);
	await home.ring();
	expect(journal().filter(({ kind }) => kind === "attempt.finished")).toHaveLength(3);
	expect(await sentThrough(home)).toBeGreaterThan(3);
});

test("a fact that no message can hold leaves without its largest part", async () => {
	const { home, accept } = subject();
	await accept(1);
	const { attempt } = await home.lease(runId(1));
	await home.calls.report({
		run: runId(1),
		step: "tell",
		attempt,
		outcome: { kind: "permanent", class: "invalid", reason: "the target answered 400" },
		exchange: { response: { status: 400, headers: {}, body: "x".repeat(200_000) } },
		started_at: clock.now(),
		duration_ms: 5,
	});
	clock.advance(5_000);
	await home.ring();
	const fact = journal().find(({ kind }) => kind === "attempt.finished");
	expect(fact?.data).toMatchObject({ outcome: "permanent", reason: "the target answered 400" });
	expect(fact?.data.exchange).toMatch(/^left out: 2\d{5} bytes$/);
	expect(told(journal())).toContain("dead_letter.opened dead_letter:wf:tell:0:opened");
});

test("an alarm that finds everything under way looks again in a second, not at once", async () => {
	const { home, entity } = subject();
	const unwanted = (n: number) => home.calls.accept({ event: event(n, entity), plans: [], unmatched: [] });
	let release = () => {};
	queues.journal.delay = new Promise((resolve) => {
		release = resolve;
	});
	await unwanted(1);
	clock.advance(JOURNAL_PASSING_MS);
	await unwanted(2);
	clock.advance(60_000);
	expect(await home.ring()).toBe(1);
	expect(await home.alarmAt()).toBe(clock.now() + 1_000);
	release();
	await expect.poll(journal).toHaveLength(2);
	clock.advance(1_000);
	await home.ring();
	expect(await sentThrough(home)).toBe(2);
});
