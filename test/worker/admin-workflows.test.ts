// Publishing, versions, rolling back and retiring, through the API.

import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { call, GITHUB, must, publish, SLACK, setUpTenant, tokenFor, workflow } from "./admin";

let tenant: string;
let base: string;
let count = 0;

beforeEach(async () => {
	count += 1;
	tenant = `acme-${count}`;
	base = `/tenants/${tenant}/workflows`;
	await setUpTenant(tenant);
});

const YAML = `
# tells ops
name: tell-ops
owner: ops
on:
  - source: github
    event: issue.opened
steps:
  - id: tell
    use: slack.post_message
    connection: chat
    with:
      channel: C1
      text: hi
`;

describe("publishing", () => {
	test("makes a first version, which can be read as it was written", async () => {
		const published = await call("POST", `${base}?message=first`, { body: workflow("tell-ops") });
		expect(published.status).toBe(201);
		expect(published.body).toEqual({
			name: "tell-ops",
			version: 1,
			hash: expect.stringMatching(/^[0-9a-f]{64}$/),
			unchanged: false,
			dry_run: false,
		});
		const read = await must("GET", `${base}/tell-ops`);
		expect(read.body).toEqual({
			name: "tell-ops",
			owner: "ops",
			about: "",
			version: 1,
			hash: published.body.hash,
			message: "first",
			published_by: "root",
			published_at: expect.any(Number),
			paused_at: null,
			paused_by: null,
			problems: [],
			document: workflow("tell-ops"),
		});
	});

	test("takes YAML and JSON alike: the same content is the same version", async () => {
		const yaml = await call("POST", base, {
			body: YAML,
			headers: { "content-type": "application/yaml; charset=utf-8" },
		});
		expect([yaml.status, yaml.body.version]).toEqual([201, 1]);
		const { on, steps, owner, name } = workflow("tell-ops");
		const json = await call("POST", base, { body: { steps, on: [on], name, owner } });
		expect(json).toMatchObject({ status: 200, body: { version: 1, unchanged: true, hash: yaml.body.hash } });
		expect((await must("GET", `${base}/tell-ops/versions`)).body.items.length).toBe(1);
	});

	test("refuses text that is not UTF-8", async () => {
		const latin1 = new Response(new Uint8Array([0x61, 0x3a, 0x20, 0xe9])).body ?? undefined;
		const answer = await call("POST", base, { stream: latin1, headers: { "content-type": "application/yaml" } });
		expect(answer).toMatchObject({ status: 400, body: { errors: [{ message: "is not UTF-8" }] } });
	});

	test("of another content makes another version, and of the first content again a third", async () => {
		await publish(tenant, workflow("tell-ops"));
		expect((await publish(tenant, workflow("tell-ops", { about: "changed" }))).body.version).toBe(2);
		expect((await publish(tenant, workflow("tell-ops"))).body.version).toBe(3);
	});

	test("dry says what would be and changes nothing", async () => {
		const fresh = await call("POST", `${base}?dry_run=true`, { body: workflow("tell-ops") });
		expect(fresh).toMatchObject({ status: 200, body: { version: null, unchanged: false, dry_run: true } });
		expect((await call("GET", `${base}/tell-ops`)).status).toBe(404);
		await publish(tenant, workflow("tell-ops"));
		const known = await call("POST", `${base}?dry_run=true`, { body: workflow("tell-ops") });
		expect(known).toMatchObject({ status: 200, body: { version: 1, unchanged: true, dry_run: true } });
	});

	test("names who published", async () => {
		const token = await tokenFor(tenant, "publish");
		await must("POST", base, { token, body: workflow("tell-ops") });
		const { body } = await must("GET", `${base}/tell-ops`);
		expect(body.published_by).toBe(`token:${token.split("_")[1]}`);
	});

	test("by twenty at once gives every content one version of its own", async () => {
		const contents = Array.from({ length: 10 }, (_, i) => workflow("tell-ops", { about: `content ${i}` }));
		const answers = await Promise.all([...contents, ...contents].map((body) => call("POST", base, { body })));
		expect(answers.every(({ status }) => status === 201 || status === 200)).toBe(true);
		const { items } = (await must("GET", `${base}/tell-ops/versions?limit=100`)).body;
		const numbers = items.map((item: { version: number }) => item.version);
		expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => numbers.length - i));
		expect(new Set(items.map((item: { hash: string }) => item.hash)).size).toBe(10);
	});

	test("while its connection is deleted never leaves a workflow without it", async () => {
		for (let i = 0; i < 10; i++) {
			await must("PUT", `/tenants/${tenant}/connections/gone`, { body: SLACK });
			const [first] = workflow("w").steps;
			const [, deleted] = await Promise.all([
				call("POST", base, {
					body: workflow("tell-ops", { about: `${i}`, steps: [{ ...first, connection: "gone" }] }),
				}),
				call("DELETE", `/tenants/${tenant}/connections/gone`),
			]);
			const uses = (await call("GET", `${base}/tell-ops`)).body.document?.steps[0].connection === "gone";
			expect(uses && deleted.status === 204).toBe(false);
			await call("DELETE", `${base}/tell-ops`);
		}
	});
});

describe("versions", () => {
	beforeEach(async () => {
		for (const about of ["one", "two", "three"])
			await publish(tenant, workflow("tell-ops", { about }), `?message=${about}`);
	});

	test("are listed newest first, in pages", async () => {
		const first = await must("GET", `${base}/tell-ops/versions?limit=2`);
		expect(first.body.items.map((item: { message: string }) => item.message)).toEqual(["three", "two"]);
		const second = await must("GET", `${base}/tell-ops/versions?limit=2&cursor=${first.body.cursor}`);
		expect(second.body).toMatchObject({ items: [{ version: 1, message: "one" }], cursor: null });
	});

	test("are read one by one, with their documents", async () => {
		const { body } = await must("GET", `${base}/tell-ops/versions/2`);
		expect(body).toMatchObject({ version: 2, document: { about: "two" } });
		expect((await call("GET", `${base}/tell-ops/versions/4`)).status).toBe(404);
	});

	test("cannot be changed, not even by hand", async () => {
		const change = env.DB.prepare("UPDATE workflow_versions SET document = '{}' WHERE tenant = ?").bind(tenant).run();
		await expect(change).rejects.toThrow("never changes");
	});

	test("are rolled back to, and publishing goes on from the newest", async () => {
		const back = await call("POST", `${base}/tell-ops/rollback`, { body: { version: 1 } });
		expect(back).toMatchObject({ status: 200, body: { version: 1, document: { about: "one" } } });
		expect((await publish(tenant, workflow("tell-ops", { about: "four" }))).body.version).toBe(4);
	});

	test("are rolled back to only over the ETag that was read", async () => {
		const etag = (await must("GET", `${base}/tell-ops`)).headers.get("etag") ?? "";
		const options = { body: { version: 1 }, headers: { "if-match": etag } };
		expect((await call("POST", `${base}/tell-ops/rollback`, options)).status).toBe(200);
		expect((await call("POST", `${base}/tell-ops/rollback`, options)).status).toBe(412);
		expect((await must("GET", `${base}/tell-ops`)).body.version).toBe(1);
	});

	test("are not rolled back to when what they refer to is gone", async () => {
		await must("PUT", `/tenants/${tenant}/sources/other`, { body: GITHUB });
		await publish(tenant, workflow("tell-ops", { on: { source: "other", event: "*" } }));
		await must("DELETE", `/tenants/${tenant}/sources/github`);
		const back = await call("POST", `${base}/tell-ops/rollback`, { body: { version: 1 } });
		expect(back).toMatchObject({
			status: 409,
			body: { errors: [{ path: "on.source", message: expect.stringContaining("there is no source github") }] },
		});
	});
});

describe("a retired workflow", () => {
	beforeEach(async () => {
		await publish(tenant, workflow("tell-ops"));
		await must("DELETE", `${base}/tell-ops`);
	});

	test("is gone from the list and cannot be read or retired again", async () => {
		expect((await must("GET", base)).body.items).toEqual([]);
		expect((await call("GET", `${base}/tell-ops`)).status).toBe(404);
		expect((await call("DELETE", `${base}/tell-ops`)).status).toBe(404);
	});

	test("keeps its versions, and comes back by a rollback", async () => {
		expect((await must("GET", `${base}/tell-ops/versions/1`)).body.document).toEqual(workflow("tell-ops"));
		expect((await call("POST", `${base}/tell-ops/rollback`, { body: { version: 1 } })).status).toBe(200);
		expect((await must("GET", `${base}/tell-ops`)).body.version).toBe(1);
	});

	test("comes back by publishing, with a new version of the same content", async () => {
		expect((await publish(tenant, workflow("tell-ops"))).body).toMatchObject({ version: 2, unchanged: false });
	});
});

test("a document that this release cannot run is listed with its problems and cannot be rolled back to", async () => {
	await publish(tenant, workflow("tell-ops"));
	await publish(tenant, workflow("fine"));
	const document = JSON.stringify(workflow("tell-ops", { steps: [{ id: "a", use: "fax.send", connection: "chat" }] }));
	await env.DB.batch([
		env.DB.prepare(
			`INSERT INTO workflow_versions SELECT tenant, workflow, 2, 'f00d', ?2, sources, connections, '', 'root', 0
			FROM workflow_versions WHERE tenant = ?1 AND workflow = 'tell-ops'`,
		).bind(tenant, document),
		env.DB.prepare("UPDATE workflows SET current = 2 WHERE tenant = ? AND name = 'tell-ops'").bind(tenant),
	]);
	const { items } = (await must("GET", base)).body;
	expect(items).toMatchObject([
		{ name: "fine", problems: [] },
		{
			name: "tell-ops",
			version: 2,
			problems: [{ path: "steps[0].use", message: expect.stringContaining("fax.send") }],
		},
	]);
	expect((await must("GET", `${base}/tell-ops`)).body.problems.length).toBe(1);
	const back = await call("POST", `${base}/tell-ops/rollback`, { body: { version: 2 } });
	expect(back).toMatchObject({ status: 409, body: { errors: [{ path: "steps[0].use" }] } });
});
