// The README's first steps, word for word, against the real development server: whoever copies them gets what they promise.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
	type DevServer,
	freePort,
	migrateLocally,
	newSecrets,
	startDevServer,
} from "../../scripts/support/dev-server.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "signalbox-readme-"));
const secrets = newSecrets();
let server: DevServer;

beforeAll(async () => {
	await migrateLocally(folder);
	server = await startDevServer({ port: await freePort(), folder, secrets });
}, 60_000);

afterAll(async () => {
	await server?.kill();
	rmSync(folder, { recursive: true, force: true });
});

/** The shell commands that stand under a heading. */
function commandsUnder(heading: string): string {
	const [, section = ""] = readFileSync(join(PROJECT, "README.md"), "utf8").split(heading);
	return /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

test("from nothing to the first action", () => {
	const commands = commandsUnder("### From nothing to the first action")
		.replaceAll("$(cat .signalbox/root-token)", secrets.rootToken)
		.replaceAll("http://127.0.0.1:8787", server.url);
	const { stdout, stderr, status } = spawnSync("sh", ["-e", "-c", commands], { cwd: PROJECT, encoding: "utf8" });
	expect([status, stderr]).toEqual([0, ""]);
	const answers = stdout
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line));
	const [tenant, source, connection, workflow, delivery, events, runs] = answers;
	expect(tenant).toMatchObject({ name: "acme" });
	expect(source).toMatchObject({ name: "shop", path: "/in/acme/shop" });
	expect(connection).toMatchObject({ name: "self", connector: "http" });
	expect(workflow).toMatchObject({ name: "first-steps", version: 1, unchanged: false });
	expect(events.items).toMatchObject([{ event: delivery.events[0], data: { verdicts: [{ verdict: "started" }] } }]);
	expect(runs.items).toMatchObject([{ workflow: "first-steps", status: "succeeded" }]);
	expect(answers).toHaveLength(7);
});

test("the workflow in fifteen lines publishes once its source and connection exist", async () => {
	const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(PROJECT, "README.md"), "utf8")) ?? [];
	const headers = { authorization: `Bearer ${secrets.rootToken}`, "content-type": "application/json" };
	const call = (method: string, path: string, body: string, type = headers["content-type"]) =>
		fetch(`${server.url}/admin/v1/tenants/readme${path}`, {
			method,
			headers: { ...headers, "content-type": type },
			body,
		});
	await call("PUT", "", "{}");
	await call("PUT", "/sources/github", JSON.stringify({ connector: "github", secrets: ["a-long-shared-secret"] }));
	await call(
		"PUT",
		"/connections/slack-support",
		JSON.stringify({ connector: "slack", owner: "me", credentials: { token: "xoxb-1" } }),
	);
	const answer = await call("POST", "/workflows", yaml, "application/yaml");
	expect([answer.status, await answer.json()]).toMatchObject([201, { name: "issue-settled", version: 1 }]);
});
