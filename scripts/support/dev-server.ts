// The real development server, `wrangler dev`, as a child with its own state, port and secrets.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join, resolve } from "node:path";
import { endTree } from "./process-tree.ts";

export interface Secrets {
	rootToken: string;
	vaultKeys: string;
}

export interface DevServer {
	url: string;
	child: ChildProcess;
	/** Ends the whole tree at once. */
	kill: () => Promise<void>;
}

export interface DevServerOptions {
	port: number;
	/** Where the state and the log go. */
	folder: string;
	secrets: Secrets;
	onStart?: OnStart;
}

/** Told how to end a process as soon as there is something to end, before it is ready. */
type OnStart = (kill: () => Promise<void>) => void;

const BIN = resolve(import.meta.dirname, "../../node_modules/.bin");
const QUIET = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1", CI: "1" };

export function newSecrets(): Secrets {
	return { rootToken: randomBytes(24).toString("hex"), vaultKeys: `local:${randomBytes(32).toString("base64")}` };
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() =>
				address === null || typeof address === "string" ? reject(new Error("no port")) : resolve(address.port),
			);
		});
	});
}

/** Brings the registry's tables up to date. */
export async function migrateLocally(folder: string, onStart?: OnStart): Promise<void> {
	const log = join(folder, "migrate.log");
	const child = wrangler(["d1", "migrations", "apply", "DB", "--local", "--persist-to", folder], folder, log);
	onStart?.(() => killAndWait(child));
	await ended(child);
	if (child.exitCode !== 0) throw new Error(`the migrations failed: see ${log}`);
}

/** Starts the server and waits until it answers. */
export async function startDevServer({ port, folder, secrets, onStart }: DevServerOptions): Promise<DevServer> {
	const vars = {
		VAULT_KEYS: secrets.vaultKeys,
		ROOT_TOKEN_SHA256: createHash("sha256").update(secrets.rootToken).digest("hex"),
		ALLOW_PRIVATE_EGRESS: "true",
	};
	const child = wrangler(
		[
			...["dev", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0", "--persist-to", folder],
			...["--log-level", "log", "--show-interactive-dev-session=false"],
			...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
		],
		folder,
		join(folder, "dev.log"),
	);
	const url = `http://127.0.0.1:${port}`;
	const server = { url, child, kill: () => killAndWait(child) };
	onStart?.(server.kill);
	await untilHealthy(url, child, join(folder, "dev.log"));
	return server;
}

/** Whatever it lays down for a while goes into the folder too, since it is given no time to tidy up. */
function wrangler(args: string[], folder: string, log: string): ChildProcess {
	mkdirSync(folder, { recursive: true });
	const out = openSync(log, "a");
	const env = { ...process.env, ...QUIET, TMPDIR: folder, PATH: `${BIN}${delimiter}${process.env.PATH ?? ""}` };
	const child = spawn("wrangler", args, { env, stdio: ["ignore", out, out] });
	closeSync(out);
	child.on("error", (error) => appendFileSync(log, `${error.message}\n`));
	return child;
}

async function untilHealthy(url: string, child: ChildProcess, log: string): Promise<void> {
	for (let tries = 0; tries < 600; tries++) {
		if (hasEnded(child)) throw new Error(`the server ended by itself: see ${log}`);
		const answer = await fetch(`${url}/admin/v1/health`).catch(() => null);
		await answer?.arrayBuffer();
		if (answer?.ok === true) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`the server did not get ready: see ${log}`);
}

async function killAndWait(child: ChildProcess): Promise<void> {
	if (child.pid === undefined || hasEnded(child)) return;
	const end = ended(child);
	endTree(child.pid);
	await end;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
	return exitCode !== null || signalCode !== null;
}

function ended(child: ChildProcess): Promise<void> {
	if (hasEnded(child)) return Promise.resolve();
	return new Promise((resolve) => {
		child.once("exit", () => resolve());
		child.once("error", () => resolve());
	});
}
