// A run as its facts tell it, and that it does not matter in which order they came.

import { describe, expect, test } from "vitest";
import { runViewOf } from "../../src/ledger/run-view";
import type { RunView } from "../../src/model/ledger";
import {
	again,
	also,
	arrivals,
	asks,
	ended,
	entriesOf,
	factsOf,
	letter,
	not,
	ok,
	sleeps,
	started,
	stepEnded,
	T0,
	type Told,
	votes,
} from "./story";

/** A step as one text: id, status, number of attempts, and what else there is. */
function texts(view: RunView | null): string[] {
	return (view?.steps ?? []).map(({ id, status, attempts, class: failure, reason, until, fell_back }) =>
		[id, status, attempts, failure, reason, until, fell_back === true ? "fell back" : undefined]
			.filter((part) => part !== undefined)
			.join(" "),
	);
}

const FAILED = [started("a", "b"), not("a"), also(letter("a")), also(skip("b")), also(ended("failed"))];
const UNDOING = [
	started("a", "b", "c"),
	ok("a"),
	ok("b"),
	not("c"),
	also(letter("c")),
	also({ kind: "run.compensating", data: { steps: ["b", "a"] } }),
];
const STUCK = [...UNDOING, not("b.undo"), also(letter("b.undo")), also(stuck())];

const UNDO_A: Told = { kind: "run.compensating", data: { steps: ["a"] } };

function skip(step: string): Told {
	return stepEnded(step, { status: "skipped", reason: "needs a: a failed", blocked: true });
}
function stuck(): Told {
	const steps = { a: "succeeded", b: "succeeded", c: "failed", "b.undo": "failed" };
	return ended("compensation_failed", { left: ["a (x.do)", "b (x.do)"], steps });
}
const resumed: Told = {
	kind: "run.resumed",
	actor: "ann",
	version: 2,
	data: { by: "ann", version: 2, from_version: 1 },
};
const cancelled: Told = { kind: "run.cancelled", actor: "ann", data: { by: "ann", reason: "no", compensate: false } };

const STORIES: [name: string, story: Told[], status: RunView["status"], steps: string[]][] = [
	["has only begun", [started("a", "b")], "running", ["a pending 0", "b pending 0"]],
	[
		"went well",
		[started("a", "b"), ok("a"), ok("b"), also(ended("succeeded"))],
		"succeeded",
		["a succeeded 1", "b succeeded 1"],
	],
	["waits for its next attempt", [started("a"), again("a", T0 + 9_000)], "running", [`a waiting 1 503 ${T0 + 9_000}`]],
	[
		"tried again and went well",
		[started("a"), again("a", T0), ok("a"), also(ended("succeeded"))],
		"succeeded",
		["a succeeded 2"],
	],
	["failed", FAILED, "failed", ["a failed 1 not_found 404", "b skipped 0 needs a: a failed"]],
	["was retried", [...FAILED, letter("a", "retried")], "running", ["a running 1", "b pending 0"]],
	[
		"was retried and failed again",
		[...FAILED, letter("a", "retried"), not("a", "403"), also(letter("a")), also(skip("b")), also(ended("failed"))],
		"failed",
		["a failed 2 not_found 404", "b skipped 0 needs a: a failed"],
	],
	[
		"goes on because what was given up has succeeded",
		[...FAILED, ok("a"), also(letter("a", "resolved"))],
		"running",
		["a succeeded 2", "b pending 0"],
	],
	[
		"fell back",
		[
			started("a"),
			not("a"),
			also(stepEnded("a", { status: "succeeded", class: "not_found", reason: "404", fell_back: true })),
			also(ended("succeeded")),
		],
		"succeeded",
		["a succeeded 1 not_found 404 fell back"],
	],
	[
		"fans out",
		[started("a", "each", "z"), ok("a"), ok("each.10"), not("each.2"), also(letter("each.2"))],
		"running",
		["a succeeded 1", "each running 0", "each.2 failed 1 not_found 404", "each.10 succeeded 1", "z pending 0"],
	],
	[
		"fanned out, and an item is retried",
		[
			...[started("each"), not("each.0"), also(letter("each.0"))],
			...[also(stepEnded("each", { status: "failed", reason: "1 of 1 failed" })), also(ended("failed"))],
			letter("each.0", "retried"),
		],
		"running",
		["each running 0", "each.0 running 1"],
	],
	[
		"goes on because what was skipped, and taken by nobody, has succeeded",
		[...FAILED.slice(0, 3), also(skip("b")), also(skip("c")), also(ended("failed")), ok("b")],
		"running",
		["a failed 1 not_found 404", "b succeeded 1", "c pending 0"],
	],
	[
		"stays ended whatever fails afterwards",
		[...STUCK, not("a.undo")],
		"compensation_failed",
		["a undo_failed 1 not_found 404", "b undo_failed 1 not_found 404", "c failed 1 not_found 404"],
	],
	["asks", [started("ok"), asks("ok", T0 + 5_000)], "running", [`ok waiting 0 ${T0 + 5_000}`]],
	["sleeps", [started("nap"), sleeps("nap", T0 + 5_000)], "running", [`nap waiting 0 ${T0 + 5_000}`]],
	[
		"was rejected",
		[
			...[started("ok", "b"), asks("ok", T0), votes("ok", "ann", 0, "reject")],
			also(stepEnded("ok", { status: "failed", class: "rejected", reason: "rejected by ann" })),
			...[also(skip("b")), also(ended("failed"))],
		],
		"failed",
		["ok failed 0 rejected rejected by ann", "b skipped 0 needs a: a failed"],
	],
	[
		"was rejected and asks again",
		[
			...[started("ok", "b"), asks("ok", T0), also(stepEnded("ok", { status: "failed", class: "rejected" }))],
			...[also(skip("b")), also(ended("failed")), resumed, also(asks("ok", T0 + 9_000))],
		],
		"running",
		[`ok waiting 0 ${T0 + 9_000}`, "b pending 0"],
	],
	[
		"may not begin by itself",
		[started("_start", "a"), also(asks("_start", T0 + 5_000))],
		"running",
		[`_start waiting 0 ${T0 + 5_000}`, "a pending 0"],
	],
	[
		"ended before it began, as only its end tells",
		[started("_start", "a"), also(skip("a")), also(ended("failed", { steps: { _start: "failed", a: "skipped" } }))],
		"failed",
		["_start failed 0", "a skipped 0 needs a: a failed"],
	],
	[
		"needed nobody to be told",
		[started("a", "page"), ok("a"), also(ended("succeeded", { steps: { a: "succeeded" } }))],
		"succeeded",
		["a succeeded 1", "page skipped 0"],
	],
	[
		"is being undone",
		[...UNDOING, again("b.undo", T0 + 60_000)],
		"compensating",
		["a undoing 1", `b undoing 1 503 ${T0 + 60_000}`, "c failed 1 not_found 404"],
	],
	[
		"was undone",
		[...UNDOING, ok("b.undo"), ok("a.undo"), also(ended("compensated"))],
		"compensated",
		["a undone 1", "b undone 1", "c failed 1 not_found 404"],
	],
	[
		"could not be undone",
		STUCK,
		"compensation_failed",
		["a succeeded 1", "b undo_failed 1 not_found 404", "c failed 1 not_found 404"],
	],
	[
		"is undone on",
		[...STUCK, letter("b.undo", "retried")],
		"compensating",
		["a succeeded 1", "b undoing 1", "c failed 1 not_found 404"],
	],
	[
		"is undone on around what cannot be",
		[...STUCK, letter("b.undo", "discarded"), again("a.undo", T0 + 60_000)],
		"compensating",
		[`a undoing 1 503 ${T0 + 60_000}`, "b undo_failed 1 not_found 404", "c failed 1 not_found 404"],
	],
	[
		"is undone on, because what cannot be was discarded",
		[...STUCK, letter("b.undo", "discarded")],
		"compensating",
		["a succeeded 1", "b undo_failed 1 not_found 404", "c failed 1 not_found 404"],
	],
	[
		"is undone on, and does not go on elsewhere",
		[started("a", "b"), ok("a"), { ...skip("b"), also: true }, UNDO_A, not("a.undo"), letter("a.undo", "retried")],
		"compensating",
		["a undoing 1", "b skipped 0 needs a: a failed"],
	],
	[
		"is undone as soon as its last step has ended",
		[started("a", "b"), not("b"), ok("a"), also(UNDO_A)],
		"compensating",
		["a undoing 1", "b failed 1 not_found 404"],
	],
	[
		"is undone, and what was doubtful has succeeded",
		[started("a", "b"), not("b"), also({ kind: "run.compensating", data: { steps: ["b", "a"] } }), ok("b")],
		"compensating",
		["a undoing 0", "b undoing 2 not_found 404"],
	],
	[
		"of a fan-out is undone item by item",
		[started("each"), ok("each.0"), { kind: "run.compensating", data: { steps: ["each.0"] } }, ok("each.0.undo")],
		"compensating",
		["each running 0", "each.0 undone 1"],
	],
	[
		"was cancelled",
		[
			...[started("a", "b", "c"), ok("a"), asks("b", T0), cancelled],
			also(stepEnded("b", { status: "cancelled", reason: "the run was cancelled by ann" })),
			also(ended("cancelled", { steps: { a: "succeeded", b: "cancelled", c: "cancelled" } })),
		],
		"cancelled",
		["a succeeded 1", "b cancelled 0 the run was cancelled by ann", "c cancelled 0"],
	],
	[
		"was resumed on a version that lacks a step",
		[
			...[...FAILED, resumed, also({ ...letter("a", "retried"), version: 2 })],
			{ ...ended("succeeded", { steps: { b: "skipped" } }), version: 2 },
		],
		"succeeded",
		["a cancelled 1", "b skipped 0"],
	],
];

describe.each(STORIES)("a run that %s", (_, story, status, steps) => {
	test("has this status and these steps, in whatever order its facts came", () => {
		for (const facts of arrivals(factsOf(story))) {
			const view = runViewOf(entriesOf(facts));
			expect([view?.status, texts(view)]).toEqual([status, steps]);
			expect(view?.finished_at === null).toBe(status === "running" || status === "compensating");
		}
	});
});

test("a run that was resumed on another version is of that version", () => {
	expect(runViewOf(entriesOf(factsOf([...FAILED, resumed])))).toMatchObject({ version: 2, status: "running" });
});

test("a run that repeats another says which", () => {
	const told: Told = { kind: "run.started", data: { steps: ["a"], repeats: "run_x.wf" } };
	expect(runViewOf(entriesOf(factsOf([told])))?.repeats).toBe("run_x.wf");
	expect(runViewOf(entriesOf(factsOf([started("a")])))?.repeats).toBeNull();
});

test("what could not be undone is left, until it is undone on", () => {
	expect(runViewOf(entriesOf(factsOf(STUCK)))?.left).toEqual(["a (x.do)", "b (x.do)"]);
	expect(runViewOf(entriesOf(factsOf([...STUCK, letter("b.undo", "retried")])))?.left).toEqual([]);
});

test("an end of an unknown kind is a failure, and odd data is passed over", () => {
	const odd: Told[] = [started("a"), ended("exploded", { steps: "left out: 9000 bytes", left: 3 })];
	expect(runViewOf(entriesOf(factsOf(odd)))).toMatchObject({ status: "failed", left: [], steps: [{ id: "a" }] });
});

test("there is no run before it began", () => {
	expect(runViewOf(entriesOf(factsOf([ok("a"), ended("succeeded")])))).toBeNull();
	expect(runViewOf([])).toBeNull();
});
