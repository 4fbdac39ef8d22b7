// Requests that are refused: each with its status, and with a message that helps.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { createToken } from "../../src/registry/token";
import { insertToken } from "../../src/registry/tokens";
import { call, must, SLACK, setUpTenant, tokenFor } from "./admin";
import { json, publishing, reading, rolling, routing, writing } from "./refusals";

beforeAll(async () => {
	await setUpTenant("acme");
	await must("PUT", "/tenants/acme/connections/web", {
		body: { connector: "http", owner: "ops", config: { base_url: "https://api.example.com" }, credentials: {} },
	});
});

describe.each([
	["routing", routing],
	["reading", reading],
	["writing", writing],
	["publishing", publishing],
	["rolling back", rolling],
])("%s", (_, refusals) => {
	test.each(refusals)("$name is a $status", async ({ method, path, status, says, options }) => {
		const answer = await call(method, path, options);
		expect(answer.status).toBe(status);
		expect(answer.headers.get("content-type")).toBe("application/problem+json");
		expect(answer.body).toMatchObject({
			type: expect.stringMatching(/^urn:signalbox:problem:[a-z-]+$/),
			title: expect.any(String),
			status,
			detail: expect.any(String),
			instance: `/admin/v1${path}`.split("?")[0],
		});
		const { detail, errors = [] } = answer.body;
		const said = [
			detail,
			...errors.map((error: { path: string; message: string }) => `${error.path} ${error.message}`),
		];
		expect(said.join("\n")).toContain(says);
	});
});

test("a refused write leaves nothing behind", async () => {
	for (const { method, path, options } of writing) await call(method, path, options);
	expect((await must("GET", "/tenants/acme/sources")).body.items.map((item: { name: string }) => item.name)).toEqual([
		"github",
	]);
	expect((await must("GET", "/tenants/acme/workflows")).body.items).toEqual([]);
	expect((await must("GET", "/tenants")).body.items.length).toBe(1);
});

test("a refusal does not repeat a secret that came with the request", async () => {
	const answer = await call("PUT", "/tenants/acme/connections/a", {
		body: { ...SLACK, credentials: { token: 42, other: "xoxb-very-secret" } },
	});
	expect(answer.status).toBe(422);
	expect(JSON.stringify(answer.body)).not.toContain("xoxb");
});

test("a body of unknown length is cut off at 256 KB", async () => {
	let sent = 0;
	const endless = new ReadableStream<Uint8Array>({
		pull(controller) {
			sent += 65_536;
			if (sent > 100_000_000) controller.close();
			else controller.enqueue(new Uint8Array(65_536).fill(32));
		},
	});
	const answer = await call("PUT", "/tenants/acme/sources/a", { stream: endless, headers: json });
	expect(answer.status).toBe(413);
	expect(sent).toBeLessThan(2_000_000);
});

describe("tokens that are not valid", () => {
	async function storedToken(life: number): Promise<string> {
		const { id, text, hash } = await createToken();
		const now = Date.now();
		await insertToken(env.DB, {
			...{ id, hash, tenant: "acme", title: "t", scopes: ["read"], approver: null },
			...{ created_by: "root", created_at: now, expires_at: now + life },
		});
		return text;
	}

	test("are refused alike, whatever is wrong with them", async () => {
		const good = await storedToken(60_000);
		const other = await createToken();
		const bad: [string, Record<string, string>][] = [
			["none", {}],
			["another scheme", { authorization: "Basic cm9vdDpyb290" }],
			["an empty one", { authorization: "Bearer " }],
			["two of them", { authorization: `Bearer ${good} ${good}` }],
			["one that is cut off", { authorization: `Bearer ${good.slice(0, -1)}` }],
			["one that was never stored", { authorization: `Bearer ${other.text}` }],
			["the id of one with the secret of another", { authorization: `Bearer ${await recombine(good, other.text)}` }],
			["one that has expired", { authorization: `Bearer ${await storedToken(-1)}` }],
			["the hash of the root token", { authorization: `Bearer ${env.ROOT_TOKEN_SHA256}` }],
		];
		const answers = await Promise.all(
			bad.map(([, headers]) => call("GET", "/tenants/acme/sources", { token: null, headers })),
		);
		expect(answers.map(({ status }) => status)).toEqual(bad.map(() => 401));
		expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
		expect(answers[0]?.headers.get("www-authenticate")).toBe('Bearer realm="signalbox"');
		expect((await call("GET", "/tenants/acme/sources", { token: good })).status).toBe(200);
	});

	/** A well-formed token: this id, that secret, and a checksum that fits. */
	async function recombine(idFrom: string, secretFrom: string): Promise<string> {
		const { checksum } = await import("../../src/registry/token");
		const body = `sb_${idFrom.split("_")[1]}_${secretFrom.split("_")[2]}`;
		return `${body}_${checksum(body)}`;
	}

	test("nothing of the tenant is told to them", async () => {
		const known = await call("GET", "/tenants/acme", { token: null });
		const unknown = await call("GET", "/tenants/nobody", { token: null });
		expect({ ...known.body, instance: "" }).toEqual({ ...unknown.body, instance: "" });
	});
});

test("a use of a token is noted, once an hour", async () => {
	const token = await tokenFor("acme", "read");
	const id = token.split("_")[1];
	const lastUsed = () =>
		env.DB.prepare("SELECT last_used_at FROM api_tokens WHERE id = ?").bind(id).first("last_used_at");
	await must("GET", "/tenants/acme", { token });
	await expect.poll(lastUsed).toEqual(expect.any(Number));
	await env.DB.prepare("UPDATE api_tokens SET last_used_at = last_used_at - 3000000 WHERE id = ?").bind(id).run();
	const before = await lastUsed();
	for (let i = 0; i < 5; i++) await must("GET", "/tenants/acme", { token });
	expect(await lastUsed()).toBe(before);
	await env.DB.prepare("UPDATE api_tokens SET last_used_at = last_used_at - 3000000 WHERE id = ?").bind(id).run();
	await must("GET", "/tenants/acme", { token });
	await expect.poll(lastUsed).toBeGreaterThan(Number(before));
});
