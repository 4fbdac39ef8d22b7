// What a run waits for, and that it does not matter in which order its facts came.

import { describe, expect, test } from "vitest";
import { waitsOf } from "../../src/ledger/waits";
import type { Wait } from "../../src/model/ledger";
import {
	also,
	arrivals,
	asks,
	ended,
	entriesOf,
	factsOf,
	joins,
	letter,
	RUN,
	sleeps,
	started,
	stepEnded,
	T0,
	type Told,
	votes,
} from "./story";

const UNTIL = T0 + 600_000;

function text(wait: Wait): string {
	switch (wait.kind) {
		case "join":
			return `join ${wait.have.join("+")} lacks ${wait.missing.join("+")}`;
		case "approval":
			return `${wait.step} ${wait.approved}/${wait.need} ${wait.votes.map(({ by, vote }) => `${by}:${vote}`).join(" ")}`.trim();
		case "time":
			return `${wait.step} sleeps`;
	}
}

const cancelled: Told = { kind: "run.cancelled", actor: "ann", data: { by: "ann", reason: "no", compensate: true } };

const STORIES: [name: string, story: Told[], waits: string[]][] = [
	["never waits", [started("a"), ended("succeeded")], []],
	["is an open join", [joins(["ci"], ["qa", "legal"], UNTIL)], ["join ci lacks qa+legal"]],
	[
		"is a join with two of three",
		[joins(["ci"], ["qa", "legal"], UNTIL), joins(["ci", "qa"], ["legal"], UNTIL)],
		["join ci+qa lacks legal"],
	],
	["was a join", [joins(["ci"], ["qa"], UNTIL), started("a")], []],
	["was a join that came in the same turn", [joins(["ci"], ["qa"], UNTIL), also(started("a"))], []],
	["asks", [started("ok"), asks("ok", UNTIL)], ["ok 0/2"]],
	["was a join before a clock went back", [started("a"), joins(["ci"], ["qa"], UNTIL)], []],
	[
		"sleeps no longer than it takes to say so",
		[sleeps("nap", T0), also(stepEnded("nap", { status: "succeeded" }))],
		[],
	],
	[
		"is answered within a millisecond",
		[started("ok"), asks("ok", UNTIL), also(votes("ok", "ann", 1))],
		["ok 1/2 ann:approve"],
	],
	["asks before it begins", [started("_start", "a"), also(asks("_start", UNTIL))], ["_start 0/2"]],
	["has one vote", [started("ok"), asks("ok", UNTIL), votes("ok", "ann", 1)], ["ok 1/2 ann:approve"]],
	[
		"has enough votes",
		[
			...[started("ok"), asks("ok", UNTIL), votes("ok", "ann", 1), votes("ok", "ben", 2)],
			also(stepEnded("ok", { status: "succeeded" })),
		],
		[],
	],
	["sleeps and asks", [started("nap", "ok"), sleeps("nap", UNTIL), also(asks("ok", UNTIL))], ["nap sleeps", "ok 0/2"]],
	["slept", [started("nap"), sleeps("nap", UNTIL), stepEnded("nap", { status: "succeeded" })], []],
	["was not asked in time", [started("ok"), asks("ok", UNTIL), letter("ok")], []],
	[
		"asks once more",
		[
			...[
				started("ok"),
				asks("ok", UNTIL),
				votes("ok", "ann", 0, "reject"),
				also(stepEnded("ok", { status: "failed" })),
			],
			...[also(ended("failed")), asks("ok", UNTIL + 1)],
		],
		["ok 0/2"],
	],
	["was cancelled", [started("ok"), asks("ok", UNTIL), cancelled], []],
	["has ended", [started("ok"), asks("ok", UNTIL), ended("failed")], []],
	["voted without being asked", [started("ok"), votes("ok", "ann", 1)], []],
];

describe.each(STORIES)("a run that %s", (_, story, waits) => {
	test("waits for this, in whatever order its facts came", () => {
		for (const facts of arrivals(factsOf(story))) expect(waitsOf(entriesOf(facts)).map(text)).toEqual(waits);
	});
});

test("a wait says all that a reader needs", () => {
	const place = { run: RUN, workflow: "wf", version: 1, entity_key: "e:tracker/issue/1", until: UNTIL };
	expect(waitsOf(entriesOf(factsOf([joins(["ci"], ["qa"], UNTIL)])))).toMatchObject([{ ...place, since: T0 }]);
	expect(waitsOf(entriesOf(factsOf([started("nap"), sleeps("nap", UNTIL)])))).toMatchObject([
		{ ...place, since: T0 + 1_000 },
	]);
	expect(
		waitsOf(entriesOf(factsOf([started("ok"), asks("ok", UNTIL), votes("ok", "ann", 0, "reject")]))),
	).toMatchObject([
		{
			...place,
			...{ of: ["legal", "finance"], need: 2, approved: 0, ask: "Ship it?" },
			votes: [{ by: "ann", vote: "reject", comment: "not yet", at: T0 + 2_000 }],
		},
	]);
});

test.each<[string, Told]>([
	["a join without a deadline", { kind: "join.waiting", data: { have: [], missing: [] } }],
	["an approval of nobody", { kind: "step.waiting", step: "ok", data: { for: "approval", until: UNTIL } }],
	["a wait until some time", { kind: "step.waiting", step: "nap", data: { for: "time", until: "soon" } }],
])("%s cannot be listed, and does no harm", (_, told) => {
	expect(waitsOf(entriesOf(factsOf([told])))).toEqual([]);
});
