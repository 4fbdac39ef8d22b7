// Sees every commit of every Entity and every claim, and cries out at once where one of them breaks a promise. What can
// only be judged afterwards is kept for invariants.ts.

import { inspect } from "node:util";
import { LEASE_MARGIN_MS } from "../../src/core/run/dispatch";
import { keepRunUntil } from "../../src/core/run/run";
import type { EntityState, Turn } from "../../src/core/turn";
import type { Receipt, Run, StepState, Verdict, Window } from "../../src/model/entity";
import type { Fact } from "../../src/model/fact";
import type { AttemptReport, Lease } from "../../src/model/message";
import type { Action } from "./consumer";
import { nameOf } from "./ledger";
import { Violation } from "./violation";
import type { World } from "./world";

/** A run as one commit left it. */
export interface RunCommit {
	entity_key: string;
	before: Run | undefined;
	run: Run;
	/** Its steps that are not as they were. */
	changed: readonly StepState[];
	facts: readonly Fact[];
}

/** A step that a consumer may carry out from now on. */
export interface Claimed {
	run: Run;
	step: StepState;
	lease: Lease;
}

/** As long as an answer may be on its way. */
const HELD_LATELY_MS = 300_000;

export interface Arrival {
	event_id: string;
	at: number;
}

export class Witness {
	/** Events that were answered with 200. */
	readonly answered = new Set<string>();
	/** What became of an event for a workflow, by `event workflow`, without the hand-ons. */
	readonly judged = new Map<string, { verdict: Verdict; entity_key: string }[]>();
	readonly handedOn = new Set<string>();
	/** Windows by id as they were when they opened, and when and what arrived at each. */
	readonly opened = new Map<string, Window>();
	readonly arrivals = new Map<string, Arrival[]>();
	/** Windows that closed without becoming a run: all of them had acted before, or were empty. */
	readonly quiet = new Map<string, Window>();
	readonly runs = new Map<string, { run: Run; entity_key: string }>();
	readonly facts = new Map<string, Fact>();
	/** One key for every step, whoever carries it out. */
	readonly keys = new Map<string, string>();
	readonly #succeeded = new Set<string>();
	readonly #leases = new Map<string, { waking: number; until: number }>();
	/** Each Entity's windows as they were when it was last awake. */
	readonly #windows = new Map<string, Map<string, Window>>();

	/** Who wants to judge every commit of a run, and every claim. */
	readonly onRun: ((seen: RunCommit) => void)[] = [];
	readonly onClaim: ((seen: Claimed) => void)[] = [];
	/** Until when each lease is one. */
	readonly #until = new WeakMap<Lease, number>();
	/** When each step was held last. */
	readonly #heldAt = new Map<string, number>();

	constructor(readonly world: World) {}

	/** How many steps were ever held. */
	get held(): number {
		return this.#heldAt.size;
	}

	/** Whether a consumer still has what it was given. */
	holdsLease(lease: Lease): boolean {
		return (this.#until.get(lease) ?? 0) > this.world.now;
	}

	/** Whether a step was put aside only now, after others were released. */
	isHeldSince(run: string, step: string): boolean {
		return (this.#heldAt.get(`${run} ${step}`) ?? 0) > this.world.now - HELD_LATELY_MS;
	}

	/** A commit, before it is applied. */
	sees(entity_key: string, before: EntityState, turn: Turn): void {
		if (turn.receipt !== null) this.#judges(entity_key, turn.receipt.receipt);
		for (const [workflow, after] of turn.windows) {
			const open = before.windows.get(workflow);
			if (open !== undefined && open.id !== after?.id && !this.#starts(turn, open.id)) this.quiet.set(open.id, open);
			if (after !== null && after.opened_n === turn.n && !this.opened.has(after.id)) this.opened.set(after.id, after);
		}
		for (const { run, facts } of turn.runs.values()) {
			const known = this.runs.get(run.id)?.run;
			const changed = run.steps.filter((step, i) => known?.steps[i] !== step);
			const seen = { entity_key, before: known, run, changed, facts };
			this.#runs(seen);
			for (const judge of this.onRun) judge(seen);
			for (const fact of facts) this.#hears(entity_key, fact);
		}
		for (const fact of turn.receipt?.facts ?? []) this.#hears(entity_key, fact);
		for (const fact of turn.duplicate?.facts ?? []) this.#hears(entity_key, fact);
	}

	remembers(entity_key: string, { windows }: EntityState): void {
		this.#windows.set(entity_key, new Map(windows));
	}

	/** An Entity that restarted must know its windows as if it had never slept. */
	recalls(entity_key: string, windows: readonly Window[]): void {
		const before = this.#windows.get(entity_key) ?? new Map<string, Window>();
		if (windows.length !== before.size) throw new Violation(`${entity_key} has other windows than before`);
		for (const window of windows) {
			const known = before.get(window.workflow);
			if (JSON.stringify(window) !== JSON.stringify(known)) {
				throw new Violation(`${entity_key} rebuilt a window wrongly: ${inspect([known, window])}`);
			}
		}
	}

	/** `waking` counts how often the Entity has read its rows: what it only remembered then, it may lease again. */
	claimed({ entity_key, run, step }: Action, lease: Lease, waking: number): void {
		const name = `${run} ${step}`;
		const known = this.runs.get(run)?.run;
		const one = known?.steps.find(({ id }) => id === step);
		const plan = one?.plan;
		if (known === undefined || one === undefined || plan === undefined)
			throw new Violation(`${name} was claimed, but never committed`);
		if (this.#succeeded.has(name)) throw new Violation(`${name} is carried out again after success`);
		const other = this.#leases.get(name);
		if (other !== undefined && other.until > this.world.now && (other.waking === waking || !plan.repeatable)) {
			throw new Violation(`${name} was leased to two at once`);
		}
		const until = this.world.now + plan.timeout_ms + LEASE_MARGIN_MS;
		this.#leases.set(name, { waking, until });
		this.#until.set(lease, until);
		const { event, window } = lease.scope as { event: { id: string } | null; window: { events: unknown[] } };
		if (known.event_id !== (event?.id ?? null)) {
			throw new Violation(`${run} was leased without the event that it is about`);
		}
		if (known.window?.keep_all === true && known.window.events.length !== window.events.length) {
			throw new Violation(`${run} was leased without all of its events, in ${entity_key}`);
		}
		const key = this.keys.get(name) ?? lease.idempotency_key;
		if (key !== lease.idempotency_key) throw new Violation(`${name} came with a second idempotency key`);
		this.keys.set(name, key);
		for (const judge of this.onClaim) judge({ run: known, step: one, lease });
	}

	/** A report that was answered: a success must be known from then on, unless nobody wanted it any more. */
	told({ run, step, outcome }: AttemptReport): void {
		const known = this.runs.get(run)?.run.steps.find((one) => one.id === step);
		if (outcome.kind !== "succeeded" || known?.discarded === true) return;
		const owner = this.runs.get(run)?.run;
		if (owner !== undefined && keepRunUntil(owner) <= this.world.now) return;
		if (known?.status !== "succeeded") throw new Violation(`${run} ${step} was told to have succeeded, in vain`);
	}

	#starts({ runs }: Turn, id: string): boolean {
		return runs.get(id)?.facts.some((fact) => fact.kind === "run.started") === true;
	}

	#judges(entity_key: string, { event_id, at, verdicts }: Receipt): void {
		for (const verdict of verdicts) {
			const name = `${event_id} ${verdict.workflow}`;
			if (verdict.verdict === "handed_on") {
				this.handedOn.add(name);
				continue;
			}
			this.judged.set(name, [...(this.judged.get(name) ?? []), { verdict, entity_key }]);
			if (verdict.verdict === "failed" || verdict.verdict === "late") continue;
			this.arrivals.set(verdict.run, [...(this.arrivals.get(verdict.run) ?? []), { event_id, at }]);
		}
	}

	#runs({ entity_key, run, changed, facts }: RunCommit): void {
		const isStart = facts.some((fact) => fact.kind === "run.started");
		this.world.say(
			entity_key,
			isStart ? "starts" : "goes on with",
			run.id,
			run.status,
			this.world.lines && stepsOf(run),
		);
		if (isStart && this.runs.has(run.id)) throw new Violation(`${run.id} starts a second time`);
		if (!isStart && !this.runs.has(run.id)) throw new Violation(`${run.id} goes on without having started`);
		this.runs.set(run.id, { run, entity_key });
		for (const { id, status } of changed) {
			const name = `${run.id} ${id}`;
			if (status !== "leased") this.#leases.delete(name);
			if (status === "held") this.#heldAt.set(name, this.world.now);
			if (status === "succeeded") this.#succeeded.add(name);
			else if (this.#succeeded.has(name)) throw new Violation(`${name} had succeeded and is now ${status}`);
		}
	}

	#hears(entity_key: string, fact: Fact): void {
		const name = nameOf(fact);
		this.world.say(entity_key, "tells", fact.id);
		if (this.facts.has(name)) throw new Violation(`two facts are told under one name: ${name}`);
		this.facts.set(name, fact);
	}
}

function stepsOf(run: Run): string {
	return run.steps.map(({ id, status, attempts }) => `${id}=${status}/${attempts}`).join(" ");
}
