import { describe, expect, test } from "vitest";
import { callStep, crashStep, holdStep, PARKED_MS, parkStep, postponeStep, releaseSteps } from "../../src/core/report";
import { LEASE_MARGIN_MS, markQueued } from "../../src/core/run/dispatch";
import { cancelRun } from "../../src/core/run/operate";
import { replaceStep } from "../../src/core/run/run";
import type { StepPlan } from "../../src/model/plan";
import {
	DAY,
	event,
	Given,
	MINUTE,
	NOW,
	PERMANENT,
	plan,
	runOf,
	SUCCEEDED,
	stepPlan,
	TRANSIENT,
	UNKNOWN,
} from "./run/given";

function started(...steps: Partial<StepPlan>[]): Given {
	const given = new Given();
	const plans = (steps.length === 0 ? [{}] : steps).map((step) => stepPlan(step));
	given.arrives(event(1), plan(undefined, { steps: plans }), 0);
	return given;
}

/** A run that stays open, whatever becomes of its first step. */
function underWay(): Given {
	return started({}, { id: "other" });
}

function crash(given: Given, at: number, step = "tell") {
	given.turn(at, (turn) => crashStep(given.state, turn, given.run().id, step));
}

/** Puts the step into a status by what would bring it there. */
const BRING = {
	ready: () => {},
	queued: (given: Given) => {
		given.state.runs.set(runOf(1), replaceStep(given.run(), markQueued(given.step(), NOW)));
	},
	leased: (given: Given) => void given.claims(10),
	waiting: (given: Given) => given.attempts(TRANSIENT, 10),
	succeeded: (given: Given) => given.attempts(SUCCEEDED, 10),
	failed: (given: Given) => given.attempts(PERMANENT, 10),
} as const;

describe("a claim", () => {
	test.each([
		["ready", "go"],
		["queued", "go"],
		["leased", "busy"],
		["waiting", "busy"],
		["succeeded", "done"],
		["failed", "done"],
	] as const)("of a step that is %s is answered with %s", (status, answer) => {
		const given = underWay();
		BRING[status](given);
		expect(given.step().status).toBe(status);
		expect(given.claims(20).state).toBe(answer);
	});

	test("of a run or a step that is not known is answered with done", () => {
		const given = started();
		expect(given.claims(1, "tell", "run_x.y")).toEqual({ state: "done" });
		expect(given.claims(1, "nobody")).toEqual({ state: "done" });
		expect(given.state.n).toBe(1);
	});

	test("takes the step for its time-out and a margin, and says nothing to the journal", () => {
		const given = started({ timeout_ms: 5_000 });
		const facts = given.facts.length;
		expect(given.claims(10)).toMatchObject({ state: "go", durable: false, step: { attempts: 0, status: "leased" } });
		expect(given.step().due_at).toBe(NOW + 10 + 5_000 + LEASE_MARGIN_MS);
		expect(given.facts).toHaveLength(facts);
	});

	test("must be on disk before an attempt that cannot be repeated", () => {
		expect(started({ repeatable: false }).claims(10)).toMatchObject({ state: "go", durable: true });
	});

	test("of one step leaves the others to be claimed", () => {
		const given = started({ id: "a" }, { id: "b" });
		given.claims(1, "a");
		expect(given.claims(2, "b").state).toBe("go");
	});
});

describe("a report of the attempt that is under way", () => {
	test("of success ends the step, and the run with its last step", () => {
		const given = started({ id: "a" }, { id: "b" });
		given.attempts(SUCCEEDED, 10, "a");
		expect(given.step("a")).toMatchObject({ status: "succeeded", attempts: 1, due_at: null });
		expect(given.run().status).toBe("running");
		given.attempts(SUCCEEDED, 20, "b");
		expect(given.run()).toMatchObject({ status: "succeeded", finished_at: NOW + 20 });
		expect(given.kinds().slice(2)).toEqual(["attempt.finished", "attempt.finished", "run.finished"]);
	});

	test("of a failure that may pass lets it wait", () => {
		const given = started();
		given.attempts(TRANSIENT, 10);
		expect(given.step()).toMatchObject({ status: "waiting", attempts: 1, dispatches: 0, due_at: NOW + 10 + 999 });
		expect(given.facts.at(-1)).toMatchObject({ kind: "attempt.finished", data: { next_at: NOW + 10 + 999 } });
	});

	test("of a failure that will not pass makes a dead letter; what does not need the step goes on", () => {
		const given = started({ id: "a" }, { id: "b" });
		given.attempts(PERMANENT, 10, "a");
		expect(given.step("a")).toMatchObject({ status: "failed", class: "not_found", reason: "404", attempts: 1 });
		expect(given.run().status).toBe("running");
		given.attempts(SUCCEEDED, 20, "b");
		expect(given.run().status).toBe("partial");
		expect(given.kinds().slice(2)).toEqual([
			"attempt.finished",
			"dead_letter.opened",
			"attempt.finished",
			"run.finished",
		]);
	});

	test("counts though the lease was only remembered, and forgotten in a restart", () => {
		const given = started();
		given.reports(SUCCEEDED, 10, { attempt: 1 });
		expect(given.step()).toMatchObject({ status: "succeeded", attempts: 1 });
	});

	test("of the last attempt that a step has makes a dead letter", () => {
		const given = started({ attempts: 2, base_ms: 1_000 });
		given.attempts(TRANSIENT, 10);
		given.passes(1_009);
		given.attempts(TRANSIENT, 1_020);
		expect(given.step()).toMatchObject({ status: "failed", class: "exhausted", attempts: 2 });
	});
});

describe("a report that comes too late", () => {
	test.each([
		["a failure of an attempt that was given up already", TRANSIENT],
		["a permanent failure of it", PERMANENT],
		["its unknown outcome", UNKNOWN],
	])("is not heard: %s", (_, outcome) => {
		const given = started();
		given.claims(0);
		given.passes(55_000);
		const before = given.step();
		given.reports(outcome, 55_001, { attempt: 1 });
		expect(given.step()).toBe(before);
	});

	test("is not heard while the next attempt is under way", () => {
		const given = started({ base_ms: 1_000 });
		given.attempts(TRANSIENT, 10);
		given.passes(1_009);
		given.claims(1_010);
		given.reports(PERMANENT, 1_020, { attempt: 1 });
		expect(given.step()).toMatchObject({ status: "leased", attempts: 1 });
	});

	test("is not heard if it is about an attempt that never was", () => {
		const given = started();
		given.claims(0);
		given.reports(TRANSIENT, 1, { attempt: 3 });
		expect(given.step()).toMatchObject({ status: "leased", attempts: 0 });
	});

	test("is not heard once the step has failed for good", () => {
		const given = started();
		given.attempts(PERMANENT, 10);
		const before = given.run();
		given.reports(TRANSIENT, 20, { attempt: 2 });
		expect(given.run()).toBe(before);
	});

	test("is not heard by a run that is gone, nor about a step that it does not have", () => {
		const given = started();
		given.reports(SUCCEEDED, 10, { run: "run_x.y", attempt: 1 });
		given.reports(SUCCEEDED, 10, { step: "nobody", attempt: 1 });
		expect(given.state.n).toBe(1);
	});
});

describe("a success is true, however late it comes", () => {
	test("the step that was waiting for its next attempt is not carried out again", () => {
		const given = started();
		given.claims(0);
		given.passes(55_000);
		given.reports(SUCCEEDED, 45_001, { attempt: 1 });
		expect(given.step()).toMatchObject({ status: "succeeded", attempts: 1, due_at: null });
		expect(given.run().status).toBe("succeeded");
		expect(given.claims(45_002).state).toBe("done");
	});

	test("while the next attempt is under way, which then finds that it is done", () => {
		const given = started({ base_ms: 1_000 });
		given.claims(0);
		given.passes(55_000);
		given.passes(56_000);
		given.claims(46_001);
		given.reports(SUCCEEDED, 46_002, { attempt: 1 });
		given.reports(TRANSIENT, 46_003, { attempt: 2 });
		expect(given.step()).toMatchObject({ status: "succeeded", attempts: 1 });
	});

	test("the dead letter is resolved, and the run is what it is now", () => {
		const given = started({ id: "a", repeatable: false, on_unknown: "stop" }, { id: "b" });
		given.attempts(SUCCEEDED, 5, "b");
		given.claims(10, "a");
		given.passes(60_000);
		expect(given.run()).toMatchObject({ status: "partial", finished_at: NOW + 60_000 });
		given.reports(SUCCEEDED, 60_001, { step: "a", attempt: 1 });
		expect(given.run()).toMatchObject({ status: "succeeded", finished_at: NOW + 60_001, resumed: 1 });
		expect(given.step("a")).not.toHaveProperty("class");
		expect(given.step("a")).not.toHaveProperty("reason");
		expect(given.facts.slice(-3)).toMatchObject([
			{ id: "attempt:deal-watch:a:0:1:succeeded", kind: "attempt.finished" },
			{ id: "dead_letter:deal-watch:a:0:resolved", kind: "dead_letter.resolved" },
			{ id: "finished:deal-watch:1", kind: "run.finished", data: { status: "succeeded" } },
		]);
	});

	test("told twice is told once", () => {
		const given = underWay();
		given.attempts(SUCCEEDED, 10);
		const facts = given.facts.length;
		given.reports(SUCCEEDED, 20, { attempt: 1 });
		expect(given.facts).toHaveLength(facts);
	});

	test("no two facts of all this share a name", () => {
		const given = started({ id: "a", repeatable: false, on_unknown: "stop" }, { id: "b" }, { id: "c" });
		for (const step of ["a", "b", "c"]) given.claims(10, step);
		given.reports(PERMANENT, 20, { step: "b" });
		given.reports(PERMANENT, 20, { step: "c" });
		given.passes(60_000);
		given.reports(SUCCEEDED, 60_001, { step: "a", attempt: 1 });
		given.reports(SUCCEEDED, 60_002, { step: "b", attempt: 1 });
		const names = given.facts.map(({ id }) => id);
		expect(new Set(names).size).toBe(names.length);
		expect(given.kinds().filter((kind) => kind === "run.finished")).toHaveLength(3);
	});
});

describe("a step whose connection has to wait", () => {
	const postpone = (given: Given, ms: number, until = given.step().due_at ?? 0) =>
		given.turn(20, (turn) =>
			postponeStep(given.state, turn, { run: given.run().id, step: "tell" }, { lease: { until }, sendAt: NOW + ms }),
		);

	test("is given back untried, until then", () => {
		const given = started();
		given.claims(10);
		postpone(given, MINUTE);
		expect(given.step()).toMatchObject({ status: "waiting", attempts: 0, due_at: NOW + MINUTE });
		expect(given.kinds()).toEqual(["event.received", "run.started"]);
		given.passes(MINUTE);
		expect(given.step()).toMatchObject({ status: "ready", dispatches: 1 });
	});

	test("is waiting: what somebody else may say of the attempt that was given back is not heard", () => {
		const given = started();
		given.claims(10);
		postpone(given, MINUTE);
		given.reports(PERMANENT, 30, { attempt: 1 });
		expect(given.step()).toMatchObject({ status: "waiting", attempts: 0 });
	});

	test.each(["ready", "queued", "waiting", "succeeded", "failed"] as const)(
		"is not given back by somebody who does not have it: %s",
		(status) => {
			const given = underWay();
			BRING[status](given);
			const before = given.step();
			postpone(given, MINUTE);
			expect(given.step()).toBe(before);
		},
	);

	test("is not given back by somebody whose lease is over, for somebody else may be at it", () => {
		const given = started();
		given.claims(10);
		const first = given.step().due_at ?? 0;
		given.passes(first - NOW);
		const again = (given.step().due_at ?? 0) - NOW;
		given.passes(again);
		given.claims(again);
		const second = given.step();
		postpone(given, MINUTE, first);
		expect(given.step()).toBe(second);
		expect(second.status).toBe("leased");
	});

	test("is not tried any more if its run was called off meanwhile", () => {
		const given = started();
		given.claims(0);
		given.turn(5, (turn) => cancelRun(given.state, turn, runOf(1), { by: "ada", reason: "no", compensate: false }));
		postpone(given, MINUTE);
		expect(given.step().status).toBe("cancelled");
	});

	test("of a run that is gone needs nothing", () => {
		const given = started();
		for (const ids of [
			{ run: "run_x.y", step: "tell" },
			{ run: runOf(1), step: "nobody" },
		])
			given.turn(20, (turn) => postponeStep(given.state, turn, ids, { lease: { until: NOW }, sendAt: NOW }));
		expect(given.state.n).toBe(1);
	});
});

describe("a step whose connection has no room", () => {
	const park = (given: Given, at = 20, until = given.step().due_at ?? 0) =>
		given.turn(at, (turn) =>
			parkStep(given.state, turn, { run: given.run().id, step: "tell" }, { lease: { until }, random: 0.5 }),
		);
	const call = (given: Given, at = 30, step = "tell") =>
		given.turn(at, (turn) => callStep(given.state, turn, runOf(1), step));

	test("waits untried until it is called, and is sent then", () => {
		const given = started();
		given.claims(10);
		park(given);
		expect(given.step()).toMatchObject({ status: "held", attempts: 0 });
		expect(given.kinds()).toEqual(["event.received", "run.started"]);
		given.passes(PARKED_MS);
		expect(given.step().status).toBe("held");
		given.dispatched.length = 0;
		expect(call(given, PARKED_MS)).toBe("coming");
		expect(given.step()).toMatchObject({ status: "ready", dispatches: 1 });
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
	});

	test("comes by itself in the end, if its call was lost", () => {
		const given = started();
		given.claims(10);
		park(given, 0);
		given.passes(1.5 * PARKED_MS);
		expect(given.step()).toMatchObject({ status: "ready", dispatches: 1 });
	});

	test("is not taken from whoever has it by now, if it is told late", () => {
		const given = started();
		given.claims(10);
		const until = given.step().due_at ?? 0;
		park(given);
		call(given, 30);
		given.claims(40);
		park(given, 50, until);
		expect(given.step().status).toBe("leased");
	});

	test("is called in vain while somebody has it, which may be he who is just parking it", () => {
		const given = started();
		given.claims(10);
		expect(call(given)).toBe("busy");
		expect(given.step().status).toBe("leased");
	});

	test.each(["ready", "queued", "waiting", "succeeded", "failed"] as const)(
		"is neither parked nor called by mistake: %s",
		(status) => {
			const given = underWay();
			BRING[status](given);
			const before = given.step();
			park(given);
			expect(call(given)).toBe("gone");
			expect(given.step()).toBe(before);
		},
	);

	test("of a run that is gone needs nothing", () => {
		const given = started();
		expect(given.turn(30, (turn) => callStep(given.state, turn, "run_x.y", "tell"))).toBe("gone");
		expect(call(given, 30, "nobody")).toBe("gone");
		expect(given.state.n).toBe(1);
	});
});

describe("a step that no consumer survives", () => {
	test.each(["ready", "queued"] as const)(
		"is sent again, since nobody had it yet and a neighbour may be the cause: %s",
		(status) => {
			const given = started();
			BRING[status](given);
			crash(given, 50);
			expect(given.step()).toMatchObject({ status: "ready", dispatches: 2, attempts: 0 });
			expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
		},
	);

	test.each(["ready", "queued", "leased"] as const)(
		"ends in the dead letters after three times, or in hand: %s",
		(status) => {
			const given = started();
			if (status !== "leased") for (const at of [20, 30]) crash(given, at);
			BRING[status](given);
			crash(given, 50);
			expect(given.step()).toMatchObject({ status: "failed", class: "consumer_crash", due_at: null, attempts: 0 });
			expect(given.step().reason).toContain("every time");
			expect(given.kinds().slice(-3)).toEqual(["step.ended", "dead_letter.opened", "run.finished"]);
		},
	);

	test.each(["waiting", "succeeded", "failed"] as const)("and is %s by now stays so", (status) => {
		const given = underWay();
		BRING[status](given);
		const before = given.step();
		crash(given, 50);
		expect(given.step()).toBe(before);
	});

	test("leaves the others of its run to go on", () => {
		const given = started({ id: "a" }, { id: "b" });
		for (const at of [30, 40, 50]) crash(given, at, "a");
		expect(given.run().status).toBe("running");
		expect(given.kinds().at(-1)).toBe("dead_letter.opened");
	});

	test("of a run that is gone needs nothing", () => {
		const given = started();
		given.turn(20, (turn) => crashStep(given.state, turn, "run_x.y", "tell"));
		crash(given, 30, "nobody");
		expect(given.state.n).toBe(1);
	});
});

describe("a step whose workflow is paused", () => {
	const hold = (given: Given, at: number, until: number, step = "tell", run = runOf(1)) =>
		given.turn(at, (turn) => holdStep(given.state, turn, run, step, NOW + until));
	const release = (given: Given, at: number, workflow = "deal-watch") =>
		given.turn(at, (turn) => releaseSteps(given.state, turn, workflow));

	test.each(["ready", "queued"] as const)("is held, untried, until then: %s", (status) => {
		const given = underWay();
		BRING[status](given);
		hold(given, 10, DAY);
		expect(given.step()).toMatchObject({ status: "held", attempts: 0, due_at: NOW + 10 + MINUTE });
		expect(given.claims(20)).toEqual({ state: "busy" });
		given.passes(MINUTE + 10);
		expect(given.dispatched).toContain(`${runOf(1)} tell`);
		expect(given.step()).toMatchObject({ status: "ready", dispatches: 1 });
	});

	test.each(["leased", "waiting", "succeeded", "failed"] as const)("is not held once it is %s", (status) => {
		const given = underWay();
		BRING[status](given);
		const before = given.step();
		hold(given, 50, DAY);
		expect(given.step()).toBe(before);
	});

	test("is looked at again after a minute, and less and less often, at the latest when it is said", () => {
		const given = started();
		let at = 10;
		for (const minutes of [1, 2, 4, 5, 5]) {
			hold(given, at, at + 5 * MINUTE);
			expect(given.step().due_at).toBe(NOW + at + minutes * MINUTE);
			at += minutes * MINUTE;
			given.passes(at);
		}
	});

	test("of a run that is gone needs nothing", () => {
		const given = started();
		hold(given, 10, DAY, "tell", "run_x.y");
		hold(given, 10, DAY, "nobody");
		expect(given.state.n).toBe(1);
	});

	test("is sent when the workflow goes on; those of others stay held", () => {
		const given = started({ id: "a" }, { id: "b" });
		given.arrives(event(2), plan(undefined, { workflow: "other" }), 1);
		hold(given, 10, DAY, "a");
		hold(given, 10, DAY, "tell", runOf(2, "other"));
		release(given, 20);
		expect(given.dispatched).toEqual([`${runOf(1)} a`]);
		expect(given.step("a")).toMatchObject({ status: "ready", dispatches: 1, due_at: NOW + 1_020 });
		expect(given.step("tell", runOf(2, "other")).status).toBe("held");
		release(given, 30, "other");
		expect(given.dispatched).toEqual([`${runOf(2, "other")} tell`]);
	});
});

test("a step that waits for others, people or a time is not there to be claimed", () => {
	const given = started(
		{ id: "ask", use: "approve", connection: null, input: { of: ["legal"], within: "1h" } },
		{ id: "wait", use: "wait", connection: null, input: { for: "1h" } },
		{ id: "each", for_each: "[1]" },
		{ id: "last", needs: { all: ["each"] } },
	);
	for (const id of ["ask", "wait", "each", "last"]) expect([id, given.claims(1, id).state]).toEqual([id, "busy"]);
	expect(given.step("wait").status).toBe("sleeping");
	given.passes(3_600_000);
	expect(given.step("wait").status).toBe("succeeded");
	expect(given.step("ask")).toMatchObject({ status: "failed", class: "timeout" });
	expect(given.claims(3_600_001, "wait").state).toBe("done");
});

test("a crash leaves in doubt what a consumer had", () => {
	const [taken, sent] = [started(), started()];
	taken.claims(10);
	crash(taken, 50);
	crash(sent, 50);
	expect(taken.step()).toMatchObject({ status: "failed", doubtful: true });
	expect(sent.step()).not.toHaveProperty("doubtful");
});
