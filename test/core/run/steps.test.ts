// Steps of a run begin, are skipped, fan out and are gathered.

import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/model/json";
import type { StepPlan } from "../../../src/model/plan";
import { event, PERMANENT, runOf, SUCCEEDED, TRANSIENT } from "./given";
import { needs, sent, started, statuses } from "./operators";

describe("steps without needs", () => {
	test("are all sent when the run starts", () => {
		expect(sent(started([{ id: "a" }, { id: "b" }]))).toEqual(["a", "b"]);
	});

	test("go their own ways: the outage of one neither delays nor fails the other", () => {
		const given = started([{ id: "a" }, { id: "b" }, { id: "a2", ...needs("a") }, { id: "b2", ...needs("b") }]);
		given.attempts(TRANSIENT, 10, "a");
		given.attempts(SUCCEEDED, 20, "b");
		expect(sent(given)).toEqual(["b2"]);
		expect(statuses(given)).toEqual({ a: "waiting", b: "succeeded", a2: "pending", b2: "ready" });
		given.attempts(SUCCEEDED, 30, "b2");
		given.passes(5_000);
		given.attempts(PERMANENT, 5_001, "a");
		expect(statuses(given)).toEqual({ a: "failed", b: "succeeded", a2: "skipped", b2: "succeeded" });
		expect(given.run().status).toBe("partial");
	});
});

describe("a step that needs others", () => {
	test("is sent when the last of them has succeeded, in the same turn", () => {
		const given = started([{ id: "a" }, { id: "b" }, { id: "c", ...needs("a", "b") }]);
		given.attempts(SUCCEEDED, 10, "a");
		expect(given.step("c")).toMatchObject({ status: "pending", due_at: null, dispatches: 0 });
		given.claims(20, "b");
		given.reports(SUCCEEDED, 20, { step: "b" });
		expect(given.dispatched).toEqual([`${runOf(1)} c`]);
		expect(given.step("c")).toMatchObject({ status: "ready", dispatches: 1 });
	});

	test("stands before them in the document, and is sent all the same", () => {
		const given = started([{ id: "last", ...needs("first") }, { id: "first" }]);
		given.attempts(SUCCEEDED, 10, "first");
		expect(statuses(given)).toEqual({ last: "ready", first: "succeeded" });
	});

	test("is sent once any of them has succeeded", () => {
		const any = { needs: { all: [], some: { at_least: 1, of: ["a", "b"] } } };
		const given = started([{ id: "a" }, { id: "b" }, { id: "c", ...any }]);
		given.attempts(SUCCEEDED, 10, "b");
		expect(given.step("c").status).toBe("ready");
		given.attempts(PERMANENT, 20, "a");
		given.attempts(SUCCEEDED, 30, "c");
		expect(given.dispatched).toEqual([]);
		expect(given.run().status).toBe("partial");
	});

	test("is skipped as blocked once they can no longer succeed, and so is what needs it", () => {
		const given = started([{ id: "c", ...needs("b") }, { id: "b", ...needs("a") }, { id: "a" }]);
		given.attempts(PERMANENT, 10, "a");
		expect(given.step("b")).toMatchObject({ status: "skipped", blocked: true, reason: "needs a: a failed" });
		expect(given.step("c")).toMatchObject({ status: "skipped", blocked: true, reason: "needs b: b was skipped" });
		expect(given.facts.slice(-3)).toMatchObject([
			{ id: "ended:deal-watch:b:0:skipped", kind: "step.ended", data: { status: "skipped" } },
			{ id: "ended:deal-watch:c:0:skipped", data: { status: "skipped", reason: "needs b: b was skipped" } },
			{ kind: "run.finished", data: { status: "failed" } },
		]);
	});

	test("is skipped, not blocked, where nothing failed: another try would change nothing", () => {
		const given = started([
			{ id: "a", if: "false" },
			{ id: "b", ...needs("a") },
		]);
		expect(given.step("a")).toMatchObject({ status: "skipped", reason: "if is false" });
		expect(given.step("b")).toMatchObject({ status: "skipped", reason: "needs a: a was skipped" });
		expect(given.step("b")).not.toHaveProperty("blocked");
		expect(given.run().status).toBe("succeeded");
	});

	test("goes on as if nothing had happened after a failure that its author expected", () => {
		const given = started([
			{ id: "a", continue_on_error: true },
			{ id: "b", ...needs("a") },
		]);
		given.attempts(PERMANENT, 10, "a");
		expect(statuses(given)).toEqual({ a: "failed", b: "ready" });
		given.attempts(SUCCEEDED, 20, "b");
		expect(given.run().status).toBe("succeeded");
		expect(given.kinds()).not.toContain("dead_letter.opened");
	});
});

describe("a step for each element of a list", () => {
	const each = (n: number, more: Partial<StepPlan> = {}): Partial<StepPlan> => ({
		id: "each",
		for_each: JSON.stringify(Array.from({ length: n }, (_, i) => `e${i}`)),
		...more,
	});

	test("becomes as many, each with its element and its place", () => {
		const given = started([each(3), { id: "after", ...needs("each") }]);
		expect(sent(given)).toEqual(["each.0", "each.1", "each.2"]);
		expect(statuses(given)).toMatchObject({ each: "fanned_out", after: "pending" });
		expect(given.step("each.1")).toMatchObject({ kind: "item", item: { index: 1, value: "e1" }, plan: { id: "each" } });
	});

	test("succeeds with the last of them, and what needs it goes on", () => {
		const given = started([each(2), { id: "after", ...needs("each") }]);
		given.attempts(SUCCEEDED, 10, "each.1");
		expect(given.step("each").status).toBe("fanned_out");
		given.attempts(SUCCEEDED, 20, "each.0");
		expect(statuses(given)).toMatchObject({ each: "succeeded", after: "ready" });
		expect(given.facts.at(-1)).toMatchObject({ id: "ended:deal-watch:each:0:succeeded", kind: "step.ended" });
	});

	test("has ten on their way at a time", () => {
		const given = started([each(25)]);
		expect(sent(given)).toHaveLength(10);
		given.attempts(SUCCEEDED, 10, "each.3");
		expect(given.step("each.10").status).toBe("ready");
		expect(given.step("each.11").status).toBe("pending");
	});

	test.each([
		[1, 1],
		[2, 2],
		[100, 25],
	])("has as many on their way as its author allows: %i", (concurrency, open) => {
		expect(sent(started([each(25, { concurrency })]))).toHaveLength(open);
	});

	test("counts those that wait for their next attempt among those on their way", () => {
		const given = started([each(3, { concurrency: 1 })]);
		given.attempts(TRANSIENT, 10, "each.0");
		expect(statuses(given)).toMatchObject({ "each.0": "waiting", "each.1": "pending" });
		given.passes(5_000);
		given.attempts(PERMANENT, 5_001, "each.0");
		expect(statuses(given)).toMatchObject({ "each.0": "failed", "each.1": "ready", "each.2": "pending" });
	});

	test("has a bound of its own, whatever others have on their way", () => {
		const given = started([each(3, { concurrency: 1 }), each(3, { id: "other", concurrency: 2 })]);
		expect(sent(given)).toEqual(["each.0", "other.0", "other.1"]);
	});

	test("fails with its items, when all have ended, and leaves the letters to them", () => {
		const given = started([each(3), { id: "after", ...needs("each") }]);
		given.attempts(PERMANENT, 10, "each.1");
		given.attempts({ kind: "permanent", class: "auth", reason: "401" }, 20, "each.2");
		expect(statuses(given)).toMatchObject({ each: "fanned_out", "each.0": "ready" });
		given.attempts(SUCCEEDED, 30, "each.0");
		expect(given.step("each")).toMatchObject({
			status: "failed",
			class: "not_found",
			reason: "2 of 3 failed, the first with: 404",
		});
		expect(given.step("after")).toMatchObject({ status: "skipped", blocked: true });
		const letters = given.facts.filter(({ kind }) => kind === "dead_letter.opened");
		expect(letters.map(({ step }) => step)).toEqual(["each.1", "each.2"]);
		expect(given.run().status).toBe("failed");
	});

	test("whose failure was expected opens no letter, and what needs it goes on", () => {
		const given = started([each(2, { continue_on_error: true }), { id: "after", ...needs("each") }]);
		given.attempts(PERMANENT, 10, "each.0");
		given.attempts(SUCCEEDED, 20, "each.1");
		expect(statuses(given)).toMatchObject({ each: "failed", after: "ready" });
		expect(given.kinds()).not.toContain("dead_letter.opened");
	});

	test("reads what came before, and later steps read what its items answered, in the order of the list", () => {
		const lines = [{ id: "lines" }, { id: "each", for_each: "steps.lines.output.all", ...needs("lines") }];
		const given = started([...lines, { id: "after", if: "steps.each.output[1].n == 1", ...needs("each") }]);
		const output: Json = { all: [{ n: 7 }, { n: 8 }] };
		given.attempts({ kind: "succeeded", output }, 10, "lines");
		expect(given.step("each.1").item).toEqual({ index: 1, value: { n: 8 } });
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 20, "each.1");
		given.attempts({ kind: "succeeded", output: { n: 0 } }, 30, "each.0");
		expect(given.step("after").status).toBe("ready");
	});
});

test("everything that one report makes possible happens in one turn, and nothing happens twice", () => {
	const given = started([
		{ id: "a" },
		{ id: "b", if: "false", ...needs("a") },
		{ id: "c", needs: { all: [], some: { at_least: 1, of: ["b", "d"] } } },
		{ id: "d", for_each: "[1, 2]", ...needs("a") },
		{ id: "e", for_each: "[]", ...needs("a") },
		{ id: "f", ...needs("e") },
	]);
	given.claims(10, "a");
	given.reports(SUCCEEDED, 10, { step: "a" });
	expect(sent(given)).toEqual(["f", "d.0", "d.1"]);
	expect(statuses(given)).toMatchObject({ b: "skipped", c: "pending", d: "fanned_out", e: "succeeded", f: "ready" });
	const told = given.facts.map(({ id }) => id);
	expect(new Set(told).size).toBe(told.length);
	expect(given.run().event_id).toBe(event(1).id);
});
