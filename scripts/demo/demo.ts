// `npm run demo`: starts the service and a small outside world on loopback, plays a scripted morning with signed
// deliveries, and shows what became of each. It stays up until Ctrl-C, unless it is told to `--exit`.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Api, apiOf } from "../support/api.ts";
import { freePort, migrateLocally, newSecrets, startDevServer } from "../support/dev-server.ts";
import { type Delivery, morning, SECRETS } from "./morning.ts";
import { findings, report, whereToLook } from "./report.ts";
import { startWorld, type World } from "./world.ts";

const TENANT = "acme";
const EXAMPLES = ["issue-settled", "payment-failed", "signup-digest"];
const SETTLE_MS = 30_000;

const cleanups: (() => Promise<void> | void)[] = [];
let leaving: Promise<never> | undefined;

/** Everything that was started is ended, newest first, however often somebody asks for it. */
function leave(code: number): Promise<never> {
	leaving ??= tidyUp().then(() => process.exit(code));
	return leaving;
}

async function tidyUp(): Promise<void> {
	for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) await cleanup();
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void leave(0));

const isTerminal = process.stdout.isTTY === true;
const startedAt = Date.now();

/** The line at the bottom: rewritten in a terminal, written once elsewhere. */
function progress(text: string): void {
	const seconds = ((Date.now() - startedAt) / 1_000).toFixed(0).padStart(2);
	process.stdout.write(isTerminal ? `\r\u001b[2K${seconds}s  ${text}` : `${seconds}s  ${text}\n`);
}

async function configure(api: Api, world: World): Promise<void> {
	const connectors = { github: "github", stripe: "stripe", accounts: "standard-webhooks" } as const;
	await api.put(`/tenants/${TENANT}`, {});
	for (const [name, secret] of Object.entries(SECRETS)) {
		await api.put(`/tenants/${TENANT}/sources/${name}`, {
			connector: connectors[name as keyof typeof SECRETS],
			secrets: [secret],
		});
	}
	for (const [name, connection] of Object.entries(world.connections))
		await api.put(`/tenants/${TENANT}/connections/${name}`, connection);
	for (const name of EXAMPLES)
		await api.post(`/tenants/${TENANT}/workflows`, readFileSync(`examples/${name}.yaml`, "utf8"), "application/yaml");
}

async function deliver(url: string, { source, headers, body }: Delivery): Promise<number> {
	const answer = await fetch(`${url}/in/${TENANT}/${source}`, { method: "POST", headers, body });
	await answer.arrayBuffer();
	return answer.status;
}

async function play(url: string): Promise<string[]> {
	const refused: string[] = [];
	const deliveries = await morning();
	for (const [n, delivery] of deliveries.entries()) {
		await new Promise((resolve) => setTimeout(resolve, delivery.after));
		const status = await deliver(url, delivery);
		progress(`delivery ${n + 1} of ${deliveries.length}: ${delivery.about} → ${status}`);
		if (status !== 200) refused.push(`${delivery.about} → ${status}`);
	}
	return refused;
}

/** Until every run has ended and nothing waits but what waits for people. */
async function settle(api: Api): Promise<void> {
	const deadline = Date.now() + SETTLE_MS;
	while (Date.now() < deadline) {
		const { counters } = await findings(api, TENANT);
		const ended = ["succeeded", "partial", "failed"].reduce(
			(total, status) => total + (counters[`runs.${status}`] ?? 0),
			0,
		);
		if (ended >= EXAMPLES.length && ended === counters.runs) return;
		progress(`${ended} of ${EXAMPLES.length} runs have ended; windows and retries are under way`);
		await new Promise((resolve) => setTimeout(resolve, 1_000));
	}
}

async function main(): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "signalbox-demo-"));
	cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
	const world = await startWorld(await freePort());
	cleanups.push(world.close);
	const secrets = newSecrets();
	const tokenFile = join(folder, "root-token");
	writeFileSync(tokenFile, secrets.rootToken, { mode: 0o600 });
	progress("preparing the registry");
	const onStart = (kill: () => Promise<void>) => cleanups.push(kill);
	await migrateLocally(folder, onStart);
	progress("starting the service");
	const server = await startDevServer({ port: await freePort(), folder, secrets, onStart });
	const api = apiOf(server.url, secrets.rootToken);
	progress("making a tenant and publishing three workflows");
	await configure(api, world);
	const refused = await play(server.url);
	await settle(api);
	progress("the morning is over");
	console.log();
	const found = await findings(api, TENANT);
	console.log(report(found, { arrived: world.receiver.arrived, refused }));
	if (process.argv.includes("--exit")) return leave(0);
	console.log(whereToLook(found, world.receiver.arrived, { url: server.url, tenant: TENANT, tokenFile }));
	console.log("The service stays up until you press Ctrl-C.");
}

main().catch((error) => {
	// What was ended half-way fails, and nobody needs to hear of it.
	if (leaving !== undefined) return;
	console.error(`\n${error instanceof Error ? error.message : String(error)}`);
	void leave(1);
});
