// A run is called off: nothing new begins, and what is under way comes to its end.

import { describe, expect, test } from "vitest";
import { cancelRun, resumeRun } from "../../../src/core/run/operate";
import type { Given } from "./given";
import { NOW, PERMANENT, SUCCEEDED, TRANSIENT, UNKNOWN } from "./given";
import { cancels, needs, resumes, started, statuses, told, undoable } from "./operators";

const ASK = { id: "ask", use: "approve", connection: null, input: { of: ["legal"], within: "1h" } };

/** What brings a step of two into a status that is no end. */
const OPEN: [string, Parameters<typeof started>[0], (given: Given) => void][] = [
	["pending", [{ id: "x", ...needs("other") }, { id: "other" }], () => {}],
	["ready", [{ id: "x" }, { id: "other" }], () => {}],
	["waiting", [{ id: "x" }, { id: "other" }], (given) => given.attempts(TRANSIENT, 1, "x")],
	["asking", [{ ...ASK, id: "x" }, { id: "other" }], () => {}],
	["sleeping", [{ id: "x", use: "wait", connection: null, input: { for: "1h" } }, { id: "other" }], () => {}],
];

describe("cancelling a run", () => {
	test.each(OPEN)("ends a step that is %s", (status, steps, bring) => {
		const given = started(steps);
		bring(given);
		expect(given.step("x").status).toBe(status);
		expect(cancels(given, 10)).toBe("ok");
		expect(given.run()).toMatchObject({ status: "cancelled", finished_at: NOW + 10 });
		expect(given.step("x")).toMatchObject({
			status: "cancelled",
			due_at: null,
			reason: "the run was cancelled by ada",
		});
		expect(given.step("x")).not.toHaveProperty("blocked");
		expect(told(given, "run.cancelled")).toMatchObject([
			{ id: "cancelled:deal-watch", actor: "ada", data: { by: "ada", reason: "a mistake", compensate: false } },
		]);
	});

	test.each([
		["succeeds", SUCCEEDED, "succeeded"],
		["fails", PERMANENT, "failed"],
		["fails in a way that may pass", TRANSIENT, "cancelled"],
		["ends without anybody knowing", UNKNOWN, "cancelled"],
	])("lets come to its end what is under way, and %s", (_, outcome, status) => {
		const given = started([{ id: "a" }, { id: "b", ...needs("a") }]);
		given.claims(5, "a");
		cancels(given, 10);
		expect(given.run().status).toBe("running");
		expect(statuses(given)).toEqual({ a: "leased", b: "cancelled" });
		given.reports(outcome, 20, { step: "a" });
		expect(given.run()).toMatchObject({ status: "cancelled", finished_at: NOW + 20 });
		expect(given.step("a").status).toBe(status);
	});

	test("ends items, and the step that they are of", () => {
		const given = started([{ id: "each", for_each: "[1, 2, 3]", concurrency: 2 }]);
		given.attempts(SUCCEEDED, 5, "each.0");
		given.claims(6, "each.1");
		cancels(given, 10);
		expect(statuses(given)).toEqual({
			each: "fanned_out",
			"each.0": "succeeded",
			"each.1": "leased",
			"each.2": "cancelled",
		});
		given.reports(SUCCEEDED, 20, { step: "each.1" });
		expect(given.step("each")).toMatchObject({ status: "cancelled", reason: "the run was cancelled by ada" });
		expect(given.run().status).toBe("cancelled");
	});

	test("does nothing else, unless it is to be undone", () => {
		const given = started([undoable("a"), { id: "b" }, { id: "page", on_failure: true }], { compensate: true });
		given.attempts(SUCCEEDED, 5, "a");
		cancels(given, 10);
		expect(given.run().status).toBe("cancelled");
		expect(statuses(given)).toEqual({ a: "succeeded", b: "cancelled" });
	});

	test("undoes what succeeded, if it is to, and ends as cancelled", () => {
		const given = started([undoable("a"), undoable("b"), { id: "page", on_failure: true }]);
		given.attempts(SUCCEEDED, 5, "a");
		given.claims(6, "b");
		cancels(given, 10, true);
		expect(given.run().status).toBe("running");
		given.reports(SUCCEEDED, 20, { step: "b" });
		given.attempts(SUCCEEDED, 30, "b.undo");
		expect(given.run().status).toBe("compensating");
		given.attempts(SUCCEEDED, 40, "a.undo");
		expect(given.run().status).toBe("cancelled");
		expect(statuses(given)).not.toHaveProperty("page");
	});

	test("ends as what it is if undoing is stuck", () => {
		const given = started([undoable("a"), { id: "b" }]);
		given.attempts(SUCCEEDED, 5, "a");
		cancels(given, 10, true);
		given.attempts(PERMANENT, 20, "a.undo");
		expect(given.run().status).toBe("compensation_failed");
		expect(resumes(given, 30)).toBe("ok");
		given.attempts(SUCCEEDED, 40, "a.undo");
		expect(given.run().status).toBe("cancelled");
	});

	test("calls off what tells people, too", () => {
		const given = started([{ id: "a" }, { id: "page", on_failure: true }]);
		given.attempts(PERMANENT, 5, "a");
		expect(cancels(given, 10)).toBe("ok");
		expect(statuses(given)).toEqual({ a: "failed", page: "cancelled" });
		expect(given.run().status).toBe("cancelled");
	});

	test("is refused once it is over, once it is cancelled, and while it is undone", () => {
		const over = started([{}]);
		over.attempts(PERMANENT, 5);
		expect(cancels(over, 10)).toBe("conflict");
		const twice = started([{}]);
		twice.claims(5);
		expect([cancels(twice, 10), cancels(twice, 11, true)]).toEqual(["ok", "conflict"]);
		const undone = started([undoable("a"), { id: "b", ...needs("a") }], { compensate: true });
		undone.attempts(SUCCEEDED, 5, "a");
		undone.attempts(PERMANENT, 6, "b");
		expect(cancels(undone, 10)).toBe("conflict");
	});

	test("of what is not known is answered with gone", () => {
		const given = started([{}]);
		const order = { by: "ada", reason: "", compensate: false };
		expect(given.turn(5, (turn) => cancelRun(given.state, turn, "run_x.y", order))).toBe("gone");
		expect(given.turn(5, (turn) => resumeRun(given.state, turn, "run_x.y", { by: "ada" }))).toBe("gone");
	});
});
