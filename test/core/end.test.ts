// How an attempt ends: what it answered is kept, and a reading that failed may have a stated fallback.

import { describe, expect, test } from "vitest";
import type { StepPlan } from "../../src/model/plan";
import { type Given, PERMANENT, SUCCEEDED, TRANSIENT } from "./run/given";
import { started as startedWith } from "./run/operators";

function started(...steps: Partial<StepPlan>[]): Given {
	return startedWith(steps);
}

describe("a success", () => {
	test("keeps what was answered, what is needed to undo it, and its place among those that succeeded", () => {
		const given = started({ id: "a" }, { id: "b" });
		given.claims(1, "b");
		given.reports({ kind: "succeeded", output: { n: 1 }, undo: { id: "m1" } }, 2, { step: "b" });
		given.attempts(SUCCEEDED, 3, "a");
		expect(given.step("b")).toMatchObject({ output: { n: 1 }, undo_with: { id: "m1" }, succeeded_as: 1 });
		expect(given.step("a")).toMatchObject({ output: { ok: true }, succeeded_as: 2 });
		expect(given.step("a")).not.toHaveProperty("undo_with");
	});
});

describe("what is too much for a run", () => {
	const large = { text: "x".repeat(300_000) };

	test("leaves out the output before how to undo it", () => {
		const given = started({ id: "a" });
		given.claims(1, "a");
		given.reports({ kind: "succeeded", output: large, undo: { id: "m1" } }, 2, { step: "a" });
		expect(given.step("a")).toMatchObject({
			undo_with: { id: "m1" },
			reason: expect.stringMatching(/^its output was/),
		});
		expect(given.step("a")).not.toHaveProperty("output");
	});

	test("leaves out how to undo it too, and says so", () => {
		const given = started({ id: "a" });
		given.claims(1, "a");
		given.reports({ kind: "succeeded", output: { n: 1 }, undo: large }, 2, { step: "a" });
		expect(given.step("a")).toMatchObject({ status: "succeeded", reason: expect.stringContaining("how to undo it") });
		expect(given.step("a")).not.toHaveProperty("undo_with");
	});
});

describe("a reading step with a fallback", () => {
	const read = { reads: true as const, fallback: { n: "${{ event.data.n }}" } };

	test("has read what its author says when it has failed for good", () => {
		const given = started({ ...read, attempts: 2, base_ms: 0 }, { id: "after", needs: { all: ["tell"] } });
		given.attempts(TRANSIENT, 10);
		expect(given.step().status).toBe("waiting");
		given.passes(5_000);
		given.attempts(TRANSIENT, 5_001);
		expect(given.step()).toMatchObject({ status: "succeeded", output: { n: 1 }, fell_back: true, reason: "503" });
		expect(given.step()).not.toHaveProperty("class");
		expect(given.step("after").status).toBe("ready");
		expect(given.facts.slice(-2)).toMatchObject([
			{ kind: "attempt.finished", data: { outcome: "transient" } },
			{ kind: "step.ended", step: "tell", data: { status: "succeeded", fell_back: true } },
		]);
	});

	test("fails where the fallback cannot be had", () => {
		const given = started({ ...read, fallback: { n: "${{ event.data.missing }}" } });
		given.attempts(PERMANENT, 10);
		expect(given.step()).toMatchObject({ status: "failed", class: "not_found" });
		expect(given.kinds().slice(-2)).toEqual(["dead_letter.opened", "run.finished"]);
	});
});
