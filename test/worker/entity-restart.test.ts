// An object may be gone after any commit, in good order or at once. Whatever it was doing goes on as if it had not been.

import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/model/outcome";
import type { TimingPlan } from "../../src/model/plan";
import { holdClock } from "./support/clock";
import { Subject } from "./support/entity";
import { holdQueues } from "./support/queues";
import { aggregate, debounce, event, eventId, immediate, plan, runId, step } from "./support/things";

const queues = holdQueues();
const clock = holdClock();

let last = 0;
function subject(): { home: Subject; entity: string } {
	const entity = `tracker/ticket/${++last}`;
	return { home: new Subject(`e:${entity}`), entity };
}

function reportOf(run: string, attempt: number, outcome: Outcome) {
	return { run, step: "tell", attempt, outcome, exchange: {}, started_at: clock.now(), duration_ms: 5 };
}

const succeeded: Outcome = { kind: "succeeded", output: null };
const refused: Outcome = { kind: "transient", reason: "the target answered 503" };

const ways: [string, (home: Subject) => Promise<void>][] = [
	["evicted", (home) => home.evict()],
	["aborted", (home) => home.abort()],
];

describe.each(ways)("an object that is %s", (_, restart) => {
	test("after an event sends the run's step again, which is carried out once", async () => {
		const { home, entity } = subject();
		await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate)], unmatched: [] });
		await restart(home);
		clock.advance(1_000);
		expect(await home.ring()).toBe(1);
		expect(queues.actions.sent.map(({ run }) => run)).toEqual([runId(1), runId(1)]);
		expect((await home.lease(runId(1))).attempt).toBe(1);
		expect(await home.calls.claim(runId(1), "tell")).toEqual({ state: "busy" });
	});

	test("with an open window closes it when it is due", async () => {
		const { home, entity } = subject();
		await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, debounce())], unmatched: [] });
		await restart(home);
		expect(await home.alarmAt()).toBeLessThanOrEqual(clock.now() + 10_000);
		clock.advance(9_999);
		await home.ring();
		expect(queues.actions.sent).toEqual([]);
		clock.advance(1);
		await home.ring();
		expect(queues.actions.sent).toMatchObject([{ run: runId(1) }]);
		expect(await home.storedWindows()).toEqual([]);
	});

	test("forgets the lease of a step that can be repeated, and its next attempt carries the same key", async () => {
		const { home, entity } = subject();
		await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate)], unmatched: [] });
		const first = await home.lease(runId(1));
		await restart(home);
		clock.advance(1_000);
		await home.ring();
		const second = await home.lease(runId(1));
		// Nobody knows of the first any more, and that is known.
		const { attempt, idempotency_key, version } = first;
		expect(second).toMatchObject({ attempt, idempotency_key, version, doubtful: true });
		await home.calls.report(reportOf(runId(1), 1, succeeded));
		await home.calls.report(reportOf(runId(1), 1, refused));
		expect(await home.storedRun(runId(1))).toMatchObject({ status: "succeeded", steps: [{ attempts: 1 }] });
	});

	test("remembers the lease of a step that must not be repeated", async () => {
		const { home, entity } = subject();
		const steps = [step("tell", { repeatable: false, on_unknown: "stop" })];
		await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate, { steps })], unmatched: [] });
		await home.lease(runId(1));
		await restart(home);
		clock.advance(1_000);
		await home.ring();
		expect(queues.actions.sent).toHaveLength(1);
		expect(await home.calls.claim(runId(1), "tell")).toEqual({ state: "busy" });
		clock.advance(30_000);
		await home.ring();
		expect(await home.storedRun(runId(1))).toMatchObject({ steps: [{ status: "failed", class: "unknown_outcome" }] });
		// The consumer was alive after all: what it did is true, however late it is heard.
		await home.calls.report(reportOf(runId(1), 1, succeeded));
		expect(await home.storedRun(runId(1))).toMatchObject({ status: "succeeded", steps: [{ status: "succeeded" }] });
	});

	test("after a report has nothing left to do", async () => {
		const { home, entity } = subject();
		await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate)], unmatched: [] });
		await home.succeed(runId(1));
		await restart(home);
		clock.advance(60_000);
		await home.ring();
		expect(await home.calls.claim(runId(1), "tell")).toEqual({ state: "done" });
		expect(queues.actions.sent).toHaveLength(1);
	});

	test("between two attempts makes the next one when its pause is over", async () => {
		const { home, entity } = subject();
		await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate)], unmatched: [] });
		await home.lease(runId(1));
		await home.calls.report(reportOf(runId(1), 1, { kind: "transient", reason: "429", after_ms: 3_600_000 }));
		await restart(home);
		clock.advance(3_599_000);
		await home.ring();
		expect(await home.calls.claim(runId(1), "tell")).toEqual({ state: "busy" });
		expect(queues.actions.sent).toHaveLength(1);
		clock.advance(361_000);
		await home.ring();
		expect(queues.actions.sent).toHaveLength(2);
		expect((await home.lease(runId(1))).attempt).toBe(2);
	});

	test("while a step is postponed sends it at the time that was set, untried", async () => {
		const { home, entity } = subject();
		await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate)], unmatched: [] });
		await home.calls.postpone(runId(1), "tell", await home.lease(runId(1)), clock.now() + 600_000);
		await restart(home);
		clock.advance(599_000);
		expect(await home.ring()).toBeLessThan(5);
		expect(queues.actions.sent).toHaveLength(1);
		clock.advance(1_000);
		await home.ring();
		expect((await home.lease(runId(1))).attempt).toBe(1);
	});
});

test("a step whose consumers all die ends in the dead letters", async () => {
	const { home, entity } = subject();
	await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate)], unmatched: [] });
	for (let n = 0; n < 20; n++) {
		await home.calls.claim(runId(1), "tell");
		clock.advance(60_000);
		await home.ring();
	}
	expect(await home.storedRun(runId(1))).toMatchObject({
		status: "failed",
		steps: [{ status: "failed", class: "exhausted", attempts: 3 }],
	});
});

test("a step that no consumer ever takes ends in the dead letters", async () => {
	const { home, entity } = subject();
	await home.calls.accept({ event: event(1, entity), plans: [plan(home.key, immediate)], unmatched: [] });
	for (let n = 0; n < 60; n++) {
		clock.advance(3_600_000);
		await home.ring();
	}
	expect(queues.actions.sent).toHaveLength(20);
	expect(await home.storedRun(runId(1))).toMatchObject({ steps: [{ status: "failed", class: "consumer_crash" }] });
});

const timings: [string, TimingPlan, number][] = [
	["a debounce", debounce(), 10_000],
	["a debounce that keeps all", debounce({ keep: "all" }), 10_000],
	["a debounce at its longest", debounce({ max_wait: 8_000 }), 2_000],
	["an aggregate", aggregate(), 54_000],
];

/** Late, out of order, several at one moment, some with equal times at the source, and some again. */
const arrivals = [
	{ n: 5, at: 50_000 },
	{ n: 3, at: 30_000 },
	{ n: 8, at: 50_000 },
	{ n: 5, at: 50_000 },
	{ n: 9, at: 80_000 },
	{ n: 7, at: 70_000 },
	{ n: 3, at: 30_000 },
	{ n: 6, at: 80_000 },
	{ n: 9, at: 80_000 },
];

function arrive({ home, entity }: ReturnType<typeof subject>, timing: TimingPlan, n: number, at: number) {
	const extract = {
		counts_by: `group-${n % 2}`,
		latest_by: `group-${n % 2}`,
		top: `top-${n % 3}`,
		sum: { n },
		critical: n > 6,
		kept: { n },
	};
	const changes = [{ field: `field-${n % 2}`, from: n, to: n + 1 }];
	return home.calls.accept({
		event: event(n, entity, { at, changes }),
		plans: [plan(home.key, timing, timing.kind === "aggregate" ? { extract } : {})],
		unmatched: [],
	});
}

describe.each(timings)("%s", (_, timing, dueAfterLast) => {
	test("is rebuilt from its receipts as it was", async () => {
		const kept = subject();
		const rebuilt = subject();
		for (const [index, { n, at }] of arrivals.entries()) {
			if (index % 3 === 0 && index > 0) clock.advance(3_000);
			await arrive(kept, timing, n, at);
			await arrive(rebuilt, timing, n, at);
			await (index % 2 === 0 ? rebuilt.home.evict() : rebuilt.home.abort());
		}
		clock.advance(dueAfterLast - 1);
		for (const { home } of [kept, rebuilt]) await home.ring();
		expect(queues.actions.sent).toEqual([]);
		clock.advance(1);
		const leases = [];
		for (const { home } of [kept, rebuilt]) {
			await home.ring();
			const { event: latest, window } = await home.lease(runId(5));
			leases.push({ latest: latest?.id, window: { ...window, events: window.events.map(({ id }) => id) } });
		}
		expect(leases[1]).toEqual(leases[0]);
		expect(leases[0]).toMatchObject({ latest: eventId(6), window: { count: 6 } });
		expect(leases[0]?.window.event_ids).toEqual([5, 3, 8, 9, 7, 6].map(eventId));
	});
});

test("a leading debounce that is rebuilt collapses what follows until it is quiet", async () => {
	const { home, entity } = subject();
	const timing = debounce({ edge: "leading" });
	for (const n of [1, 2, 3]) {
		await arrive({ home, entity }, timing, n, n);
		await home.abort();
		clock.advance(9_999);
		await home.ring();
	}
	await home.succeed(runId(1));
	clock.advance(1);
	await home.ring();
	await arrive({ home, entity }, timing, 4, 4);
	expect(await home.calls.claim(runId(2), "tell")).toEqual({ state: "done" });
	expect((await home.lease(runId(4))).window).toMatchObject({ count: 1 });
});
