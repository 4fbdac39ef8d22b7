// The real Worker with meters on: every row written, call of an object, alarm and queue operation is counted, in the
// isolate that does it. GET /__meters reads them; POST /__meters sets them to zero.

import worker, { Connection as RealConnection, Entity as RealEntity, Ledger as RealLedger } from "../../src/worker";

export interface Meters {
	worker_requests: number;
	consumer_batches: number;
	do_requests: number;
	alarms: number;
	rows_written: number;
	queue_messages: number;
	by_object: Record<string, { do_requests: number; alarms: number; rows_written: number }>;
}

const meters: Meters = emptyMeters();

function emptyMeters(): Meters {
	return {
		worker_requests: 0,
		consumer_batches: 0,
		do_requests: 0,
		alarms: 0,
		rows_written: 0,
		queue_messages: 0,
		by_object: {},
	};
}

function count(object: string, what: "do_requests" | "alarms" | "rows_written", n: number): void {
	meters[what] += n;
	const own = meters.by_object[object] ?? { do_requests: 0, alarms: 0, rows_written: 0 };
	meters.by_object[object] = { ...own, [what]: own[what] + n };
}

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** Counts each call of the class's methods, and the rows that are written while one runs. */
function metered(object: string, Real: { prototype: object }): void {
	const prototype = Real.prototype as Record<string, Callable>;
	for (const name of Object.getOwnPropertyNames(prototype)) {
		const real = prototype[name];
		if (name === "constructor" || typeof real !== "function") continue;
		prototype[name] = function (this: unknown, ...args: unknown[]) {
			count(object, name === "alarm" ? "alarms" : "do_requests", 1);
			meterStorage(object, this as { ctx: DurableObjectState });
			return real.apply(this, args);
		};
	}
}

const meteredStorages = new WeakSet<object>();

/** An alarm that is set is a row written, and so is one that is deleted. */
function meterStorage(object: string, { ctx }: { ctx: DurableObjectState }): void {
	if (meteredStorages.has(ctx.storage)) return;
	meteredStorages.add(ctx.storage);
	const { sql } = ctx.storage;
	const exec = sql.exec.bind(sql) as (...args: unknown[]) => SqlStorageCursor<Record<string, SqlStorageValue>>;
	Object.defineProperty(sql, "exec", {
		value: (...args: unknown[]) => {
			const cursor = exec(...args);
			count(object, "rows_written", cursor.rowsWritten);
			return cursor;
		},
	});
	for (const name of ["setAlarm", "deleteAlarm"] as const) {
		const real = (ctx.storage[name] as Callable).bind(ctx.storage);
		Object.defineProperty(ctx.storage, name, {
			value: (...args: unknown[]) => {
				count(object, "rows_written", 1);
				return real(...args);
			},
		});
	}
}

metered("entity", RealEntity);
metered("connection", RealConnection);
metered("ledger", RealLedger);

const meteredQueues = new WeakSet<object>();

function meterQueues(env: Record<string, unknown>): void {
	for (const name of ["ACTIONS", "ACTIONS_URGENT", "JOURNAL"]) {
		const queue = env[name] as { send: Callable; sendBatch: Callable };
		if (meteredQueues.has(queue)) continue;
		meteredQueues.add(queue);
		const prototype = Object.getPrototypeOf(queue) as { send: Callable; sendBatch: Callable; metered?: boolean };
		if (prototype.metered === true) continue;
		prototype.metered = true;
		const { send, sendBatch } = prototype;
		prototype.send = function (message, ...rest) {
			meters.queue_messages += 1;
			return send.call(this, message, ...rest);
		};
		prototype.sendBatch = function (messages, ...rest) {
			meters.queue_messages += (messages as unknown[]).length;
			return sendBatch.call(this, messages, ...rest);
		};
	}
}

export { RealConnection as Connection, RealEntity as Entity, RealLedger as Ledger };

export default {
	async fetch(request: Request, env: never, ctx: ExecutionContext): Promise<Response> {
		meterQueues(env);
		if (new URL(request.url).pathname === "/__meters") {
			const answer = Response.json(meters);
			if (request.method === "POST") Object.assign(meters, emptyMeters());
			return answer;
		}
		meters.worker_requests += 1;
		return worker.fetch(request, env, ctx);
	},
	async queue(batch: never, env: never): Promise<void> {
		meters.consumer_batches += 1;
		await worker.queue(batch, env);
	},
	scheduled: worker.scheduled,
};
