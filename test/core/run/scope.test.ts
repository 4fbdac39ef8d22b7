// What the expressions of a step can read.

import { describe, expect, test } from "vitest";
import { groupKey } from "../../../src/core/accept";
import { type ReadEvent, scopeOf } from "../../../src/core/run/scope";
import type { JsonObject } from "../../../src/model/json";
import {
	aggregate,
	debounce,
	event,
	Given,
	HOUR,
	idsOf,
	join,
	PERMANENT,
	plan,
	runOf,
	SUCCEEDED,
	stepPlan,
} from "./given";
import { needs, started, undoable } from "./operators";

function scope(given: Given, step = "tell", read: ReadEvent = given.state.read): JsonObject {
	return scopeOf(given.run(), given.step(step), read);
}

test("a run of one event reads that event, and a window of one", () => {
	const given = started([{}]);
	expect(scope(given)).toEqual({
		event: event(1),
		window: {
			count: 1,
			first_at: null,
			last_at: null,
			event_ids: idsOf(1),
			events: [event(1)],
			summary: null,
			diff: [],
		},
		branches: {},
		steps: { tell: { status: "ready", output: null, reason: null, fell_back: false } },
		run: { id: runOf(1), started_at: "2026-11-20T09:00:00.000Z", failures: [], left: [] },
		workflow: { name: "deal-watch", version: 1 },
	});
});

test("an event that is gone reads as null, and is in no list", () => {
	const given = started([{}]);
	expect(scope(given, "tell", () => null)).toMatchObject({ event: null, window: { event_ids: idsOf(1), events: [] } });
});

describe("a run of a window reads", () => {
	function debounced(keep: "latest" | "all"): Given {
		const given = new Given();
		given.arrives(event(1, { changes: [{ field: "stage", from: "a", to: "b" }] }), plan(debounce({ keep })), 0);
		given.arrives(event(2, { changes: [{ field: "stage", from: "b", to: "c" }] }), plan(debounce({ keep })), 500);
		given.passes(20_000);
		return given;
	}

	test("its latest event, and of the others the ids", () => {
		const given = debounced("latest");
		expect(scope(given)).toMatchObject({
			event: { id: event(2).id },
			window: {
				count: 2,
				first_at: "2026-11-20T09:00:00.000Z",
				last_at: "2026-11-20T09:00:00.500Z",
				event_ids: idsOf(1, 2),
				events: [{ id: event(2).id }],
				diff: [],
			},
		});
	});

	test("all its events and what they changed in all, where all are kept", () => {
		expect(scope(debounced("all"))).toMatchObject({
			window: { events: [{ id: event(1).id }, { id: event(2).id }], diff: [{ field: "stage", from: "a", to: "c" }] },
		});
	});

	test("a summary, of an aggregate", () => {
		const given = new Given();
		given.arrives(event(1), plan(aggregate(), { extract: { counts_by: "open" } }), 0);
		given.passes(HOUR);
		expect(scope(given)).toMatchObject({ window: { summary: { count: 1, counts_by: { open: 1 } } } });
	});

	test("no event, of an empty clock window", () => {
		const given = new Given();
		given.ticks(plan(aggregate({ window: undefined, every: "0 * * * *", when_empty: "run" })), "aa", 1);
		given.passes(HOUR);
		expect(scope(given)).toMatchObject({
			event: null,
			window: { count: 0, event_ids: [], events: [], first_at: null },
		});
	});

	test("its branches, of a join", () => {
		const key = groupKey("deal-watch", "v1");
		const timing = join({ branches: { build: "required", docs: "optional" }, need: 1 });
		const given = new Given(key);
		given.arrives(event(1), plan(timing, { entity_key: key, branch: "build" }), 0);
		expect(scope(given).branches).toEqual({
			build: { arrived: true, at: "2026-11-20T09:00:00.000Z", count: 1, event: event(1) },
			docs: { arrived: false, at: null, count: 0, event: null },
		});
		expect(scope(given, "tell", () => null).branches).toMatchObject({ build: { arrived: true, event: null } });
	});
});

describe("of the other steps of its run a step reads", () => {
	test("how they ended, why, and what they answered", () => {
		const given = started([
			{ id: "a" },
			{ id: "b", reads: true, fallback: { x: 1 } },
			{ id: "c" },
			{ id: "d", ...needs("a") },
		]);
		given.attempts({ kind: "succeeded", output: { n: 1 } }, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		given.attempts(PERMANENT, 30, "c");
		expect(scope(given, "d").steps).toEqual({
			a: { status: "succeeded", output: { n: 1 }, reason: null, fell_back: false },
			b: { status: "succeeded", output: { x: 1 }, reason: "404", fell_back: true },
			c: { status: "failed", output: null, reason: "404", fell_back: false },
			d: { status: "ready", output: null, reason: null, fell_back: false },
		});
		expect(scope(given, "d").run).toMatchObject({
			failures: [{ step: "c", class: "not_found", reason: "404" }],
			left: ["a (chat.post)"],
		});
	});

	test("of a list a list, with null for what has no answer", () => {
		const given = started([{ id: "each", for_each: "[1, 2, 3]" }, { id: "other" }]);
		given.attempts({ kind: "succeeded", output: "third" }, 10, "each.2");
		given.attempts(PERMANENT, 20, "each.0");
		expect(scope(given, "other").steps).toMatchObject({ each: { output: [null, null, "third"] } });
		expect(Object.keys(scope(given, "other").steps ?? {})).toEqual(["each", "other"]);
	});

	test("an empty list of one that has not begun", () => {
		const given = started([{ id: "each", for_each: "[1]", ...needs("other") }, { id: "other" }]);
		expect(scope(given, "other").steps).toMatchObject({ each: { status: "pending", output: [] } });
	});

	test("nothing of undoing; and what tells people reads of the failures", () => {
		const steps = [undoable("a"), { id: "b", ...needs("a") }, { id: "page", on_failure: true as const }];
		const given = started(steps, { compensate: true });
		given.attempts(SUCCEEDED, 10, "a");
		given.attempts(PERMANENT, 20, "b");
		given.attempts(SUCCEEDED, 30, "a.undo");
		expect(Object.keys(scope(given, "page").steps ?? {})).toEqual(["a", "b", "page"]);
		expect(scope(given, "page").run).toMatchObject({ failures: [{ step: "b" }], left: [] });
	});
});

test("an item reads its element and its place", () => {
	const given = started([{ id: "each", for_each: '[{"x": 1}, null]' }]);
	expect(scope(given, "each.0")).toMatchObject({ item: { x: 1 }, index: 0 });
	expect(scope(given, "each.1")).toMatchObject({ item: null, index: 1 });
	expect(scope(given, "each")).not.toHaveProperty("item");
});

test("a failure without a class or a reason reads as null", () => {
	const given = started([{}]);
	const run = { ...given.run(), steps: [{ ...given.step(), status: "failed" as const, plan: stepPlan() }] };
	expect(scopeOf(run, given.step(), () => null).run).toMatchObject({
		failures: [{ step: "tell", class: null, reason: null }],
	});
});
