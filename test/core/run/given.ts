// What tests of the core start from: events, plans, and an Entity in memory that takes one input after the other, like
// the real one without its disk.

import { acceptEvent, ensureWindow, homeKey } from "../../../src/core/accept";
import { passTime } from "../../../src/core/pass-time";
import { type ClaimDecision, claimStep, reportAttempt } from "../../../src/core/report";
import { findStep, keepRunUntil, pendingStep } from "../../../src/core/run/run";
import { applyTurn, beginTurn, type EntityState, type Turn } from "../../../src/core/turn";
import type { Receipt, Run, StepState, Window } from "../../../src/model/entity";
import type { CanonicalEvent } from "../../../src/model/event";
import type { Fact } from "../../../src/model/fact";
import type { Outcome } from "../../../src/model/outcome";
import type { DebouncePlan, JoinPlan, Plan, StepPlan, TimingPlan } from "../../../src/model/plan";
import type { Aggregate } from "../../../src/model/timing";

export const NOW = Date.UTC(2026, 10, 20, 9, 0, 0);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The n-th event of a deal; it happened `n` seconds after nine, unless something else is said. */
export function event(n: number, more: Partial<CanonicalEvent> = {}): CanonicalEvent {
	const trace_id = n.toString(16).padStart(32, "0");
	const time = new Date(NOW + n * SECOND).toISOString();
	return {
		id: `evt_${trace_id}`,
		tenant_id: "acme",
		source: "crm",
		source_system: "crm",
		event_type: "deal.updated",
		native_type: "deal.propertyChange",
		entity: { type: "deal", id: "991" },
		entity_id: "crm/deal/991",
		actor: { kind: "human" },
		timestamp: time,
		received_at: time,
		changes: [],
		data: { n },
		trust: "signed",
		trace: { trace_id, hops: 0, path: [] },
		schema_version: 1,
		...more,
	};
}

export const HOME = homeKey(event(1));

export function stepPlan(more: Partial<StepPlan> = {}): StepPlan {
	return {
		id: "tell",
		use: "chat.post",
		connection: "chat",
		timeout_ms: 30_000,
		repeatable: true,
		on_unknown: "retry",
		attempts: 3,
		base_ms: 1_000,
		cap_ms: 60_000,
		...more,
	};
}

/** A step of that plan as it stands in a run. */
export function stepState(more: Partial<StepState> = {}): StepState {
	const plan = more.plan ?? stepPlan();
	return { ...pendingStep(plan, "step"), status: "ready", dispatches: 1, due_at: NOW, ...more };
}

export function plan(timing: TimingPlan = { kind: "immediate" }, more: Partial<Plan> = {}): Plan {
	return {
		workflow: "deal-watch",
		version: 1,
		entity_key: HOME,
		priority: "normal",
		timing,
		steps: [stepPlan()],
		...more,
	};
}

export function debounce(more: Partial<DebouncePlan> = {}): DebouncePlan {
	return { kind: "debounce", quiet: 10_000, max_wait: 60_000, edge: "trailing", keep: "latest", ...more };
}

export function aggregate(more: Partial<Aggregate & { top_n: number }> = {}): TimingPlan & { kind: "aggregate" } {
	return {
		kind: "aggregate",
		window: 60_000,
		max_events: 1_000,
		max_bytes: 1_048_576,
		when_empty: "skip",
		top_n: 10,
		...more,
	};
}

export function join(more: Partial<JoinPlan> = {}): JoinPlan {
	return {
		kind: "join",
		branches: { build: "required", scan: "required" },
		need: 2,
		by: 60_000,
		on_short: "fail",
		late: "ignore",
		...more,
	};
}

export const SUCCEEDED: Outcome = { kind: "succeeded", output: { ok: true } };
export const TRANSIENT: Outcome = { kind: "transient", reason: "503" };
export const PERMANENT: Outcome = { kind: "permanent", class: "not_found", reason: "404" };
export const UNKNOWN: Outcome = { kind: "unknown", reason: "the connection was lost", timed_out: false };

/** An Entity without a disk. Times are milliseconds after nine; retries come at the end of their jitter. */
export class Given {
	readonly state: EntityState;
	readonly receipts = new Map<string, Receipt>();
	/** What was kept of events, as long as nobody erases it. */
	readonly bodies = new Map<string, CanonicalEvent>();
	/** Runs that nobody needs any more, which the Entity has forgotten. */
	readonly ended = new Map<string, Run>();
	readonly facts: Fact[] = [];
	/** What the last input asked to be sent, as `run step`. */
	dispatched: string[] = [];

	constructor(key = HOME) {
		this.state = {
			tenant: "acme",
			key,
			n: 0,
			windows: new Map(),
			runs: new Map(),
			acted: new Map(),
			read: (id) => this.bodies.get(id) ?? null,
		};
	}

	/** One input at a time; everything it changes is committed. */
	turn<T>(at: number, decide: (turn: Turn) => T): T {
		const turn = beginTurn(this.state, NOW + at);
		const answer = decide(turn);
		applyTurn(this.state, turn);
		for (const [id, { run }] of turn.runs) {
			if (keepRunUntil(run) > turn.now) continue;
			this.state.runs.delete(id);
			this.ended.set(id, run);
		}
		for (const part of [turn.receipt, turn.duplicate]) {
			if (part !== null) this.receipts.set(part.receipt.event_id, part.receipt);
			if (part?.receipt.event != null) this.bodies.set(part.receipt.event_id, part.receipt.event);
			this.facts.push(...(part?.facts ?? []));
		}
		for (const { facts } of turn.runs.values()) this.facts.push(...facts);
		this.dispatched = turn.dispatch.map(({ run, step }) => `${run} ${step}`);
		return answer;
	}

	arrives(event: CanonicalEvent, plans: Plan[] | Plan, at: number): Receipt | undefined {
		this.turn(at, (turn) => {
			passTime(this.state, turn, () => 0.999);
			const receipt = this.receipts.get(event.id) ?? null;
			const bytes = JSON.stringify(event).length;
			acceptEvent(this.state, turn, { event, plans: [plans].flat(), unmatched: [], receipt, bytes });
		});
		return this.receipts.get(event.id);
	}

	passes(at: number): void {
		this.turn(at, (turn) => passTime(this.state, turn, () => 0.999));
	}

	ticks(plan: Plan, trace: string, at: number): void {
		this.turn(at, (turn) => {
			passTime(this.state, turn, () => 0.999);
			ensureWindow(this.state, turn, plan, trace);
		});
	}

	claims(at: number, step = "tell", run = this.run().id): ClaimDecision {
		return this.turn(at, (turn) => claimStep(this.state, turn, run, step));
	}

	/** The report of the attempt that is under way, unless another is named. */
	reports(outcome: Outcome, at: number, more: { step?: string; attempt?: number; run?: string } = {}): void {
		const { step = "tell", run = this.run().id } = more;
		const attempt = more.attempt ?? this.step(step, run).attempts + 1;
		const report = { run, step, attempt, outcome, exchange: {}, started_at: NOW + at, duration_ms: 5 };
		this.turn(at, (turn) => reportAttempt(this.state, turn, report, 0.999));
	}

	/** Claimed and reported. */
	attempts(outcome: Outcome, at: number, step = "tell"): void {
		this.claims(at, step);
		this.reports(outcome, at, { step });
	}

	/** All runs, those first that are still known. */
	get runs(): Run[] {
		return [...this.state.runs.values(), ...this.ended.values()];
	}

	/** The only run, or the one of this id. */
	run(id?: string): Run {
		const run = this.runs.find((one) => id === undefined || one.id === id);
		if (run === undefined) throw new Error("there is no such run");
		return run;
	}

	step(id = "tell", run?: string): StepState {
		const step = findStep(this.run(run), id);
		if (step === undefined) throw new Error(`there is no step ${id}`);
		return step;
	}

	window(workflow = "deal-watch"): Window | undefined {
		return this.state.windows.get(workflow);
	}

	kinds(): string[] {
		return this.facts.map((fact) => fact.kind);
	}
}

export function idsOf(...numbers: number[]): string[] {
	return numbers.map((n) => event(n).id);
}

export function runOf(n: number, workflow = "deal-watch"): string {
	return `run_${event(n).trace.trace_id}.${workflow}`;
}
