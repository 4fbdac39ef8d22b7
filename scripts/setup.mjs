// First run: development secrets, a root token, and the tables of the local registry. What is there already stays, so
// running it again is harmless. Plain JavaScript without dependencies, since it runs before anything else does.
//
//   node scripts/setup.mjs [--out DIR] [--persist-to DIR]
//
// --out: where .dev.vars and .signalbox/root-token go (the project's folder). --persist-to: where `wrangler dev` keeps
// its local state, if not in the usual place.

import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";

const PROJECT = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "..");
const BIN = join(PROJECT, "node_modules", ".bin");
const PRIVATE = 0o600;

const { values: options } = parseArgs({ options: { out: { type: "string" }, "persist-to": { type: "string" } } });
const out = resolve(options.out ?? PROJECT);
const varsFile = join(out, ".dev.vars");
const tokenFile = join(out, ".signalbox", "root-token");

setUpRootToken();
setUpVariables();
migrate();
say(
	"next",
	`npm run dev, then: curl -H "authorization: Bearer $(cat ${shown(tokenFile)})" localhost:8787/admin/v1/tenants`,
);

function setUpRootToken() {
	if (existsSync(tokenFile)) return say("kept", shown(tokenFile));
	if (readVariables().has("ROOT_TOKEN_SHA256")) {
		const remedy = `remove the line ROOT_TOKEN_SHA256 from ${shown(varsFile)} and run this again`;
		return say("note", `${shown(tokenFile)} is missing; to make a new root token, ${remedy}`);
	}
	mkdirSync(dirname(tokenFile), { recursive: true, mode: 0o700 });
	writePrivate(tokenFile, `${createToken()}\n`);
	say("made", `${shown(tokenFile)}: the token that may do everything`);
}

function setUpVariables() {
	const known = readVariables();
	const wanted = {
		VAULT_KEYS: () => `dev:${randomBytes(32).toString("base64")}`,
		ROOT_TOKEN_SHA256: () => sha256(readToken()),
		ALLOW_PRIVATE_EGRESS: () => "true",
		PUBLIC_URL: () => "http://localhost:8787",
	};
	const missing = Object.entries(wanted).filter(([name]) => !known.has(name));
	if (missing.length === 0) say("kept", shown(varsFile));
	else {
		const before = existsSync(varsFile) ? readFileSync(varsFile, "utf8").replace(/(?<=[^\n])$/, "\n") : "";
		writePrivate(varsFile, before + missing.map(([name, value]) => `${name}="${value()}"\n`).join(""));
		say(before === "" ? "made" : "added to", `${shown(varsFile)}: ${missing.map(([name]) => name).join(", ")}`);
	}
	const hash = readVariables().get("ROOT_TOKEN_SHA256");
	if (existsSync(tokenFile) && hash !== sha256(readToken())) {
		const remedy = `remove the line ROOT_TOKEN_SHA256 from ${shown(varsFile)} and run this again`;
		fail(`ROOT_TOKEN_SHA256 in ${shown(varsFile)} is not that of ${shown(tokenFile)}: ${remedy}`);
	}
}

function migrate() {
	const state = options["persist-to"] === undefined ? [] : ["--persist-to", resolve(options["persist-to"])];
	const { status, stdout, stderr, error } = spawnSync(
		"wrangler",
		["d1", "migrations", "apply", "DB", "--local", ...state],
		{ cwd: PROJECT, encoding: "utf8", env: wranglerEnv() },
	);
	if (status !== 0) fail(`the local registry could not be migrated:\n${error?.message ?? `${stdout}\n${stderr}`}`);
	const isCurrent = /No migrations to apply/i.test(stdout);
	say(isCurrent ? "kept" : "migrated", "the local registry (D1)");
}

/** The Node that the project installs comes first: wrangler needs a newer one than this script. */
function wranglerEnv() {
	return {
		...process.env,
		PATH: `${BIN}${delimiter}${process.env.PATH ?? ""}`,
		...{ CI: "1", NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
	};
}

function readVariables() {
	if (!existsSync(varsFile)) return new Map();
	const lines = readFileSync(varsFile, "utf8").matchAll(/^\s*([A-Z0-9_]+)\s*=\s*"?([^"\n]*)"?\s*$/gm);
	return new Map([...lines].map(([, name, value]) => [name, value.trim()]));
}

function readToken() {
	return readFileSync(tokenFile, "utf8").trim();
}

/** `sb_<id>_<secret>_<checksum>`, as the service itself makes them. */
function createToken() {
	const body = `sb_${randomBytes(8).toString("hex")}_${randomBytes(20).toString("hex")}`;
	return `${body}_${crc32(body).toString(16).padStart(8, "0")}`;
}

function crc32(text) {
	let crc = 0xffffffff;
	for (const byte of Buffer.from(text)) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc ^ 0xffffffff) >>> 0;
}

function sha256(text) {
	return createHash("sha256").update(text).digest("hex");
}

function writePrivate(file, text) {
	mkdirSync(dirname(file), { recursive: true });
	writeFileSync(file, text, { mode: PRIVATE });
	// The mode above counts for new files only.
	chmodSync(file, PRIVATE);
}

function shown(file) {
	const path = relative(process.cwd(), file);
	return path.startsWith("..") ? file : path;
}

function say(what, text) {
	console.log(`${what.padEnd(9)} ${text}`);
}

function fail(text) {
	console.error(`failed    ${text}`);
	process.exit(1);
}
