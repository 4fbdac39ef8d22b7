// `npm run example` in a folder of its own, against a service that is none or only a script.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../..");
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "signalbox-example-"));
	cpSync(join(PROJECT, "examples"), join(folder, "examples"), { recursive: true });
	symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
	mkdirSync(join(folder, ".signalbox"));
	writeFileSync(join(folder, ".signalbox", "root-token"), "sb_root\n");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Plays until what it says holds `enough`, or it ends by itself. */
function play(url: string, enough = "Ctrl-C"): Promise<{ code: number | null; output: string }> {
	const env = { ...process.env, SIGNALBOX_URL: url };
	const child = spawn(process.execPath, [join(PROJECT, "scripts/example.ts"), "ticket-escalated"], {
		cwd: folder,
		env,
	});
	let output = "";
	const hear = (chunk: Buffer) => {
		output += chunk.toString();
		if (output.includes(enough)) child.kill();
	};
	child.stdout.on("data", hear);
	child.stderr.on("data", hear);
	return new Promise((done) => child.once("exit", (code) => done({ code, output })));
}

test("says how to start the service where there is none", async () => {
	const { code, output } = await play("http://127.0.0.1:9");
	expect([code, output]).toEqual([1, "no service at http://127.0.0.1:9: run npm run dev in another terminal\n"]);
});

test("is new to the service every time, so that nothing has been here before", async () => {
	const asked: string[] = [];
	const server = createServer(({ url = "" }, response) => {
		asked.push(url);
		response.end("{}");
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const address = server.address();
	const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
	for (const _ of [1, 2]) expect((await play(url)).output).toContain("What goes out is shown as it comes");
	server.close();
	const tenants = new Set(
		asked.map((path) => /\/(examples[^/]*)/.exec(path)?.[1]).filter((name) => name !== undefined),
	);
	expect(tenants.size).toBe(2);
	for (const tenant of tenants) expect(asked.filter((path) => path.startsWith(`/in/${tenant}/`))).not.toEqual([]);
});
