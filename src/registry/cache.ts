// The isolate's copy of configuration. A change is seen everywhere after ten seconds at the latest: five in which a copy
// is fresh, five in which it is served once more while it is read again. If D1 cannot be read, the copy is served for
// up to an hour; secrets expire at their own time all the same. Without a copy, callers get `RegistryUnavailable`.

import { waitUntil } from "cloudflare:workers";
import type { CompiledWorkflow } from "../core/document";
import type { Env } from "../env";
import type { Connection } from "../model/connection";
import { Name } from "../model/name";
import type { Source } from "../model/source";
import { type Approver, allApprovers } from "./approvers";
import { compileDocument, summarizeProblems } from "./compile";
import {
	type ConfigProblem,
	type LoadedConnection,
	type LoadedSource,
	type LoadedTenant,
	loadConnection,
	loadTenant,
} from "./load";
import { Lru } from "./lru";
import { Memory, RegistryUnavailable } from "./memory";
import { findPause, listPaused } from "./pauses";
import { parseVaultKeys, type VaultKeys } from "./vault";
import { findVersion } from "./workflows";

export { type ConfigProblem, RegistryUnavailable };

const AGES = { fresh: 5_000, stale: 10_000, fallback: 3_600_000 };
const LOADING = { ages: AGES, patience: 5_000, keepAlive: waitUntil };
const MAX_TENANTS = 500;
const MAX_CONNECTIONS = 2_000;
const MAX_VERSIONS = 2_000;

export interface TenantConfig {
	sources: Map<string, Source>;
	workflows: { version: number; compiled: CompiledWorkflow }[];
	/** What is configured and cannot be used, and is therefore left out above. */
	problems: ConfigProblem[];
}

/** A tenant as it was loaded, and as it is seen until the next of its secrets expires. */
interface Snapshot {
	loaded: LoadedTenant;
	view: TenantConfig;
	viewUntil: number;
}

const tenants = new Memory<Snapshot>({ ...LOADING, capacity: MAX_TENANTS });
const connections = new Memory<LoadedConnection>({ ...LOADING, capacity: MAX_CONNECTIONS });
const versions = new Lru<CompiledWorkflow>(MAX_VERSIONS);
const people = new Memory<readonly Approver[]>({ ...LOADING, capacity: MAX_TENANTS });
const pauses = new Memory<ReadonlySet<string>>({ ...LOADING, capacity: MAX_TENANTS });

/** Null if there is no such tenant, whatever the name is. With `since`, what was read before that does not count. */
export async function tenantConfig(
	env: Env,
	tenant: string,
	now: number,
	since?: number,
): Promise<TenantConfig | null> {
	if (!Name.safeParse(tenant).success) return null;
	const load = async (known: Snapshot | null) => {
		const loaded = await loadTenant(env.DB, { tenant, keys: await vaultKeys(env), known: known?.loaded ?? null });
		if (loaded === null || loaded === known?.loaded) return loaded && known;
		for (const problem of loaded.problems) console.warn(JSON.stringify({ at: "registry.skipped", tenant, ...problem }));
		return look(loaded, now);
	};
	const snapshot = await tenants.get(tenant, now, load, since);
	if (snapshot !== null && now >= snapshot.viewUntil) Object.assign(snapshot, look(snapshot.loaded, now));
	return snapshot === null ? null : snapshot.view;
}

/** A version never changes, so it is read once. Null if there is none, or none that this release can run. */
export async function workflowVersion(
	env: Env,
	tenant: string,
	name: string,
	version: number,
): Promise<CompiledWorkflow | null> {
	const key = `${tenant}/${name}/${version}`;
	const known = versions.get(key);
	if (known !== undefined) return known;
	const row = await findVersion(env.DB, { tenant, name, version }).catch((cause: unknown) => {
		throw RegistryUnavailable.because(cause);
	});
	if (row === null) return null;
	const compiled = compileDocument(row.hash, row.document);
	if (!compiled.ok) {
		const reason = summarizeProblems(compiled.error);
		console.warn(JSON.stringify({ at: "registry.unusable", tenant, kind: "workflow", name, version, reason }));
		return null;
	}
	versions.set(key, compiled.value);
	return compiled.value;
}

/** A connection with opened credentials; null if there is none. */
export async function connection(env: Env, tenant: string, name: string, now: number): Promise<Connection | null> {
	const loaded = await connections.get(`${tenant}/${name}`, now, async (known) =>
		loadConnection(env.DB, { tenant, name, keys: await vaultKeys(env), known }),
	);
	return loaded?.connection ?? null;
}

/** Everyone who may be asked for approval, by name. Who votes is read from the database itself. */
export async function approvers(env: Env, tenant: string, now: number): Promise<readonly Approver[]> {
	return (await people.get(tenant, now, () => allApprovers(env.DB, tenant))) ?? [];
}

/** The names of the workflows that are paused, current and retired ones. */
export async function pausedWorkflows(env: Env, tenant: string, now: number): Promise<ReadonlySet<string>> {
	return (await pauses.get(tenant, now, () => listPaused(env.DB, tenant))) ?? new Set();
}

/**
 * Whether a workflow is paused. That it is, an old copy may not say: what was released a moment ago would be held once
 * more. So the database is asked before work is held, and the copy is believed only if it cannot be read.
 */
export async function isPaused(
	env: Env,
	{ tenant, workflow }: { tenant: string; workflow: string },
	now: number,
): Promise<boolean> {
	if (!(await pausedWorkflows(env, tenant, now)).has(workflow)) return false;
	try {
		return ((await findPause(env.DB, tenant, workflow))?.paused_at ?? null) !== null;
	} catch (error) {
		console.warn(JSON.stringify({ at: "registry.paused", tenant, workflow, error: String(error) }));
		return true;
	}
}

/** After a change: this isolate sees it at once, the others when their copy is old. */
export function forgetTenant(tenant: string): void {
	tenants.forget(tenant);
}

export function forgetConnection(tenant: string, name: string): void {
	connections.forget(`${tenant}/${name}`);
}

export function forgetApprovers(tenant: string): void {
	people.forget(tenant);
}

export function forgetPauses(tenant: string): void {
	pauses.forget(tenant);
}

let parsedKeys: { text: string; keys: VaultKeys } | null = null;

/** The keys of `VAULT_KEYS`, parsed once per isolate. */
export async function vaultKeys(env: Pick<Env, "VAULT_KEYS">): Promise<VaultKeys> {
	if (parsedKeys?.text === env.VAULT_KEYS) return parsedKeys.keys;
	const parsed = await parseVaultKeys(env.VAULT_KEYS ?? "");
	if (!parsed.ok) throw new RegistryUnavailable(parsed.error);
	parsedKeys = { text: env.VAULT_KEYS, keys: parsed.value };
	return parsed.value;
}

function look(loaded: LoadedTenant, now: number): Snapshot {
	const expiries = loaded.sources.flatMap(({ secrets }) => secrets.map(({ expires_at }) => expires_at ?? Infinity));
	const sources = new Map(loaded.sources.map((source) => [source.name, lookAtSource(source, now)]));
	const viewUntil = Math.min(Infinity, ...expiries.filter((expiry) => expiry > now));
	return { loaded, view: { sources, workflows: loaded.workflows, problems: loaded.problems }, viewUntil };
}

function lookAtSource({ secrets, ...source }: LoadedSource, now: number): Source {
	const live = secrets.filter(({ expires_at }) => expires_at === null || expires_at > now);
	return { ...source, secrets: live.map(({ text }) => text) };
}
