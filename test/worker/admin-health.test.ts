// Health, and what happens when something is not as it should be.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createAdmin } from "../../src/admin/app";
import type { Env } from "../../src/env";
import { call, ROOT_TOKEN } from "./admin";

/** The admin API in another environment than the worker's own. */
async function answerIn(
	changes: Partial<Env>,
	path: string,
): Promise<{ status: number; text: string; headers: Headers }> {
	const request = new Request(`https://signalbox.test${path}`, { headers: { authorization: `Bearer ${ROOT_TOKEN}` } });
	const response = await createAdmin().fetch(request, { ...env, ...changes });
	return { status: response.status, text: await response.text(), headers: response.headers };
}

const broken = new Proxy(env.DB, {
	get() {
		throw new Error("D1_ERROR: no such table: tenants: SQLITE_ERROR secret-detail");
	},
});

test("a service that can work says so", async () => {
	const { status, body } = await call("GET", "/health", { token: null });
	expect(status).toBe(200);
	expect(body).toEqual({ status: "ok", checks: { database: "ok", vault: "ok", root_token: "ok" } });
});

test.each<[string, Partial<Env>]>([
	["database", { DB: broken }],
	["vault", { VAULT_KEYS: "k1:tooshort" }],
	["vault", { VAULT_KEYS: undefined as unknown as string }],
	["root_token", { ROOT_TOKEN_SHA256: "not-a-hash" }],
	["root_token", { ROOT_TOKEN_SHA256: undefined as unknown as string }],
])("a failing %s is named, and nothing more", async (check, changes) => {
	const { status, text } = await answerIn(changes, "/health");
	expect(status).toBe(503);
	expect(JSON.parse(text)).toMatchObject({ status: "failing", checks: { [check]: "failing" } });
	expect(text).not.toContain("tooshort");
	expect(text).not.toContain("secret-detail");
});

test("without a root token's hash nobody is root", async () => {
	for (const hash of ["", undefined as unknown as string]) {
		expect((await answerIn({ ROOT_TOKEN_SHA256: hash }, "/tenants")).status).toBe(401);
	}
});

test("what nobody expected is a 500 with a trace id, and tells nothing else", async () => {
	const { status, text, headers } = await answerIn({ DB: broken }, "/tenants");
	const body = JSON.parse(text);
	expect([status, headers.get("content-type")]).toEqual([500, "application/problem+json"]);
	expect(body).toMatchObject({
		type: "urn:signalbox:problem:internal",
		trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
	});
	expect(text).not.toMatch(/D1_ERROR|SQLITE|secret-detail|\.ts:/);
});

test.each([{ retryable: true }, { overloaded: true }, { durableObjectReset: true }])(
	"an object that cannot answer now is a 503 with a time to come back: %o",
	async (flags) => {
		const LEDGER = { getByName: () => ({ counters: () => Promise.reject(Object.assign(new Error("busy"), flags)) }) };
		await call("PUT", "/tenants/acme", { body: {} });
		const { status, headers } = await answerIn({ LEDGER: LEDGER as unknown as Env["LEDGER"] }, "/tenants/acme/metrics");
		expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
	},
);

test("no answer is kept by a cache", async () => {
	for (const path of ["/health", "/tenants", "/nothing", "/openapi.json"]) {
		const { headers } = await call("GET", path);
		expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual(["no-store", "nosniff"]);
	}
});
