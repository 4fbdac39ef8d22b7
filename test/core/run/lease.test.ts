// What a consumer gets with a step.

import { describe, expect, test } from "vitest";
import { leaseOf } from "../../../src/core/run/lease";
import type { Lease } from "../../../src/model/message";
import { event, type Given, NOW, PERMANENT, runOf, SUCCEEDED, UNKNOWN } from "./given";
import { needs, resumesStep, started, undo, undoable } from "./operators";

const key = (step: string) => `sb_${runOf(1).slice("run_".length)}.${step}`;

function leased(given: Given, at: number, step: string): Lease {
	expect(given.claims(at, step).state).toBe("go");
	return leaseOf(given.run(), given.step(step), given.state.read);
}

describe("the lease of a step", () => {
	test("says what to do, under which key, and what to read", () => {
		const given = started([{ id: "a" }]);
		expect(leased(given, 10, "a")).toEqual({
			state: "go",
			kind: "do",
			step: "a",
			attempt: 1,
			until: given.step("a").due_at,
			idempotency_key: key("a"),
			trace_id: event(1).trace.trace_id,
			workflow: "deal-watch",
			version: 1,
			started_at: NOW,
			scope: expect.objectContaining({ event: event(1), workflow: { name: "deal-watch", version: 1 } }),
			doubtful: false,
			probe_key: key("a"),
		});
	});

	test("counts its attempts, and says whether one may have taken effect", () => {
		const given = started([{ id: "a", repeatable: false, timeout_ms: 100, base_ms: 0 }]);
		given.attempts(UNKNOWN, 10, "a");
		given.passes(20_000);
		expect(leased(given, 20_001, "a")).toMatchObject({ attempt: 2, doubtful: true, idempotency_key: key("a") });
	});

	test("of an item names the step in the document, has a key of its own and the element to read", () => {
		const given = started([{ id: "each", for_each: '["x", "y"]' }]);
		expect(leased(given, 10, "each.1")).toMatchObject({
			kind: "do",
			step: "each",
			idempotency_key: key("each.1"),
			probe_key: key("each.1"),
			scope: { item: "y", index: 1 },
		});
	});

	test("names the version of its plan, where the run has gone on to another", () => {
		const given = started([{ id: "a" }]);
		const run = { ...given.run(), version: 7 };
		expect(leaseOf(run, given.step("a"), () => null).version).toBe(7);
		expect(leaseOf(run, { ...given.step("a"), version: 3 }, () => null).version).toBe(3);
	});
});

describe("the lease of an undo", () => {
	const undone = { kind: "succeeded", output: { id: "m1" }, undo: { id: "m1", channel: "C1" } } as const;

	test("names the step that it takes back, with what the step's answer gave for it", () => {
		const given = started([undoable("a"), { id: "b", ...needs("a") }], { compensate: true });
		given.attempts(undone, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		expect(leased(given, 30, "a.undo")).toMatchObject({
			kind: "undo",
			step: "a",
			attempt: 1,
			idempotency_key: key("a.undo"),
			probe_key: key("a"),
			doubtful: false,
			undo_with: { id: "m1", channel: "C1" },
			scope: { steps: { a: { output: { id: "m1" } } } },
		});
	});

	test("of an item reads the item's element", () => {
		const each = { ...undoable("each"), for_each: '["x", "y"]', concurrency: 1 };
		const given = started([each], { compensate: true });
		given.attempts(undone, 10, "each.0");
		given.attempts(PERMANENT, 20, "each.1");
		expect(leased(given, 30, "each.0.undo")).toMatchObject({
			step: "each",
			idempotency_key: key("each.0.undo"),
			probe_key: key("each.0"),
			scope: { item: "x", index: 0 },
		});
	});

	test("is doubtful where nobody knows whether the step took effect", () => {
		const doubtful = { undo: undo(), repeatable: false, on_unknown: "stop" as const, timeout_ms: 100 };
		const given = started([{ id: "a", ...doubtful }], { compensate: true });
		given.attempts(UNKNOWN, 10, "a");
		given.passes(10_010);
		expect(leased(given, 10_011, "a.undo")).toMatchObject({ kind: "undo", doubtful: true, probe_key: key("a") });
	});

	test("belongs to the version that carried the step out", () => {
		const given = started([undoable("a"), { id: "b", ...needs("a") }], { compensate: true });
		given.attempts(undone, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		const run = { ...given.run(), version: 9 };
		const steps = run.steps.map((step) => (step.id === "a" ? { ...step, version: 2 } : step));
		expect(leaseOf({ ...run, steps }, given.step("a.undo"), () => null).version).toBe(2);
	});

	test("stays with itself where its step is gone", () => {
		const given = started([undoable("a"), { id: "b", ...needs("a") }], { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		const orphan = { ...given.run(), steps: [given.step("a.undo")] };
		expect(leaseOf(orphan, given.step("a.undo"), () => null)).toMatchObject({ step: "a", probe_key: key("a.undo") });
	});
});

test("the key stays the same over retries and resumes", () => {
	const given = started([{ id: "a" }]);
	given.attempts(PERMANENT, 10, "a");
	resumesStep(given, 20, "a");
	expect(leased(given, 30, "a")).toMatchObject({ attempt: 1, idempotency_key: key("a") });
});
