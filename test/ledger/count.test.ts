// What each kind of fact adds to the counters.

import { expect, test } from "vitest";
import { addToCounters } from "../../src/ledger/count";
import { asks, ended, factsOf, joins, ok, sleeps, started, stepEnded, T0, type Told, votes } from "./story";

const CASES: [told: Told, counters: string[]][] = [
	[joins(["ci"], ["qa"], T0), ["joins", "joins.arrivals"]],
	[joins(["ci", "qa"], [], T0), ["joins.arrivals"]],
	[started("a"), ["runs"]],
	[{ kind: "run.started", data: { steps: [], repeats: "run_x.wf" } }, ["runs", "reruns"]],
	[{ kind: "run.resumed" }, ["resumptions"]],
	[{ kind: "run.cancelled" }, ["cancellations"]],
	[{ kind: "run.compensating" }, ["compensations"]],
	[asks("ok", T0), ["approvals"]],
	[sleeps("nap", T0), ["waits"]],
	[stepEnded("a", { status: "skipped" }), ["steps.skipped"]],
	[stepEnded("a", { status: "succeeded", fell_back: true }), ["steps.succeeded", "fallbacks"]],
	[votes("ok", "ann", 1), ["votes", "votes.approve"]],
	[votes("ok", "ann", 0, "reject"), ["votes", "votes.reject"]],
	[ok("a"), ["attempts", "attempts.succeeded"]],
	[ended("compensation_failed"), ["runs.compensation_failed"]],
	[{ kind: "workflow.paused" }, ["workflows.paused"]],
	[{ kind: "workflow.resumed" }, ["workflows.resumed"]],
	[{ kind: "connection.resumed" }, ["connections.resumed"]],
];

test.each(CASES)("$kind $data adds to %s", (told, counters) => {
	expect(addToCounters({ waits: 0 }, factsOf([told]))).toMatchObject(
		Object.fromEntries(counters.map((name) => [name, 1])),
	);
	const added = Object.entries(addToCounters({}, factsOf([told]))).map(([name]) => name);
	expect(added.sort()).toEqual(counters.toSorted());
});

test("a join that was open before is counted once", () => {
	const story = [joins(["ci"], ["qa"], T0), joins(["ci"], ["qa"], T0)];
	expect(addToCounters({}, factsOf(story))).toEqual({ joins: 1, "joins.arrivals": 2 });
});
