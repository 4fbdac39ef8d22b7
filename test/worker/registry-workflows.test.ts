// What the database itself makes sure of when a workflow becomes current, whoever asks and however late.

import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import { putConnection } from "../../src/registry/connections";
import { putSource } from "../../src/registry/sources";
import { putTenant } from "../../src/registry/tenants";
import { deleteUnused } from "../../src/registry/uses";
import { findWorkflow, listVersions, makeCurrent, publish, retireWorkflow } from "../../src/registry/workflows";

const NOW = 1_800_000_000_000;
const ALL = { after: "", limit: 100 };

let tenant: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	await putTenant(env.DB, { name: tenant, title: tenant, now: NOW });
	const row = { tenant, config: {}, now: NOW };
	await putSource(env.DB, { ...row, name: "github", connector: "github", secrets: [{ id: "1", sealed: "x" }] });
	await putConnection(env.DB, { ...row, name: "chat", connector: "slack", owner: "ops", credentials: "x" });
});

function publishAs(hash: string, references: { sources?: string[]; connections?: string[] } = {}) {
	return publish(env.DB, {
		...{ tenant, name: "w", hash, document: { hash }, message: "", published_by: "root", now: NOW },
		...{ sources: ["github"], connections: ["chat"], ...references },
	});
}

async function versions(): Promise<string[]> {
	return (await listVersions(env.DB, { tenant, name: "w" }, ALL)).items.map(({ hash }) => hash);
}

test.each([
	["a source", { sources: ["github", "gone"] }],
	["a connection", { connections: ["gone"] }],
])("a document whose reference to %s is gone is not published, and leaves nothing behind", async (_, gone) => {
	expect(await publishAs("a", gone)).toEqual({ ok: false, error: { reason: "references" } });
	expect(await versions()).toEqual([]);
	await publishAs("b");
	expect(await publishAs("c", gone)).toEqual({ ok: false, error: { reason: "references" } });
	expect(await versions()).toEqual(["b"]);
	expect((await findWorkflow(env.DB, tenant, "w"))?.version).toBe(1);
});

test("a retired workflow does not come back by a document whose references are gone", async () => {
	await publishAs("a");
	await retireWorkflow(env.DB, tenant, "w");
	expect(await publishAs("a", { sources: ["gone"] })).toEqual({ ok: false, error: { reason: "references" } });
	expect(await findWorkflow(env.DB, tenant, "w")).toBeNull();
});

test("another tenant's source or connection is no reference", async () => {
	await putTenant(env.DB, { name: `${tenant}-b`, title: "", now: NOW });
	const elsewhere = { tenant: `${tenant}-b`, config: {}, now: NOW };
	await putSource(env.DB, { ...elsewhere, name: "theirs", connector: "github", secrets: [{ id: "1", sealed: "x" }] });
	expect(await publishAs("a", { sources: ["theirs"] })).toEqual({ ok: false, error: { reason: "references" } });
});

test("what is current is not deleted, what only an older version refers to is", async () => {
	await publishAs("a");
	expect(await deleteUnused(env.DB, "sources", { tenant, name: "github" })).toEqual({ in_use: ["w"] });
	await publishAs("b", { sources: [] });
	expect(await deleteUnused(env.DB, "sources", { tenant, name: "github" })).toBe("deleted");
	expect(await makeCurrent(env.DB, { tenant, name: "w", version: 1 })).toEqual({
		ok: false,
		error: { reason: "references" },
	});
	expect((await findWorkflow(env.DB, tenant, "w"))?.version).toBe(2);
});

test("publishing and deleting at once: one of them gives way, every time", async () => {
	for (let i = 0; i < 20; i++) {
		const row = { tenant, name: "busy", config: {}, now: NOW };
		await putSource(env.DB, { ...row, connector: "github", secrets: [{ id: `${i}`, sealed: "x" }] });
		const [published, deleted] = await Promise.all([
			publishAs(`v${i}`, { sources: ["busy"] }),
			deleteUnused(env.DB, "sources", { tenant, name: "busy" }),
		]);
		expect([published.ok, deleted]).toEqual(published.ok ? [true, { in_use: ["w"] }] : [false, "deleted"]);
		await retireWorkflow(env.DB, tenant, "w");
	}
});

test("the same content at once from many is one version", async () => {
	const all = await Promise.all(Array.from({ length: 10 }, () => publishAs("a")));
	expect(all.filter((each) => each.ok && !each.value.unchanged).length).toBe(1);
	expect(await versions()).toEqual(["a"]);
});
