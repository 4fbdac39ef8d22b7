// Compensation: what succeeded is taken back, one thing after the other, newest first.

import { describe, expect, test } from "vitest";
import { isUndone, leftInTheWorld, nextUndo, toUndo, undoneBy, undoPlan } from "../../../src/core/run/undo";
import { type Given, NOW, PERMANENT, SUCCEEDED, stepPlan, stepState, TRANSIENT, UNKNOWN } from "./given";
import { discards, needs, resumesStep, sent, started, statuses, undo, undoable } from "./operators";

const BLIND = { repeatable: false, on_unknown: "stop" as const, timeout_ms: 20_000 };

/** Three steps that have succeeded in this order, and a fourth that has failed. */
function failedAfter(...order: string[]): Given {
	const steps = [undoable("a"), undoable("b"), undoable("c"), { id: "last", ...needs("a", "b", "c") }];
	const given = started(steps, { compensate: true });
	for (const [n, id] of order.entries()) given.attempts(SUCCEEDED, 10 + n, id);
	given.attempts(PERMANENT, 20, "last");
	return given;
}

function lastOf(given: Given, kind: string) {
	return given.facts.findLast((fact) => fact.kind === kind);
}

describe("steps are undone in the order in which they succeeded, newest first", () => {
	test.each([
		[
			["a", "b", "c"],
			["c.undo", "b.undo", "a.undo"],
		],
		[
			["c", "a", "b"],
			["b.undo", "a.undo", "c.undo"],
		],
	])("%s", (order, undone) => {
		const given = failedAfter(...order);
		expect(given.run().status).toBe("compensating");
		const seen = undone.map((id, n) => {
			const [next] = sent(given);
			given.claims(30 + n, id);
			given.reports(SUCCEEDED, 30 + n, { step: id });
			return next;
		});
		expect(seen).toEqual(undone);
		expect(given.run()).toMatchObject({ status: "compensated", finished_at: NOW + 32 });
		expect(lastOf(given, "run.finished")?.data).not.toHaveProperty("left");
	});

	test("one at a time", () => {
		const given = failedAfter("a", "b", "c");
		expect(sent(given)).toEqual(["c.undo"]);
		given.attempts(TRANSIENT, 30, "c.undo");
		expect(statuses(given)).toMatchObject({ "c.undo": "waiting" });
		expect(given.run().steps).toHaveLength(5);
		expect(given.run().status).toBe("compensating");
	});

	test("told once, with all that is to be undone", () => {
		const given = failedAfter("a", "b", "c");
		for (const [n, id] of ["c.undo", "b.undo", "a.undo"].entries()) given.attempts(SUCCEEDED, 30 + n, id);
		const told = given.facts.filter(({ kind }) => kind === "run.compensating");
		expect(told).toMatchObject([{ id: "compensating:deal-watch:0", at: NOW + 20, data: { steps: ["c", "b", "a"] } }]);
	});

	test("items one by one, and not the step that they are of", () => {
		const each = { ...undoable("each"), for_each: "[1, 2, 3]" };
		const given = started([each, { id: "last", ...needs("each") }], { compensate: true });
		for (const [n, id] of ["each.1", "each.2", "each.0"].entries()) given.attempts(SUCCEEDED, 10 + n, id);
		given.attempts(PERMANENT, 20, "last");
		expect(lastOf(given, "run.compensating")?.data.steps).toEqual(["each.0", "each.2", "each.1"]);
		for (const [n, id] of ["each.0.undo", "each.2.undo", "each.1.undo"].entries()) {
			expect(given.run().steps.filter(({ kind }) => kind === "undo")).toHaveLength(n + 1);
			given.attempts(SUCCEEDED, 30 + n, id);
		}
		expect(given.run().status).toBe("compensated");
	});
});

describe("a step is never undone", () => {
	test.each([
		["that only reads", { ...undoable("a"), reads: true as const }],
		["that asks people", { ...undoable("a"), use: "approve", connection: null }],
		["that nothing can undo", { id: "a" }],
	])("%s", (_, plan) => {
		const done = stepState({ id: "a", plan: stepPlan(plan), status: "succeeded", succeeded_as: 1 });
		const run = { ...started([{}]).run(), steps: [done] };
		expect(toUndo(run)).toEqual([]);
		expect(nextUndo(run)).toEqual({ kind: "done" });
	});

	test.each(["failed", "skipped", "cancelled", "pending"] as const)("that %s without an effect", (status) => {
		const step = stepState({ id: "a", plan: stepPlan(undoable("a")), status });
		expect(toUndo({ ...started([{}]).run(), steps: [step] })).toEqual([]);
	});

	test.each(["undo", "on_failure", "start"] as const)("that is no step of the work, but one of %s", (kind) => {
		const step = stepState({ id: "a", kind, plan: stepPlan(undoable("a")), status: "succeeded" });
		expect(toUndo({ ...started([{}]).run(), steps: [step] })).toEqual([]);
	});

	test("that cannot be undone, which is left in the world and told", () => {
		const given = started([undoable("a"), { id: "b", ...needs("a") }, { id: "c", ...needs("b") }], {
			compensate: true,
		});
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(SUCCEEDED, 11, "b");
		given.attempts(PERMANENT, 12, "c");
		expect(sent(given)).toEqual(["a.undo"]);
		given.attempts(SUCCEEDED, 13, "a.undo");
		expect(given.run().status).toBe("compensated");
		expect(lastOf(given, "run.finished")?.data).toMatchObject({ left: ["b (chat.post)"] });
	});
});

describe("an undo that failed", () => {
	function stuck(): Given {
		const given = failedAfter("a", "b", "c");
		given.attempts(SUCCEEDED, 30, "c.undo");
		given.attempts(PERMANENT, 31, "b.undo");
		return given;
	}

	test("stops the older ones, because it may rest on them, and says what is left", () => {
		const given = stuck();
		expect(given.run()).toMatchObject({ status: "compensation_failed", finished_at: NOW + 31 });
		expect(statuses(given)).not.toHaveProperty(["a.undo"]);
		expect(lastOf(given, "dead_letter.opened")).toMatchObject({
			step: "b.undo",
			data: { class: "not_found", left: ["a (chat.post)", "b (chat.post)"] },
		});
		expect(lastOf(given, "run.finished")?.data).toMatchObject({
			status: "compensation_failed",
			left: ["a (chat.post)", "b (chat.post)"],
		});
	});

	test("and was discarded lets the older ones go on, and is left", () => {
		const given = stuck();
		expect(discards(given, 40, "b.undo")).toBe("ok");
		expect(sent(given)).toEqual(["a.undo"]);
		expect(given.run()).toMatchObject({ status: "compensating", finished_at: null });
		given.attempts(SUCCEEDED, 50, "a.undo");
		expect(given.run().status).toBe("compensation_failed");
		expect(lastOf(given, "run.finished")).toMatchObject({
			id: "finished:deal-watch:1",
			data: { left: ["b (chat.post)"] },
		});
	});

	test("and is retried goes on to the end", () => {
		const given = stuck();
		expect(resumesStep(given, 40, "b.undo")).toBe("ok");
		expect(sent(given)).toEqual(["b.undo"]);
		expect(given.run().status).toBe("compensating");
		given.attempts(SUCCEEDED, 50, "b.undo");
		given.attempts(SUCCEEDED, 60, "a.undo");
		expect(given.run().status).toBe("compensated");
		expect(lastOf(given, "dead_letter.resolved")).toMatchObject({ step: "b.undo" });
		expect(given.facts.filter(({ kind }) => kind === "run.compensating")).toHaveLength(1);
	});

	test("and turns out to have succeeded goes on to the end", () => {
		const given = stuck();
		given.reports(SUCCEEDED, 40, { step: "b.undo", attempt: 1 });
		expect(given.run().status).toBe("compensating");
		given.attempts(SUCCEEDED, 60, "a.undo");
		expect(given.run().status).toBe("compensated");
	});

	test("has retries of its own", () => {
		const own = { ...undoable("a"), attempts: 1, undo: undo({ attempts: 2, base_ms: 0 }) };
		const given = started([own, { id: "b", ...needs("a") }], { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		given.attempts(TRANSIENT, 30, "a.undo");
		expect(given.step("a.undo")).toMatchObject({ status: "waiting", plan: { use: "chat.delete", attempts: 2 } });
	});
});

describe("a step of which nobody knows whether it took effect", () => {
	function doubted(): Given {
		const given = started([undoable("a"), undoable("b", BLIND)], { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(UNKNOWN, 20, "b");
		return given;
	}

	test("is undone first, once what is still on its way has had its time", () => {
		const given = doubted();
		expect(sent(given)).toEqual([]);
		expect(given.step("b.undo")).toMatchObject({ status: "waiting", due_at: NOW + 20 + 20_000, attempts: 0 });
		expect(given.run().status).toBe("compensating");
		given.passes(20_020);
		expect(sent(given)).toEqual(["b.undo"]);
		given.attempts(SUCCEEDED, 20_030, "b.undo");
		given.attempts(SUCCEEDED, 20_040, "a.undo");
		expect(given.run().status).toBe("compensated");
	});

	test("is perhaps left, if it cannot be undone", () => {
		const given = doubted();
		given.passes(20_020);
		given.attempts(PERMANENT, 20_030, "b.undo");
		expect(lastOf(given, "run.finished")?.data.left).toEqual([
			"a (chat.post)",
			"b (chat.post), perhaps: nobody knows whether it took effect",
		]);
	});

	test("is undone at once where it turned out to have succeeded before", () => {
		const given = started([undoable("a", { ...BLIND, on_unknown: "retry" }), { id: "b" }], { compensate: true });
		given.attempts(UNKNOWN, 10, "a");
		given.reports(SUCCEEDED, 20, { step: "a", attempt: 1 });
		expect(given.step("a")).not.toHaveProperty("doubtful");
		given.attempts(PERMANENT, 30, "b");
		expect(given.step("a.undo").status).toBe("ready");
	});
});

describe("a success that comes late", () => {
	test("after undoing has begun, is undone too", () => {
		const given = started([undoable("a"), undoable("b"), { id: "c" }], { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(TRANSIENT, 11, "b");
		given.attempts(PERMANENT, 12, "c");
		expect(statuses(given)).toEqual({ a: "succeeded", b: "cancelled", c: "failed", "a.undo": "ready" });
		given.reports(SUCCEEDED, 13, { step: "b", attempt: 1 });
		expect(given.run().status).toBe("compensating");
		given.attempts(SUCCEEDED, 14, "a.undo");
		expect(given.step("b.undo").status).toBe("ready");
		given.attempts(SUCCEEDED, 15, "b.undo");
		expect(given.run().status).toBe("compensated");
	});

	test("after the run was undone, is undone too, as long as the run is kept", () => {
		const given = started([undoable("a"), undoable("b"), { id: "c" }], { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(TRANSIENT, 11, "b");
		given.attempts(PERMANENT, 12, "c");
		given.attempts(SUCCEEDED, 14, "a.undo");
		expect(given.run().status).toBe("compensated");
		given.reports(SUCCEEDED, 20, { step: "b", attempt: 1 });
		expect(given.run().status).toBe("compensating");
		expect(given.step("b.undo").status).toBe("ready");
		given.attempts(SUCCEEDED, 30, "b.undo");
		expect(given.run().status).toBe("compensated");
		expect(given.facts.filter(({ kind }) => kind === "run.finished").map(({ id }) => id)).toEqual([
			"finished:deal-watch:0",
			"finished:deal-watch:1",
		]);
	});
});

test("what is left is told of every run, undone or not", () => {
	const run = failedAfter("a", "b", "c").run();
	expect(leftInTheWorld(run)).toEqual(["a (chat.post)", "b (chat.post)", "c (chat.post)"]);
	expect(isUndone(run)).toBe(true);
	expect(isUndone(started([{}]).run())).toBe(false);
});

test("an undo is carried out as its own action, and needs nothing: its turn has come", () => {
	const plan = stepPlan({ ...undoable("a"), ...needs("x"), if: "false", for_each: "[]" });
	const expected = { ...undo(), id: "a" };
	const { natural: _, ...attempts } = expected;
	expect(undoPlan(stepState({ plan }))).toEqual(attempts);
	expect(undoPlan(stepState())).toBeUndefined();
});

test("an undo knows the step that it takes back", () => {
	const given = failedAfter("a", "b", "c");
	expect(undoneBy(given.run(), given.step("c.undo"))?.id).toBe("c");
	expect(undoneBy(given.run(), given.step("c"))).toBeUndefined();
});
