// A run that was over goes on, because something of it turned out to have succeeded.

import { describe, expect, test } from "vitest";
import { reopened } from "../../../src/core/run/reopen";
import { NOW, PERMANENT, SUCCEEDED, TRANSIENT, UNKNOWN } from "./given";
import { cancels, needs, resumes, started, statuses, undoable } from "./operators";

const BLIND = { repeatable: false, on_unknown: "stop" as const };

describe("the late success of a step that had failed", () => {
	test("lets those begin that needed it, and those that need them", () => {
		const given = started([
			{ id: "a", ...BLIND },
			{ id: "b", ...needs("a") },
			{ id: "c", ...needs("b") },
		]);
		given.attempts(UNKNOWN, 10, "a");
		expect(given.run()).toMatchObject({ status: "failed", finished_at: NOW + 10 });
		given.reports(SUCCEEDED, 20, { step: "a", attempt: 1 });
		expect(statuses(given)).toEqual({ a: "succeeded", b: "ready", c: "pending" });
		expect(given.run()).toMatchObject({ status: "running", finished_at: null, resumed: 1 });
		given.attempts(SUCCEEDED, 30, "b");
		given.attempts(SUCCEEDED, 40, "c");
		expect(given.run()).toMatchObject({ status: "succeeded", finished_at: NOW + 40 });
		expect(given.facts.map(({ kind }) => kind)).toContain("dead_letter.resolved");
	});

	test("lets them begin in a run that was still open", () => {
		const given = started([{ id: "a", ...BLIND }, { id: "b", ...needs("a") }, { id: "other" }]);
		given.attempts(UNKNOWN, 10, "a");
		given.reports(SUCCEEDED, 20, { step: "a", attempt: 1 });
		expect(statuses(given)).toEqual({ a: "succeeded", b: "ready", other: "ready" });
	});

	test("begins nothing that was skipped for another reason", () => {
		const given = started([
			{ id: "a", ...BLIND },
			{ id: "b", if: "false" },
			{ id: "c", ...needs("b") },
		]);
		given.attempts(UNKNOWN, 10, "a");
		given.reports(SUCCEEDED, 20, { step: "a", attempt: 1 });
		expect(statuses(given)).toEqual({ a: "succeeded", b: "skipped", c: "skipped" });
		expect(given.run().status).toBe("succeeded");
	});

	test("gathers its list again, if it is an element of one", () => {
		const each = { id: "each", for_each: "[1, 2]", ...BLIND };
		const given = started([each, { id: "after", ...needs("each") }]);
		given.attempts(SUCCEEDED, 10, "each.0");
		given.attempts(UNKNOWN, 20, "each.1");
		expect(statuses(given)).toMatchObject({ each: "failed", after: "skipped" });
		given.reports(SUCCEEDED, 30, { step: "each.1", attempt: 1 });
		expect(statuses(given)).toMatchObject({ each: "succeeded", after: "ready" });
	});

	test("resolves no letter where none was opened, because its author expected the failure", () => {
		const given = started([{ id: "a", ...BLIND, continue_on_error: true }, { id: "other" }]);
		given.attempts(UNKNOWN, 10, "a");
		given.reports(SUCCEEDED, 20, { step: "a", attempt: 1 });
		expect(given.step("a").status).toBe("succeeded");
		expect(given.kinds()).not.toContain("dead_letter.resolved");
	});

	test("in a run that was stopped sends what was stopped, unless something else has failed", () => {
		const steps = [{ id: "a", ...BLIND }, { id: "b" }, { id: "c", ...needs("b") }];
		const given = started(steps, { compensate: true });
		given.attempts(UNKNOWN, 10, "a");
		expect(statuses(given)).toEqual({ a: "failed", b: "skipped", c: "skipped" });
		given.reports(SUCCEEDED, 20, { step: "a", attempt: 1 });
		expect(statuses(given)).toEqual({ a: "succeeded", b: "ready", c: "pending" });
	});

	test("cannot stop an undoing that has begun", () => {
		const steps = [undoable("a", BLIND), undoable("b"), { id: "c", ...needs("a") }];
		const given = started(steps, { compensate: true });
		given.attempts(SUCCEEDED, 5, "b");
		given.attempts(UNKNOWN, 10, "a");
		given.reports(SUCCEEDED, 20, { step: "a", attempt: 1 });
		expect(statuses(given)).toMatchObject({ a: "succeeded", c: "skipped", "a.undo": "waiting" });
		expect(given.run().status).toBe("compensating");
		given.passes(60_000);
		given.attempts(SUCCEEDED, 60_001, "a.undo");
		given.attempts(SUCCEEDED, 60_002, "b.undo");
		expect(given.run().status).toBe("compensated");
	});
});

test("the late success of a step that was skipped when the run was stopped counts", () => {
	const given = started([{ id: "a" }, { id: "b" }], { compensate: true });
	given.attempts(PERMANENT, 10, "a");
	expect(given.step("b").status).toBe("skipped");
	given.reports(SUCCEEDED, 20, { step: "b", attempt: 1 });
	expect(given.step("b")).toMatchObject({ status: "succeeded", output: { ok: true } });
	expect(given.run()).toMatchObject({ status: "partial", finished_at: NOW + 20, resumed: 1 });
	expect(given.step("b")).not.toHaveProperty("reason");
});

test("a run that was called off stays so, whatever succeeds late", () => {
	const given = started([{ id: "a" }, { id: "b" }, { id: "c", ...needs("a") }]);
	given.attempts(TRANSIENT, 10, "a");
	given.attempts(PERMANENT, 11, "b");
	cancels(given, 20);
	given.reports(SUCCEEDED, 30, { step: "a", attempt: 1 });
	expect(statuses(given)).toEqual({ a: "succeeded", b: "failed", c: "cancelled" });
	expect(given.run()).toMatchObject({ status: "cancelled", finished_at: NOW + 30 });
	expect(resumes(given, 40)).toBe("conflict");
});

describe("reopening", () => {
	const given = started([{ id: "a" }, { id: "b", ...needs("a") }, { id: "each", for_each: "[1]" }]);
	given.attempts(PERMANENT, 10, "a");
	given.attempts(PERMANENT, 11, "each.0");

	test("takes the steps as they are given, and counts", () => {
		const next = reopened(given.run(), [{ ...given.step("a"), status: "ready" }]);
		expect(next).toMatchObject({ status: "running", finished_at: null, resumed: 1 });
		expect(next.steps.map(({ id, status }) => [id, status])).toEqual([
			["a", "ready"],
			["b", "pending"],
			["each", "failed"],
			["each.0", "failed"],
		]);
		expect(next.steps[1]).not.toHaveProperty("reason");
	});

	test("of an element opens the step that it is of, and no other", () => {
		const next = reopened(given.run(), [{ ...given.step("each.0"), status: "ready" }]);
		expect(next.steps.map(({ status }) => status)).toEqual(["failed", "pending", "fanned_out", "ready"]);
		expect(next.steps[2]).not.toHaveProperty("class");
	});
});
