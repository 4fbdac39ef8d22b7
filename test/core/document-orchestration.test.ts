// What the steps of a sound document are compiled to: plans of attempts, undoing, asking, waiting and telling.

import { describe, expect, test } from "vitest";
import { approve, compiled, get, ofSteps, post, problems, says } from "./document-catalogue";

const attempts = { on_unknown: "retry", attempts: 6, base_ms: 10_000, cap_ms: 3_600_000 };
const request = { use: "http.request", connection: "api", with: { url: "https://a.example" } };
const compensating = { on_failure: { compensate: true } };

function stepOf(step: unknown, change: object = {}) {
	const [first] = compiled({ ...ofSteps(step), ...change }).steps;
	if (first === undefined) throw new Error("there is no step");
	return first;
}

describe("undo", () => {
	test("is the way that the action knows, over the step's connection", () => {
		const { plan, undo } = stepOf(post("tell", { retry: { attempts: 2 } }));
		expect(plan.undo).toEqual({
			...{ use: "slack.delete_message", connection: "slack", natural: true },
			...{ timeout_ms: 10_000, repeatable: true, ...attempts },
		});
		expect(undo).toBeUndefined();
	});

	test("is the author's own, with its own attempts", () => {
		const own = { ...request, timeout: "5s", on_unknown: "stop", retry: { attempts: 9, base: "1s", cap: "1m" } };
		const { plan, undo } = stepOf(post("tell", { undo: own }));
		expect(plan.undo).toEqual({
			...{ use: "http.request", connection: "api", natural: false, timeout_ms: 5_000, repeatable: true },
			...{ on_unknown: "stop", attempts: 9, base_ms: 1_000, cap_ms: 60_000 },
		});
		expect(undo).toMatchObject({ use: "http.request", template: { programs: [] } });
	});

	test("goes over the step's connection where it names none", () => {
		const own = { use: "slack.add_reaction" };
		expect(stepOf(post("tell", { undo: own })).plan.undo).toMatchObject({ connection: "slack", natural: false });
	});

	test("can read what its step has answered, and the element that it was for", () => {
		const url = "https://a.example/${{ steps.tell.output[index].ts }}/${{ item.id }}";
		const undo = { ...request, with: { url } };
		expect(stepOf(post("tell", { undo, for_each: "event.data.items" })).undo?.template.programs).toHaveLength(2);
	});

	test("is none where the author says so, where the action knows none, and of a reading", () => {
		expect(stepOf(post("tell", { undo: "none" })).plan).not.toHaveProperty("undo");
		expect(stepOf({ ...request, id: "book" }).plan).not.toHaveProperty("undo");
		expect(stepOf(get("deal")).plan).not.toHaveProperty("undo");
	});

	test("need not be written for what knows its way, reads, asks or waits", () => {
		const wait = { id: "rest", use: "wait", with: { for: "1h" } };
		expect(compiled({ ...ofSteps(post("tell"), get("deal"), approve(), wait), ...compensating }).compensate).toBe(true);
		expect(problems({ ...ofSteps({ ...request, id: "book", undo: "none" }), ...compensating })).toEqual([]);
	});
});

describe("a step", () => {
	test("that reads is planned as such, with its fallback as it is written", () => {
		const fallback = { body: "${{ event.data }}", status: 0 };
		expect(stepOf(get("deal", { fallback })).plan).toEqual({
			...{ id: "deal", use: "http.get", connection: "api", timeout_ms: 30_000, repeatable: true, reads: true },
			...{ fallback, ...attempts },
		});
	});

	test("that asks or waits goes nowhere, and keeps its input as it is written", () => {
		const asked = approve({ need: 2, of: ["ada", "legal"], ask: "Is ${{ event.entity.id }} fine?" });
		expect(stepOf(asked).plan).toEqual({
			...{ id: "legal", use: "approve", connection: null, timeout_ms: 0, repeatable: true, ...attempts },
			input: { of: ["ada", "legal"], within: "1d", need: 2, ask: "Is ${{ event.entity.id }} fine?" },
		});
		expect(stepOf({ id: "rest", use: "wait", with: { until: "${{ event.data.due }}" } }).plan).toMatchObject({
			...{ use: "wait", connection: null, input: { until: "${{ event.data.due }}" } },
		});
	});

	test("keeps its condition, its list, how many at a time, and that it may fail", () => {
		const change = { if: "event.data.ok", for_each: "event.data.items", concurrency: 3, continue_on_error: true };
		expect(stepOf(says("tell", "${{ item.name }} ${{ index }}", change)).plan).toMatchObject(change);
		expect(stepOf(post("tell", { continue_on_error: false })).plan).not.toHaveProperty("continue_on_error");
	});

	test("names parts of the answer", () => {
		const output = { name: "body.deal.name", first: "body.items.0", code: "status" };
		expect(stepOf(get("deal", { output })).output).toEqual([
			["name", ["body", "deal", "name"]],
			["first", ["body", "items", "0"]],
			["code", ["status"]],
		]);
		expect(stepOf(get("deal"))).not.toHaveProperty("output");
		expect(problems(ofSteps(get("deal", { output }), says("tell", "${{ steps.deal.output.name }}")))).toEqual([]);
	});

	test("can wait in every way", () => {
		for (const input of [{ for: "90d" }, { until: "2026-12-01T09:00:00+01:00" }, { for: "${{ event.data.pause }}" }])
			expect(problems(ofSteps({ id: "rest", use: "wait", with: input }))).toEqual([]);
	});
});

describe("on_failure", () => {
	const alarm = { ...post("alarm"), id: undefined };

	test("follows the steps, with ids of its own where none are written", () => {
		const workflow = compiled({ ...ofSteps(get("deal")), on_failure: { steps: [alarm, post("b"), alarm] } });
		expect(workflow.compensate).toBe(false);
		expect(workflow.steps.map(({ path, plan }) => [path, plan.id, plan.on_failure])).toEqual([
			["steps[0]", "deal", undefined],
			["on_failure.steps[0]", "on_failure_1", true],
			["on_failure.steps[1]", "b", true],
			["on_failure.steps[2]", "on_failure_3", true],
		]);
	});

	test("reads the steps without needing them, and can need its own", () => {
		const steps = [
			says("alarm", "${{ steps.deal.reason }} ${{ json(run.failures) }}"),
			says("note", "${{ steps.alarm.output.ts }}"),
			post("last", { needs: ["note"] }),
		];
		const workflow = compiled({ ...ofSteps(get("deal")), on_failure: { steps } });
		expect(workflow.steps.map(({ plan }) => plan.needs)).toEqual([
			...[undefined, undefined, { all: ["alarm"] }, { all: ["note"] }],
		]);
	});

	test("is never undone", () => {
		const workflow = compiled({
			...ofSteps(get("deal")),
			on_failure: { compensate: true, steps: [alarm, { ...request }] },
		});
		expect(workflow.steps.every(({ plan }) => plan.undo === undefined)).toBe(true);
	});

	test("can be empty", () => {
		expect(problems({ ...ofSteps(get("deal")), on_failure: {} })).toEqual([]);
	});
});

describe("skip_unchanged", () => {
	const quiet = { timing: { debounce: { quiet: "1m", max_wait: "5m", skip_unchanged: true } } };
	const plans = (...steps: unknown[]) => {
		const { compared, steps: all, timing } = compiled({ ...ofSteps(...steps), ...quiet });
		expect(timing).not.toHaveProperty("skip_unchanged");
		return { compared, needs: Object.fromEntries(all.map(({ plan }) => [plan.id, plan.needs])) };
	};

	test("compares what is read first, and what changes something waits for it", () => {
		expect(plans(get("deal"), get("owner"), post("tell"), approve())).toEqual({
			compared: ["deal", "owner"],
			needs: { deal: undefined, owner: undefined, tell: { all: ["deal", "owner"] }, legal: { all: ["deal", "owner"] } },
		});
	});

	test("compares nothing that is read after a change", () => {
		expect(plans(get("deal"), post("tell"), get("after", { needs: ["tell"] }))).toMatchObject({ compared: ["deal"] });
	});

	test("adds no need of what has ended before", () => {
		const { needs } = plans(get("deal"), says("tell", "${{ steps.deal.output.body }}"), post("b", { needs: ["tell"] }));
		expect(needs).toEqual({ deal: undefined, tell: { all: ["deal"] }, b: { all: ["tell"] } });
	});
});
