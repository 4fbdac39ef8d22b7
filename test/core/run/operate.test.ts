// Dead letters: what failed is retried under the same key, or given up for a stated reason.

import { describe, expect, test } from "vitest";
import { markQueued } from "../../../src/core/run/dispatch";
import { discardStep, resumeStep } from "../../../src/core/run/operate";
import { idempotencyKey, replaceStep } from "../../../src/core/run/run";
import { DAY, event, Given, NOW, PERMANENT, plan, runOf, SUCCEEDED, TRANSIENT } from "./given";
import { cancels, discards, needs, resumesStep, started as startedWith, statuses, undoable } from "./operators";

function started(...steps: Parameters<typeof startedWith>[0]): Given {
	return startedWith(steps.length === 0 ? [{}] : steps);
}

/** A run that stays open, whatever becomes of its first step. */
function underWay(): Given {
	return started({}, { id: "other" });
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
} as const;

describe("resuming a dead letter", () => {
	test("sends the failed step again, with all its attempts, under the same idempotency key", () => {
		const given = started({ id: "a" }, { id: "b" });
		given.attempts(SUCCEEDED, 5, "b");
		given.attempts(PERMANENT, 10, "a");
		const key = idempotencyKey(given.run(), given.step("a"));
		expect(resumesStep(given, 20, "a")).toBe("ok");
		expect(given.dispatched).toEqual([`${runOf(1)} a`]);
		expect(given.step("a")).toMatchObject({
			status: "ready",
			attempts: 0,
			dispatches: 1,
			resumed: 1,
			due_at: NOW + 1_020,
		});
		expect(given.step("a")).not.toHaveProperty("class");
		expect(given.run()).toMatchObject({ status: "running", finished_at: null });
		expect(given.step("b").status).toBe("succeeded");
		expect(idempotencyKey(given.run(), given.step("a"))).toBe(key);
		expect(given.facts.at(-1)).toMatchObject({ kind: "dead_letter.retried", actor: "ada", data: { by: "ada" } });
	});

	test("and succeeding resolves it", () => {
		const given = started();
		given.attempts(PERMANENT, 10);
		resumesStep(given, 20, "tell");
		given.attempts(SUCCEEDED, 30);
		expect(given.run()).toMatchObject({ status: "succeeded", finished_at: NOW + 30 });
		expect(given.kinds().slice(-3)).toEqual(["attempt.finished", "dead_letter.resolved", "run.finished"]);
	});

	test("and failing opens it again, as often as that happens, each time under a name of its own", () => {
		const given = started();
		for (let n = 0; n < 3; n++) {
			given.attempts(PERMANENT, 10 + n);
			resumesStep(given, 20 + n, "tell");
		}
		const opened = given.facts.filter(({ kind }) => kind === "dead_letter.opened");
		expect(opened.map(({ id }) => id)).toEqual([0, 1, 2].map((n) => `dead_letter:deal-watch:tell:${n}:opened`));
		expect(new Set(opened.map(({ data }) => data.id)).size).toBe(1);
		expect(given.kinds()).not.toContain("dead_letter.resolved");
		const names = given.facts.map(({ id }) => id);
		expect(new Set(names).size).toBe(names.length);
	});

	test.each(["ready", "queued", "leased", "waiting", "succeeded"] as const)(
		"is refused while the step is %s: nothing is sent twice",
		(status) => {
			const given = underWay();
			BRING[status](given);
			expect(given.step().status).toBe(status);
			expect(resumesStep(given, 20, "tell")).toBe("conflict");
			expect(given.dispatched).toEqual([]);
		},
	);

	test("is refused while the resumed step is under way", () => {
		const given = started();
		given.attempts(PERMANENT, 10);
		expect([resumesStep(given, 20, "tell"), resumesStep(given, 21, "tell")]).toEqual(["ok", "conflict"]);
	});

	test("works while the rest of the run goes on", () => {
		const given = started({ id: "a" }, { id: "b" });
		given.attempts(PERMANENT, 10, "a");
		expect(resumesStep(given, 20, "a")).toBe("ok");
		expect(given.run().status).toBe("running");
	});

	test("of what is no longer known is answered with gone", () => {
		const given = started();
		expect(given.turn(20, (turn) => resumeStep(given.state, turn, "run_x.y", "tell", "ada"))).toBe("gone");
		expect(resumesStep(given, 20, "nobody")).toBe("gone");
	});

	test("starts a run that could not start, once its workflow is mended", () => {
		const given = new Given();
		given.arrives(event(1), plan(undefined, { failed: "key: no such field" }), 0);
		expect(resumesStep(given, DAY, "tell")).toBe("conflict");
		expect(resumesStep(given, DAY, "_start")).toBe("ok");
		expect(given.step("_start")).toMatchObject({ status: "succeeded", resumed: 1 });
		expect(given.facts.slice(-3)).toMatchObject([
			{ kind: "dead_letter.retried", step: "_start", actor: "ada" },
			{ kind: "step.ended", step: "_start", data: { status: "succeeded" } },
			{ kind: "dead_letter.resolved", step: "_start" },
		]);
		expect(given.dispatched).toEqual([`${runOf(1)} tell`]);
		expect(given.claims(DAY + 1)).toMatchObject({ state: "go", run: { event_id: event(1).id } });
	});

	test("a success of an attempt from before counts for it too", () => {
		const given = started({ repeatable: false, on_unknown: "stop" });
		given.claims(0);
		given.passes(60_000);
		resumesStep(given, 60_001, "tell");
		given.claims(60_002);
		given.reports(SUCCEEDED, 60_003, { attempt: 1 });
		expect(given.run().status).toBe("succeeded");
	});
});

describe("discarding a dead letter", () => {
	test("takes it off the list, for a stated reason, and changes nothing else", () => {
		const given = started();
		given.attempts(PERMANENT, 10);
		expect(discards(given, 20, "tell")).toBe("ok");
		expect(given.step()).toMatchObject({ status: "failed", discarded: true });
		expect(given.run()).toMatchObject({ status: "failed", finished_at: NOW + 10 });
		expect(given.facts.at(-1)).toMatchObject({
			kind: "dead_letter.discarded",
			actor: "ada",
			data: { by: "ada", reason: "not needed" },
		});
	});

	test("is final: it can neither be discarded again nor resumed", () => {
		const given = underWay();
		given.attempts(PERMANENT, 10);
		discards(given, 20, "tell");
		expect([discards(given, 21, "tell"), resumesStep(given, 22, "tell")]).toEqual(["conflict", "conflict"]);
	});

	test("is refused for a step that has not failed, and for what is not known", () => {
		const given = started();
		expect(discards(given, 20, "tell")).toBe("conflict");
		expect(discards(given, 20, "nobody")).toBe("gone");
		const what = { run: "run_x.y", step: "tell", by: "ada", reason: "" };
		expect(given.turn(20, (turn) => discardStep(given.state, turn, what))).toBe("gone");
	});
});

describe("resuming a step of a larger run", () => {
	test("gives those that it blocked another chance, and those that need them", () => {
		const given = started({ id: "a" }, { id: "b", ...needs("a") }, { id: "c", ...needs("b") });
		given.attempts(PERMANENT, 10, "a");
		resumesStep(given, 20, "a");
		expect(statuses(given)).toEqual({ a: "ready", b: "pending", c: "pending" });
		expect(given.step("b")).not.toHaveProperty("blocked");
		expect(given.step("b")).not.toHaveProperty("reason");
		for (const [n, id] of ["a", "b", "c"].entries()) given.attempts(SUCCEEDED, 30 + n, id);
		expect(given.run().status).toBe("succeeded");
	});

	test("gathers its list again, if it is an element of one", () => {
		const given = started({ id: "each", for_each: "[1, 2]" }, { id: "after", ...needs("each") });
		given.attempts(PERMANENT, 10, "each.0");
		given.attempts(PERMANENT, 11, "each.1");
		expect(resumesStep(given, 20, "each")).toBe("conflict");
		expect(resumesStep(given, 20, "each.1")).toBe("ok");
		expect(statuses(given)).toEqual({ each: "fanned_out", after: "pending", "each.0": "failed", "each.1": "ready" });
		given.attempts(SUCCEEDED, 30, "each.1");
		expect(given.step("each")).toMatchObject({ status: "failed", reason: "1 of 2 failed, the first with: 404" });
		resumesStep(given, 40, "each.0");
		given.attempts(SUCCEEDED, 50, "each.0");
		expect(statuses(given)).toMatchObject({ each: "succeeded", after: "ready" });
	});

	test("that failed before it was sent lets it begin anew", () => {
		const given = started({ id: "a" }, { id: "b", if: "steps.a.output.n == 1", ...needs("a") });
		given.attempts(SUCCEEDED, 10, "a");
		expect(given.step("b")).toMatchObject({ status: "failed", class: "expression" });
		expect(resumesStep(given, 20, "b")).toBe("ok");
		expect(given.dispatched).toEqual([]);
		expect(given.step("b")).toMatchObject({ status: "failed", class: "expression", resumed: 1 });
		const letters = given.facts.filter(({ kind }) => kind === "dead_letter.opened").map(({ id }) => id);
		expect(letters).toEqual(["dead_letter:deal-watch:b:0:opened", "dead_letter:deal-watch:b:1:opened"]);
	});

	test("whose failure was expected, or that people rejected, is refused: nothing waits for a person", () => {
		const given = started({ continue_on_error: true }, { id: "other" });
		given.attempts(PERMANENT, 10);
		expect([resumesStep(given, 20, "tell"), discards(given, 20, "tell")]).toEqual(["conflict", "conflict"]);
	});

	test("is refused once it is undone, or called off", () => {
		const undone = startedWith([undoable("a"), { id: "b", ...needs("a") }], { compensate: true });
		undone.attempts(SUCCEEDED, 10, "a");
		undone.attempts(PERMANENT, 20, "b");
		expect(resumesStep(undone, 30, "b")).toBe("conflict");
		const cancelled = started({ id: "a" }, { id: "b" });
		cancelled.attempts(PERMANENT, 10, "a");
		cancels(cancelled, 20);
		expect(resumesStep(cancelled, 30, "a")).toBe("conflict");
		expect(discards(cancelled, 40, "a")).toBe("ok");
	});
});
