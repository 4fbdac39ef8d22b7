// Random histories of one run: whatever consumers, operators and time do to it, some things always hold.

import fc from "fast-check";
import { expect, test } from "vitest";
import { crashStep, holdStep, postponeStep } from "../../../src/core/report";
import { isOver, isRunOpen } from "../../../src/core/run/status";
import type { Run, StepState } from "../../../src/model/entity";
import { Fact } from "../../../src/model/fact";
import type { Outcome } from "../../../src/model/outcome";
import { type Given, HOUR, MINUTE, NOW, PERMANENT, runOf, SUCCEEDED, TRANSIENT, UNKNOWN } from "./given";
import {
	ballot,
	cancels,
	discards,
	needs,
	releases,
	repeats,
	resumes,
	resumesStep,
	started,
	undoable,
	votes,
	work,
} from "./operators";

type Steps = Parameters<typeof started>[0];

const ASK = { id: "ask", use: "approve", connection: null, input: { of: ["legal", "sales"], need: 2, within: "2h" } };
const BLIND = { repeatable: false, on_unknown: "stop" as const };

const SHAPES: Steps[] = [
	[undoable("a"), undoable("b", needs("a")), { id: "c", ...needs("b") }, { id: "page", on_failure: true }],
	[
		undoable("a", BLIND),
		undoable("b", { continue_on_error: true }),
		{ id: "c", needs: { all: ["a"], some: { at_least: 1, of: ["b"] } } },
	],
	[undoable("each", { for_each: "[1, 2, 3]", concurrency: 2 }), { id: "b" }, { id: "c", ...needs("each") }],
	[
		ASK,
		undoable("a", needs("ask")),
		{ id: "w", use: "wait", connection: null, input: { for: "1h" } },
		undoable("b", needs("w")),
	],
	[
		{ id: "a", reads: true, fallback: { n: 1 } },
		undoable("b", { ...BLIND, on_unknown: "retry", ...needs("a") }),
		{ id: "c", if: "steps.a.output.n == 1", ...needs("a") },
	],
	[
		undoable("a"),
		{ id: "b", if: "steps.a.output.missing == 1", ...needs("a") },
		undoable("c", { for_each: "[1, 2]", ...needs("a") }),
		{ id: "page", on_failure: true },
	],
];

const OUTCOMES: Outcome[] = [SUCCEEDED, SUCCEEDED, TRANSIENT, PERMANENT, UNKNOWN];

/** What can happen; `pick` chooses the step that it happens to. */
type Happening = { what: number; pick: number; more: number };

/** Every operation on the run, by number. Steps that it cannot happen to are left as they are. */
const HAPPENINGS: ((given: Given, at: number, step: StepState, more: number) => void)[] = [
	(given, at, step) => void given.claims(at, step.id, runOf(1)),
	(given, at, step, more) => attempt(given, at, step, more),
	(given, at, step, more) => attempt(given, at, step, more),
	(given, at, step, more) => attempt(given, at, step, more),
	(given, at, step, more) => {
		const isSent = step.status === "ready" || step.status === "leased" || step.attempts > 0;
		if (isSent) given.reports(outcome(more), at, { step: step.id, attempt: Math.max(1, step.attempts + (more % 2)) });
	},
	(given, at, step) => {
		if (step.attempts > 0) given.reports(SUCCEEDED, at, { step: step.id, attempt: 1 });
	},
	(given, at) => given.passes(at),
	(given, at) => given.passes(at),
	(given, at, step) => given.turn(at, (turn) => crashStep(given.state, turn, runOf(1), step.id)),
	(given, at, step) =>
		given.turn(at, (turn) => {
			const lease = { until: step.due_at ?? 0 };
			postponeStep(given.state, turn, { run: runOf(1), step: step.id }, { lease, sendAt: NOW + at + MINUTE });
		}),
	(given, at, step) => given.turn(at, (turn) => holdStep(given.state, turn, runOf(1), step.id, NOW + at + HOUR)),
	(given, at) => releases(given, at),
	(given, at, step) => void resumesStep(given, at, step.id),
	(given, at, step) => void discards(given, at, step.id),
	(given, at, _step, more) => void (more % 4 === 0 && cancels(given, at, more % 8 === 0)),
	(given, at) => void resumes(given, at),
	(given, at, _step, more) => void resumes(given, at, other(given, more)),
	(given, at, _step, more) => {
		const by = more % 2 === 0 ? "legal" : "sales";
		votes(given, at, ballot(by, { vote: more % 5 === 0 ? "reject" : "approve" }));
	},
	(given, at, _step, more) => void repeats(given, at, { source: given.run(runOf(1)), name: `again-${more % 2}` }),
];

function outcome(more: number): Outcome {
	return OUTCOMES[more % OUTCOMES.length] ?? SUCCEEDED;
}

function attempt(given: Given, at: number, step: StepState, more: number): void {
	if (given.claims(at, step.id, runOf(1)).state === "go")
		given.reports(outcome(more), at, { step: step.id, run: runOf(1) });
}

/** The next version of its workflow: more attempts, and a step more. */
function other(given: Given, more: number) {
	const run = given.run(runOf(1));
	const plans = run.steps.filter(({ kind }) => kind === "step").map(({ plan }) => plan);
	const added = { id: `added-${run.version}`, ...undoable(`added-${run.version}`) };
	return work([...plans.map((plan) => ({ ...plan, attempts: 4 })), added], {
		version: run.version + 1,
		...(more % 2 === 0 ? { compensate: true as const } : {}),
	});
}

/** One turn after the other, and what must hold between them. */
function live(given: Given, happenings: readonly Happening[]): void {
	let at = 0;
	for (const { what, pick, more } of happenings) {
		at += more * 10_000;
		const run = given.state.runs.get(runOf(1));
		const step = run?.steps[pick % run.steps.length];
		if (run === undefined || step === undefined) return;
		const facts = given.facts.length;
		HAPPENINGS[what % HAPPENINGS.length]?.(given, at, step, more);
		holdBetween(run, given.run(runOf(1)), given.facts.slice(facts));
	}
}

function holdBetween(before: Run, after: Run, told: Fact[]): void {
	const about = (id: string, kinds: Fact["kind"][]) =>
		told.some((fact) => fact.run === after.id && fact.step === id && kinds.includes(fact.kind));
	for (const step of after.steps) {
		const known = before.steps.find(({ id }) => id === step.id);
		if (known?.status === "succeeded") expect(step.status).toBe("succeeded");
		if (known?.status === step.status) continue;
		if (isOver(step)) expect([step.id, about(step.id, ["attempt.finished", "step.ended"])]).toEqual([step.id, true]);
		if (step.status === "asking" || step.status === "sleeping") expect(about(step.id, ["step.waiting"])).toBe(true);
	}
	const undoing = after.steps.filter((step) => step.kind === "undo" && !isOver(step));
	expect(undoing.length).toBeLessThanOrEqual(1);
	expect(isRunOpen(after)).toBe(after.steps.some((step) => !isOver(step)));
	const ended = told.filter(({ kind, run }) => kind === "run.finished" && run === after.id);
	if (isRunOpen(before) && !isRunOpen(after)) expect(ended).toHaveLength(1);
	expect(after.finished_at === null).toBe(isRunOpen(after));
}

/** Consumers take everything and succeed, and time passes, until nothing moves any more. */
function drain(given: Given): void {
	for (let day = 1; day < 60 && given.state.runs.size > 0; day++) {
		const at = (100 + day) * 24 * HOUR;
		given.passes(at);
		for (const run of given.state.runs.values()) {
			for (const { id } of run.steps) {
				if (given.claims(at, id, run.id).state === "go") given.reports(SUCCEEDED, at, { step: id, run: run.id });
			}
		}
	}
}

const happening = fc.record({ what: fc.nat(HAPPENINGS.length - 1), pick: fc.nat(20), more: fc.nat(40) });
const histories = fc.array(happening, { minLength: 1, maxLength: 60 });

test.each([true, false])("whatever happens to a run that is undone when it fails (%s)", (undone) => {
	fc.assert(
		fc.property(fc.nat(SHAPES.length - 1), histories, (shape, happenings) => {
			const given = started(SHAPES[shape] ?? [], undone ? { compensate: true } : {});
			live(given, happenings);
			drain(given);
			for (const run of given.runs) expect([run.id, isRunOpen(run)]).toEqual([run.id, false]);
			const ids = given.facts.map(({ id }) => id);
			expect(ids.filter((id, n) => ids.indexOf(id) < n)).toEqual([]);
			for (const fact of given.facts) expect(Fact.safeParse(JSON.parse(JSON.stringify(fact))).error).toBeUndefined();
		}),
		{ numRuns: 400 },
	);
});
