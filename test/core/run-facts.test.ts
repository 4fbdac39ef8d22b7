// What runs tell the journal, under names that are unique in the whole life of a run.

import { describe, expect, test } from "vitest";
import { Fact } from "../../src/model/fact";
import { event, type Given, HOUR, NOW, PERMANENT, runOf, SUCCEEDED, UNKNOWN } from "./run/given";
import { ballot, cancels, discards, needs, repeats, resumesStep, started, undoable, votes } from "./run/operators";

const LONG = "s".repeat(63);
const NAME = "n".repeat(36);

const common = {
	at: NOW,
	tenant: "acme",
	trace_id: event(1).trace.trace_id,
	event: event(1).id,
	workflow: "deal-watch",
	version: 1,
	run: runOf(1),
	classification: "internal",
};

function lastOf(given: Given, kind: string) {
	return given.facts.findLast((fact) => fact.kind === kind);
}

describe("a step that waits for a time", () => {
	test("tells until when, and when that is over", () => {
		const given = started([{ id: "nap", use: "wait", connection: null, input: { for: "1h" } }]);
		expect(given.facts.at(-1)).toEqual({
			...common,
			id: "waiting:deal-watch:nap:0",
			kind: "step.waiting",
			step: "nap",
			entity_key: "e:crm/deal/991",
			data: { for: "time", until: NOW + HOUR },
		});
		given.passes(HOUR);
		expect(lastOf(given, "step.ended")).toEqual({
			...common,
			at: NOW + HOUR,
			id: "ended:deal-watch:nap:0:succeeded",
			kind: "step.ended",
			step: "nap",
			data: { status: "succeeded" },
		});
	});
});

test("a step that ended without an attempt tells of what class, and why", () => {
	const given = started([{ id: "a", if: "event.data.missing" }]);
	expect(lastOf(given, "step.ended")).toMatchObject({
		id: "ended:deal-watch:a:0:failed",
		data: { status: "failed", class: "expression", reason: expect.stringContaining("missing") },
	});
	expect(lastOf(given, "dead_letter.opened")).toMatchObject({ step: "a", data: { class: "expression", attempts: 0 } });
});

test("a dead letter of a step does not tell what is left: the run does, when it is undone", () => {
	const given = started([undoable("a"), { id: "b", ...needs("a") }]);
	given.attempts(SUCCEEDED, 1, "a");
	given.attempts(PERMANENT, 2, "b");
	expect(lastOf(given, "dead_letter.opened")?.data).not.toHaveProperty("left");
	expect(lastOf(given, "run.finished")?.data).not.toHaveProperty("left");
});

test("a run of everything tells it all under names of their own, that are short enough for the journal", () => {
	const steps = [
		undoable(LONG, { for_each: "[1, 2]" }),
		{ id: "ask", use: "approve", connection: null, input: { of: ["legal"], within: "1h", ask: "?" } },
		{ id: "nap", use: "wait", connection: null, input: { for: "1s" }, ...needs("ask") },
		{ id: "last", ...needs("nap", LONG) },
		{ id: "page", on_failure: true as const },
	];
	const given = started(steps, { workflow: "w".repeat(63), compensate: true });
	repeats(given, 1, { name: NAME, asked_by: "legal" });
	const other = `${runOf(1, "w".repeat(63))}.${NAME}`;
	for (const id of [`${LONG}.0`, `${LONG}.1`]) {
		given.claims(1, id, other);
		given.reports(SUCCEEDED, 2, { step: id, run: other });
	}
	votes(given, 3, ballot("ada", { teams: ["legal"], comment: "yes" }), "ask", other);
	given.passes(5_000);
	given.claims(6_000, "last", other);
	given.reports(UNKNOWN, 6_001, { step: "last", run: other });
	given.passes(20_000);
	given.claims(20_001, "last", other);
	given.reports(PERMANENT, 20_002, { step: "last", run: other });
	given.claims(20_003, `${LONG}.1.undo`, other);
	given.reports(PERMANENT, 20_004, { step: `${LONG}.1.undo`, run: other });
	cancels(given, 30_000);
	const told = given.facts.map((fact) => Fact.parse(JSON.parse(JSON.stringify(fact))));
	expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
	expect(new Set(given.kinds())).toEqual(
		new Set([
			"event.received",
			"run.started",
			"step.waiting",
			"attempt.finished",
			"approval.voted",
			"step.ended",
			"run.compensating",
			"dead_letter.opened",
			"run.cancelled",
			"run.finished",
		]),
	);
});

test("letters tell who did what with them", () => {
	const given = started([{ id: "a" }, { id: "b" }]);
	given.attempts(PERMANENT, 1, "a");
	given.attempts(PERMANENT, 2, "b");
	resumesStep(given, 3, "a");
	given.attempts(SUCCEEDED, 4, "a");
	discards(given, 5, "b");
	expect(given.facts.filter(({ kind }) => kind.startsWith("dead_letter.")).map(({ id, actor }) => [id, actor])).toEqual(
		[
			["dead_letter:deal-watch:a:0:opened", undefined],
			["dead_letter:deal-watch:b:0:opened", undefined],
			["dead_letter:deal-watch:a:1:retried", "ada"],
			["dead_letter:deal-watch:a:1:resolved", undefined],
			["dead_letter:deal-watch:b:0:discarded", "ada"],
		],
	);
});
