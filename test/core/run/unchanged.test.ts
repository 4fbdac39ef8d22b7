// Workflows that read first, and do nothing if what they read is what was last acted on.

import { describe, expect, test } from "vitest";
import { type Beginning, begin, isGuarded } from "../../../src/core/run/begin";
import { pendingStep, startRun } from "../../../src/core/run/run";
import type { Acted, StepState } from "../../../src/model/entity";
import type { StepPlan } from "../../../src/model/plan";
import { event, type Given, NOW, PERMANENT, plan, runOf, SUCCEEDED, stepPlan, stepState } from "./given";
import { needs, started, statuses } from "./operators";

function beginning(more: Partial<StepPlan>, others: StepState[] = [], run = {}): Beginning {
	const step = pendingStep(stepPlan(more), "step");
	const start = { id: runOf(1), work: plan(undefined, { steps: [] }), trace_id: "a", source: "crm" };
	const whole = startRun({ ...start, event_id: event(1).id, window: null, n: 1 }, NOW);
	const scope = () => ({ event: event(1), now: new Date(NOW).toISOString(), steps: {}, run: {}, workflow: {} });
	return { run: { ...whole, steps: [step, ...others], ...run }, step, scope, acted: null };
}

describe("a step of a workflow that skips the unchanged", () => {
	const read = stepState({ id: "read", status: "succeeded", output: { b: 2, a: 1 } });
	const compares = { skip_unchanged: ["read"] };
	const state = '[{"a":1,"b":2}]';
	const actedOn = (more: Partial<Acted> = {}): Acted => ({ run: "run_0.deal-watch", state, at: NOW - 5, ...more });
	const begins = (acted: Acted | null, more: Partial<StepPlan> = {}, before = read) =>
		begin({ ...beginning(more, [before], compares), acted }, NOW);

	test("acts the first time, and says on what", () => {
		expect(begins(null)).toEqual({ kind: "send", acted: { run: runOf(1), state, at: NOW } });
	});

	test("is skipped if what was read is what another run acted on", () => {
		expect(begins(actedOn())).toMatchObject({
			kind: "end",
			step: { status: "skipped", reason: "nothing has changed since run_0.deal-watch acted" },
		});
	});

	test("acts beside the other steps of its own run", () => {
		expect(begins(actedOn({ run: runOf(1) })).kind).toBe("send");
	});

	test("acts if what was read has changed", () => {
		expect(begins(actedOn({ state: '[{"a":1,"b":3}]' }))).toMatchObject({ kind: "send", acted: { state } });
	});

	test.each([
		["its condition is false", { if: "false" }, "if is false"],
		["and asks people", { use: "approve", connection: null }, "nothing has changed since run_0.deal-watch acted"],
		["and fans out", { for_each: "[1]" }, "nothing has changed since run_0.deal-watch acted"],
	])("is skipped where %s", (_, more, reason) => {
		expect(begins(actedOn(), more)).toMatchObject({ kind: "end", step: { status: "skipped", reason } });
	});

	test.each([
		["only reads", { reads: true }],
		["only waits", { use: "wait", connection: null, input: { for: "1h" } }],
	] as const)("goes on in any case where it %s", (_, more) => {
		const one = begins(actedOn(), more);
		expect(one.kind).not.toBe("end");
		expect(one).not.toHaveProperty("acted");
	});

	test.each([
		["was not read", { status: "failed" }],
		["was read in its fallback only", { fell_back: true }],
	] as const)("acts where the state %s, and remembers nothing", (_, more) => {
		expect(begins(actedOn(), {}, { ...read, ...more })).toEqual({ kind: "send" });
	});

	test("acts where the reading step is gone", () => {
		expect(begin({ ...beginning({}, [], compares), acted: actedOn() }, NOW)).toEqual({ kind: "send" });
	});

	test("acts where the answer was not kept, or stands with the elements of a list: it was not read in full", () => {
		const { output: _, ...unkept } = read;
		expect(begins(actedOn({ state: "[null]" }), {}, unkept)).toEqual({ kind: "send" });
	});

	test("compares the answers of a list's elements, and each list for itself", () => {
		const listed = (id: string, ...outputs: number[]): StepState[] => {
			const plan = stepPlan({ id, for_each: "[]" });
			const items = outputs.map((output, index) => ({ ...pendingStep(plan, "item", `${id}.${index}`), output }));
			return [stepState({ id, plan, status: "succeeded" }), ...items];
		};
		const stateOf = (...steps: StepState[]) => {
			const begun = begin(beginning({}, steps, { skip_unchanged: ["x", "y"] }), NOW);
			return begun.kind === "send" ? begun.acted?.state : undefined;
		};
		expect(stateOf(...listed("x", 1), ...listed("y", 2, 3))).toBe("[[1],[2,3]]");
		expect(stateOf(...listed("x", 1, 2), ...listed("y", 3))).toBe("[[1,2],[3]]");
		expect(stateOf(...listed("x"), ...listed("y"))).toBe("[[],[]]");
	});

	test("is skipped where the answer was null, and still is", () => {
		expect(begins(actedOn({ state: "[null]" }), {}, { ...read, output: null }).kind).toBe("end");
	});

	test("remembers what it acts on when it fans out, and nothing where it does not come to that", () => {
		const acted = { run: runOf(1), state, at: NOW };
		expect(begins(null, { for_each: "[1]" })).toMatchObject({ kind: "fan_out", acted });
		for (const for_each of ["[]", "1"]) expect(begins(null, { for_each })).not.toHaveProperty("acted");
		expect(begins(null, { use: "approve", connection: null })).not.toHaveProperty("acted");
	});

	test("that tells people of a failure is not compared", () => {
		const one = beginning({}, [read], compares);
		expect(begin({ ...one, step: { ...one.step, kind: "on_failure" }, acted: actedOn() }, NOW)).toEqual({
			kind: "send",
		});
	});
});

test.each([
	[{ use: "chat.post" }, true],
	[{ use: "approve" }, true],
	[{ use: "wait" }, false],
	[{ use: "chat.get", reads: true as const }, false],
])("what acts is guarded: %j is %s", (plan, guarded) => {
	expect(isGuarded(plan)).toBe(guarded);
});

describe("what a workflow that skips the unchanged acted on", () => {
	const reads = [
		{ id: "read", reads: true as const },
		{ id: "act", ...needs("read") },
	];
	const compared = { skip_unchanged: ["read"] };
	const acted = (given: Given) => given.state.acted.get("deal-watch");

	test("is remembered when it acts", () => {
		const given = started(reads, compared);
		expect(acted(given)).toBeUndefined();
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		expect(acted(given)).toEqual({ run: given.run().id, state: '[{"n":1}]', at: NOW + 10 });
		given.attempts(SUCCEEDED, 20, "act");
		expect(acted(given)).toMatchObject({ state: '[{"n":1}]' });
	});

	test("is forgotten when it acted in vain", () => {
		const given = started(reads, compared);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		given.attempts(PERMANENT, 20, "act");
		expect(acted(given)).toBeUndefined();
	});

	test("is forgotten for what begins in the same turn, too", () => {
		const steps = [
			{ id: "read", reads: true as const },
			{ id: "wait", use: "wait", connection: null, input: { for: "60s" }, ...needs("read") },
			{ id: "act", repeatable: false, on_unknown: "stop" as const, ...needs("wait") },
		];
		const given = started(steps, compared);
		given.arrives(event(2), plan(undefined, { steps: steps.map((step) => stepPlan(step)), ...compared }), 1_000);
		const read = { kind: "succeeded", output: { n: 1 } } as const;
		given.reports(read, 2_000, { step: "read", run: runOf(1), attempt: 1 });
		given.reports(read, 3_000, { step: "read", run: runOf(2), attempt: 1 });
		given.passes(62_000);
		given.claims(62_001, "act", runOf(1));
		given.passes(200_000);
		expect(given.step("act", runOf(1))).toMatchObject({ status: "failed", class: "unknown_outcome" });
		expect(given.step("act", runOf(2)).status).toBe("ready");
		expect(acted(given)).toMatchObject({ run: runOf(2) });
	});

	test.each([
		["only read", [{ id: "look", reads: true as const }], "partial"],
		["only waited", [{ id: "nap", use: "wait", connection: null, input: { for: "1s" } }], "partial"],
	])("is forgotten when what went well %s", (_, others, status) => {
		const given = started([...reads, ...others], compared);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		given.attempts(PERMANENT, 20, "act");
		given.passes(1_001);
		if (others[0]?.id === "look") given.attempts(SUCCEEDED, 2_000, "look");
		expect(given.run().status).toBe(status);
		expect(acted(given)).toBeUndefined();
	});

	test("is forgotten when nothing was changed, though the run went well", () => {
		const given = started([reads[0] ?? {}, { id: "act", continue_on_error: true, ...needs("read") }], compared);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		given.attempts(PERMANENT, 20, "act");
		expect(given.run().status).toBe("succeeded");
		expect(acted(given)).toBeUndefined();
	});

	test("is kept when elements of a list were acted on", () => {
		const each = { id: "act", for_each: "[1, 2]", ...needs("read") };
		const given = started([reads[0] ?? {}, each], compared);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		given.attempts(SUCCEEDED, 20, "act.0");
		given.attempts(SUCCEEDED, 21, "act.1");
		expect(acted(given)).toMatchObject({ state: '[{"n":1}]' });
	});

	test("is kept when it acted in part", () => {
		const given = started([...reads, { id: "other" }], compared);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		given.attempts(PERMANENT, 20, "act");
		given.attempts(SUCCEEDED, 30, "other");
		expect(given.run().status).toBe("partial");
		expect(acted(given)).toMatchObject({ state: '[{"n":1}]' });
	});
});

describe("a second run", () => {
	const steps = [
		{ id: "read", reads: true as const, fallback: { n: 0 } },
		{ id: "act", ...needs("read") },
	];
	const compared = { skip_unchanged: ["read"] };

	/** The first run has read `n: 1`; the second reads this. */
	function second(first: "acts" | "has acted", output: number | "fails"): Given {
		const given = started(steps, compared);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		if (first === "has acted") given.attempts(SUCCEEDED, 20, "act");
		given.arrives(event(2), plan(undefined, { steps: steps.map((step) => stepPlan(step)), ...compared }), 1_000);
		given.claims(1_001, "read", runOf(2));
		const outcome = output === "fails" ? PERMANENT : ({ kind: "succeeded", output: { n: output } } as const);
		given.reports(outcome, 1_002, { step: "read", run: runOf(2) });
		return given;
	}

	test.each(["acts", "has acted"] as const)("is over, having read what the first one %s on", (first) => {
		const given = second(first, 1);
		expect(statuses(given, runOf(2))).toEqual({ read: "succeeded", act: "skipped" });
		expect(given.run(runOf(2)).status).toBe("succeeded");
		expect(given.facts.findLast(({ kind }) => kind === "step.ended")).toMatchObject({
			run: runOf(2),
			data: { status: "skipped", reason: `nothing has changed since ${runOf(1)} acted` },
		});
	});

	test("acts on what has changed, and that is remembered then", () => {
		const given = second("acts", 2);
		expect(statuses(given, runOf(2))).toEqual({ read: "succeeded", act: "ready" });
		expect(given.state.acted.get("deal-watch")).toMatchObject({ run: runOf(2), state: '[{"n":2}]' });
	});

	test("that failed leaves what the other acted on as it is", () => {
		const given = second("acts", 2);
		given.reports(PERMANENT, 2_000, { step: "act", run: runOf(1), attempt: 1 });
		expect(given.run(runOf(1)).status).toBe("failed");
		expect(given.state.acted.get("deal-watch")).toMatchObject({ run: runOf(2) });
	});

	test("acts where it could not read, and leaves what is remembered", () => {
		const given = second("has acted", "fails");
		expect(statuses(given, runOf(2))).toEqual({ read: "succeeded", act: "ready" });
		expect(given.state.acted.get("deal-watch")).toMatchObject({ run: runOf(1) });
	});

	test("acts after the first one acted in vain", () => {
		const given = started(steps, compared);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "read");
		given.attempts(PERMANENT, 20, "act");
		given.arrives(event(2), plan(undefined, { steps: steps.map((step) => stepPlan(step)), ...compared }), 1_000);
		given.reports({ kind: "succeeded", output: { n: 1 } }, 1_002, { step: "read", run: runOf(2), attempt: 1 });
		expect(statuses(given, runOf(2))).toEqual({ read: "succeeded", act: "ready" });
	});
});
