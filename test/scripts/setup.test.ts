// The first run, in a folder of its own: what it makes works, and running it again changes nothing.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashToken, tokenId } from "../../src/registry/token";
import { parseVaultKeys } from "../../src/registry/vault";

const SCRIPT = resolve(import.meta.dirname, "../../scripts/setup.mjs");

let folder: string;
let first: ReturnType<typeof setUp>;

function setUp() {
	const flags = ["--out", folder, "--persist-to", join(folder, "state")];
	const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...flags], { encoding: "utf8" });
	return { status, stdout, stderr };
}

function variables(): Map<string, string> {
	const lines = readFileSync(join(folder, ".dev.vars"), "utf8").trim().split("\n");
	return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 2, -1)]));
}

const token = () => readFileSync(join(folder, ".signalbox", "root-token"), "utf8").trim();

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "signalbox-setup-"));
	first = setUp();
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("makes a root token, its hash and a usable vault key, for nobody else to read", async () => {
	expect(first).toMatchObject({ status: 0, stderr: "" });
	expect(tokenId(token()).ok).toBe(true);
	expect(variables().get("ROOT_TOKEN_SHA256")).toBe(await hashToken(token()));
	expect((await parseVaultKeys(variables().get("VAULT_KEYS") ?? "")).ok).toBe(true);
	expect(variables().get("ALLOW_PRIVATE_EGRESS")).toBe("true");
	expect(statSync(join(folder, ".dev.vars")).mode & 0o777).toBe(0o600);
	expect(statSync(join(folder, ".signalbox", "root-token")).mode & 0o777).toBe(0o600);
});

test("says what it did and what comes next, and never a secret", () => {
	expect(first.stdout).toMatch(/made.*root-token[\s\S]*made.*\.dev\.vars[\s\S]*migrated[\s\S]*next.*npm run dev/);
	expect(first.stdout).not.toContain(token());
	expect(first.stdout).not.toContain(variables().get("VAULT_KEYS"));
});

test("changes nothing when it is run again", () => {
	const before = [token(), readFileSync(join(folder, ".dev.vars"), "utf8")];
	const again = setUp();
	expect(again.status).toBe(0);
	expect(again.stdout.match(/^kept/gm)?.length).toBe(3);
	expect([token(), readFileSync(join(folder, ".dev.vars"), "utf8")]).toEqual(before);
});

test("adds what is missing and keeps what is there", async () => {
	writeFileSync(join(folder, ".dev.vars"), 'MINE="1"\nALLOW_PRIVATE_EGRESS="false"');
	expect(setUp().stdout).toMatch(/added to.*VAULT_KEYS, ROOT_TOKEN_SHA256, PUBLIC_URL$/m);
	expect([...variables().keys()]).toEqual([
		"MINE",
		"ALLOW_PRIVATE_EGRESS",
		"VAULT_KEYS",
		"ROOT_TOKEN_SHA256",
		"PUBLIC_URL",
	]);
	expect(variables().get("ALLOW_PRIVATE_EGRESS")).toBe("false");
	expect(variables().get("ROOT_TOKEN_SHA256")).toBe(await hashToken(token()));
});

test("fails when the token and its hash do not belong together, and says how to mend it", () => {
	writeFileSync(join(folder, ".signalbox", "root-token"), "sb_another\n");
	expect(setUp()).toMatchObject({ status: 1, stderr: expect.stringContaining("remove the line ROOT_TOKEN_SHA256") });
	unlinkSync(join(folder, ".signalbox", "root-token"));
	expect(setUp()).toMatchObject({ status: 0, stdout: expect.stringContaining("to make a new root token") });
});
