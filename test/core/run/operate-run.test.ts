// Whole runs in the hands of operators: resumed and repeated.

import { describe, expect, test } from "vitest";
import { parkStep } from "../../../src/core/report";
import { debounce, event, Given, HOUR, idsOf, NOW, PERMANENT, plan, runOf, SUCCEEDED, TRANSIENT } from "./given";
import {
	ballot,
	cancels,
	discards,
	needs,
	repeats,
	resumes,
	sent,
	started,
	statuses,
	told,
	undoable,
	votes,
	work,
} from "./operators";

const ASK = { id: "ask", use: "approve", connection: null, input: { of: ["legal"], within: "1h" } };

describe("resuming a run", () => {
	test("goes on at everything that failed, and tells it", () => {
		const given = started([{ id: "a" }, { id: "b" }, { id: "c" }, { id: "d", ...needs("a") }]);
		given.attempts(SUCCEEDED, 4, "c");
		given.attempts(PERMANENT, 5, "a");
		given.attempts(PERMANENT, 6, "b");
		const facts = given.facts.length;
		expect(resumes(given, 10)).toBe("ok");
		expect(sent(given)).toEqual(["a", "b"]);
		expect(statuses(given)).toEqual({ a: "ready", b: "ready", c: "succeeded", d: "pending" });
		expect(given.facts.slice(facts)).toMatchObject([
			{ id: "resumed:deal-watch:1", actor: "ada", data: { by: "ada", version: 1, from_version: 1 } },
			{ id: "dead_letter:deal-watch:a:1:retried" },
			{ id: "dead_letter:deal-watch:b:1:retried" },
		]);
	});

	test("leaves what was discarded, and what was expected to fail", () => {
		const given = started([{ id: "a" }, { id: "b" }, { id: "c", continue_on_error: true }]);
		for (const [n, id] of ["a", "b", "c"].entries()) given.attempts(PERMANENT, n, id);
		discards(given, 5, "a");
		expect(resumes(given, 10)).toBe("ok");
		expect(sent(given)).toEqual(["b"]);
	});

	test("resumes the items that failed, not the step that they are of", () => {
		const given = started([{ id: "each", for_each: "[1, 2, 3]" }]);
		given.attempts(PERMANENT, 1, "each.0");
		given.attempts(SUCCEEDED, 2, "each.1");
		given.attempts(PERMANENT, 3, "each.2");
		resumes(given, 10);
		expect(sent(given)).toEqual(["each.0", "each.2"]);
		expect(given.step("each")).toMatchObject({ status: "fanned_out", resumed: 0 });
	});

	test("sends again what was sent, whatever its condition says by now", () => {
		const given = started([{ id: "a", if: 'timestamp(now) < timestamp("2026-11-20T09:30:00Z")' }]);
		given.attempts(PERMANENT, 1, "a");
		expect(resumes(given, HOUR)).toBe("ok");
		expect(given.step("a").status).toBe("ready");
	});

	test("asks people again who did not answer in time", () => {
		const given = started([ASK, { id: "other" }]);
		given.attempts(SUCCEEDED, 1, "other");
		given.passes(HOUR);
		expect(given.step("ask")).toMatchObject({ status: "failed", class: "timeout" });
		expect(resumes(given, HOUR + 10)).toBe("ok");
		expect(given.step("ask")).toMatchObject({ status: "asking", approval: { votes: [] }, due_at: NOW + 2 * HOUR + 10 });
		expect(told(given, "step.waiting")).toHaveLength(2);
		expect(votes(given, HOUR + 20, ballot("legal"))).toBe("counted");
	});

	test("leaves what people have rejected: what they said stays", () => {
		const given = started([ASK, { id: "other" }]);
		given.attempts(PERMANENT, 1, "other");
		votes(given, 2, ballot("legal", { vote: "reject" }));
		expect(given.run().status).toBe("failed");
		expect(resumes(given, 10)).toBe("ok");
		expect(given.step("ask")).toMatchObject({ status: "failed", class: "rejected" });
		expect(given.step("other").status).toBe("ready");
		expect(votes(given, 20, ballot("legal"))).toBe("over");
	});

	test("opens the gate at which it failed", () => {
		const given = new Given();
		given.arrives(event(1), plan(undefined, { failed: "key: no" }), 0);
		expect(resumes(given, 10)).toBe("ok");
		expect(statuses(given)).toEqual({ _start: "succeeded", tell: "ready" });
	});

	test("that is being undone goes on undoing, and with nothing else", () => {
		const given = started([undoable("a"), { id: "b", ...needs("a") }], { compensate: true });
		given.attempts(SUCCEEDED, 1, "a");
		given.attempts(PERMANENT, 2, "b");
		given.attempts(PERMANENT, 3, "a.undo");
		expect(resumes(given, 5, work([{ id: "a" }]))).toBe("conflict");
		expect(resumes(given, 10)).toBe("ok");
		expect(sent(given)).toEqual(["a.undo"]);
		expect(given.step("b").status).toBe("failed");
	});

	test("is refused while it is open, once it is cancelled, and if nothing failed", () => {
		const open = started([{ id: "a" }, { id: "b" }]);
		open.attempts(PERMANENT, 1, "a");
		expect(resumes(open, 10)).toBe("conflict");
		cancels(open, 11);
		expect(resumes(open, 12)).toBe("conflict");
		const settled = started([{ id: "a" }, { id: "b" }]);
		settled.attempts(PERMANENT, 1, "a");
		settled.attempts(PERMANENT, 2, "b");
		const before = settled.run();
		settled.state.runs.set(before.id, { ...before, steps: before.steps.map((step) => ({ ...step, discarded: true })) });
		expect(resumes(settled, 10)).toBe("conflict");
	});
});

describe("resuming a run that is open", () => {
	const waiting = () => {
		const given = started([{ id: "a", attempts: 3 }, { id: "b" }], { retry_budget: 1 });
		given.attempts(TRANSIENT, 5, "a");
		return given;
	};

	test("tries at once what waits for its next attempt, in the place of the attempt that was to come", () => {
		const given = waiting();
		expect(resumes(given, 10)).toBe("ok");
		expect(sent(given)).toEqual(["a"]);
		expect(given.step("a")).toMatchObject({ status: "ready", attempts: 1, dispatches: 1 });
		expect(given.facts.at(-1)).toMatchObject({ id: "resumed:deal-watch:1", actor: "ada" });
		given.attempts(SUCCEEDED, 20, "a");
		given.passes(HOUR);
		expect(given.step("a")).toMatchObject({ status: "succeeded", attempts: 2 });
	});

	test("tries at once what waits to be called by its connection", () => {
		const given = started([{ id: "a" }]);
		given.claims(5, "a");
		const lease = { until: given.step("a").due_at ?? 0 };
		given.turn(6, (turn) => parkStep(given.state, turn, { run: runOf(1), step: "a" }, { lease, random: 0 }));
		expect(given.step("a").status).toBe("held");
		given.dispatched.length = 0;
		expect(resumes(given, 10)).toBe("ok");
		expect(sent(given)).toEqual(["a"]);
		expect(given.step("a")).toMatchObject({ status: "ready", attempts: 0 });
	});

	test("gives it a new budget of retries", () => {
		const given = waiting();
		expect(given.run().retries).toBe(1);
		resumes(given, 10);
		given.attempts(TRANSIENT, 20, "a");
		expect(given.step("a").status).toBe("waiting");
	});

	test("without a budget left nothing is tried again by itself", () => {
		const given = waiting();
		given.attempts(TRANSIENT, 6, "b");
		expect(given.step("b")).toMatchObject({ status: "failed", class: "exhausted" });
		expect(given.step("b").reason).toContain("no retries left");
		expect(given.step("a").status).toBe("waiting");
	});

	test("is refused with another version, and where nothing waits", () => {
		expect(resumes(waiting(), 10, work([{ id: "a" }]))).toBe("conflict");
		expect(resumes(started([{ id: "a" }]), 10)).toBe("conflict");
	});
});

describe("repeating a run", () => {
	function failed(): Given {
		const steps = [{ id: "a" }, { id: "b", for_each: "[1]" }, { id: "page", on_failure: true as const }];
		const given = started(steps, { compensate: true, skip_unchanged: ["a"], priority: "urgent" });
		given.attempts(SUCCEEDED, 1, "b.0");
		given.attempts(PERMANENT, 2, "a");
		given.attempts(SUCCEEDED, 3, "page");
		return given;
	}

	test("does all of it again, under an identity of its own", () => {
		const given = failed();
		const id = `${runOf(1)}.again`;
		expect(repeats(given, 10)).toEqual({ said: "ok", run: id });
		expect(given.dispatched).toEqual([`${id} a`, `${id} b.0`]);
		expect(given.run(id)).toMatchObject({
			repeats: runOf(1),
			status: "running",
			priority: "urgent",
			compensate: true,
			skip_unchanged: ["a"],
			event_id: event(1).id,
			started_at: NOW + 10,
			on_failure: [{ id: "page" }],
		});
		expect(given.run(id)).not.toHaveProperty("asked_by");
		expect(Object.keys(statuses(given, id))).toEqual(["a", "b", "b.0"]);
		expect(given.facts.find(({ run, kind }) => run === id && kind === "run.started")).toMatchObject({
			id: "started:deal-watch.again",
			data: { repeats: runOf(1), steps: ["a", "b", "page"] },
		});
		expect(given.run(runOf(1)).status).toBe("partial");
	});

	test("in the version that it is given", () => {
		const given = failed();
		repeats(given, 10, { work: work([{ id: "z" }], { version: 4 }) });
		expect(given.run(`${runOf(1)}.again`)).toMatchObject({ version: 4, steps: [{ id: "z" }] });
	});

	test("reads the window that it came from", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce({ keep: "all" })), 0);
		given.arrives(event(2), plan(debounce({ keep: "all" })), 1);
		given.passes(20_000);
		given.attempts(PERMANENT, 20_001);
		repeats(given, 30_000);
		expect(given.run(`${runOf(1)}.again`)).toMatchObject({
			opened_n: 1,
			window: { events: idsOf(1, 2), keep_all: true },
		});
	});

	test("twice under one name is once; under another it is another", () => {
		const given = failed();
		repeats(given, 10);
		const before = given.run(`${runOf(1)}.again`);
		expect(repeats(given, 11, { source: given.run(runOf(1)) })).toEqual({ said: "ok", run: before.id });
		expect(given.run(before.id)).toBe(before);
		expect(given.dispatched).toEqual([]);
		expect(repeats(given, 12, { source: given.run(runOf(1)), name: "more" })).toMatchObject({
			run: `${runOf(1)}.more`,
		});
	});

	test("is refused where another run has that name", () => {
		const given = failed();
		repeats(given, 10);
		expect(repeats(given, 11, { source: given.run(`${runOf(1)}.again`) })).toEqual({ said: "conflict" });
	});

	test("is refused where its event is gone", () => {
		const given = failed();
		given.bodies.clear();
		expect(repeats(given, 10)).toEqual({ said: "gone" });
		expect(given.runs).toHaveLength(1);
	});

	test("works where there never was an event", () => {
		const given = failed();
		given.bodies.clear();
		expect(repeats(given, 10, { source: { ...given.run(), event_id: null } })).toMatchObject({ said: "ok" });
	});

	test("for an approver keeps them from approving it alone", () => {
		const given = started([ASK]);
		votes(given, 1, ballot("legal"));
		repeats(given, 10, { asked_by: "legal" });
		const id = `${runOf(1)}.again`;
		expect(given.run(id).asked_by).toBe("legal");
		expect(votes(given, 11, ballot("legal"), "ask", id)).toBe("own");
		expect(votes(given, 12, ballot("ada", { teams: ["legal"] }), "ask", id)).toBe("counted");
		expect(given.facts.find(({ run, kind }) => run === id && kind === "run.started")?.data).toMatchObject({
			asked_by: "legal",
		});
	});
});
