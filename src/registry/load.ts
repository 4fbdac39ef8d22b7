// Reads a tenant's whole configuration from D1, opens its secrets and compiles its workflows. What this release cannot
// use is left out, with a reason; the rest of the tenant goes on.

import { z } from "zod";
import { findConnector } from "../connectors/index";
import type { CompiledWorkflow } from "../core/document";
import type { Connection } from "../model/connection";
import { JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";
import type { Source } from "../model/source";
import { compileDocument, summarizeProblems } from "./compile";
import { credentialsPlace, findConnection } from "./connections";
import { RegistryUnavailable } from "./memory";
import { parseSources, type SourceRow, secretPlace, selectAllSources } from "./sources";
import { explainOpenFailure, open, type VaultKeys } from "./vault";
import { type CurrentRow, parseWorkflows, selectAllWorkflows } from "./workflows";

/** Something that is configured and cannot be used. */
export interface ConfigProblem {
	kind: "source" | "workflow";
	name: string;
	reason: string;
}

export interface LoadedSource extends Omit<Source, "secrets"> {
	/** Newest first. */
	secrets: { text: string; expires_at: number | null }[];
}

export interface LoadedTenant {
	revision: string;
	sources: LoadedSource[];
	workflows: { version: number; compiled: CompiledWorkflow }[];
	problems: ConfigProblem[];
}

/** Null if there is no such tenant; the known configuration if it has not changed, which costs one row to see. */
export async function loadTenant(
	db: D1Database,
	{ tenant, keys, known }: { tenant: string; keys: VaultKeys; known: LoadedTenant | null },
): Promise<LoadedTenant | null> {
	const select = db.prepare("SELECT revision FROM tenants WHERE name = ?").bind(tenant);
	if (known !== null && known.revision === (await select.first("revision"))) return known;
	const [tenants, sources, workflows] = await db.batch([
		select,
		selectAllSources(db, tenant),
		selectAllWorkflows(db, tenant),
	]);
	const [row] = z.array(z.object({ revision: z.string() })).parse(tenants?.results);
	if (row === undefined) return null;
	const loaded: LoadedTenant = { revision: row.revision, sources: [], workflows: [], problems: [] };
	for (const source of await Promise.all(
		parseSources(sources?.results).map((each) => loadSource(keys, tenant, each)),
	)) {
		if (source.ok) loaded.sources.push(source.value);
		else loaded.problems.push(source.error);
	}
	for (const workflow of parseWorkflows(workflows?.results).map(loadWorkflow)) {
		if (workflow.ok) loaded.workflows.push(workflow.value);
		else loaded.problems.push(workflow.error);
	}
	return loaded;
}

/** A connection with its credentials, and the revision that it was read at. */
export interface LoadedConnection {
	revision: string;
	connection: Connection;
}

/** Null if there is no such connection. Rejects with `RegistryUnavailable` if its credentials cannot be used. */
export async function loadConnection(
	db: D1Database,
	{ tenant, name, keys, known }: { tenant: string; name: string; keys: VaultKeys; known: LoadedConnection | null },
): Promise<LoadedConnection | null> {
	const row = await findConnection(db, tenant, name);
	if (row === null || row.revision === known?.revision) return row && known;
	const opened = await open(keys, credentialsPlace(tenant, name), row.credentials);
	if (!opened.ok) throw new RegistryUnavailable(`connection ${name}: ${explainOpenFailure(opened.error)}`);
	const credentials = JsonObject.parse(JSON.parse(opened.value));
	const side = findConnector(row.connector)?.connection;
	if (
		side?.config.safeParse(row.config).success === false ||
		side?.credentials.safeParse(credentials).success === false
	) {
		throw new RegistryUnavailable(`connection ${name}: its settings or credentials no longer fit its connector`);
	}
	return {
		revision: row.revision,
		connection: {
			...{ tenant, name, connector: row.connector, config: row.config, credentials },
			...(row.limits === null ? {} : { limits: row.limits }),
		},
	};
}

async function loadSource(
	keys: VaultKeys,
	tenant: string,
	row: SourceRow,
): Promise<Result<LoadedSource, ConfigProblem>> {
	const problem = (reason: string) => err<ConfigProblem>({ kind: "source", name: row.name, reason });
	const side = findConnector(row.connector)?.source;
	if (side === undefined) return problem(`this release has no connector ${row.connector} that receives deliveries`);
	const config = side.config.safeParse(row.config);
	if (!config.success) return problem(`its settings no longer fit its connector: ${z.prettifyError(config.error)}`);
	const opened = await Promise.all(
		row.secrets.map(({ id, sealed }) => open(keys, secretPlace(tenant, row.name, id), sealed)),
	);
	const secrets: LoadedSource["secrets"] = [];
	for (const [index, secret] of opened.entries()) {
		if (!secret.ok) return problem(`a secret cannot be opened: ${explainOpenFailure(secret.error)}`);
		secrets.push({ text: secret.value, expires_at: row.secrets[index]?.expires_at ?? null });
	}
	return ok({ tenant, name: row.name, connector: row.connector, config: row.config, secrets });
}

function loadWorkflow(row: CurrentRow): Result<LoadedTenant["workflows"][number], ConfigProblem> {
	const compiled = compileDocument(row.hash, row.document);
	if (compiled.ok) return ok({ version: row.version, compiled: compiled.value });
	return err({ kind: "workflow", name: row.name, reason: summarizeProblems(compiled.error) });
}
