// Requests that are refused: each with its status, and with a message that helps.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { createToken } from "../../src/registry/token";
import { insertToken } from "../../src/registry/tokens";
import { type Call, call, GITHUB, must, SLACK, setUpTenant, tokenFor, workflow } from "./admin";

beforeAll(async () => {
	await setUpTenant("acme");
	await must("PUT", "/tenants/acme/connections/web", {
		body: { connector: "http", owner: "ops", config: { base_url: "https://api.example.com" }, credentials: {} },
	});
});

interface Refusal {
	name: string;
	method: string;
	path: string;
	status: number;
	/** Part of the detail, or of an error's path and message. */
	says: string;
	options?: Call;
}

const json = { "content-type": "application/json" };
const yaml = { "content-type": "application/yaml" };
const step = { id: "tell", use: "slack.post_message", connection: "chat", with: { channel: "C1", text: "hi" } };

const routing: Refusal[] = [
	{ name: "an unknown route", method: "GET", path: "/nothing", status: 404, says: "openapi.json" },
	{
		name: "an unknown route without a token",
		method: "GET",
		path: "/nothing",
		status: 404,
		says: "no route",
		options: { token: null },
	},
	{ name: "the base", method: "GET", path: "", status: 404, says: "no route" },
	{ name: "a wrong method", method: "PATCH", path: "/tenants/acme", status: 405, says: "GET, PUT, DELETE" },
	{ name: "a wrong method on a list", method: "DELETE", path: "/tenants/acme/events", status: 405, says: "GET" },
	{ name: "a trailing slash", method: "GET", path: "/tenants/acme/", status: 404, says: "no route" },
];

const reading: Refusal[] = [
	{ name: "an unknown tenant", method: "GET", path: "/tenants/nobody", status: 404, says: "no tenant nobody" },
	{
		name: "a list of an unknown tenant",
		method: "GET",
		path: "/tenants/nobody/events",
		status: 404,
		says: "no tenant nobody",
	},
	{ name: "an unknown source", method: "GET", path: "/tenants/acme/sources/none", status: 404, says: "no source none" },
	{
		name: "an unknown connection",
		method: "GET",
		path: "/tenants/acme/connections/none",
		status: 404,
		says: "no connection none",
	},
	{
		name: "an unknown workflow",
		method: "GET",
		path: "/tenants/acme/workflows/none",
		status: 404,
		says: "no current workflow none",
	},
	{
		name: "the versions of none",
		method: "GET",
		path: "/tenants/acme/workflows/none/versions",
		status: 404,
		says: "no workflow none",
	},
	{
		name: "an unknown version",
		method: "GET",
		path: "/tenants/acme/workflows/none/versions/1",
		status: 404,
		says: "no version 1",
	},
	{
		name: "a version that is no number",
		method: "GET",
		path: "/tenants/acme/workflows/none/versions/x",
		status: 400,
		says: "path.version",
	},
	{
		name: "an unknown event",
		method: "GET",
		path: `/tenants/acme/events/evt_${"0".repeat(32)}`,
		status: 404,
		says: "no event",
	},
	{ name: "an event's id of no form", method: "GET", path: "/tenants/acme/events/x", status: 404, says: "no event x" },
	{ name: "an unknown trace", method: "GET", path: "/tenants/acme/traces/x", status: 404, says: "no trace x" },
	{ name: "an unknown run", method: "GET", path: "/tenants/acme/runs/x", status: 404, says: "no run x" },
	{
		name: "an unknown dead letter",
		method: "GET",
		path: "/tenants/acme/dead-letters/x",
		status: 404,
		says: "no dead letter x",
	},
	{
		name: "a name that cannot be one",
		method: "GET",
		path: "/tenants/acme/sources/Not_A_Name",
		status: 400,
		says: "path.name",
	},
	{
		name: "a limit of nothing",
		method: "GET",
		path: "/tenants/acme/sources?limit=0",
		status: 400,
		says: "query.limit",
	},
	{
		name: "a limit of too many",
		method: "GET",
		path: "/tenants/acme/runs?limit=101",
		status: 400,
		says: "query.limit",
	},
	{
		name: "a limit that is no number",
		method: "GET",
		path: "/tenants/acme/runs?limit=many",
		status: 400,
		says: "query.limit",
	},
	{
		name: "a limit given twice",
		method: "GET",
		path: "/tenants/acme/runs?limit=1&limit=2",
		status: 400,
		says: "query.limit",
	},
	{ name: "an unknown filter", method: "GET", path: "/tenants/acme/runs?workflw=x", status: 400, says: "workflw" },
	{
		name: "an unknown status",
		method: "GET",
		path: "/tenants/acme/runs?status=done",
		status: 400,
		says: "query.status",
	},
	{
		name: "an unknown class",
		method: "GET",
		path: "/tenants/acme/dead-letters?class=odd",
		status: 400,
		says: "query.class",
	},
	...[
		"tenants",
		...["sources", "connections", "workflows", "events", "runs", "dead-letters", "tokens"].map(
			(list) => `tenants/acme/${list}`,
		),
	].map((list) => ({
		...{ name: `a cursor of ${list} that is none`, method: "GET", path: `/${list}?cursor=x.00000000` },
		...{ status: 400, says: "query.cursor" },
	})),
];

const put = (path: string, body: unknown): Pick<Refusal, "method" | "path" | "options"> => ({
	method: "PUT",
	path: `/tenants/acme/${path}`,
	options: { body },
});

const writing: Refusal[] = [
	{ name: "malformed JSON", ...put("sources/a", '{"connector": '), status: 400, says: "line 1, column 15" },
	{
		name: "a key given twice",
		...put("sources/a", '{"connector":"a",\n"connector":"b"}'),
		status: 400,
		says: "line 2, column 1 the key connector is given twice",
	},
	{
		name: "JSON that is nested too deeply",
		...put("sources/a", `{"config":${"[".repeat(9_000)}${"]".repeat(9_000)}}`),
		status: 400,
		says: "deeper than 64",
	},
	{
		name: "another content type",
		method: "PUT",
		path: "/tenants/acme/sources/a",
		options: { body: "a: 1", headers: yaml },
		status: 415,
		says: "application/json",
	},
	{
		name: "no body",
		method: "PUT",
		path: "/tenants/acme/sources/a",
		options: { headers: json },
		status: 400,
		says: "Unexpected end of JSON",
	},
	{ name: "a body that is no object", ...put("sources/a", "[]"), status: 422, says: "expected object" },
	{ name: "a body over 256 KB", ...put("sources/a", { connector: "x".repeat(263_000) }), status: 413, says: "256 KB" },
	{ name: "an unknown key", ...put("sources/a", { ...GITHUB, secret: "x" }), status: 422, says: "secret" },
	{
		name: "an unknown connector",
		...put("sources/a", { ...GITHUB, connector: "gitlabb" }),
		status: 422,
		says: "connector there is no connector gitlabb; use one of github, hmac",
	},
	{
		name: "a connector named like a property",
		...put("sources/a", { ...GITHUB, connector: "constructor" }),
		status: 422,
		says: "there is no connector constructor",
	},
	{
		name: "a connector that receives nothing",
		...put("sources/a", { ...GITHUB, connector: "slack" }),
		status: 422,
		says: "slack cannot be used here",
	},
	{
		name: "settings that the connector refuses",
		...put("sources/a", { ...GITHUB, config: { oen: [] } }),
		status: 422,
		says: "config",
	},
	{
		name: "a new source without secrets",
		...put("sources/a", { connector: "github" }),
		status: 422,
		says: "secrets is required for a new one",
	},
	{ name: "no secret at all", ...put("sources/a", { ...GITHUB, secrets: [] }), status: 422, says: "secrets" },
	{ name: "an empty secret", ...put("sources/a", { ...GITHUB, secrets: [""] }), status: 422, says: "secrets[0]" },
	{
		name: "a secret that is no key",
		...put("sources/a", { connector: "standard-webhooks", secrets: ["whsec_!!!"] }),
		status: 422,
		says: "secrets[0] is not a key",
	},
	{
		name: "a tenant's title that is empty",
		method: "PUT",
		path: "/tenants/acme",
		options: { body: { title: "" } },
		status: 422,
		says: "title",
	},
	{
		name: "a tenant's name that cannot be one",
		method: "PUT",
		path: "/tenants/Acme",
		options: { body: {} },
		status: 400,
		says: "path.tenant",
	},
	{
		name: "a tenant's name that is too long",
		method: "PUT",
		path: `/tenants/${"a".repeat(64)}`,
		options: { body: {} },
		status: 400,
		says: "path.tenant",
	},
	{
		name: "a rotation without a secret",
		method: "POST",
		path: "/tenants/acme/sources/github/secrets",
		options: { body: {} },
		status: 422,
		says: "secret",
	},
	{
		name: "a grace without a unit",
		method: "POST",
		path: "/tenants/acme/sources/github/secrets",
		options: { body: { secret: "x", grace: "5" } },
		status: 422,
		says: "90s",
	},
	{
		name: "a grace of too long",
		method: "POST",
		path: "/tenants/acme/sources/github/secrets",
		options: { body: { secret: "x", grace: "31d" } },
		status: 422,
		says: "between 0s and 30d",
	},
	{
		name: "a rotation of no source",
		method: "POST",
		path: "/tenants/acme/sources/none/secrets",
		options: { body: { secret: "x" } },
		status: 404,
		says: "no source none",
	},
	{
		name: "a connection without credentials",
		...put("connections/a", { connector: "slack", owner: "ops" }),
		status: 422,
		says: "credentials is required for a new one",
	},
	{
		name: "credentials that the connector refuses",
		...put("connections/a", { ...SLACK, credentials: { tokn: "x" } }),
		status: 422,
		says: "credentials",
	},
	{
		name: "a connection of a connector that only receives",
		...put("connections/a", { ...SLACK, connector: "github" }),
		status: 422,
		says: "github cannot be used here",
	},
	{
		name: "a connection without an owner",
		...put("connections/a", { ...SLACK, owner: undefined }),
		status: 422,
		says: "owner",
	},
	{
		name: "a token without scopes",
		method: "POST",
		path: "/tenants/acme/tokens",
		options: { body: { title: "x", scopes: [] } },
		status: 422,
		says: "scopes",
	},
	{
		name: "a token with an unknown scope",
		method: "POST",
		path: "/tenants/acme/tokens",
		options: { body: { title: "x", scopes: ["root"] } },
		status: 422,
		says: "scopes[0]",
	},
	{
		name: "a token for ever",
		method: "POST",
		path: "/tenants/acme/tokens",
		options: { body: { title: "x", scopes: ["read"], expires_in: "4000d" } },
		status: 422,
		says: "between 1m and 400d",
	},
	{
		name: "a discard without a reason",
		method: "POST",
		path: "/tenants/acme/dead-letters/x/discard",
		options: { body: { reason: "  " } },
		status: 422,
		says: "reason",
	},
	{
		name: "a retry of nothing",
		method: "POST",
		path: "/tenants/acme/dead-letters/x/retry",
		status: 404,
		says: "no dead letter x",
	},
];

const publishing: Refusal[] = [
	{ name: "broken YAML", body: "name: a\n owner: b", headers: yaml, status: 400, says: "line" },
	{
		name: "a key given twice in YAML",
		body: "name: a\nname: b",
		headers: yaml,
		status: 400,
		says: "line 2, column 1 the key name is given twice",
	},
	{ name: "YAML sent as JSON", body: "name: a", headers: json, status: 400, says: "not one JSON document" },
	{
		name: "an unknown content type",
		body: "<a/>",
		headers: { "content-type": "text/xml" },
		status: 415,
		says: "application/yaml",
	},
	{
		name: "no content type",
		body: workflow("a"),
		headers: { "content-type": "" },
		status: 415,
		says: "application/yaml",
	},
	{ name: "an empty document", body: "", headers: yaml, status: 400, says: "is empty" },
	{ name: "a document that lacks everything", body: {}, status: 422, says: "name" },
	{ name: "an unknown key", body: workflow("a", { step: [] }), status: 422, says: "step" },
	{
		name: "an unknown action",
		body: workflow("a", { steps: [{ ...step, use: "slack.post" }] }),
		status: 422,
		says: "steps[0].use",
	},
	{
		name: "a missing source",
		body: workflow("a", { on: { source: "gitlab", event: "*" } }),
		status: 422,
		says: "on.source there is no source gitlab; create it with PUT /admin/v1/tenants/acme/sources/gitlab, or use github",
	},
	{
		name: "a missing connection",
		body: workflow("a", { steps: [{ ...step, connection: "chatt" }] }),
		status: 422,
		says: "steps[0].connection there is no connection chatt",
	},
	{
		name: "a connection of another connector",
		body: workflow("a", { steps: [{ ...step, connection: "web" }] }),
		status: 422,
		says: "web is a connection of http, and slack.post_message needs one of slack, or use chat",
	},
	{ name: "a dry run with a typing error", body: workflow("a"), query: "?dryrun=true", status: 400, says: "dryrun" },
	{ name: "a dry run of maybe", body: workflow("a"), query: "?dry_run=maybe", status: 400, says: "query.dry_run" },
].map(({ body, headers, query = "", ...rest }) => ({
	...rest,
	...{ method: "POST", path: `/tenants/acme/workflows${query}`, options: { body, headers } },
}));

const rollback = (body: unknown) => ({
	method: "POST",
	path: "/tenants/acme/workflows/none/rollback",
	options: { body },
});
const rolling: Refusal[] = [
	{ name: "a rollback to nowhere", ...rollback({}), status: 422, says: "version" },
	{ name: "a rollback to version 0", ...rollback({ version: 0 }), status: 422, says: "version" },
	{ name: "a rollback of no workflow", ...rollback({ version: 1 }), status: 404, says: "no version 1" },
	{
		name: "a retirement of no workflow",
		method: "DELETE",
		path: "/tenants/acme/workflows/none",
		status: 404,
		says: "no current workflow none",
	},
];

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
			...{ id, hash, tenant: "acme", title: "t", scopes: ["read"] },
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
