// Pausing and resuming workflows, through the API.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { createAdmin } from "../../src/admin/app";
import type { Fact } from "../../src/model/fact";
import { isPaused } from "../../src/registry/cache";
import { ledgerOf } from "../../src/stubs";
import { call, must, publish, setUpTenant, tokenFor, workflow } from "./admin";
import { FakeEntities } from "./support/fake-entities";

let tenant: string;
let base: string;
let entities: FakeEntities;
let token: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	base = `/tenants/${tenant}/workflows/tell-ops`;
	entities = new FakeEntities();
	await setUpTenant(tenant);
	await publish(tenant, workflow("tell-ops"));
	token = await tokenFor(tenant, "operate");
});

const by = () => `token:${token.split("_")[1]}`;
const pause = (body: object = {}) => call("POST", `${base}/pause`, { token, body });
const isHeld = () => isPaused(env, { tenant, workflow: "tell-ops" }, Date.now());

/** Resumes, with the entities of the test. */
async function resume(ledger = env.LEDGER) {
	const request = new Request(`https://signalbox.test${base}/resume`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}` },
	});
	const context = createExecutionContext();
	const response = await createAdmin().fetch(request, { ...env, ENTITY: entities.binding, LEDGER: ledger }, context);
	await waitOnExecutionContext(context);
	// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
	return { status: response.status, body: (await response.json()) as any };
}

function traceOf(n: number): string {
	return n.toString(16).padStart(32, "0");
}

function started(n: number, name: string, more = ""): Fact {
	return {
		...{ id: `run.started:${name}${more}`, at: n, tenant, kind: "run.started", trace_id: traceOf(n) },
		...{ entity_key: `e:${n}`, workflow: name, version: 1, run: `run_${traceOf(n)}.${name}${more}` },
		...{ classification: "internal", data: {} },
	};
}

function finished(fact: Fact): Fact {
	return { ...fact, id: "run.finished", kind: "run.finished", data: { status: "succeeded" } };
}

/** What the journal tells of the workflow's pauses. */
async function story(): Promise<Pick<Fact, "kind" | "actor" | "data">[]> {
	const head = await ledgerOf(env, tenant).verify();
	const { hashDocument } = await import("../../src/registry/hash");
	const id = (await hashDocument(["pauses", tenant, "tell-ops"])).slice(0, 32);
	expect(head.ok).toBe(true);
	const facts = (await ledgerOf(env, tenant).entriesOf(id)) ?? [];
	return facts.map(({ kind, actor, data }) => ({ kind, actor, data }));
}

describe("a pause", () => {
	test("holds the workflow, is shown where it is read, and stands in the journal", async () => {
		const before = await must("GET", base);
		const paused = await pause({ reason: "the channel floods" });
		expect(paused).toMatchObject({ status: 200, body: { name: "tell-ops", paused_by: by() } });
		expect(await isHeld()).toBe(true);
		const after = await must("GET", base);
		expect(after.body).toEqual({ ...before.body, paused_at: paused.body.paused_at, paused_by: by() });
		expect(after.headers.get("etag")).not.toBe(before.headers.get("etag"));
		const listed = (await must("GET", `/tenants/${tenant}/workflows`)).body.items;
		expect(listed).toMatchObject([{ name: "tell-ops", paused_at: paused.body.paused_at }]);
		expect(await story()).toEqual([
			{ kind: "workflow.paused", actor: by(), data: { by: by(), reason: "the channel floods" } },
		]);
	});

	test("of what is paused changes nothing and is told once", async () => {
		const first = await pause({ reason: "first" });
		const again = await call("POST", `${base}/pause`, { body: { reason: "second" } });
		expect(again).toMatchObject({ status: 200, body: first.body });
		expect(await story()).toHaveLength(1);
	});

	test("stays when another version is published or made current again", async () => {
		await pause();
		await publish(tenant, workflow("tell-ops", { about: "new" }));
		await must("POST", `${base}/rollback`, { body: { version: 1 } });
		expect(await isHeld()).toBe(true);
		expect((await must("GET", base)).body.paused_by).toBe(by());
	});

	test("holds a retired workflow too, whose runs go on, and ends when it is resumed", async () => {
		await must("DELETE", base);
		expect((await pause()).status).toBe(200);
		expect(await isHeld()).toBe(true);
		expect((await resume()).status).toBe(200);
		expect(await isHeld()).toBe(false);
	});

	test("of one tenant's workflow is none of another's of the same name", async () => {
		await setUpTenant(`${tenant}-b`);
		await publish(`${tenant}-b`, workflow("tell-ops"));
		await pause();
		expect(await isPaused(env, { tenant: `${tenant}-b`, workflow: "tell-ops" }, Date.now())).toBe(false);
		expect((await call("POST", `/tenants/${tenant}-b/workflows/tell-ops/pause`, { token, body: {} })).status).toBe(404);
	});
});

describe("a resumption", () => {
	test("ends the pause, is told, and can be followed by another pause", async () => {
		await pause();
		expect(await resume()).toEqual({ status: 200, body: { name: "tell-ops", woken: 0, not_woken: 0 } });
		expect(await isHeld()).toBe(false);
		expect((await must("GET", base)).body).toMatchObject({ paused_at: null, paused_by: null });
		await pause();
		await resume();
		expect((await story()).map(({ kind }) => kind)).toEqual([
			"workflow.paused",
			"workflow.resumed",
			"workflow.paused",
			"workflow.resumed",
		]);
	});

	test("wakes each entity with an unfinished run of the workflow once, and no other", async () => {
		const over = started(3, "tell-ops");
		await ledgerOf(env, tenant).append([
			...[started(1, "tell-ops"), { ...started(1, "tell-ops", ".again"), entity_key: "e:1" }],
			...[started(2, "tell-ops-too"), started(4, "other"), over, finished(over), started(5, "tell-ops", ".again")],
		]);
		await pause();
		expect((await resume()).body).toEqual({ name: "tell-ops", woken: 2, not_woken: 0 });
		expect(entities.released.sort((a, b) => a.key.localeCompare(b.key))).toEqual([
			{ tenant, key: "e:1", workflow: "tell-ops" },
			{ tenant, key: "e:5", workflow: "tell-ops" },
		]);
	});

	test("wakes the others when one cannot be woken, and says how many could not", async () => {
		await ledgerOf(env, tenant).append(Array.from({ length: 5 }, (_, i) => started(i + 1, "tell-ops")));
		entities.broken.add("e:3");
		expect((await resume()).body).toEqual({ name: "tell-ops", woken: 4, not_woken: 1 });
	});

	test("wakes a bounded number at once", async () => {
		await ledgerOf(env, tenant).append(Array.from({ length: 60 }, (_, i) => started(i + 1, "tell-ops")));
		expect((await resume()).body.woken).toBe(60);
		expect(entities.mostBusy).toBeGreaterThan(1);
		expect(entities.mostBusy).toBeLessThanOrEqual(16);
	});

	test("of what is not paused wakes, and tells nothing", async () => {
		await ledgerOf(env, tenant).append([started(1, "tell-ops")]);
		expect((await resume()).body.woken).toBe(1);
		expect(await story()).toEqual([]);
	});

	test("that the journal could not be told of does not happen", async () => {
		await pause();
		const fail = () => Promise.reject(Object.assign(new Error("busy"), { overloaded: true }));
		const ledger = { getByName: () => ({ append: fail }) } as unknown as typeof env.LEDGER;
		expect((await resume(ledger)).status).toBe(503);
		expect(await isHeld()).toBe(true);
		expect((await must("GET", base)).body.paused_by).toBe(by());
	});
});
