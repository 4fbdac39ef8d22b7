// Tenants, sources, connections and tokens, through the API.

import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { hashDocument } from "../../src/registry/hash";
import { ledgerOf } from "../../src/stubs";
import { call, dumpDatabase, GITHUB, must, publish, SLACK, setUpTenant, tokenFor, workflow } from "./admin";

let tenant: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	await must("PUT", `/tenants/${tenant}`, { body: { title: "Acme" } });
});

describe("tenants", () => {
	test("are created, renamed and read", async () => {
		expect((await call("PUT", "/tenants/fresh", { body: {} })).status).toBe(201);
		const renamed = await call("PUT", "/tenants/fresh", { body: { title: "Fresh" } });
		expect([renamed.status, renamed.body.title]).toEqual([200, "Fresh"]);
		expect((await call("GET", "/tenants/fresh")).body).toEqual({
			name: "fresh",
			title: "Fresh",
			created_at: expect.any(Number),
			problems: [],
		});
	});

	test("are listed in pages that neither repeat nor skip", async () => {
		for (const name of ["list-a", "list-b", "list-c"]) await must("PUT", `/tenants/${name}`, { body: {} });
		const seen: string[] = [];
		let cursor: string | null = "";
		while (cursor !== null) {
			const query: string = cursor === "" ? "?limit=2" : `?limit=2&cursor=${cursor}`;
			const { body } = await must("GET", `/tenants${query}`);
			seen.push(...body.items.map((item: { name: string }) => item.name));
			cursor = body.cursor;
		}
		expect(seen).toEqual([...new Set(seen)].sort());
		expect(seen).toEqual(expect.arrayContaining(["list-a", "list-b", "list-c"]));
	});

	test("a tenant's own token sees its own tenant only", async () => {
		const token = await tokenFor(tenant, "read");
		const { body } = await must("GET", "/tenants", { token });
		expect(body.items.map((item: { name: string }) => item.name)).toEqual([tenant]);
	});

	test("are deleted with everything of theirs, tokens too", async () => {
		await setUpTenant(tenant);
		const token = await tokenFor(tenant, "read");
		expect((await call("DELETE", `/tenants/${tenant}`)).status).toBe(204);
		expect((await call("GET", `/tenants/${tenant}`)).status).toBe(404);
		expect((await call("GET", `/tenants/${tenant}/sources`, { token })).status).toBe(401);
		expect(await dumpDatabase()).not.toContain(`"${tenant}"`);
	});

	test("are not deleted while a workflow of theirs is current", async () => {
		await setUpTenant(tenant);
		await publish(tenant, workflow("tell-ops"));
		const refused = await call("DELETE", `/tenants/${tenant}`);
		expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("tell-ops") } });
		await must("DELETE", `/tenants/${tenant}/workflows/tell-ops`);
		expect((await call("DELETE", `/tenants/${tenant}`)).status).toBe(204);
	});
});

describe("sources", () => {
	test("are created, replaced and read, and never show a secret", async () => {
		const path = `/tenants/${tenant}/sources/github`;
		const created = await call("PUT", path, { body: GITHUB });
		expect(created.status).toBe(201);
		expect(created.body).toEqual({
			name: "github",
			connector: "github",
			config: {},
			path: `/in/${tenant}/github`,
			awaits_secret: false,
			secrets: [{ id: expect.any(String), created_at: expect.any(Number), expires_at: null }],
			created_at: expect.any(Number),
			updated_at: expect.any(Number),
		});
		const replaced = await call("PUT", path, { body: { connector: "github", config: { own: ["42"] } } });
		expect(replaced).toMatchObject({ status: 200, body: { config: { own: ["42"] }, secrets: created.body.secrets } });
		const read = await call("GET", path);
		expect(read.body).toEqual(replaced.body);
		expect(JSON.stringify([created.body, replaced.body, read.body])).not.toContain("a-long-enough-secret");
		expect(await dumpDatabase()).not.toContain("a-long-enough-secret");
	});

	test("secrets that are given replace those that were there", async () => {
		const path = `/tenants/${tenant}/sources/github`;
		const { body: before } = await must("PUT", path, { body: GITHUB });
		const { body: after } = await must("PUT", path, { body: { ...GITHUB, secrets: ["one", "two"] } });
		expect(after.secrets.length).toBe(2);
		expect(after.secrets.map((secret: { id: string }) => secret.id)).not.toContain(before.secrets[0].id);
	});

	test("a rotated secret stands beside the old one, which expires after a day, or as said", async () => {
		const path = `/tenants/${tenant}/sources/github`;
		await must("PUT", path, { body: GITHUB });
		const { body: once } = await must("POST", `${path}/secrets`, { body: { secret: "new" } });
		const [young, old] = once.secrets;
		expect(young.expires_at).toBeNull();
		expect(old.expires_at - young.created_at).toBe(86_400_000);
		const { body: twice } = await must("POST", `${path}/secrets`, { body: { secret: "newer", grace: "1h" } });
		expect(twice.secrets.map((secret: { expires_at: number }) => secret.expires_at)).toEqual([
			null,
			twice.secrets[0].created_at + 3_600_000,
			twice.secrets[0].created_at + 3_600_000,
		]);
		expect(await dumpDatabase()).not.toContain('"newer"');
	});

	test("a grace of nothing ends the old secret at once, and an expiry is never put off", async () => {
		const path = `/tenants/${tenant}/sources/github`;
		await must("PUT", path, { body: GITHUB });
		await must("POST", `${path}/secrets`, { body: { secret: "b", grace: "1m" } });
		const { body: later } = await must("POST", `${path}/secrets`, { body: { secret: "c", grace: "7d" } });
		expect(later.secrets[2].expires_at).toBeLessThan(later.secrets[1].expires_at);
		const { body: now } = await must("POST", `${path}/secrets`, { body: { secret: "d", grace: "0s" } });
		expect(now.secrets.length).toBe(1);
	});

	test("a sixth live secret is refused", async () => {
		const path = `/tenants/${tenant}/sources/github`;
		await must("PUT", path, { body: { ...GITHUB, secrets: ["1", "2", "3", "4", "5"] } });
		const refused = await call("POST", `${path}/secrets`, { body: { secret: "6" } });
		expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("5 secrets") } });
		expect(
			(await call("GET", path)).body.secrets.every((secret: { expires_at: null }) => secret.expires_at === null),
		).toBe(true);
	});

	test("are deleted unless a current workflow listens to them", async () => {
		await setUpTenant(tenant);
		await publish(tenant, workflow("tell-ops"));
		const path = `/tenants/${tenant}/sources/github`;
		expect(await call("DELETE", path)).toMatchObject({
			status: 409,
			body: { detail: expect.stringContaining("tell-ops"), errors: [{ path: "workflows.tell-ops" }] },
		});
		await must("DELETE", `/tenants/${tenant}/workflows/tell-ops`);
		expect((await call("DELETE", path)).status).toBe(204);
		expect((await call("GET", path)).status).toBe(404);
		expect((await call("DELETE", path)).status).toBe(404);
	});
});

describe("connections", () => {
	test("are created, replaced and read, and never show a credential", async () => {
		const path = `/tenants/${tenant}/connections/chat`;
		const created = await call("PUT", path, { body: SLACK });
		expect(created.status).toBe(201);
		expect(created.body).toEqual({
			name: "chat",
			connector: "slack",
			owner: "ops",
			config: {},
			created_at: expect.any(Number),
			updated_at: expect.any(Number),
		});
		const replaced = await call("PUT", path, { body: { connector: "slack", owner: "sales" } });
		expect(replaced).toMatchObject({ status: 200, body: { owner: "sales" } });
		const all = JSON.stringify([created.body, replaced.body, (await call("GET", path)).body, await dumpDatabase()]);
		expect(all).not.toContain("xoxb");
	});

	test("show what their target bears as it was given, until they are replaced without", async () => {
		const path = `/tenants/${tenant}/connections/chat`;
		const limits = { requests: 60, per: "1m", burst: 5, concurrency: 2 };
		expect((await must("PUT", path, { body: { ...SLACK, limits } })).body.limits).toEqual(limits);
		expect((await call("GET", path)).body.limits).toEqual(limits);
		expect((await must("PUT", path, { body: SLACK })).body.limits).toBeUndefined();
	});

	test.each<[string, object]>([
		["requests without their time", { requests: 10 }],
		["a time without requests", { per: "1m" }],
		["a time that is none", { requests: 10, per: "soon" }],
		["a time of more than a day", { requests: 10, per: "2d" }],
		["a burst of more than all", { requests: 10, per: "1m", burst: 11 }],
		["a burst of nothing", { burst: 3 }],
		["no request at all", { requests: 0, per: "1m" }],
		["no concurrency at all", { concurrency: 0 }],
		["what is no limit", { speed: 3 }],
	])("refuse %s as a limit", async (_, limits) => {
		const path = `/tenants/${tenant}/connections/chat`;
		const refused = await call("PUT", path, { body: { ...SLACK, limits } });
		expect(refused.status).toBe(422);
		expect(JSON.stringify(refused.body)).toContain("limits");
	});

	test("say how they are paced, when one of them is read", async () => {
		const path = `/tenants/${tenant}/connections/chat`;
		await must("PUT", path, { body: SLACK });
		expect((await call("GET", path)).body.state).toEqual({
			...{ breaker: "closed", paused_until: null, paused_scopes: [], in_flight: 0, waiting: 0 },
		});
	});

	test("are resumed by an operator, of which the journal tells; what does not exist is not", async () => {
		const path = `/tenants/${tenant}/connections/chat`;
		expect((await call("POST", `${path}/resume`)).status).toBe(404);
		await must("PUT", path, { body: SLACK });
		expect((await must("POST", `${path}/resume`)).body).toEqual({
			...{ breaker: "closed", paused_until: null, paused_scopes: [], in_flight: 0, waiting: 0 },
		});
		const trace = (await hashDocument(["connections", tenant, "chat"])).slice(0, 32);
		expect(await ledgerOf(env, tenant).entriesOf(trace)).toMatchObject([
			{ kind: "connection.resumed", actor: "root", data: { by: "root", connection: "chat" } },
		]);
	});

	test("are deleted unless a current workflow acts through them", async () => {
		await setUpTenant(tenant);
		await publish(tenant, workflow("tell-ops"));
		const path = `/tenants/${tenant}/connections/chat`;
		expect(await call("DELETE", path)).toMatchObject({
			status: 409,
			body: { detail: expect.stringContaining("tell-ops") },
		});
	});

	test("are free again once the workflow uses another one", async () => {
		await setUpTenant(tenant);
		await must("PUT", `/tenants/${tenant}/connections/other`, { body: SLACK });
		await publish(tenant, workflow("tell-ops"));
		await publish(tenant, workflow("tell-ops", { steps: [step("other")] }));
		expect((await call("DELETE", `/tenants/${tenant}/connections/chat`)).status).toBe(204);
	});
});

function step(connection: string) {
	return { id: "tell", use: "slack.post_message", connection, with: { channel: "C1", text: "hi" } };
}

describe("edits", () => {
	const kinds: [string, object][] = [
		["sources/github", GITHUB],
		["connections/chat", SLACK],
	];

	test.each(kinds)("of %s with the ETag that was read are written, and give a new one", async (path, body) => {
		const created = await must("PUT", `/tenants/${tenant}/${path}`, { body });
		const etag = created.headers.get("etag") ?? "";
		expect(etag).toMatch(/^"[0-9a-f]{16}"$/);
		expect((await call("GET", `/tenants/${tenant}/${path}`)).headers.get("etag")).toBe(etag);
		const edited = await call("PUT", `/tenants/${tenant}/${path}`, { body, headers: { "if-match": etag } });
		expect(edited.status).toBe(200);
		expect(edited.headers.get("etag")).not.toBe(etag);
		expect((await call("PUT", `/tenants/${tenant}/${path}`, { body, headers: { "if-match": etag } })).status).toBe(412);
	});

	test.each(kinds)("of %s with another ETag change nothing", async (path, body) => {
		const before = await must("PUT", `/tenants/${tenant}/${path}`, { body });
		for (const etag of ['"0000000000000000"', 'W/"0"', '"', "nonsense"]) {
			const refused = await call("PUT", `/tenants/${tenant}/${path}`, { body, headers: { "if-match": etag } });
			expect(refused.status).toBe(412);
		}
		expect((await call("GET", `/tenants/${tenant}/${path}`)).headers.get("etag")).toBe(before.headers.get("etag"));
	});

	test.each(kinds)("of %s that does not exist are refused with If-Match", async (path, body) => {
		const refused = await call("PUT", `/tenants/${tenant}/${path}`, { body, headers: { "if-match": '"00"' } });
		expect(refused.status).toBe(412);
		expect((await call("GET", `/tenants/${tenant}/${path}`)).status).toBe(404);
	});

	test.each(kinds)("of %s by ten at once with the same ETag: one is written", async (path, body) => {
		const etag = (await must("PUT", `/tenants/${tenant}/${path}`, { body })).headers.get("etag") ?? "";
		const edits = Array.from({ length: 10 }, () =>
			call("PUT", `/tenants/${tenant}/${path}`, { body, headers: { "if-match": etag } }),
		);
		const statuses = (await Promise.all(edits)).map(({ status }) => status).sort();
		expect(statuses).toEqual([200, ...Array(9).fill(412)]);
	});

	test("a thing that is made again does not have its old ETag", async () => {
		const path = `/tenants/${tenant}/sources/github`;
		const first = (await must("PUT", path, { body: GITHUB })).headers.get("etag") ?? "";
		await must("DELETE", path);
		await must("PUT", path, { body: GITHUB });
		expect((await call("PUT", path, { body: GITHUB, headers: { "if-match": first } })).status).toBe(412);
	});

	test("the connector of a thing never changes", async () => {
		await must("PUT", `/tenants/${tenant}/sources/github`, { body: GITHUB });
		const refused = await call("PUT", `/tenants/${tenant}/sources/github`, {
			body: { connector: "stripe", secrets: ["whsec_x"] },
		});
		expect(refused).toMatchObject({ status: 409, body: { errors: [{ path: "connector" }] } });
	});
});

describe("tokens", () => {
	test("are shown once, and listed without their text", async () => {
		const created = await must("POST", `/tenants/${tenant}/tokens`, {
			body: { title: "ci", scopes: ["publish"], expires_in: "30d" },
		});
		const { token, ...rest } = created.body;
		expect(token).toMatch(/^sb_/);
		expect(rest.expires_at - rest.created_at).toBe(30 * 86_400_000);
		expect(rest).toMatchObject({ title: "ci", scopes: ["publish"], created_by: "root", last_used_at: null });
		const listed = await must("GET", `/tenants/${tenant}/tokens`);
		expect(listed.body.items).toEqual([rest]);
		expect(JSON.stringify(listed.body) + (await dumpDatabase())).not.toContain(token);
	});

	test("are refused at once when revoked", async () => {
		const { body } = await must("POST", `/tenants/${tenant}/tokens`, { body: { title: "x", scopes: ["read"] } });
		expect((await call("GET", `/tenants/${tenant}`, { token: body.token })).status).toBe(200);
		expect((await call("DELETE", `/tenants/${tenant}/tokens/${body.id}`)).status).toBe(204);
		expect((await call("GET", `/tenants/${tenant}`, { token: body.token })).status).toBe(401);
		expect((await call("DELETE", `/tenants/${tenant}/tokens/${body.id}`)).status).toBe(404);
	});

	test("name who made them", async () => {
		const token = await tokenFor(tenant, "admin");
		const { body } = await must("POST", `/tenants/${tenant}/tokens`, { token, body: { title: "x", scopes: ["read"] } });
		expect(body.created_by).toBe(`token:${token.split("_")[1]}`);
	});
});
