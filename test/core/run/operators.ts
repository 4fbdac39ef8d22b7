// A run of given steps, and what operators do with it.

import { releaseSteps } from "../../../src/core/report";
import { cancelRun, discardStep, rerun, resumeRun, resumeStep, vote } from "../../../src/core/run/operate";
import type { Run, StepState } from "../../../src/model/entity";
import type { Fact } from "../../../src/model/fact";
import type { Ballot, RerunOrder } from "../../../src/model/message";
import type { Plan, StepPlan, UndoPlan, Work } from "../../../src/model/plan";
import { event, Given, plan, stepPlan } from "./given";

/** The run of the first event, just started. */
export function started(steps: Partial<StepPlan>[], more: Partial<Plan> = {}): Given {
	const given = new Given();
	given.arrives(event(1), plan(undefined, { steps: steps.map((step) => stepPlan(step)), ...more }), 0);
	return given;
}

export function undo(more: Partial<UndoPlan> = {}): UndoPlan {
	const { id: _, ...attempts } = stepPlan({ use: "chat.delete" });
	return { ...attempts, natural: true, ...more };
}

/** A step that can be undone. */
export function undoable(id: string, more: Partial<StepPlan> = {}): Partial<StepPlan> {
	return { id, undo: undo(), ...more };
}

export function needs(...all: string[]): Pick<StepPlan, "needs"> {
	return { needs: { all } };
}

export function statuses(given: Given, run?: string): Record<string, StepState["status"]> {
	return Object.fromEntries(given.run(run).steps.map(({ id, status }) => [id, status]));
}

/** The steps that the last input asked to be sent. */
export function sent(given: Given): (string | undefined)[] {
	return given.dispatched.map((text) => text.split(" ")[1]);
}

/** All facts of a kind, oldest first. */
export function told(given: Given, kind: Fact["kind"]): Fact[] {
	return given.facts.filter((fact) => fact.kind === kind);
}

export function work(steps: Partial<StepPlan>[], more: Partial<Work> = {}): Work {
	const { workflow, version, priority } = plan();
	return { workflow, version: version + 1, priority, steps: steps.map((step) => stepPlan(step)), ...more };
}

export function resumesStep(given: Given, at: number, step: string) {
	return given.turn(at, (turn) => resumeStep(given.state, turn, given.run().id, step, "ada"));
}

export function discards(given: Given, at: number, step: string) {
	const what = { run: given.run().id, step, by: "ada", reason: "not needed" };
	return given.turn(at, (turn) => discardStep(given.state, turn, what));
}

export function cancels(given: Given, at: number, compensate = false) {
	const order = { by: "ada", reason: "a mistake", compensate };
	return given.turn(at, (turn) => cancelRun(given.state, turn, given.run().id, order));
}

export function resumes(given: Given, at: number, other?: Work) {
	const order = { by: "ada", work: other };
	return given.turn(at, (turn) => resumeRun(given.state, turn, given.run().id, order));
}

export function repeats(given: Given, at: number, order: Partial<RerunOrder> & { source?: Run } = {}) {
	const { source = given.run(), ...more } = order;
	const whole = { by: "ada", name: "again", ...more };
	const existing = given.runs.find(({ id }) => id === `run_${source.trace_id}.${source.workflow}.${whole.name}`);
	return given.turn(at, (turn) => rerun(given.state, turn, { source, existing, order: whole }));
}

export function releases(given: Given, at: number, workflow = "deal-watch"): void {
	given.turn(at, (turn) => releaseSteps(given.state, turn, workflow));
}

/** An approver votes for it, unless something else is said. */
export function ballot(approver: string | null, more: Partial<Ballot> = {}): Ballot {
	return { approver, by: approver ?? "token:ada", teams: [], identities: [], vote: "approve", ...more };
}

export function votes(given: Given, at: number, by: Ballot, step = "ask", run = given.run().id) {
	return given.turn(at, (turn) => vote(given.state, turn, run, step, by));
}
