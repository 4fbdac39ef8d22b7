// The Worker as it is uploaded: connectors are data, and no vendor's library is in it.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

const MAX_BYTES = 1_048_576;

test("the Worker is below a megabyte, compressed, and holds the packages that it should", async () => {
	const { outputFiles, metafile } = await build({
		entryPoints: ["src/worker.ts"],
		bundle: true,
		write: false,
		metafile: true,
		format: "esm",
		target: "es2024",
		conditions: ["workerd", "worker", "browser"],
		external: ["cloudflare:*", "node:*"],
		logLevel: "silent",
	});
	const [worker] = outputFiles;
	expect(gzipSync(worker?.contents ?? "").byteLength).toBeLessThan(MAX_BYTES);
	const packages = Object.keys(metafile.inputs)
		.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1])
		.filter((name) => name !== undefined);
	expect([...new Set(packages)].sort()).toEqual(PACKAGES);
}, 60_000);

/** Those that `package.json` names, and what these bring along. */
const PACKAGES: string[] = [
	"@asteasolutions/zod-to-openapi",
	"@bufbuild/cel",
	"@bufbuild/cel-spec",
	"@bufbuild/protobuf",
	"@bufbuild/re2",
	"@hono/zod-openapi",
	"@hono/zod-validator",
	"@nodable/entities",
	"anynum",
	"croner",
	"fast-xml-builder",
	"fast-xml-parser",
	"hono",
	"is-unsafe",
	"jose",
	"path-expression-matcher",
	"strnum",
	"xml-naming",
	"yaml",
	"zod",
];
