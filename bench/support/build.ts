// Bundles for workerd.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Bundles an entry module and returns the path of the bundle. */
export async function bundle(entry: string, name: string): Promise<string> {
	mkdirSync("dist", { recursive: true });
	const outfile = join("dist", `${name}.js`);
	await build({
		entryPoints: [entry],
		outfile,
		bundle: true,
		format: "esm",
		target: "es2024",
		conditions: ["workerd", "worker", "browser"],
		external: ["cloudflare:*", "node:*"],
		logLevel: "error",
	});
	return outfile;
}
