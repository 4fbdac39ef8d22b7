// The Entities of a file's runtime, as the platform sees them: their alarms, and what they have stored.

import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Run } from "../../../src/model/entity";
import type { CanonicalEvent } from "../../../src/model/event";
import { tenantOf } from "../../../src/model/names";

/** Rings every Entity whose alarm is due, as the platform would. */
export async function ring(): Promise<void> {
	for (const id of await listDurableObjectIds(env.ENTITY)) {
		const stub = env.ENTITY.get(id);
		const at = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
		if (at !== null && at <= Date.now()) await runDurableObjectAlarm(stub);
	}
}

/** The alarms that are set in a tenant, in epoch milliseconds, earliest first. */
export async function alarms(tenant: string): Promise<number[]> {
	const all = await inEach(tenant, ({ storage }) => storage.getAlarm());
	return all.filter((at) => at !== null).sort((a, b) => a - b);
}

/** The runs that a tenant's Entities keep, as they are stored. */
export async function storedRuns(tenant: string): Promise<Run[]> {
	const rows = await inEach(tenant, ({ storage }) => select<{ doc: string }>(storage, "run", "doc"));
	return rows.flat().map(({ doc }) => JSON.parse(doc) as Run);
}

/** An event's body, wherever it is kept. */
export async function storedEvent(tenant: string, id: string): Promise<CanonicalEvent | undefined> {
	const rows = await inEach(tenant, ({ storage }) =>
		select<{ event_id: string; event: string | null }>(storage, "receipt", "event_id, event"),
	);
	const text = rows.flat().find(({ event_id, event }) => event_id === id && event !== null)?.event;
	return text == null ? undefined : (JSON.parse(text) as CanonicalEvent);
}

async function inEach<T>(tenant: string, look: (state: DurableObjectState) => T | Promise<T>): Promise<T[]> {
	const ids = await listDurableObjectIds(env.ENTITY);
	const seen = await Promise.all(
		ids.map((id) =>
			runInDurableObject(env.ENTITY.get(id), async (_, state) =>
				tenantOf(state.id.name ?? "") === tenant ? [await look(state)] : [],
			),
		),
	);
	return seen.flat();
}

/** An Entity that has stored nothing, or that forgot all of it, has no tables. */
function select<T extends Record<string, SqlStorageValue>>({ sql }: DurableObjectStorage, table: string, columns: string): T[] {
	const exists = sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", table).toArray().length > 0;
	return exists ? sql.exec<T>(`SELECT ${columns} FROM ${table}`).toArray() : [];
}
