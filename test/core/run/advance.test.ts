// What happens to a run when something in it has changed: it is stopped, undone, told of, and ended.

import { describe, expect, test } from "vitest";
import { advance } from "../../../src/core/run/advance";
import type { Fact } from "../../../src/model/fact";
import { type Given, NOW, PERMANENT, SUCCEEDED, TRANSIENT, UNKNOWN } from "./given";
import { needs, resumes, resumesStep, sent, started, statuses, told, undoable } from "./operators";

function namesOf(given: Given, kind: Fact["kind"]): string[] {
	return told(given, kind).map(({ id }) => id);
}

describe("a run", () => {
	test("that is advanced once more stays as it is", () => {
		const given = started([{ id: "a" }, { id: "b", ...needs("a") }]);
		const before = given.run();
		given.turn(5, (turn) => advance(given.state, turn, before.id));
		expect(given.run()).toBe(before);
		expect(given.dispatched).toEqual([]);
	});

	test("that is over, or gone, is left alone", () => {
		const given = started([{}]);
		given.attempts(PERMANENT, 1);
		const before = given.run();
		given.turn(5, (turn) => advance(given.state, turn, before.id));
		given.turn(6, (turn) => advance(given.state, turn, "run_x.y"));
		expect(given.run()).toBe(before);
		expect(given.state.n).toBe(3);
	});

	test("of which every step is skipped is over when it starts", () => {
		const given = started([{ id: "a", if: "false" }]);
		expect(given.run()).toMatchObject({ status: "succeeded", finished_at: NOW });
		expect(given.kinds()).toEqual(["event.received", "run.started", "step.ended", "run.finished"]);
	});

	test("tells how each of its steps ended, but for the elements of lists", () => {
		const given = started([
			{ id: "a", for_each: "[1]" },
			{ id: "b", if: "false" },
		]);
		given.attempts(SUCCEEDED, 10, "a.0");
		expect(given.facts.at(-1)).toMatchObject({
			id: "finished:deal-watch:0",
			data: { status: "succeeded", steps: { a: "succeeded", b: "skipped" }, took_ms: 10 },
		});
		expect(given.facts.at(-1)?.data).not.toHaveProperty("left");
	});
});

describe("a run that is undone when a step of it fails", () => {
	const compensate = true as const;

	test("begins nothing new", () => {
		const steps = [undoable("a"), { id: "b" }, { id: "c", ...needs("a") }, { id: "d", ...needs("a") }];
		const given = started(steps, { compensate });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		expect(given.step("c")).toMatchObject({
			status: "skipped",
			blocked: true,
			due_at: null,
			reason: "b failed, and the run is undone",
		});
		expect(statuses(given)).toMatchObject({ d: "skipped", "a.undo": "ready" });
		expect(given.claims(30, "c")).toEqual({ state: "done" });
	});

	test("waits for what is under way, because nobody could say whether it took effect", () => {
		const given = started([undoable("a"), undoable("b"), { id: "c" }], { compensate });
		given.attempts(SUCCEEDED, 10, "a");
		given.claims(11, "b");
		given.attempts(PERMANENT, 12, "c");
		expect(given.run().status).toBe("running");
		expect(statuses(given)).toEqual({ a: "succeeded", b: "leased", c: "failed" });
		given.reports(SUCCEEDED, 20, { step: "b" });
		expect(sent(given)).toEqual(["b.undo"]);
		expect(given.run().status).toBe("compensating");
	});

	test.each([
		["fails in a way that may pass", TRANSIENT, {}],
		["ends without anybody knowing", UNKNOWN, { doubtful: true }],
	])("does not try again what is under way and %s", (_, outcome, more) => {
		const given = started([undoable("a"), undoable("b"), { id: "c" }], { compensate });
		given.attempts(SUCCEEDED, 10, "a");
		given.claims(11, "b");
		given.attempts(PERMANENT, 12, "c");
		given.reports(outcome, 20, { step: "b" });
		expect(given.step("b")).toMatchObject({ status: "cancelled", due_at: null, attempts: 1, ...more });
		expect(given.run().status).toBe("compensating");
	});

	test("stops when a step fails before it is sent, like any other failure", () => {
		const given = started([{ id: "a", if: "event.data.missing" }, undoable("b"), { id: "c", ...needs("b") }], {
			compensate,
		});
		expect(statuses(given)).toEqual({ a: "failed", b: "skipped", c: "skipped" });
		expect(given.run().status).toBe("failed");
		expect(given.claims(10, "b")).toEqual({ state: "done" });
	});

	test("stops what waits when a step fails with its last item", () => {
		const each = { ...undoable("each"), for_each: "[1, 2]" };
		const given = started([each, undoable("slow", { base_ms: 90_000, cap_ms: 90_000 })], { compensate });
		given.attempts(TRANSIENT, 5, "slow");
		given.attempts(SUCCEEDED, 10, "each.0");
		given.attempts(PERMANENT, 20, "each.1");
		expect(statuses(given)).toMatchObject({ each: "failed", slow: "cancelled", "each.0.undo": "ready" });
	});

	test("is not undone for a failure that its author expected", () => {
		const given = started([undoable("a"), { id: "b", continue_on_error: true }], { compensate });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		expect(given.run().status).toBe("succeeded");
	});

	test("has failed if there was nothing to undo", () => {
		const given = started([undoable("a")], { compensate });
		given.attempts(PERMANENT, 10, "a");
		expect(given.run().status).toBe("failed");
		expect(namesOf(given, "run.compensating")).toEqual([]);
	});

	test("sends what was stopped once the failed step is resumed, where there was nothing to undo", () => {
		const steps = [{ id: "a" }, { id: "b" }, { id: "c", ...needs("b") }, { id: "d", ...needs("a") }];
		const given = started(steps, { compensate });
		given.attempts(TRANSIENT, 5, "b");
		given.attempts(PERMANENT, 10, "a");
		expect(statuses(given)).toEqual({ a: "failed", b: "cancelled", c: "skipped", d: "skipped" });
		expect(resumesStep(given, 20, "a")).toBe("ok");
		expect(statuses(given)).toEqual({ a: "ready", b: "ready", c: "pending", d: "pending" });
		expect(given.step("b").attempts).toBe(1);
		for (const [n, id] of ["a", "b", "c", "d"].entries()) given.attempts(SUCCEEDED, 30 + n, id);
		expect(given.run().status).toBe("succeeded");
	});

	test("gathers a list that was stopped half-way, once the failed step is resumed", () => {
		const each = { id: "each", for_each: "[1, 2]", concurrency: 1 };
		const given = started([each, { id: "b" }, { id: "c", ...needs("each") }], { compensate });
		given.attempts(SUCCEEDED, 5, "each.0");
		given.attempts(PERMANENT, 10, "b");
		expect(statuses(given)).toMatchObject({ each: "skipped", "each.1": "skipped", c: "skipped" });
		expect(resumesStep(given, 20, "b")).toBe("ok");
		expect(statuses(given)).toMatchObject({ each: "fanned_out", "each.1": "ready", b: "ready", c: "pending" });
		for (const [n, id] of ["b", "each.1", "c"].entries()) given.attempts(SUCCEEDED, 30 + n, id);
		expect(given.run().status).toBe("succeeded");
	});
});

describe("people are told", () => {
	const page = { id: "page", on_failure: true as const };

	test("when the rest is over", () => {
		const given = started([{ id: "a" }, { id: "b" }, page]);
		given.attempts(PERMANENT, 10, "a");
		expect(statuses(given)).not.toHaveProperty("page");
		given.attempts(SUCCEEDED, 20, "b");
		expect(given.step("page").status).toBe("ready");
	});

	test("and only then the run is over, as it was without it", () => {
		const given = started([{ id: "a" }, page]);
		given.claims(10, "a");
		given.reports(PERMANENT, 10, { step: "a" });
		expect(sent(given)).toEqual(["page"]);
		expect(given.run().status).toBe("running");
		given.attempts(SUCCEEDED, 20, "page");
		expect(given.run()).toMatchObject({ status: "failed", finished_at: NOW + 20 });
		expect(given.facts.at(-1)?.data).toMatchObject({ steps: { a: "failed", page: "succeeded" } });
	});

	test("when everything is undone", () => {
		const given = started([undoable("a"), { id: "b", ...needs("a") }, page], { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		expect(statuses(given)).not.toHaveProperty("page");
		given.attempts(SUCCEEDED, 30, "a.undo");
		expect(given.step("page").status).toBe("ready");
		given.attempts(SUCCEEDED, 40, "page");
		expect(given.run().status).toBe("compensated");
	});

	test("by several steps, though the run was stopped for its failure", () => {
		const steps = [undoable("a"), { id: "b", ...needs("a") }, page, { ...page, id: "log", ...needs("page") }];
		const given = started(steps, { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		given.attempts(SUCCEEDED, 30, "a.undo");
		given.attempts(TRANSIENT, 40, "page");
		expect(statuses(given)).toMatchObject({ page: "waiting", log: "pending" });
		given.passes(5_000);
		given.attempts(SUCCEEDED, 5_001, "page");
		given.attempts(SUCCEEDED, 5_002, "log");
		expect(given.run().status).toBe("compensated");
	});

	test("when undoing is stuck", () => {
		const given = started([undoable("a"), { id: "b", ...needs("a") }, page], { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		given.attempts(PERMANENT, 30, "a.undo");
		expect(given.step("page").status).toBe("ready");
		given.attempts(SUCCEEDED, 40, "page");
		expect(given.run().status).toBe("compensation_failed");
	});

	test("once in the life of a run, however often it goes on", () => {
		const given = started([{ id: "a" }, page]);
		given.attempts(PERMANENT, 10, "a");
		given.attempts(SUCCEEDED, 20, "page");
		resumesStep(given, 30, "a");
		given.attempts(PERMANENT, 40, "a");
		expect(given.run()).toMatchObject({ status: "failed", finished_at: NOW + 40 });
		expect(resumes(given, 50)).toBe("ok");
		given.attempts(PERMANENT, 60, "a");
		expect(namesOf(given, "attempt.finished").filter((id) => id.includes(":page:"))).toHaveLength(1);
		expect(given.run().steps.filter(({ kind }) => kind === "on_failure")).toHaveLength(1);
	});

	test("of a run that went well nothing", () => {
		const given = started([{ id: "a" }, page]);
		given.attempts(SUCCEEDED, 10, "a");
		expect(given.run()).toMatchObject({ status: "succeeded", steps: [{ id: "a" }] });
	});

	test("by several steps in their order, each under its condition; a failure of one is a letter of its own", () => {
		const steps = [{ id: "a" }, page, { ...page, id: "log", ...needs("page") }, { ...page, id: "no", if: "false" }];
		const given = started(steps);
		given.attempts(PERMANENT, 10, "a");
		expect(statuses(given)).toMatchObject({ page: "ready", log: "pending", no: "skipped" });
		given.attempts(PERMANENT, 20, "page");
		expect(statuses(given)).toMatchObject({ page: "failed", log: "skipped" });
		expect(given.run().status).toBe("failed");
		expect(namesOf(given, "dead_letter.opened")).toEqual([
			"dead_letter:deal-watch:a:0:opened",
			"dead_letter:deal-watch:page:0:opened",
		]);
	});
});
