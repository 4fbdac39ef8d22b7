import { describe, expect, test } from "vitest";
import { LEASE_MARGIN_MS, MAX_DISPATCHES, markQueued } from "../../src/core/run/dispatch";
import { replaceStep } from "../../src/core/run/run";
import {
	aggregate,
	DAY,
	debounce,
	event,
	Given,
	HOUR,
	idsOf,
	NOW,
	plan,
	runOf,
	stepPlan,
	TRANSIENT,
} from "./run/given";

function started(...steps: Partial<Parameters<typeof stepPlan>[0]>[]): Given {
	const given = new Given();
	given.arrives(event(1), plan(undefined, { steps: steps.map((step) => stepPlan(step)) }), 0);
	return given;
}

/** The queue has confirmed it. */
function queued(given: Given, at: number): void {
	const run = given.run();
	given.state.runs.set(run.id, replaceStep(run, markQueued(given.step(), NOW + at)));
}

describe("windows that are due", () => {
	test("close and act, each in its own way", () => {
		const given = new Given();
		given.arrives(
			event(1),
			[
				plan(debounce(), { workflow: "one" }),
				plan(aggregate({ window: 10_000 }), { workflow: "two" }),
				plan(debounce({ edge: "leading" }), { workflow: "three" }),
				plan(debounce({ quiet: HOUR, max_wait: DAY }), { workflow: "four" }),
			],
			0,
		);
		given.passes(10_000);
		expect([...given.state.windows.keys()]).toEqual(["four"]);
		expect(given.runs.map(({ id }) => id)).toEqual(["three", "one", "two"].map((workflow) => runOf(1, workflow)));
	});

	test("act however late the alarm is, with what they have", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce()), 0);
		given.passes(5 * DAY);
		expect(given.run()).toMatchObject({ started_at: NOW + 5 * DAY, window: { events: idsOf(1) } });
	});
});

describe("a step that nobody took", () => {
	test("is sent again, at growing intervals, though it may never have reached the queue", () => {
		const given = started({});
		for (const at of [1_000, 3_000, 7_000]) {
			given.passes(at - 1);
			expect(given.dispatched).toEqual([]);
			given.passes(at);
			expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
		}
		expect(given.step()).toMatchObject({ status: "ready", dispatches: 4, attempts: 0, due_at: NOW + 15_000 });
		expect(given.kinds()).toEqual(["event.received", "run.started"]);
	});

	test("is sent again when the queue has had it for too long", () => {
		const given = started({});
		queued(given, 10);
		given.passes(30_009);
		expect(given.dispatched).toEqual([]);
		given.passes(30_010);
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
	});

	test("is given up in the end: no consumer gets through with it", () => {
		const given = started({});
		let sent = 1;
		for (let hour = 1; given.run().status === "running" && hour < 100; hour++) {
			given.passes(hour * HOUR);
			sent += given.dispatched.length;
		}
		expect(sent).toBe(MAX_DISPATCHES);
		expect(given.step()).toMatchObject({ status: "failed", class: "consumer_crash", due_at: null });
		expect(given.step().reason).toContain(`${MAX_DISPATCHES} times`);
		expect(given.kinds().slice(-3)).toEqual(["step.ended", "dead_letter.opened", "run.finished"]);
	});

	test("is given up in the queue as well as on the way there", () => {
		const given = started({});
		for (let hour = 1; given.run().status === "running" && hour < 100; hour++) {
			queued(given, hour * HOUR);
			given.passes((hour + 0.99) * HOUR + HOUR);
		}
		expect(given.step()).toMatchObject({ status: "failed", class: "consumer_crash" });
	});
});

describe("a step that waits", () => {
	test("is sent when its time has come, and its sendings count afresh", () => {
		const given = started({ base_ms: 1_000 });
		given.passes(1_000);
		given.attempts(TRANSIENT, 1_100);
		given.passes(2_098);
		expect(given.dispatched).toEqual([]);
		given.passes(2_099);
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
		expect(given.step()).toMatchObject({ status: "ready", attempts: 1, dispatches: 1, due_at: NOW + 3_099 });
	});
});

describe("a lease that ran out", () => {
	const end = 30_000 + LEASE_MARGIN_MS;

	test("is an attempt of unknown outcome, after which the step is tried again", () => {
		const given = started({});
		given.claims(0);
		given.passes(end - 1);
		expect(given.step().status).toBe("leased");
		given.passes(end);
		expect(given.step()).toMatchObject({ status: "waiting", attempts: 1, dispatches: 0 });
		expect(given.facts.at(-1)).toMatchObject({
			kind: "attempt.finished",
			at: NOW + end,
			data: { attempt: 1, outcome: "unknown", reason: expect.stringContaining("did not report"), exchange: {} },
		});
	});

	test("is the end of a step that must not be repeated blindly", () => {
		const given = started({ repeatable: false, on_unknown: "stop" });
		given.claims(0);
		given.passes(end);
		expect(given.step()).toMatchObject({ status: "failed", class: "unknown_outcome", attempts: 1 });
		expect(given.kinds().slice(-3)).toEqual(["attempt.finished", "dead_letter.opened", "run.finished"]);
	});

	test("uses up attempts like any other", () => {
		const given = started({ attempts: 2, base_ms: 1_000 });
		given.claims(0);
		given.passes(end);
		given.passes(end + 1_000);
		given.claims(end + 1_001);
		given.passes(3 * end);
		expect(given.step()).toMatchObject({ status: "failed", class: "exhausted", attempts: 2 });
	});
});

describe("a run of fifty steps", () => {
	const ids = Array.from({ length: 50 }, (_, n) => `step_${n}`);
	const many = () => started(...ids.map((id) => ({ id })));

	test("sends all of them, and again all of them, in one turn", () => {
		const given = many();
		expect(given.dispatched).toEqual(ids.map((id) => `${runOf(1)} ${id}`));
		given.passes(1_000);
		expect(given.dispatched).toEqual(ids.map((id) => `${runOf(1)} ${id}`));
		expect(given.run().steps.every((step) => step.dispatches === 2)).toBe(true);
	});

	test("loses none of the changes that one turn makes to its steps", () => {
		const given = many();
		for (const id of ids.slice(0, 25)) given.claims(0, id);
		given.passes(30_000 + LEASE_MARGIN_MS);
		const statuses = given.run().steps.map((step) => step.status);
		expect(statuses).toEqual([...Array(25).fill("waiting"), ...Array(25).fill("ready")]);
		expect(given.kinds().filter((kind) => kind === "attempt.finished")).toHaveLength(25);
	});
});

test("a step that another one's time has ended is left alone, though its own time has come too", () => {
	const given = new Given();
	const blind = { repeatable: false, on_unknown: "stop" as const };
	const steps = [stepPlan({ id: "a", ...blind }), stepPlan({ id: "b" })];
	given.arrives(event(1), plan(undefined, { steps, compensate: true }), 0);
	given.claims(10, "a");
	given.attempts(TRANSIENT, 20, "b");
	given.passes(HOUR);
	expect(given.step("a")).toMatchObject({ status: "failed", class: "unknown_outcome" });
	expect(given.step("b")).toMatchObject({ status: "cancelled", due_at: null });
	expect(given.dispatched).toEqual([]);
	expect(given.run().status).toBe("failed");
});

test("steps that are over are left alone, and so are runs", () => {
	const given = started({ id: "a" }, { id: "b" });
	given.attempts({ kind: "succeeded", output: 1 }, 10, "a");
	given.attempts({ kind: "permanent", class: "auth", reason: "401" }, 20, "b");
	const before = given.run();
	given.passes(10 * DAY);
	expect(given.run()).toBe(before);
});
