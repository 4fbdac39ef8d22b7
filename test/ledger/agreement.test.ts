// The journal's view of a run agrees with the run itself, after every turn of random histories of the real core, in
// whatever order the facts came.

import { expect, test } from "vitest";
import { acceptEvent, homeKey } from "../../src/core/accept";
import { passTime } from "../../src/core/pass-time";
import { claimStep, reportAttempt } from "../../src/core/report";
import { cancelRun, discardStep, resumeRun, resumeStep, vote } from "../../src/core/run/operate";
import { isUndone } from "../../src/core/run/undo";
import { applyTurn, beginTurn, type EntityState, type Turn } from "../../src/core/turn";
import { isOpen, runViewOf } from "../../src/ledger/run-view";
import type { Run, StepState } from "../../src/model/entity";
import type { Fact } from "../../src/model/fact";
import type { RunView, StepView } from "../../src/model/ledger";
import type { Outcome } from "../../src/model/outcome";
import type { StepPlan } from "../../src/model/plan";
import { event, immediate, plan, runId, step, TENANT } from "../worker/support/things";
import { arrivals, entriesOf, T0 } from "./story";

const HISTORIES = 400;
const MOVES = 30;
const RUN = runId(1);

/** Numbers in [0, 1), the same for the same seed. */
function randomOf(seed: number): () => number {
	let state = seed * 2_654_435_769;
	return () => {
		state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
		return state / 2 ** 32;
	};
}

type Random = () => number;

function pick<T>(random: Random, items: readonly T[]): T | undefined {
	return items[Math.floor(random() * items.length)];
}

const undo = { ...step("undo"), attempts: 2, natural: false };

const SHAPES: Partial<StepPlan>[] = [
	{ undo },
	{ undo, on_unknown: "stop", repeatable: false },
	{ undo, for_each: "[1, 2, 3]", concurrency: 2 },
	{ if: "false" },
	{ if: "event.data.missing == 1" },
	{ continue_on_error: true },
	{ reads: true, fallback: { known: true } },
	{ use: "wait", connection: null, input: { for: "1h" } },
	{ use: "approve", connection: null, input: { of: ["legal"], need: 1, within: "2h" } },
];

function stepsOf(random: Random): StepPlan[] {
	const ids = ["a", "b", "c", "d"];
	const steps = ids.map((id, n) => {
		const needs = ids.slice(0, n).filter(() => random() < 0.4);
		return step(id, { attempts: 2, ...pick(random, SHAPES), ...(needs.length === 0 ? {} : { needs: { all: needs } }) });
	});
	return random() < 0.3 ? [...steps, step("page", { on_failure: true, attempts: 1 })] : steps;
}

const OUTCOMES: Outcome[] = [
	{ kind: "succeeded", output: { id: 1 } },
	{ kind: "succeeded", output: null },
	{ kind: "transient", reason: "503" },
	{ kind: "permanent", class: "not_found", reason: "404" },
	{ kind: "unknown", reason: "no answer", timed_out: true },
];

/** One Entity with one run, and all that it has told. */
class History {
	now = T0;
	readonly told: Fact[] = [];
	readonly about = event(1, "tracker/issue/1");
	readonly state: EntityState = {
		...{ tenant: TENANT, key: homeKey(this.about), n: 0, windows: new Map(), runs: new Map(), acted: new Map() },
		read: () => this.about,
	};

	get run(): Run {
		const run = this.state.runs.get(RUN);
		if (run === undefined) throw new Error("the run has begun");
		return run;
	}

	turn<T>(decide: (turn: Turn) => T): T {
		this.now += 1_000;
		const turn = beginTurn(this.state, this.now);
		const answer = decide(turn);
		applyTurn(this.state, turn);
		this.told.push(...[...turn.runs.values()].flatMap(({ facts }) => facts));
		return answer;
	}

	begin(random: Random): void {
		const compensate = random() < 0.5 ? { compensate: true as const } : {};
		const plans = [plan(this.state.key, immediate, { steps: stepsOf(random), ...compensate })];
		const input = { event: this.about, plans, unmatched: [], receipt: null, bytes: 100 };
		this.turn((turn) => acceptEvent(this.state, turn, input));
	}

	move(random: Random): void {
		const chance = random();
		const any = pick(random, this.run.steps)?.id ?? "";
		if (chance < 0.6) this.attempt(random);
		else if (chance < 0.75) this.wait(random);
		else if (chance < 0.8) this.turn((turn) => vote(this.state, turn, RUN, any, ballot(random)));
		else if (chance < 0.83) this.turn((turn) => resumeRun(this.state, turn, RUN, { by: "ann" }));
		else if (chance < 0.9) this.turn((turn) => resumeStep(this.state, turn, RUN, any, "ann"));
		else if (chance < 0.94) {
			this.turn((turn) => discardStep(this.state, turn, { run: RUN, step: any, by: "ann", reason: "no" }));
		} else if (chance < 0.98) this.late(random);
		else this.turn((turn) => cancelRun(this.state, turn, RUN, { by: "ann", reason: "no", compensate: random() < 0.5 }));
	}

	private attempt(random: Random): void {
		const ready = pick(
			random,
			this.run.steps.filter(({ status }) => status === "ready"),
		);
		if (ready === undefined) {
			this.wait(random);
			return;
		}
		this.turn((turn) => claimStep(this.state, turn, RUN, ready.id));
		this.report(ready.id, pick(random, OUTCOMES) ?? { kind: "transient", reason: "503" });
	}

	/** What was sent once may be heard of at any time. */
	private late(random: Random): void {
		const sent = this.run.steps.filter(({ attempts, dispatches }) => attempts + dispatches > 0);
		const any = pick(random, sent);
		if (any !== undefined) this.report(any.id, { kind: "succeeded", output: "late" });
	}

	private report(step: string, outcome: Outcome): void {
		const attempt = 1 + (this.run.steps.find(({ id }) => id === step)?.attempts ?? 0);
		const about = { run: RUN, step, attempt, outcome, exchange: {}, started_at: this.now, duration_ms: 1 };
		this.turn((turn) => reportAttempt(this.state, turn, about, 0.5));
	}

	private wait(random: Random): void {
		this.now += 1_800_000;
		this.turn((turn) => passTime(this.state, turn, random));
	}
}

function ballot(random: Random) {
	const choice = random() < 0.7 ? ("approve" as const) : ("reject" as const);
	return { approver: "ben", by: "ben", teams: ["legal"], identities: [], vote: choice };
}

/** What a reader may be told of a step that is like this. */
function possible(run: Run, { id, status }: StepState): StepView["status"][] {
	const undo = run.steps.find((other) => other.id === `${id}.undo`)?.status;
	if (undo === "succeeded") return ["undone"];
	if (undo === "failed") return ["undo_failed"];
	switch (status) {
		case "succeeded":
		case "failed":
		case "cancelled":
			// That an undo has begun is told once, for those that were known when undoing began.
			return isOpen(run.status) && isUndone(run) ? [status, "undoing"] : [status];
		case "skipped":
			return [status];
		case "asking":
		case "sleeping":
			return ["waiting"];
		case "pending":
		case "ready":
		case "queued":
		case "leased":
		case "waiting":
		case "held":
		case "fanned_out":
			// What stood still for another step's sake is told again only when something comes of it.
			return ["pending", "running", "waiting", "skipped"];
	}
}

/** Once a step was undone, what is open is told as undoing, also while people are told or a late success is looked at. */
function isTold(run: Run, view: RunView): boolean {
	return view.status === run.status || (isUndone(run) && run.status === "running" && view.status === "compensating");
}

/** A step that fans out goes on with its items, and that is told when it ends again. */
function isSpread(run: Run, { id }: StepState): boolean {
	return isOpen(run.status) && run.steps.some(({ kind, plan }) => kind === "item" && plan.id === id);
}

function disagreements(run: Run, view: RunView | null): string[] {
	if (view === null || !isTold(run, view)) return [`the run is ${run.status}, and is told as ${view?.status}`];
	const wrong = run.steps.flatMap((step) => {
		if (step.kind === "undo" || isSpread(run, step)) return [];
		const told = view.steps.find(({ id }) => id === step.id)?.status ?? "pending";
		return possible(run, step).includes(told) ? [] : [`${step.id} is ${step.status}, and is told as ${told}`];
	});
	const waits = run.steps.filter(({ status }) => status === "asking" || status === "sleeping").map(({ id }) => id);
	const listed = view.waits.map((wait) => (wait.kind === "join" ? "" : wait.step));
	return waits.sort().join() === listed.sort().join()
		? wrong
		: [...wrong, `waits for ${waits}, and is told as ${listed}`];
}

test(`${HISTORIES} runs are told as they are`, () => {
	const seen = new Set<string>();
	for (let seed = 1; seed <= HISTORIES; seed++) {
		const random = randomOf(seed);
		const history = new History();
		history.begin(random);
		for (let n = 0; n < MOVES; n++) {
			history.move(random);
			seen.add(history.run.status);
			const found = disagreements(history.run, runViewOf(entriesOf(history.told)));
			expect(found, `seed ${seed}, move ${n}`).toEqual([]);
		}
		const views = arrivals(history.told).map((facts) => disagreements(history.run, runViewOf(entriesOf(facts))));
		expect(views.flat(), `seed ${seed}, in another order`).toEqual([]);
	}
	expect([...seen].sort()).toEqual([
		...["cancelled", "compensated", "compensating", "compensation_failed", "failed", "partial", "running", "succeeded"],
	]);
});
