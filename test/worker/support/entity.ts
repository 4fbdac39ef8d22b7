// One Entity as a test sees it: its calls, its rows, its alarm, and ways to make it forget.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { migrateEntity } from "../../../src/entity/schema";
import type { AcceptInput, Run, Window } from "../../../src/model/entity";
import type { CanonicalEvent } from "../../../src/model/event";
import type { Fact } from "../../../src/model/fact";
import type { JsonObject } from "../../../src/model/json";
import type { EntityCalls, Lease } from "../../../src/model/message";
import { entityName } from "../../../src/model/names";
import type { Plan } from "../../../src/model/plan";
import { entityOf } from "../../../src/stubs";
import { TENANT } from "./things";

/** What the expressions of a leased step read of what happened. */
interface Readable {
	event: CanonicalEvent | null;
	window: {
		count: number;
		event_ids: string[];
		events: CanonicalEvent[];
		diff: JsonObject[];
		summary: JsonObject | null;
	};
}

type RowOf = Record<string, SqlStorageValue>;

/** The calls as tests make them: with events as they are, where the wire takes their text. */
export interface Calls extends Omit<EntityCalls, "accept" | "handOn"> {
	accept(input: AcceptInput): Promise<{ duplicate: boolean }>;
	handOn(input: { event: CanonicalEvent; plan: Plan }): Promise<void>;
}

/** What a test that runs inside of the object can call. */
type Inside = Calls & { alarm(info?: AlarmInvocationInfo): Promise<void> };

function withEvents<T extends EntityCalls>(calls: T): Omit<T, "accept" | "handOn"> & Calls {
	const instead: Pick<Calls, "accept" | "handOn"> = {
		accept: (input) => calls.accept({ ...input, event: JSON.stringify(input.event) }),
		handOn: (input) => calls.handOn({ ...input, event: JSON.stringify(input.event) }),
	};
	return new Proxy(calls, {
		get(target, name) {
			if (name === "accept" || name === "handOn") return instead[name];
			// Called as a method: what a stub has for one is no function of its own.
			const methods = target as unknown as Record<PropertyKey, ((...args: unknown[]) => unknown) | undefined>;
			return (...args: unknown[]) => methods[name]?.(...args);
		},
	}) as unknown as Omit<T, "accept" | "handOn"> & Calls;
}

export class Subject {
	constructor(
		readonly key: string,
		readonly tenant = TENANT,
	) {}

	/** A new stub every time: one whose object was reset stays broken. */
	get calls(): Calls {
		return withEvents(entityOf(env, this.tenant, this.key));
	}

	get stub(): DurableObjectStub {
		return env.ENTITY.getByName(entityName(this.tenant, this.key));
	}

	/** Leaves the memory in an orderly way, as an idle object does. */
	async evict(): Promise<void> {
		await evictDurableObject(this.stub);
	}

	/** Dies at once; what was not yet committed is lost. */
	async abort(): Promise<void> {
		await runInDurableObject(this.stub, (_, state) => state.abort("the test pulls the plug")).catch(() => {});
	}

	/** `inside` runs in the object, between its other events. */
	run<T>(inside: (instance: Inside, state: DurableObjectState) => T | Promise<T>): Promise<T> {
		return runInDurableObject(this.stub, (instance, state) =>
			inside(withEvents(instance as unknown as EntityCalls) as unknown as Inside, state),
		);
	}

	sql<T extends RowOf>(statement: string, ...bindings: unknown[]): Promise<T[]> {
		return this.run((_, state) => state.storage.sql.exec<T>(statement, ...bindings).toArray());
	}

	/** Whatever touches the table fails, until the answer is called. */
	async breakTable(name: string): Promise<() => Promise<void>> {
		await this.run((_, { storage }) => {
			migrateEntity(storage);
			storage.sql.exec(`ALTER TABLE ${name} RENAME TO broken`);
		});
		return async () => {
			await this.sql(`ALTER TABLE broken RENAME TO ${name}`);
		};
	}

	alarmAt(): Promise<number | null> {
		return this.run((_, state) => state.storage.getAlarm());
	}

	/** The platform's part: calls the handler as often as an alarm is due, and says how often that was. */
	async ring(limit = 20): Promise<number> {
		for (let times = 0; ; times++) {
			const at = await this.alarmAt();
			if (at === null || at > Date.now()) return times;
			if (times === limit) throw new Error(`the alarm still rings after ${limit} times`);
			await runDurableObjectAlarm(this.stub);
		}
	}

	async isEmpty(): Promise<boolean> {
		const tables = await this.sql("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'");
		return tables.length === 0;
	}

	async storedRun(id: string): Promise<Run> {
		const [row] = await this.sql<{ doc: string }>("SELECT doc FROM run WHERE id = ?", id);
		if (row === undefined) throw new Error(`there is no run ${id}`);
		return JSON.parse(row.doc);
	}

	async storedWindows(): Promise<Window[]> {
		return (await this.sql<{ doc: string }>("SELECT doc FROM window")).map(({ doc }) => JSON.parse(doc));
	}

	/** Claims a step that can be claimed. */
	async lease(run: string, step = "tell"): Promise<Lease & Readable> {
		const claim = await this.calls.claim(run, step);
		if (claim.state !== "go") throw new Error(`${run} ${step} is ${claim.state}`);
		const { event, window } = claim.scope as unknown as Readable;
		return { ...claim, event, window };
	}

	async succeed(run: string, step = "tell"): Promise<void> {
		const { attempt } = await this.lease(run, step);
		await this.calls.report({
			run,
			step,
			attempt,
			outcome: { kind: "succeeded", output: { ok: true } },
			exchange: {},
			started_at: Date.now(),
			duration_ms: 5,
		});
	}

	async fail(run: string, step = "tell"): Promise<void> {
		const { attempt } = await this.lease(run, step);
		await this.calls.report({
			run,
			step,
			attempt,
			outcome: { kind: "permanent", class: "not_found", reason: "the target answered 404" },
			exchange: {},
			started_at: Date.now(),
			duration_ms: 5,
		});
	}
}

/** Why a call was refused. A stub's promise can be awaited once only, which `expect` does not keep to. */
export async function refusalOf(calling: Promise<unknown>): Promise<string> {
	try {
		await calling;
	} catch (error) {
		return String(error);
	}
	throw new Error("the call was not refused");
}

/** The kinds of facts, with what they are about, as a reader would list them. */
export function told(facts: Fact[]): string[] {
	return facts.map(({ kind, id }) => `${kind} ${id}`);
}
