// The objects of a file's runtime, as the platform sees them: their alarms, and what they have stored.

import {
	abortAllDurableObjects,
	evictAllDurableObjects,
	listDurableObjectIds,
	runDurableObjectAlarm,
	runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach } from "vitest";
import type { Run } from "../../../src/model/entity";
import type { CanonicalEvent } from "../../../src/model/event";
import { keyOf, tenantOf } from "../../../src/model/names";

/** By id. An object that was restarted is told its name only by whoever asks for it by name, as the worker does. */
const names = new Map<string, string>();

/** The tenants of the test that runs: with those of all tests, a file has hundreds of Entities in the end. */
const watched = new Set<string>();
afterEach(() => watched.clear());

/** Lets the Entities of a tenant be seen until the test is over. */
export function watch(tenant: string): void {
	watched.add(tenant);
}

function entities(): Promise<{ name: string; stub: DurableObjectStub }[]> {
	return objects(env.ENTITY);
}

async function objects(namespace: DurableObjectNamespace): Promise<{ name: string; stub: DurableObjectStub }[]> {
	const ids = await listDurableObjectIds(namespace);
	const all = await Promise.all(ids.map((id) => nameOf(namespace, id)));
	return all.filter(isWatched).map((name) => ({ name, stub: namespace.getByName(name) }));
}

/** An object that a message of nobody's has called by no name of ours cannot even begin. */
function isWatched(name: string): boolean {
	return name !== "" && watched.has(tenantOf(name));
}

async function nameOf(namespace: DurableObjectNamespace, id: DurableObjectId): Promise<string> {
	const known = names.get(String(id));
	const asked = () => runInDurableObject(namespace.get(id), (_, state) => state.id.name).catch(() => "");
	const name = known ?? (await asked()) ?? "";
	names.set(String(id), name);
	return name;
}

/** Rings every Entity and every Connection whose alarm is due, as the platform would; or those with such keys alone. */
export async function ring(isMeant: (key: string) => boolean = () => true): Promise<void> {
	for (const { name, stub } of [...(await objects(env.CONNECTION)), ...(await entities())]) {
		if (!isMeant(keyOf(name))) continue;
		const at = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
		if (at !== null && at <= Date.now()) await runDurableObjectAlarm(stub);
	}
}

/** All objects forget what they remember; `gently`, or as in a crash. */
export async function restart(how: "gently" | "hard"): Promise<void> {
	await Promise.all([entities(), objects(env.CONNECTION)]);
	await (how === "gently" ? evictAllDurableObjects() : abortAllDurableObjects());
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

/** Everything that a tenant's Entities have stored, as one text. */
export async function stored(tenant: string): Promise<string> {
	const all = await inEach(tenant, ({ storage }) =>
		["receipt", "window", "run", "mark"].map((table) => select(storage, table, "*")),
	);
	return JSON.stringify(all);
}

/** Makes a tenant's Entities unable to write to a table, until the answer is called. */
export async function breakTable(tenant: string, table: "receipt" | "window" | "run"): Promise<() => Promise<void>> {
	const trigger = `CREATE TRIGGER broken BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`;
	await inEach(tenant, ({ storage }) => storage.sql.exec(trigger).toArray());
	return async () => {
		await inEach(tenant, ({ storage }) => storage.sql.exec("DROP TRIGGER broken").toArray());
	};
}

/** A tenant's Entities have been written by a newer release, which this one must not touch, until the answer is called. */
export async function outdate(tenant: string): Promise<() => Promise<void>> {
	await inEach(tenant, async ({ storage }) => {
		await storage.deleteAll();
		storage.sql.exec("CREATE TABLE migration (n INTEGER PRIMARY KEY, name TEXT NOT NULL)");
		storage.sql.exec("INSERT INTO migration (n, name) VALUES (0, '9999_of_tomorrow')");
	});
	await restart("hard");
	return async () => {
		await inEach(tenant, ({ storage }) => storage.deleteAll());
		await restart("hard");
	};
}

/** A tenant's Entities lose their alarms, which the platform promises never to do. */
export async function loseAlarms(tenant: string): Promise<void> {
	await inEach(tenant, ({ storage }) => storage.deleteAlarm());
	await restart("hard");
}

/** How many events have arrived at the Entities of groups. */
export async function handedOn(tenant: string): Promise<number> {
	const counts = await inEach(tenant, ({ id, storage }) =>
		keyOf(id.name ?? "").startsWith("g:") ? select(storage, "receipt", "event_id").length : 0,
	);
	return counts.reduce((total, n) => total + n, 0);
}

async function inEach<T>(tenant: string, look: (state: DurableObjectState) => T | Promise<T>): Promise<T[]> {
	const own = (await entities()).filter(({ name }) => tenantOf(name) === tenant);
	return Promise.all(own.map(({ stub }) => runInDurableObject(stub, (_, state) => look(state))));
}

/** An Entity that has stored nothing, or that forgot all of it, has no tables. */
function select<T extends Record<string, SqlStorageValue>>(
	{ sql }: DurableObjectStorage,
	table: string,
	columns: string,
): T[] {
	const exists = sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", table).toArray().length > 0;
	return exists ? sql.exec<T>(`SELECT ${columns} FROM ${table}`).toArray() : [];
}
