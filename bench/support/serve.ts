// Runs a Worker bundle in workerd, with the bindings of wrangler.toml and no proxy before it, as a process of its own.
// Usage: node serve.ts <bundle.js> <port> <state folder>. Prints one line when it listens; ends with SIGTERM.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from "wrangler";
import { devVars } from "./dev-vars.ts";

const [bundle = "", port = "0", state = ""] = process.argv.slice(2);
const { workerOptions } = unstable_getMiniflareWorkerOptions("wrangler.toml");

const miniflare = new Miniflare(
	convertV4MiniflareOptions({
		...workerOptions,
		bindings: { ...(workerOptions.bindings as object | undefined), ...devVars(process.env) },
		modules: [{ type: "ESModule", path: "worker.js", contents: readFileSync(bundle, "utf8") }],
		host: "127.0.0.1",
		port: Number(port),
		log: new Log(LogLevel.ERROR),
		handleStructuredLogs: () => {},
		resourcePersistencePath: state,
	} as Parameters<typeof convertV4MiniflareOptions>[0]),
);
const url = await miniflare.ready;
await migrate();
console.log(`listening ${url.origin}`);
process.on("SIGTERM", () => miniflare.dispose().then(() => process.exit(0)));

async function migrate(): Promise<void> {
	const folder = "src/registry/migrations";
	const db = await miniflare.getD1Database("DB");
	const known = await db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'tenants'").first();
	if (known !== null) return;
	for (const file of readdirSync(folder).sort()) {
		const statements = unstable_splitSqlQuery(readFileSync(join(folder, file), "utf8"));
		await db.batch(statements.map((text) => db.prepare(text)));
	}
}
