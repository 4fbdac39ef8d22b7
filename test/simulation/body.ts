// How an Entity of the simulation lives: src/entity/entity.ts, line by line, without its calls. It may die before and after
// each commit and at any moment in between; what is not in its rows or its alarm is then gone.

import { sentThrough } from "../../src/core/outbox";
import { passTime } from "../../src/core/pass-time";
import { keepRunUntil } from "../../src/core/run/run";
import { applyTurn, beginTurn, type EntityState, isEmpty, type Turn } from "../../src/core/turn";
import { ACTED_MS, expiresAt, isAtRest, remember } from "../../src/entity/memory";
import type { Run } from "../../src/model/entity";
import { Alarm } from "./alarm";
import { Lost } from "./call";
import { drain } from "./drain";
import type { History } from "./history";
import { type Memory, recalled, wakeAt, workAt } from "./memory";
import { bendTurn, withoutOutbox } from "./plants";
import type { Rows } from "./rows";

const ALARM_FALLBACK_MS = 60_000;
const PRUNE_EVERY_MS = 3_600_000;

export class Body {
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

	/** How often it has read its rows. */
	get wakings(): number {
		return this.#wakings;
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
		if (isRetry && this.history.plant !== "throwing_alarm") this.alarm.set(this.now + ALARM_FALLBACK_MS);
		this.#guarded(() => {
			const turn = this.timeOf();
			this.#write(turn);
			// In the same commit as what was decided.
			if (!isEmpty(turn)) this.arm();
			this.#mayDie("after the commit of an alarm");
			this.#send(turn.dispatch, isAtRest(this.recall().state), () => this.#guarded(() => this.#rest()));
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
			this.#alarmAt = this.now + ALARM_FALLBACK_MS;
			this.alarm.set(this.#alarmAt);
			this.alarm.finished();
		}
	}

	/** What is due comes first, in a commit of its own. */
	protected catchUp(): void {
		const turn = this.timeOf();
		if (!isEmpty(turn)) this.commit(turn);
	}

	/** What has become due, decided and not yet written. */
	protected timeOf(): Turn {
		const { state } = this.recall();
		const turn = beginTurn(state, this.now);
		passTime(state, turn, this.random);
		return turn;
	}

	/** Of this Entity, open or not, for as long as it is kept. */
	protected findRun(id: string): Run | null {
		return this.recall().state.runs.get(id) ?? this.rows.findRun(id);
	}

	protected turn<T>(decide: (state: EntityState, turn: Turn) => T): T {
		const { state } = this.recall();
		const turn = beginTurn(state, this.now);
		const answer = decide(state, turn);
		this.commit(turn);
		return answer;
	}

	protected commit(turn: Turn): void {
		this.#write(turn);
		this.arm();
		this.#mayDie("after the commit");
		this.#send(turn.dispatch, false, () => {});
	}

	#write(turn: Turn): void {
		this.#mayDie("before the commit");
		if (isEmpty(turn)) return;
		const memory = this.recall();
		const { witness, plant } = this.history;
		bendTurn(plant, memory.state, turn);
		const written = plant === "no_outbox" ? withoutOutbox(turn) : turn;
		this.rows.writeTurn(memory.state, memory.outbox, written);
		witness.sees(this.key, memory.state, turn);
		applyTurn(memory.state, turn);
		remember(memory, turn);
		witness.remembers(this.key, memory.state);
	}

	#send(dispatch: Turn["dispatch"], allFacts: boolean, done: () => void): void {
		drain({ ...this.recall(), history: this.history, entity: this }, dispatch, allFacts, done);
	}

	protected arm(): void {
		if (this.#memory === null) return;
		this.#memory.armed = true;
		const next = wakeAt(this.#memory, this.now);
		if (next === null || (typeof this.#alarmAt === "number" && this.#alarmAt <= next)) return;
		if (next < this.now && this.history.plant === "skips_overdue") return;
		this.#alarmAt = next;
		this.alarm.set(Math.max(next, this.now));
	}

	/** Until it has looked at its alarm, the alarm of its last life stands. */
	dueAt(): number | null {
		return this.#memory?.armed === true ? workAt(this.#memory, this.now) : null;
	}

	#forget(): void {
		const memory = this.recall();
		const { n } = memory.state;
		const through = this.history.plant === "early_mark" ? n : sentThrough(memory.outbox, n);
		const end = expiresAt(memory);
		if (end !== null && end <= this.now) {
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
		const isWorthIt = this.now - memory.pruned_at >= PRUNE_EVERY_MS;
		const isExpired = memory.expiry === null || memory.expiry.first <= this.now;
		if (isWorthIt && isExpired) this.#prune(memory, through);
		this.arm();
	}

	#prune(memory: Memory, through: number): void {
		const { state, outbox } = memory;
		const unsent = new Set(outbox.batches.map((batch) => batch.carrier));
		for (const [id, run] of state.runs) {
			if (keepRunUntil(run) > this.now || unsent.has(id)) continue;
			state.runs.delete(id);
			this.rows.forgetRun(id);
		}
		for (const [workflow, { at }] of state.acted) {
			if (at + ACTED_MS > this.now) continue;
			state.acted.delete(workflow);
			this.rows.forgetActed(workflow);
		}
		const read = [...state.windows.values(), ...state.runs.values()].map(({ opened_n }) => opened_n);
		this.rows.prune(this.now, Math.min(state.n + 1, ...read), through);
		memory.pruned_at = this.now;
	}

	protected recall(): Memory {
		this.isTouched = true;
		if (this.now < this.brokenUntil) throw new Lost("the object cannot be run");
		if (this.#memory !== null) return this.#memory;
		const loaded = this.rows.load();
		this.#wakings += 1;
		this.#memory = recalled({ tenant: this.history.tenant, key: this.key }, loaded, this.rows);
		this.history.witness.recalls(this.key, loaded.windows);
		return this.#memory;
	}

	#mayDie(when: string): void {
		if (!this.history.world.trouble("crash")) return;
		this.die(when);
		throw new Lost(`the object died ${when}`);
	}

	protected get now(): number {
		return this.history.world.now;
	}

	protected get random(): () => number {
		return this.history.world.prng.next;
	}
}
