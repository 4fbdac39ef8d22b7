// The real Entity in the simulation, on a stand-in of its platform: SQLite, the alarm, and bindings whose calls may be
// lost. It dies around its transactions; what an earlier life still tries to do then comes to nothing.

import type { EntityState, Turn } from "../../src/core/turn";
import type { Entity } from "../../src/entity/entity";
import type { Loaded } from "../../src/entity/store";
import type { Env } from "../../src/env";
import type { AcceptInput } from "../../src/model/entity";
import type {
	ActionMessage,
	AttemptReport,
	Ballot,
	CancelOrder,
	Claim,
	HandOnCall,
	JournalMessage,
	Lease,
	RerunOrder,
	ResumeOrder,
} from "../../src/model/message";
import { entityName, keyOf } from "../../src/model/names";
import type { Plan } from "../../src/model/plan";
import { Alarm } from "./alarm";
import { call, Lost } from "./call";
import type { Action } from "./consumer";
import type { History } from "./history";
import type { SimulatedQueue } from "./queue";
import type { HandOn, Shell } from "./shell";
import { sqliteStorage } from "./sqlite-storage";

export type EntityClass = new (ctx: DurableObjectState, env: Env) => Entity;

/** Who wants to know what is written to a database, and what is read from it after a restart. */
export const observers = new WeakMap<object, RealEntity>();

export class RealEntity implements Shell {
	readonly alarm: Alarm;
	life = 0;
	brokenUntil = 0;
	isTouched = false;
	#storage = sqliteStorage();
	#instance: Entity | null = null;
	#wakings = 0;

	constructor(
		readonly history: History,
		readonly key: string,
		readonly real: EntityClass,
	) {
		this.alarm = new Alarm(history.world, key, (isRetry) => this.#ring(isRetry));
	}

	accept(input: AcceptInput) {
		return this.#ask((entity) => entity.accept({ ...structuredClone(input), event: JSON.stringify(input.event) }));
	}

	handOn(input: HandOn) {
		return this.#ask((entity) =>
			entity.handOn({ plan: structuredClone(input.plan), event: JSON.stringify(input.event) }),
		);
	}

	tick(plan: Plan, traceId: string) {
		return this.#ask((entity) => entity.tick(plan, traceId));
	}

	async claim(run: string, step: string): Promise<Claim> {
		const claim = await this.#ask((entity) => entity.claim(run, step));
		if (claim.state === "go") {
			this.history.witness.claimed({ entity_key: this.key, run, step }, claim, this.#wakings);
		}
		return claim;
	}

	report(report: AttemptReport) {
		return this.#ask((entity) => entity.report(report));
	}

	postpone(run: string, step: string, { until }: Lease, sendAt: number) {
		return this.#ask((entity) => entity.postpone(run, step, { until }, sendAt));
	}

	park(run: string, step: string, lease: Lease) {
		return this.#ask((entity) => entity.park(run, step, { until: lease.until }));
	}

	call(run: string, step: string) {
		return this.#ask((entity) => entity.call(run, step));
	}

	crashed(run: string, step: string) {
		return this.#ask((entity) => entity.crashed(run, step));
	}

	resume(run: string, step: string) {
		return this.#ask((entity) => entity.resume(run, step, "operator"));
	}

	discard(run: string, step: string) {
		return this.#ask((entity) => entity.discard(run, step, "operator", "not needed"));
	}

	hold(run: string, step: string, until: number) {
		return this.#ask((entity) => entity.hold(run, step, until));
	}

	release(workflow: string) {
		return this.#ask((entity) => entity.release(workflow));
	}

	cancel(run: string, order: CancelOrder) {
		return this.#ask((entity) => entity.cancel(run, order));
	}

	resumeRun(run: string, order: ResumeOrder) {
		return this.#ask((entity) => entity.resumeRun(run, structuredClone(order)));
	}

	rerun(run: string, order: RerunOrder) {
		return this.#ask((entity) => entity.rerun(run, structuredClone(order)));
	}

	vote(run: string, step: string, ballot: Ballot) {
		return this.#ask((entity) => entity.vote(run, step, ballot));
	}

	die(why: string): void {
		this.history.world.say(this.key, `dies: ${why}`);
		this.life += 1;
		this.isTouched = true;
		this.#instance = null;
		this.alarm.failed();
	}

	isEmpty(): boolean {
		const { sql } = this.#storage;
		const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
		return tables
			.filter(({ name }) => name !== "migration")
			.every(({ name }) => sql.exec(`SELECT 1 FROM ${name} LIMIT 1`).toArray().length === 0);
	}

	/** It does not say. */
	dueAt(): null {
		return null;
	}

	writes(state: EntityState, turn: Turn): void {
		this.#observe(() => this.history.witness.sees(this.key, state, turn));
		// Once the turn has been applied, which happens before anything else can.
		queueMicrotask(() => this.history.witness.remembers(this.key, state));
	}

	loads({ windows }: Loaded): void {
		this.#wakings += 1;
		this.#observe(() => this.history.witness.recalls(this.key, windows));
	}

	#observe(look: () => void): void {
		try {
			look();
		} catch (error) {
			this.history.world.fail(error);
		}
	}

	async #ask<T>(ask: (entity: Entity) => Promise<T>): Promise<T> {
		const { life } = this;
		this.isTouched = true;
		try {
			const answer = await ask(this.#awake());
			if (this.life === life) return answer;
		} catch (error) {
			if (!(error instanceof Lost)) throw error;
		}
		throw new Lost("the object died, or cannot be run");
	}

	#ring(isRetry: boolean): void {
		const { life } = this;
		const info = { isRetry, retryCount: isRetry ? 1 : 0, scheduledTime: this.history.world.now };
		this.#awake()
			.alarm(info)
			.then(
				() => this.life === life && this.alarm.finished(),
				(error) => {
					this.#fails(error);
					if (this.life === life) this.alarm.failed();
				},
			);
	}

	/** Not to come to an end is what a death looks like; anything else is a mistake. */
	#fails(error: unknown): void {
		if (!(error instanceof Lost)) this.history.world.fail(error);
	}

	#awake(): Entity {
		this.isTouched = true;
		this.#instance ??= new this.real(this.#ctx(), this.#env());
		return this.#instance;
	}

	#ctx(): DurableObjectState {
		const { life } = this;
		const { world } = this.history;
		const requireLife = () => {
			if (this.life !== life) throw new Lost("an earlier life");
			if (world.now < this.brokenUntil) throw new Lost("the object cannot be run");
		};
		const sql = {
			exec: (statement: string, ...bindings: unknown[]) => {
				requireLife();
				return this.#storage.sql.exec(statement, ...bindings);
			},
		};
		observers.set(sql, this);
		const storage = {
			sql,
			transactionSync: (write: () => void) => {
				requireLife();
				if (this.#dies("before the commit")) throw new Lost("the object died before the commit");
				this.#storage.transactionSync(write);
				// The alarm that is set in the same turn belongs to the same commit.
				queueMicrotask(() => this.life === life && this.#dies("after the commit"));
			},
			setAlarm: async (at: number) => {
				if (this.life === life) this.alarm.set(at);
			},
			deleteAll: async () => {
				requireLife();
				this.#storage = sqliteStorage();
				this.alarm.delete();
			},
		};
		const id = { name: entityName(this.history.tenant, this.key) };
		const waitUntil = (work: Promise<unknown>) => void work.catch((error) => this.#fails(error));
		return { id, storage, waitUntil } as unknown as DurableObjectState;
	}

	#env(): Env {
		const { history } = this;
		return {
			ACTIONS: this.#queue(history.actions),
			ACTIONS_URGENT: this.#queue(history.urgent),
			JOURNAL: { send: ({ facts }: JournalMessage) => this.#calls(() => history.journal.send([facts])) },
			ENTITY: {
				getByName: (name: string) => ({
					handOn: ({ event, plan }: HandOnCall) =>
						this.#calls(() => history.entity(keyOf(name)).handOn({ event: JSON.parse(event), plan })),
				}),
			},
		} as unknown as Env;
	}

	#queue(queue: SimulatedQueue<Action>) {
		return {
			sendBatch: (messages: { body: ActionMessage }[]) =>
				this.#calls(() => queue.send(messages.map(({ body }) => body))),
		};
	}

	/** A call from in here; whoever dies before it comes back never hears of it. */
	#calls<T>(work: () => T | Promise<T>): Promise<T> {
		const { life } = this;
		return new Promise((resolve, reject) => {
			call(this.history.world, work, (answer) => {
				if (this.life !== life) return;
				this.isTouched = true;
				if (answer.ok) resolve(answer.value);
				else reject(new Error("the call was lost"));
			});
		});
	}

	#dies(when: string): boolean {
		const dies = this.history.world.trouble("crash");
		if (dies) this.die(when);
		return dies;
	}
}
