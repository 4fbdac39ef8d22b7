// Retiring a key of the vault: afterwards nothing needs it any more.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { credentialsPlace } from "../../src/registry/connections";
import { secretPlace } from "../../src/registry/sources";
import { open, parseVaultKeys, seal } from "../../src/registry/vault";
import { call, dumpDatabase, must, setUpTenant } from "./admin";

async function keysOf(text: string) {
	const keys = await parseVaultKeys(text);
	if (!keys.ok) throw new Error(keys.error);
	return keys.value;
}

test("rewrapping puts what is under an older key under the newest, and tells what it cannot open", async () => {
	const [newest = "", oldest = ""] = env.VAULT_KEYS.split(",");
	const old = await keysOf(oldest);
	await setUpTenant("acme");
	await must("PUT", "/tenants/acme/sources/more", { body: { connector: "github", secrets: ["a", "b"] } });
	await setUpTenant("other");
	await env.DB.batch([
		env.DB.prepare("UPDATE connections SET credentials = ? WHERE tenant = 'acme'").bind(
			await seal(old, credentialsPlace("acme", "chat"), '{"token":"xoxb-old"}'),
		),
		env.DB.prepare("UPDATE source_secrets SET id = 's1', sealed = ? WHERE tenant = 'acme' AND source = 'github'").bind(
			await seal(old, secretPlace("acme", "github", "s1"), "old-secret"),
		),
		env.DB.prepare("UPDATE connections SET credentials = ? WHERE tenant = 'other'").bind(
			await seal(old, credentialsPlace("acme", "chat"), '{"token":"copied"}'),
		),
	]);
	expect(await dumpDatabase()).toContain("v1.k1.");

	expect((await must("POST", "/tenants/acme/rewrap")).body).toEqual({ rewrapped: 2, failed: [] });
	expect((await must("POST", "/tenants/acme/rewrap")).body).toEqual({ rewrapped: 0, failed: [] });

	const young = await keysOf(newest);
	const read = (sql: string) => env.DB.prepare(sql).first<string>("sealed");
	const credentials = await read("SELECT credentials AS sealed FROM connections WHERE tenant = 'acme'");
	const secret = await read("SELECT sealed FROM source_secrets WHERE tenant = 'acme' AND source = 'github'");
	expect(await open(young, credentialsPlace("acme", "chat"), credentials ?? "")).toEqual({
		ok: true,
		value: '{"token":"xoxb-old"}',
	});
	expect(await open(young, secretPlace("acme", "github", "s1"), secret ?? "")).toEqual({
		ok: true,
		value: "old-secret",
	});

	const other = await call("POST", "/tenants/other/rewrap");
	expect(other.body).toEqual({
		rewrapped: 0,
		failed: [{ record: "connection/chat", reason: expect.stringContaining("belongs elsewhere") }],
	});
});
