// The isolate's copy of configuration, over the real database: how old it gets, what it leaves out, what it survives.

import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Env } from "../../src/env";
import { deleteApprover, putApprover } from "../../src/registry/approvers";
import {
	approvers,
	connection,
	forgetApprovers,
	forgetPauses,
	forgetTenant,
	isPaused,
	pausedWorkflows,
	RegistryUnavailable,
	tenantConfig,
	vaultKeys,
	workflowVersion,
} from "../../src/registry/cache";
import { deleteConnection, putConnection } from "../../src/registry/connections";
import { hashDocument } from "../../src/registry/hash";
import { pauseWorkflow, resumeWorkflow } from "../../src/registry/pauses";
import { sealCredentials, sealSecret } from "../../src/registry/secrets";
import { addSecret, deleteSource, putSource } from "../../src/registry/sources";
import { putTenant } from "../../src/registry/tenants";
import { publish, retireWorkflow } from "../../src/registry/workflows";
import { workflow } from "./admin";

const NOW = 1_800_000_000_000;

let tenant: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	await putTenant(env.DB, { name: tenant, title: tenant, now: NOW });
	await source("github", "secret-1");
	await credentials("chat", "xoxb-1");
	await publishDocument(workflow("tell-ops"));
});

async function source(name: string, ...secrets: string[]): Promise<void> {
	const keys = await vaultKeys(env);
	const sealed = await Promise.all(secrets.map((text) => sealSecret(keys, { tenant, source: name, text })));
	await putSource(env.DB, { tenant, name, connector: "github", config: {}, secrets: sealed, now: NOW });
}

async function rotate(name: string, text: string, now: number, until: number): Promise<void> {
	const secret = await sealSecret(await vaultKeys(env), { tenant, source: name, text });
	await addSecret(env.DB, { tenant, name, now, secret, until });
}

async function credentials(name: string, token: string): Promise<void> {
	const sealed = await sealCredentials(await vaultKeys(env), { tenant, name, credentials: { token } });
	const write = { tenant, name, connector: "slack", owner: "ops", config: {}, credentials: sealed, now: NOW };
	await putConnection(env.DB, write);
}

async function publishDocument(document: ReturnType<typeof workflow>): Promise<void> {
	const published = await publish(env.DB, {
		...{ tenant, name: document.name, hash: await hashDocument(document), document },
		...{ sources: ["github"], connections: ["chat"], message: "", published_by: "root", now: NOW },
	});
	expect(published.ok).toBe(true);
}

/** A database that counts what it is asked. */
function counting(): { env: Env; asked: () => number } {
	let asked = 0;
	const DB = new Proxy(env.DB, {
		get(target, name) {
			if (name === "prepare" || name === "batch") asked += 1;
			const member = Reflect.get(target, name);
			return typeof member === "function" ? member.bind(target) : member;
		},
	});
	return { env: { ...env, DB }, asked: () => asked };
}

/** A database that is down. */
const down: Env = {
	...env,
	DB: new Proxy(env.DB, {
		get() {
			throw new Error("D1_ERROR: down");
		},
	}),
};

/** Lets a load in the background come to its end. */
const background = () => new Promise((resolve) => setTimeout(resolve, 100));

async function secretsOf(name: string, now: number, from: Env = env): Promise<string[] | undefined> {
	return (await tenantConfig(from, tenant, now))?.sources.get(name)?.secrets;
}

async function namesOf(now: number, from: Env = env): Promise<string[]> {
	const config = await tenantConfig(from, tenant, now);
	return (config?.workflows ?? []).map(({ compiled, version }) => `${compiled.document.name}@${version}`);
}

describe("a tenant's configuration", () => {
	test("has its sources with opened secrets and its compiled current workflows", async () => {
		const config = await tenantConfig(env, tenant, NOW);
		expect(config?.sources.get("github")).toEqual({
			...{ tenant, name: "github", connector: "github", config: {} },
			secrets: ["secret-1"],
		});
		expect(await namesOf(NOW)).toEqual(["tell-ops@1"]);
		expect(config?.problems).toEqual([]);
	});

	test("is null for a tenant that does not exist, and for what cannot be a name nobody is asked", async () => {
		const { env: counted, asked } = counting();
		expect(await tenantConfig(counted, "Nobody'; --", NOW)).toBeNull();
		expect(await tenantConfig(counted, "", NOW)).toBeNull();
		expect(asked()).toBe(0);
		expect(await tenantConfig(counted, "nobody", NOW)).toBeNull();
		expect(await tenantConfig(counted, "nobody", NOW + 4_000)).toBeNull();
		expect(asked()).toBe(4);
	});

	test("costs nothing while it is fresh, and one look when it is not and nothing has changed", async () => {
		const first = await tenantConfig(env, tenant, NOW);
		const { env: counted, asked } = counting();
		for (let at = 0; at < 5_000; at += 500) expect(await tenantConfig(counted, tenant, NOW + at)).toBe(first);
		expect(asked()).toBe(0);
		expect(await tenantConfig(counted, tenant, NOW + 10_000)).toBe(first);
		expect(asked()).toBe(1);
	});

	test("is asked for once, however many ask", async () => {
		const { env: counted, asked } = counting();
		const all = await Promise.all(Array.from({ length: 50 }, () => tenantConfig(counted, tenant, NOW)));
		expect(new Set(all).size).toBe(1);
		expect(asked()).toBe(4);
	});

	test("shows a change after five seconds to the second who asks, after ten to the first", async () => {
		expect(await namesOf(NOW)).toEqual(["tell-ops@1"]);
		await publishDocument(workflow("tell-ops", { about: "new" }));
		expect(await namesOf(NOW + 4_999)).toEqual(["tell-ops@1"]);
		expect(await namesOf(NOW + 5_000)).toEqual(["tell-ops@1"]);
		await background();
		expect(await namesOf(NOW + 5_001)).toEqual(["tell-ops@2"]);
		await retireWorkflow(env.DB, tenant, "tell-ops");
		expect(await namesOf(NOW + 15_000)).toEqual([]);
	});

	test.each<[string, () => Promise<unknown>]>([
		["a source that is replaced", () => source("github", "secret-2")],
		["a source that is added", () => source("more", "secret-2")],
		["a secret that is added", () => rotate("github", "secret-2", NOW, NOW + 1)],
		["a workflow that is published", () => publishDocument(workflow("other"))],
		["a workflow that is retired", () => retireWorkflow(env.DB, tenant, "tell-ops")],
		["a row that is repaired by hand", () => env.DB.prepare("UPDATE sources SET updated_at = 0").run()],
	])("notices %s", async (_, change) => {
		const before = await tenantConfig(env, tenant, NOW);
		await change();
		expect(await tenantConfig(env, tenant, NOW + 10_000)).not.toBe(before);
	});

	test("notices a source that is deleted and a tenant that is deleted", async () => {
		await tenantConfig(env, tenant, NOW);
		await retireWorkflow(env.DB, tenant, "tell-ops");
		await deleteSource(env.DB, tenant, "github");
		expect(await secretsOf("github", NOW + 10_000)).toBeUndefined();
		await env.DB.prepare("DELETE FROM tenants WHERE name = ?").bind(tenant).run();
		expect(await tenantConfig(env, tenant, NOW + 20_000)).toBeNull();
	});

	test("is read anew at once by the isolate that changed it", async () => {
		await tenantConfig(env, tenant, NOW);
		await source("github", "secret-2");
		forgetTenant(tenant);
		expect(await secretsOf("github", NOW + 1)).toEqual(["secret-2"]);
	});
});

describe("secrets of a source", () => {
	test("are newest first, and end at their own time without being read again", async () => {
		await rotate("github", "secret-2", NOW + 1, NOW + 3_000);
		expect(await secretsOf("github", NOW + 2)).toEqual(["secret-2", "secret-1"]);
		expect(await secretsOf("github", NOW + 2_999, down)).toEqual(["secret-2", "secret-1"]);
		expect(await secretsOf("github", NOW + 3_000, down)).toEqual(["secret-2"]);
	});

	test("end at their own time even while the database is down", async () => {
		await rotate("github", "secret-2", NOW + 1, NOW + 60_000);
		await secretsOf("github", NOW + 2);
		expect(await secretsOf("github", NOW + 59_000, down)).toEqual(["secret-2", "secret-1"]);
		expect(await secretsOf("github", NOW + 60_000, down)).toEqual(["secret-2"]);
	});
});

describe("when the database is down", () => {
	test("a copy is served for an hour, and then no longer", async () => {
		await tenantConfig(env, tenant, NOW);
		expect(await namesOf(NOW + 3_599_999, down)).toEqual(["tell-ops@1"]);
		await expect(tenantConfig(down, tenant, NOW + 3_600_000)).rejects.toThrow(RegistryUnavailable);
	});

	test("without a copy callers are told to come back", async () => {
		await expect(tenantConfig(down, tenant, NOW)).rejects.toMatchObject({ tag: "registry_unavailable" });
		await expect(connection(down, tenant, "chat", NOW)).rejects.toMatchObject({ tag: "registry_unavailable" });
		await expect(workflowVersion(down, tenant, "tell-ops", 1)).rejects.toMatchObject({ tag: "registry_unavailable" });
	});

	test("and is up again, everything goes on", async () => {
		await expect(tenantConfig(down, tenant, NOW)).rejects.toThrow();
		expect(await namesOf(NOW + 1)).toEqual(["tell-ops@1"]);
	});
});

describe("what this release cannot use is left out, and the rest goes on:", () => {
	beforeEach(() => publishDocument(workflow("fine")));

	test("a document that no longer compiles", async () => {
		await env.DB.prepare("DROP TRIGGER workflow_versions_stay").run();
		await env.DB.prepare(
			"UPDATE workflow_versions SET document = ?, hash = ? WHERE tenant = ? AND workflow = 'tell-ops'",
		)
			.bind(JSON.stringify({ name: "tell-ops", owner: "ops", steps: [] }), `old-${tenant}`, tenant)
			.run();
		expect(await namesOf(NOW)).toEqual(["fine@1"]);
		expect((await tenantConfig(env, tenant, NOW))?.problems).toEqual([
			{ kind: "workflow", name: "tell-ops", reason: expect.stringContaining("steps") },
		]);
		expect(await workflowVersion(env, tenant, "tell-ops", 1)).toBeNull();
	});

	test.each([
		["a connector that is gone", "UPDATE sources SET connector = 'fax'", "no connector fax"],
		["settings that no longer fit", `UPDATE sources SET config = '{"nonsense":1}'`, "no longer fit"],
		[
			"a secret under a key that is gone",
			"UPDATE source_secrets SET sealed = 'v1.k9.AAAA.AAAA'",
			"key k9, which VAULT_KEYS does not hold",
		],
		["a damaged envelope", "UPDATE source_secrets SET sealed = 'damaged'", "damaged"],
	])("a source with %s", async (_, damage, reason) => {
		await source("healthy", "secret-2");
		const column = damage.includes("source_secrets") ? "source" : "name";
		await env.DB.prepare(`${damage} WHERE tenant = ? AND ${column} = 'github'`).bind(tenant).run();
		const config = await tenantConfig(env, tenant, NOW);
		expect([...(config?.sources.keys() ?? [])]).toEqual(["healthy"]);
		expect(config?.workflows.length).toBe(2);
		expect(config?.problems).toEqual([{ kind: "source", name: "github", reason: expect.stringContaining(reason) }]);
	});

	test("a secret that was copied from another tenant", async () => {
		const victim = tenant;
		tenant = `${victim}-thief`;
		await putTenant(env.DB, { name: tenant, title: "", now: NOW });
		await source("github", "own");
		await env.DB.prepare(
			"UPDATE source_secrets SET (id, sealed) = (SELECT id, sealed FROM source_secrets WHERE tenant = ?) WHERE tenant = ?",
		)
			.bind(victim, tenant)
			.run();
		expect(await secretsOf("github", NOW)).toBeUndefined();
	});
});

describe("a version of a workflow", () => {
	test("is read once and kept, whatever happens to the database", async () => {
		const first = await workflowVersion(env, tenant, "tell-ops", 1);
		expect(first?.document.name).toBe("tell-ops");
		expect(await workflowVersion(down, tenant, "tell-ops", 1)).toBe(first);
	});

	test("is compiled once, also where it is current", async () => {
		const config = await tenantConfig(env, tenant, NOW);
		expect(await workflowVersion(env, tenant, "tell-ops", 1)).toBe(config?.workflows[0]?.compiled);
	});

	test("is there for a retired workflow, and null where there is none", async () => {
		await retireWorkflow(env.DB, tenant, "tell-ops");
		expect((await workflowVersion(env, tenant, "tell-ops", 1))?.document.name).toBe("tell-ops");
		expect(await workflowVersion(env, tenant, "tell-ops", 2)).toBeNull();
		expect(await workflowVersion(env, `${tenant}-other`, "tell-ops", 1)).toBeNull();
	});

	test("that is published after it was asked for is found", async () => {
		expect(await workflowVersion(env, tenant, "tell-ops", 2)).toBeNull();
		await publishDocument(workflow("tell-ops", { about: "new" }));
		expect((await workflowVersion(env, tenant, "tell-ops", 2))?.document.about).toBe("new");
	});
});

describe("a connection", () => {
	test("has opened credentials", async () => {
		expect(await connection(env, tenant, "chat", NOW)).toEqual({
			...{ tenant, name: "chat", connector: "slack", config: {} },
			credentials: { token: "xoxb-1" },
		});
		expect(await connection(env, tenant, "none", NOW)).toBeNull();
		expect(await connection(env, `${tenant}-other`, "chat", NOW)).toBeNull();
	});

	test("with new credentials is seen after ten seconds at the latest, a deleted one as gone", async () => {
		await connection(env, tenant, "chat", NOW);
		await credentials("chat", "xoxb-2");
		expect((await connection(env, tenant, "chat", NOW + 4_999))?.credentials).toEqual({ token: "xoxb-1" });
		expect((await connection(env, tenant, "chat", NOW + 10_000))?.credentials).toEqual({ token: "xoxb-2" });
		await retireWorkflow(env.DB, tenant, "tell-ops");
		expect(await deleteConnection(env.DB, tenant, "chat")).toBe("deleted");
		expect(await connection(env, tenant, "chat", NOW + 20_000)).toBeNull();
	});

	test("is not opened again while it has not changed", async () => {
		const first = await connection(env, tenant, "chat", NOW);
		expect(await connection(env, tenant, "chat", NOW + 10_000)).toBe(first);
	});

	test("whose credentials do not open is not taken for one that is not there", async () => {
		await env.DB.prepare("UPDATE connections SET credentials = 'v1.k9.AAAA.AAAA' WHERE tenant = ?").bind(tenant).run();
		await expect(connection(env, tenant, "chat", NOW)).rejects.toThrow("connection chat: it is sealed with key k9");
	});
});

describe("a connection that no longer fits its connector is not handed to it:", () => {
	test("its settings", async () => {
		await env.DB.prepare(`UPDATE connections SET config = '{"nonsense":1}' WHERE tenant = ?`).bind(tenant).run();
		await expect(connection(env, tenant, "chat", NOW)).rejects.toThrow("connection chat: its settings or credentials");
	});

	test("its credentials", async () => {
		const sealed = await sealCredentials(await vaultKeys(env), { tenant, name: "chat", credentials: { user: "x" } });
		await env.DB.prepare("UPDATE connections SET credentials = ? WHERE tenant = ?").bind(sealed, tenant).run();
		await expect(connection(env, tenant, "chat", NOW)).rejects.toThrow("connection chat: its settings or credentials");
	});
});

async function approver(name: string, teams: string[] = []): Promise<void> {
	const write = { title: name, email: null, teams, identities: ["github:1"], now: NOW };
	expect((await putApprover(env.DB, { tenant, name, ...write })).ok).toBe(true);
}

describe("approvers", () => {
	const namesAt = async (now: number, from: Env = env) => (await approvers(from, tenant, now)).map(({ name }) => name);

	test("are all of the tenant's, by name, with what a message to them needs", async () => {
		await approver("bob");
		await approver("ann", ["legal"]);
		expect(await approvers(env, tenant, NOW)).toEqual([
			{ name: "ann", title: "ann", email: null, teams: ["legal"], identities: ["github:1"] },
			{ name: "bob", title: "bob", email: null, teams: [], identities: ["github:1"] },
		]);
		expect(await approvers(env, `${tenant}-other`, NOW)).toEqual([]);
	});

	test("cost nothing while they are fresh, and a change is seen after ten seconds at the latest", async () => {
		expect(await namesAt(NOW)).toEqual([]);
		await approver("ann");
		const { env: counted, asked } = counting();
		expect([await namesAt(NOW + 4_999, counted), asked()]).toEqual([[], 0]);
		expect(await namesAt(NOW + 10_000)).toEqual(["ann"]);
		await deleteApprover(env.DB, tenant, "ann");
		forgetApprovers(tenant);
		expect(await namesAt(NOW + 10_001)).toEqual([]);
	});

	test("are served from the copy for an hour while the database is down, also if there are none", async () => {
		await namesAt(NOW);
		expect(await namesAt(NOW + 3_599_999, down)).toEqual([]);
		await expect(namesAt(NOW + 3_600_000, down)).rejects.toMatchObject({ tag: "registry_unavailable" });
		await expect(approvers(down, `${tenant}-other`, NOW)).rejects.toMatchObject({ tag: "registry_unavailable" });
	});
});

describe("paused workflows", () => {
	const pausedAt = async (now: number, from: Env = env) => [...(await pausedWorkflows(from, tenant, now))].sort();
	const isHeld = (now: number, from: Env = env) => isPaused(from, { tenant, workflow: "tell-ops" }, now);
	const pause = () => pauseWorkflow(env.DB, { tenant, name: "tell-ops", by: "root", now: NOW });
	const resume = () => resumeWorkflow(env.DB, { tenant, name: "tell-ops", paused_at: NOW });

	test("are the current and the retired ones of this tenant, and no others", async () => {
		await publishDocument(workflow("another"));
		await publishDocument(workflow("old"));
		await retireWorkflow(env.DB, tenant, "old");
		await pause();
		await pauseWorkflow(env.DB, { tenant, name: "old", by: "root", now: NOW });
		expect(await pausedAt(NOW)).toEqual(["old", "tell-ops"]);
		expect(await pausedWorkflows(env, `${tenant}-other`, NOW)).toEqual(new Set());
	});

	test("are paused once: who did it first stays, and publishing changes nothing", async () => {
		const first = await pause();
		expect(first).toEqual({ paused_at: NOW, paused_by: "root" });
		expect(await pauseWorkflow(env.DB, { tenant, name: "tell-ops", by: "other", now: NOW + 1 })).toEqual(first);
		await publishDocument(workflow("tell-ops", { about: "new" }));
		expect(await pausedAt(NOW)).toEqual(["tell-ops"]);
		expect(await pauseWorkflow(env.DB, { tenant, name: "none", by: "root", now: NOW })).toBeNull();
	});

	test("a resumption ends the pause that it means, and none that began later", async () => {
		await pause();
		await resumeWorkflow(env.DB, { tenant, name: "tell-ops", paused_at: NOW - 1 });
		expect(await pausedAt(NOW)).toEqual(["tell-ops"]);
		await resume();
		await resume();
		forgetPauses(tenant);
		expect(await pausedAt(NOW)).toEqual([]);
	});

	test("cost nothing while they are fresh, and a pause is seen after ten seconds at the latest", async () => {
		expect(await pausedAt(NOW)).toEqual([]);
		await pause();
		const { env: counted, asked } = counting();
		expect([await pausedAt(NOW + 4_999, counted), asked()]).toEqual([[], 0]);
		expect(await pausedAt(NOW + 10_000)).toEqual(["tell-ops"]);
	});

	test("are asked for in the database before work is held, so that an old copy holds nothing that was released", async () => {
		await pause();
		expect(await isHeld(NOW)).toBe(true);
		await resume();
		expect(await pausedAt(NOW + 1)).toEqual(["tell-ops"]);
		expect(await isHeld(NOW + 1)).toBe(false);
	});

	test("that are not in the copy cost no question", async () => {
		await pausedAt(NOW);
		const { env: counted, asked } = counting();
		expect([await isHeld(NOW + 1, counted), asked()]).toEqual([false, 0]);
	});

	test("are believed from the copy while the database is down, and without one nothing is decided", async () => {
		await pause();
		await pausedAt(NOW);
		expect(await isHeld(NOW + 1, down)).toBe(true);
		expect(await pausedAt(NOW + 3_599_999, down)).toEqual(["tell-ops"]);
		await expect(isHeld(NOW + 3_600_000, down)).rejects.toMatchObject({ tag: "registry_unavailable" });
	});
});

describe("requests of one isolate", () => {
	const request = () => new Request(`https://signalbox.test/in/${tenant}/github`, { method: "POST", body: "{}" });

	test("that come at once to a tenant that is not in memory are all answered", async () => {
		const answers = await Promise.all(Array.from({ length: 30 }, () => exports.default.fetch(request())));
		expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(401));
	});

	test("that wait for the load of one that was given up are answered all the same", async () => {
		const giveUp = new AbortController();
		const first = exports.default.fetch(request(), { signal: giveUp.signal }).catch((error: Error) => error.name);
		const others = Array.from({ length: 10 }, () => exports.default.fetch(request()));
		giveUp.abort();
		expect(await first).toBe("AbortError");
		expect((await Promise.all(others)).map(({ status }) => status)).toEqual(Array(10).fill(401));
	});
});

test("VAULT_KEYS that cannot be read are told as such, and nothing is decided", async () => {
	await expect(tenantConfig({ ...env, VAULT_KEYS: "k1:short" }, tenant, NOW)).rejects.toThrow("VAULT_KEYS: key k1");
});
