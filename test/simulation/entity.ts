// An Entity in the simulation: src/entity/entity.ts, line by line, around the real core. It may die before and after each
// commit and at any moment in between; what is not in its rows or its alarm is then gone.

import { acceptEvent, ensureWindow } from "../../src/core/accept";
import { sentThrough } from "../../src/core/outbox";
import { passTime } from "../../src/core/pass-time";
import { claimStep, crashStep, discardStep, postponeStep, reportAttempt, resumeStep } from "../../src/core/report";
import { keepRunUntil } from "../../src/core/run/run";
import { applyTurn, beginTurn, type EntityState, isEmpty, type Turn } from "../../src/core/turn";
import type { AcceptInput } from "../../src/model/entity";
import type { AttemptReport, Claim, OperatorAnswer } from "../../src/model/message";
import type { Plan } from "../../src/model/plan";
import { Alarm } from "./alarm";
import { Lost } from "./call";
import { drain } from "./drain";
import type { History } from "./history";
import { expiresAt, isAtRest, leaseOf, type Memory, memoryOf, remember, wakeAt, workAt } from "./memory";
import { asItArrived, withoutOutbox } from "./plants";
import type { Rows } from "./rows";
import type { HandOn, Shell } from "./shell";

const ALARM_FALLBACK_MS = 60_000;
const PRUNE_EVERY_MS = 3_600_000;

export class SimulatedEntity implements Shell {
	readonly alarm: Alarm;
	brokenUntil = 0;
	life = 0;
	isTouched = false;
	#memory: Memory | null = null;
	#wakings = 0;
	#alarmAt: number | null | undefined = undefined;

	constructor(
		readonly history: History,
		readonly key: string,
		readonly rows: Rows,
	) {
		this.alarm = new Alarm(history.world, key, (isRetry) => this.#wakeUp(isRetry));
	}

	accept(input: AcceptInput): { duplicate: boolean } {
		this.#recall();
		const { plant, bytesOf } = this.history;
		const receipt = plant === "no_receipt_check" ? null : this.rows.findReceipt(input.event.id);
		const event = plant === "arrival_order" ? asItArrived(input.event, this.#now) : input.event;
		this.#turn((state, turn) => {
			passTime(state, turn, this.#random);
			acceptEvent(state, turn, { ...input, event, receipt, bytes: bytesOf(event) });
		});
		return { duplicate: receipt !== null };
	}

	handOn({ event, plan }: HandOn): void {
		this.accept({ event, plans: [plan], unmatched: [] });
	}

	tick(plan: Plan, traceId: string): void {
		this.#turn((state, turn) => {
			passTime(state, turn, this.#random);
			ensureWindow(state, turn, plan, traceId);
		});
	}

	claim(runId: string, stepId: string): Claim {
		const { state } = this.#recall();
		const turn = beginTurn(state, this.#now);
		const decision = claimStep(state, turn, runId, stepId);
		if (decision.state === "go" && decision.durable) this.#commit(turn);
		if (decision.state === "go" && !decision.durable) state.runs.set(decision.run.id, decision.run);
		this.#arm();
		if (decision.state !== "go") return decision;
		const lease = leaseOf(this.rows, decision.run, decision.step);
		if (this.history.plant === "random_key") lease.idempotency_key += `.${this.history.world.prng.between(0, 1e9)}`;
		this.history.witness.claimed({ entity_key: this.key, run: runId, step: stepId }, lease, this.#wakings);
		return lease;
	}

	report(report: AttemptReport): void {
		this.#turn((state, turn) => reportAttempt(state, turn, report, this.#random()));
	}

	postpone(runId: string, stepId: string, until: number): void {
		this.#turn((state, turn) => postponeStep(state, turn, runId, stepId, until));
	}

	crashed(runId: string, stepId: string): void {
		this.#turn((state, turn) => crashStep(state, turn, runId, stepId));
	}

	resume(runId: string, stepId: string): OperatorAnswer {
		return this.#turn((state, turn) => resumeStep(state, turn, runId, stepId, "operator"));
	}

	discard(runId: string, stepId: string): OperatorAnswer {
		return this.#turn((state, turn) =>
			discardStep(state, turn, { run: runId, step: stepId, by: "operator", reason: "not needed" }),
		);
	}

	isEmpty(): boolean {
		return this.rows.isEmpty();
	}

	die(why: string): void {
		this.history.world.say(this.key, `dies: ${why}`);
		this.life += 1;
		this.isTouched = true;
		this.#memory = null;
		this.#alarmAt = undefined;
		this.alarm.failed();
	}

	#wakeUp(isRetry: boolean): void {
		this.#alarmAt = null;
		if (isRetry && this.history.plant !== "throwing_alarm") this.alarm.set(this.#now + ALARM_FALLBACK_MS);
		this.#guarded(() => {
			const { state } = this.#recall();
			const turn = beginTurn(state, this.#now);
			passTime(state, turn, this.#random);
			this.#write(turn);
			this.#mayDie("after the commit of an alarm");
			this.#send(turn.dispatch, isAtRest(state), () => this.#guarded(() => this.#rest()));
		});
	}

	#rest(): void {
		this.#forget();
		this.alarm.finished();
	}

	/** What the alarm does may fail; the next alarm stands all the same. */
	#guarded(work: () => void): void {
		try {
			work();
		} catch (error) {
			if (!(error instanceof Lost)) throw error;
			if (!this.alarm.isRinging) return;
			this.#memory = null;
			if (this.history.plant === "throwing_alarm") {
				this.alarm.failed();
				return;
			}
			this.#alarmAt = this.#now + ALARM_FALLBACK_MS;
			this.alarm.set(this.#alarmAt);
			this.alarm.finished();
		}
	}

	#turn<T>(decide: (state: EntityState, turn: Turn) => T): T {
		const { state } = this.#recall();
		const turn = beginTurn(state, this.#now);
		const answer = decide(state, turn);
		this.#commit(turn);
		return answer;
	}

	#commit(turn: Turn): void {
		this.#write(turn);
		this.#arm();
		this.#mayDie("after the commit");
		this.#send(turn.dispatch, false, () => {});
	}

	#write(turn: Turn): void {
		this.#mayDie("before the commit");
		if (isEmpty(turn)) return;
		const memory = this.#recall();
		const { witness, plant } = this.history;
		const written = plant === "no_outbox" ? withoutOutbox(turn) : turn;
		this.rows.writeTurn(memory.state, memory.outbox, written);
		witness.sees(this.key, memory.state, turn);
		applyTurn(memory.state, turn);
		remember(memory, turn);
		witness.remembers(this.key, memory.state);
	}

	#send(dispatch: Turn["dispatch"], allFacts: boolean, done: () => void): void {
		drain({ ...this.#recall(), history: this.history, entity: this }, dispatch, allFacts, done);
	}

	#arm(): void {
		if (this.#memory === null) return;
		this.#memory.armed = true;
		const next = wakeAt(this.#memory, this.#now);
		if (next === null || (typeof this.#alarmAt === "number" && this.#alarmAt <= next)) return;
		if (next < this.#now && this.history.plant === "skips_overdue") return;
		this.#alarmAt = next;
		this.alarm.set(Math.max(next, this.#now));
	}

	/** Until it has looked at its alarm, the alarm of its last life stands. */
	dueAt(): number | null {
		return this.#memory?.armed === true ? workAt(this.#memory, this.#now) : null;
	}

	#forget(): void {
		const memory = this.#recall();
		const { n } = memory.state;
		const through = this.history.plant === "early_mark" ? n : sentThrough(memory.outbox, n);
		const end = expiresAt(memory);
		if (end !== null && end <= this.#now) {
			this.#memory = null;
			this.#alarmAt = null;
			this.rows.deleteAll();
			this.alarm.delete();
			this.history.world.say(this.key, "deletes itself");
			return;
		}
		if (through > memory.marked) {
			this.rows.markSent(through);
			memory.marked = through;
		}
		const isWorthIt = this.#now - memory.pruned_at >= PRUNE_EVERY_MS;
		if (isWorthIt && memory.expiry !== null && memory.expiry.first <= this.#now) this.#prune(memory, through);
		this.#arm();
	}

	#prune(memory: Memory, through: number): void {
		const { state, outbox } = memory;
		const unsent = new Set(outbox.batches.map((batch) => batch.carrier));
		for (const [id, run] of state.runs) {
			if (keepRunUntil(run) > this.#now || unsent.has(id)) continue;
			state.runs.delete(id);
			this.rows.forgetRun(id);
		}
		const read = [...state.windows.values(), ...state.runs.values()].map(({ opened_n }) => opened_n);
		this.rows.prune(this.#now, Math.min(state.n + 1, ...read), through);
		memory.pruned_at = this.#now;
	}

	#recall(): Memory {
		this.isTouched = true;
		if (this.#now < this.brokenUntil) throw new Lost("the object cannot be run");
		if (this.#memory !== null) return this.#memory;
		const loaded = this.rows.load();
		this.#wakings += 1;
		this.#memory = memoryOf({ tenant: this.history.tenant, key: this.key }, loaded);
		this.history.witness.recalls(this.key, loaded.windows);
		return this.#memory;
	}

	#mayDie(when: string): void {
		if (!this.history.world.trouble("crash")) return;
		this.die(when);
		throw new Lost(`the object died ${when}`);
	}

	get #now(): number {
		return this.history.world.now;
	}

	get #random(): () => number {
		return this.history.world.prng.next;
	}
}
