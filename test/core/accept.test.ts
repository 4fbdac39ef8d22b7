import { describe, expect, test } from "vitest";
import { groupKey, homeKey, RECEIPT_MS, runIdOf } from "../../src/core/accept";
import {
	aggregate,
	DAY,
	debounce,
	event,
	Given,
	HOME,
	HOUR,
	idsOf,
	NOW,
	plan,
	runOf,
	SUCCEEDED,
	stepPlan,
	TRANSIENT,
} from "./run/given";

const GROUP = groupKey("deal-watch", "north");

describe("where an event belongs", () => {
	test("its home is the Entity of what it is about", () => {
		expect(homeKey({ entity_id: "crm/deal/991" })).toBe("e:crm/deal/991");
	});

	test("a group belongs to one workflow: two that group by the same value do not meet", () => {
		expect(groupKey("one", "north")).not.toBe(groupKey("two", "north"));
	});

	test("whoever knows the event knows its runs", () => {
		expect(runIdOf("aa", "deal-watch")).toBe("run_aa.deal-watch");
	});
});

describe("an event for an immediate workflow", () => {
	test("starts a run in the same turn, and each of its steps is sent", () => {
		const given = new Given();
		const steps = [stepPlan({ id: "a" }), stepPlan({ id: "b" })];
		const receipt = given.arrives(event(1), plan({ kind: "immediate" }, { steps, priority: "urgent" }), 0);
		expect(given.dispatched).toEqual([`${runOf(1)} a`, `${runOf(1)} b`]);
		expect(given.run()).toMatchObject({ id: runOf(1), event_id: event(1).id, window: null, priority: "urgent" });
		expect(receipt).toEqual({
			event_id: event(1).id,
			n: 1,
			at: NOW,
			expires_at: NOW + RECEIPT_MS,
			order: { timestamp: event(1).timestamp, sequence: undefined },
			verdicts: [{ workflow: "deal-watch", version: 1, verdict: "started", run: runOf(1) }],
			duplicates: 0,
			hand_ons: [],
			event: event(1),
		});
		expect(given.kinds()).toEqual(["event.received", "run.started"]);
	});

	test("starts a run of each workflow that wants it", () => {
		const given = new Given();
		const workflows = ["one", "two", "three"];
		given.arrives(
			event(1),
			workflows.map((workflow) => plan(undefined, { workflow })),
			0,
		);
		expect(given.runs.map(({ id }) => id)).toEqual(workflows.map((workflow) => runOf(1, workflow)));
	});

	test("is remembered though no workflow wants it", () => {
		const given = new Given();
		const receipt = given.arrives(event(1), [], 0);
		expect(receipt).toMatchObject({ verdicts: [], event: null });
		expect(given.kinds()).toEqual(["event.received"]);
	});
});

describe("an event that was here before", () => {
	test.each([
		["immediate", plan()],
		["debounced", plan(debounce())],
		["aggregated", plan(aggregate())],
		["handed on", plan(undefined, { entity_key: GROUP })],
		["failed", plan(undefined, { failed: "the key has no value" })],
	])("is noted and nothing more: %s", (_, wanted) => {
		const given = new Given();
		given.arrives(event(1), wanted, 0);
		const [runs, count] = [given.runs.length, given.window()?.count];
		const facts = given.facts.length;
		const receipt = given.arrives(event(1), wanted, 10);
		expect([given.runs.length, given.window()?.count]).toEqual([runs, count]);
		expect(given.dispatched).toEqual([]);
		expect(given.state.n).toBe(2);
		expect(receipt).toMatchObject({ n: 2, at: NOW, expires_at: NOW + RECEIPT_MS, duplicates: 1 });
		expect(given.facts.slice(facts)).toMatchObject([
			{ id: "duplicate:1", kind: "event.duplicate", data: { times: 1 } },
		]);
	});

	test("is remembered for a week", () => {
		expect(RECEIPT_MS).toBe(7 * DAY);
	});

	test("is counted each time", () => {
		const given = new Given();
		for (let at = 0; at < 4; at++) given.arrives(event(1), plan(), at);
		expect(given.receipts.get(event(1).id)?.duplicates).toBe(3);
		const told = given.facts.map(({ id }) => id);
		expect(told).toEqual(["received", "started:deal-watch", "duplicate:1", "duplicate:2", "duplicate:3"]);
	});

	test("starts nothing, even if it is wanted by another workflow now", () => {
		const given = new Given();
		given.arrives(event(1), plan(), 0);
		given.arrives(event(1), plan(undefined, { workflow: "newcomer" }), 10);
		expect(given.runs.map(({ id }) => id)).toEqual([runOf(1)]);
	});

	test("starts nothing while a run of it is still kept, though its receipt has expired", () => {
		const given = new Given();
		given.arrives(event(1), plan(), 0);
		given.attempts({ kind: "permanent", class: "auth", reason: "401" }, 10);
		const before = given.run();
		given.receipts.clear();
		given.arrives(event(1), plan(), 8 * DAY);
		expect(given.run()).toBe(before);
		expect(given.dispatched).toEqual([]);
	});

	test("opens a window of its own, told under names of its own, where the run of its first one is still kept", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce()), 0);
		given.passes(10_000);
		given.attempts({ kind: "permanent", class: "auth", reason: "401" }, 10_001);
		given.receipts.clear();
		given.arrives(event(1), plan(debounce()), 8 * DAY);
		given.passes(8 * DAY + 10_000);
		const again = `${runOf(1)}.${given.state.n - 1}`;
		expect(given.runs.map(({ id }) => id)).toEqual([runOf(1), again]);
		expect(given.run(again)).toMatchObject({ status: "running", window: { events: idsOf(1) } });
		const started = given.facts.filter(({ kind }) => kind === "run.started").map(({ id }) => id);
		expect(started).toEqual(["started:deal-watch", `started:deal-watch.${given.state.n - 1}`]);
	});
});

describe("an event for a workflow that groups by a key of its own", () => {
	const grouped = plan(debounce(), { entity_key: GROUP });

	test("is kept at home until it is handed on, and opens nothing there", () => {
		const given = new Given();
		const receipt = given.arrives(event(1), grouped, 0);
		expect(receipt).toMatchObject({ hand_ons: [grouped], verdicts: [{ verdict: "handed_on" }], event: event(1) });
		expect(given.window()).toBeUndefined();
	});

	test("is judged in the group, where another fact tells of it", () => {
		const group = new Given(GROUP);
		const receipt = group.arrives(event(1), grouped, 0);
		expect(receipt).toMatchObject({ hand_ons: [], verdicts: [{ verdict: "debounced", run: runOf(1) }] });
		expect(group.facts).toMatchObject([{ id: "handed_on:deal-watch", kind: "event.handed_on", entity_key: GROUP }]);
	});

	test("is judged once in the group, and a second hand-on leaves no trace", () => {
		const group = new Given(GROUP);
		group.arrives(event(1), grouped, 0);
		group.arrives(event(1), grouped, 10);
		expect(group.window()?.count).toBe(1);
		expect(group.state.n).toBe(1);
		expect(group.facts).toHaveLength(1);
	});

	test("meets events of other homes there", () => {
		const group = new Given(GROUP);
		group.arrives(event(1), grouped, 0);
		group.arrives(event(2, { entity_id: "crm/deal/17" }), grouped, 10);
		group.passes(20_000);
		expect(group.run().window?.events).toEqual(idsOf(1, 2));
	});

	test("goes both ways where some workflows want it at home", () => {
		const given = new Given();
		const receipt = given.arrives(event(1), [grouped, plan(undefined, { workflow: "direct" })], 0);
		expect(receipt?.hand_ons).toEqual([grouped]);
		expect(given.runs.map(({ id }) => id)).toEqual([runOf(1, "direct")]);
	});
});

describe("an event on which an expression of the workflow failed", () => {
	test("is a dead letter at once: a run of which nothing was sent", () => {
		const given = new Given();
		const steps = [stepPlan({ id: "a" }), stepPlan({ id: "b" })];
		const receipt = given.arrives(event(1), plan(debounce(), { steps, failed: "key: no such field" }), 0);
		expect(receipt).toMatchObject({ verdicts: [{ verdict: "failed", run: runOf(1) }], event: event(1) });
		expect(given.run()).toMatchObject({
			status: "failed",
			steps: [
				{ id: "_start", kind: "start", status: "failed", class: "expression", reason: "key: no such field" },
				{ id: "a", status: "skipped", blocked: true, reason: "needs _start: _start failed" },
				{ id: "b", status: "skipped", blocked: true, reason: "needs _start: _start failed" },
			],
		});
		expect(given.dispatched).toEqual([]);
		expect(given.facts.slice(1).map(({ kind, step }) => [kind, step])).toEqual([
			["run.started", undefined],
			["step.ended", "_start"],
			["dead_letter.opened", "_start"],
			["step.ended", "a"],
			["step.ended", "b"],
			["run.finished", undefined],
		]);
	});
});

describe("a window belongs to the version that opened it", () => {
	const before = plan(debounce({ quiet: 10_000 }), { version: 1, steps: [stepPlan({ id: "old" })] });

	test("later versions add to it on its terms", () => {
		const given = new Given();
		given.arrives(event(1), before, 0);
		given.arrives(event(2), plan(debounce({ quiet: HOUR, max_wait: DAY }), { version: 2 }), 5_000);
		expect(given.window()).toMatchObject({ version: 1, count: 2, due_at: NOW + 15_000 });
		given.passes(15_000);
		expect(given.run()).toMatchObject({ version: 1, steps: [{ plan: { id: "old" } }] });
	});

	test("even if they would have it of another kind", () => {
		const given = new Given();
		given.arrives(event(1), plan(aggregate(), { version: 1 }), 0);
		given.arrives(event(2), plan(debounce(), { version: 2 }), 1);
		expect(given.window()).toMatchObject({ timing: { kind: "aggregate" }, count: 2, due_at: NOW + 60_000 });
	});

	test("the next window is the new version's", () => {
		const given = new Given();
		given.arrives(event(1), before, 0);
		given.arrives(event(2), plan(debounce({ quiet: HOUR, max_wait: DAY }), { version: 2 }), 20_000);
		expect(given.run()).toMatchObject({ version: 1 });
		expect(given.window()).toMatchObject({ version: 2, due_at: NOW + 20_000 + HOUR });
	});

	test("a version that acts at once does not wait for the window of the one before, which acts in its own time", () => {
		const given = new Given();
		given.arrives(event(1), before, 0);
		given.arrives(event(2), plan(undefined, { version: 2 }), 5_000);
		given.passes(10_000);
		expect(given.run(runOf(2))).toMatchObject({ version: 2, window: null, started_at: NOW + 5_000 });
		expect(given.run(runOf(1))).toMatchObject({ version: 1, window: { events: idsOf(1) } });
	});
});

describe("an event's body is kept where somebody will read it", () => {
	test.each([
		["the first of a debounce", debounce(), [1], true],
		["the newest of a debounce", debounce(), [1, 2], true],
		["an older one that comes later", debounce(), [2, 1], false],
		["an older one where all are kept", debounce({ keep: "all" }), [2, 1], true],
		["one that collapses into a leading debounce", debounce({ edge: "leading" }), [2, 1], false],
		["the newest that collapses into a leading debounce", debounce({ edge: "leading" }), [1, 2], true],
		["the newest of an aggregate", aggregate(), [1, 2], true],
		["an older one of an aggregate", aggregate(), [2, 1], false],
		["an older one that fills an aggregate", aggregate({ max_events: 2 }), [2, 1], false],
		["the newest that fills an aggregate", aggregate({ max_events: 2 }), [1, 2], true],
	])("%s", (_, timing, arrivals, isKept) => {
		const given = new Given();
		const receipts = arrivals.map((n, at) => given.arrives(event(n), plan(timing), at));
		expect(receipts.at(-1)?.event !== null).toBe(isKept);
	});

	test("where one workflow reads it and another does not", () => {
		const given = new Given();
		given.arrives(event(2), plan(debounce()), 0);
		const receipt = given.arrives(event(1), [plan(debounce()), plan(undefined, { workflow: "direct" })], 1);
		expect(receipt?.event).toEqual(event(1));
	});
});

describe("several things in one turn", () => {
	test("a window closes, a fresh one opens and a step is sent again, all in one commit", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce()), 0);
		given.arrives(event(2), plan(undefined, { workflow: "direct" }), 1);
		given.arrives(event(3), [plan(debounce()), plan(undefined, { workflow: "direct" })], 30_000);
		expect(given.state.n).toBe(3);
		expect(given.window()).toMatchObject({ id: runOf(3), opened_n: 3 });
		expect(given.dispatched).toEqual([`${runOf(1)} tell`, `${runOf(2, "direct")} tell`, `${runOf(3, "direct")} tell`]);
	});

	test("a window that closes and is full again at once leaves none open", () => {
		const given = new Given();
		given.arrives(event(1), plan(aggregate({ max_events: 2 })), 0);
		given.arrives(event(2), plan(aggregate({ max_events: 1 })), 90_000);
		expect(given.runs.map(({ id }) => id)).toEqual([runOf(1), runOf(2)]);
		expect(given.window()).toBeUndefined();
	});

	test("a turn in which nothing happens is no commit", () => {
		const given = new Given();
		given.passes(0);
		expect(given.state.n).toBe(0);
	});
});

test("of two workflows with the same key, each has its own window at home", () => {
	const given = new Given();
	given.arrives(event(1), [plan(debounce()), plan(debounce({ quiet: 5_000 }), { workflow: "other" })], 0);
	given.arrives(event(2), [plan(debounce()), plan(debounce({ quiet: 5_000 }), { workflow: "other" })], 1_000);
	given.passes(6_000);
	expect(given.runs.map(({ id }) => id)).toEqual([runOf(1, "other")]);
	given.passes(11_000);
	expect(given.runs.map(({ id }) => id)).toEqual([runOf(1, "other"), runOf(1)]);
});

test("a run's own events are told apart from another run of the same workflow", () => {
	const given = new Given(HOME);
	given.arrives(event(1), plan(), 0);
	given.arrives(event(2), plan(), 1);
	given.claims(2, "tell", runOf(2));
	given.reports(SUCCEEDED, 3, { run: runOf(2) });
	given.claims(4, "tell", runOf(1));
	given.reports(TRANSIENT, 5, { run: runOf(1) });
	expect(given.run(runOf(1)).status).toBe("running");
	expect(given.run(runOf(2)).status).toBe("succeeded");
});

test("each of the first hundred duplicates is told, then a hundred at a time", () => {
	const given = new Given();
	for (let n = 0; n <= 300; n++) given.arrives(event(1), plan(debounce()), n);
	const told = given.facts.filter(({ kind }) => kind === "event.duplicate");
	expect(told).toHaveLength(102);
	expect(told.reduce((total, { data }) => total + Number(data.more), 0)).toBe(300);
});
