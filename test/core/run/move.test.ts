// A run goes on with another version: what has succeeded stays as it was done, the rest is done as the other says.

import { describe, expect, test } from "vitest";
import { moveTo } from "../../../src/core/run/move";
import { event, Given, NOW, PERMANENT, plan, runOf, SUCCEEDED, stepPlan } from "./given";
import { discards, needs, resumes, sent, started, statuses, told, work } from "./operators";

/** `a` has succeeded, `b` has failed, and `c`, which needs it, waits for that. */
function failed(): Given {
	const given = started([{ id: "a" }, { id: "b" }, { id: "c", ...needs("b") }]);
	given.attempts(SUCCEEDED, 1, "a");
	given.attempts(PERMANENT, 2, "b");
	return given;
}

describe("a run that is resumed in another version", () => {
	test("does again what failed, as that version says, and leaves what succeeded as it was", () => {
		const given = failed();
		const other = work([
			{ id: "a", attempts: 9 },
			{ id: "b", attempts: 8 },
			{ id: "c", attempts: 7, ...needs("b") },
		]);
		expect(resumes(given, 10, other)).toBe("ok");
		expect(given.run()).toMatchObject({ version: 2, status: "running", id: runOf(1) });
		expect(given.step("a")).toMatchObject({ status: "succeeded", version: 1, plan: { attempts: 3 } });
		expect(given.step("b")).toMatchObject({ status: "ready", attempts: 0, resumed: 1, plan: { attempts: 8 } });
		expect(given.step("b")).not.toHaveProperty("version");
		expect(given.step("c")).toMatchObject({ status: "pending", plan: { attempts: 7 } });
		expect(sent(given)).toEqual(["b"]);
		expect(told(given, "run.resumed")).toMatchObject([
			{ version: 2, data: { by: "ada", version: 2, from_version: 1 } },
		]);
	});

	test("remembers the version that carried a step out, however often it moves", () => {
		const given = failed();
		resumes(given, 10, work([{ id: "a" }, { id: "b" }], { version: 2 }));
		given.attempts(PERMANENT, 11, "b");
		resumes(given, 20, work([{ id: "a" }, { id: "b" }], { version: 3 }));
		expect(given.step("a").version).toBe(1);
		expect(given.run().version).toBe(3);
	});

	test("does what was added", () => {
		const given = failed();
		resumes(given, 10, work([{ id: "a" }, { id: "b" }, { id: "d", ...needs("a") }, { id: "e", ...needs("d") }]));
		expect(statuses(given)).toEqual({ a: "succeeded", b: "ready", d: "ready", e: "pending" });
	});

	test("drops what is gone, with its dead letter", () => {
		const given = failed();
		resumes(given, 10, work([{ id: "a" }, { id: "d", ...needs("a") }]));
		expect(statuses(given)).toEqual({ a: "succeeded", d: "ready" });
		expect(told(given, "dead_letter.discarded")).toMatchObject([
			{ step: "b", actor: "ada", data: { by: "ada", reason: "version 2 has no such step, or goes on without it" } },
		]);
		given.attempts(SUCCEEDED, 20, "d");
		expect(given.run().status).toBe("succeeded");
	});

	test("drops no letter twice", () => {
		const given = started([{ id: "a" }, { id: "b" }]);
		given.attempts(PERMANENT, 1, "a");
		given.attempts(PERMANENT, 2, "b");
		discards(given, 3, "a");
		resumes(given, 10, work([{ id: "b" }]));
		expect(told(given, "dead_letter.discarded")).toHaveLength(1);
	});

	test("is over at once if nothing is left to do", () => {
		const given = failed();
		expect(resumes(given, 10, work([{ id: "a" }]))).toBe("ok");
		expect(given.run()).toMatchObject({ status: "succeeded", finished_at: NOW + 10 });
	});

	test("goes on behind the gate at which it failed", () => {
		const given = new Given();
		given.arrives(event(1), plan(undefined, { failed: "key: no" }), 0);
		expect(resumes(given, 10, work([{ id: "z" }]))).toBe("ok");
		expect(statuses(given)).toEqual({ _start: "succeeded", z: "ready" });
		expect(given.step("_start")).not.toHaveProperty("version");
		expect(told(given, "dead_letter.resolved")).toMatchObject([{ step: "_start" }]);
	});

	test("tells people as it began to", () => {
		const page = { id: "page", on_failure: true as const };
		const given = started([{ id: "a" }, page]);
		given.attempts(PERMANENT, 1, "a");
		given.attempts(PERMANENT, 2, "page");
		resumes(given, 10, work([{ id: "a" }, { ...page, attempts: 9 }]));
		expect(given.step("page")).toMatchObject({ status: "ready", version: 1, plan: { attempts: 3 } });
	});

	test("is undone, compared and told of as that version says", () => {
		const given = started([{ id: "a" }, { id: "page", on_failure: true }], { compensate: true, skip_unchanged: ["a"] });
		given.attempts(PERMANENT, 1, "a");
		given.attempts(SUCCEEDED, 2, "page");
		const plain = moveTo(given.run(), work([{ id: "a" }], { priority: "urgent" }));
		expect(plain).toMatchObject({ priority: "urgent", version: 2 });
		for (const key of ["compensate", "skip_unchanged", "on_failure"]) expect(plain).not.toHaveProperty(key);
		const log = stepPlan({ id: "log", on_failure: true });
		const rich = { compensate: true as const, skip_unchanged: ["b"], steps: [stepPlan({ id: "a" }), log] };
		const moved = moveTo(given.run(), work([], rich));
		expect(moved).toMatchObject({ compensate: true, skip_unchanged: ["b"], on_failure: [log] });
		expect(moved.steps.map(({ id }) => id)).toEqual(["a", "page"]);
	});
});

describe("a step that changed its kind in the other version", () => {
	const ask = { use: "approve", connection: null, input: { of: ["legal"], within: "1h" } };

	test.each([
		["asks people now", ask, { b: "asking" }],
		["waits now", { use: "wait", connection: null, input: { for: "1h" } }, { b: "sleeping" }],
		["fans out now", { for_each: "[1, 2]" }, { b: "fanned_out", "b.0": "ready", "b.1": "ready" }],
		["has a condition now", { if: "false" }, { b: "skipped" }],
		["needs what was added", needs("d"), { b: "pending", d: "ready" }],
	])("%s, though it was sent before", (_, more, expected) => {
		const given = failed();
		const added = "needs" in more ? [{ id: "d" }] : [];
		resumes(given, 10, work([{ id: "a" }, { id: "b", ...more }, ...added]));
		expect(statuses(given)).toMatchObject(expected);
	});
});

describe("a list of which some elements have succeeded", () => {
	function halfDone(): Given {
		const given = started([
			{ id: "each", for_each: "[1, 2]" },
			{ id: "after", ...needs("each") },
		]);
		given.attempts(SUCCEEDED, 1, "each.0");
		given.attempts(PERMANENT, 2, "each.1");
		return given;
	}

	test("goes on at those that failed, as the other version says", () => {
		const given = halfDone();
		resumes(
			given,
			10,
			work([
				{ id: "each", for_each: "[1, 2]", attempts: 8 },
				{ id: "after", ...needs("each") },
			]),
		);
		expect(sent(given)).toEqual(["each.1"]);
		expect(given.step("each.1")).toMatchObject({ plan: { attempts: 8 } });
		expect(given.step("each.0")).toMatchObject({ version: 1, plan: { attempts: 3 } });
		given.attempts(SUCCEEDED, 20, "each.1");
		expect(statuses(given)).toMatchObject({ each: "succeeded", after: "ready" });
	});

	test("is what has succeeded of it, where the other version has no such step", () => {
		const given = halfDone();
		resumes(given, 10, work([{ id: "after" }]));
		expect(statuses(given)).toEqual({ each: "succeeded", "each.0": "succeeded", after: "ready" });
		expect(given.step("each").version).toBe(1);
		expect(told(given, "dead_letter.discarded").map(({ step }) => step)).toEqual(["each.1"]);
		given.attempts(SUCCEEDED, 20, "after");
		expect(given.run().status).toBe("succeeded");
	});

	test("is what has succeeded of it, where the other version makes no list of it any more", () => {
		const given = halfDone();
		resumes(given, 10, work([{ id: "each" }, { id: "after", ...needs("each") }]));
		expect(statuses(given)).toEqual({ each: "succeeded", "each.0": "succeeded", after: "ready" });
	});

	test("is done as a step where none has, and the other version makes no list of it any more", () => {
		const given = started([
			{ id: "each", for_each: "[1, 2]" },
			{ id: "after", ...needs("each") },
		]);
		given.attempts(PERMANENT, 1, "each.0");
		given.attempts(PERMANENT, 2, "each.1");
		resumes(given, 10, work([{ id: "each" }, { id: "after", ...needs("each") }]));
		expect(statuses(given)).toEqual({ each: "ready", after: "pending" });
		expect(told(given, "dead_letter.discarded").map(({ step }) => step)).toEqual(["each.0", "each.1"]);
	});

	test("is dropped as a whole where none has", () => {
		const given = started([
			{ id: "each", for_each: "[1, 2]" },
			{ id: "after", ...needs("each") },
		]);
		given.attempts(PERMANENT, 1, "each.0");
		given.attempts(PERMANENT, 2, "each.1");
		resumes(given, 10, work([{ id: "after" }]));
		expect(statuses(given)).toEqual({ after: "ready" });
	});
});
