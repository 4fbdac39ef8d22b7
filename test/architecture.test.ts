// Who may import whom, that the core is pure, and that no imports run in a circle.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

/** For each part: the other parts whose values it may import, and the packages. `*` is everything. */
const MAY_IMPORT: Record<string, { parts: string[]; packages: string[] }> = {
	model: { parts: [], packages: ["zod"] },
	core: { parts: ["model"], packages: ["zod", "@bufbuild/cel", "@bufbuild/re2", "croner"] },
	connectors: { parts: ["model", "core"], packages: ["zod", "jose"] },
	storage: { parts: [], packages: [] },
	registry: { parts: ["model", "core", "connectors"], packages: ["zod", "yaml", "node:crypto", "cloudflare:workers"] },
	edge: {
		parts: ["model", "core", "connectors", "registry", "stubs"],
		packages: ["zod", "hono", "node:crypto", "fast-xml-parser"],
	},
	entity: { parts: ["model", "core", "storage", "stubs"], packages: ["cloudflare:workers"] },
	delivery: { parts: ["model", "core", "connectors", "registry", "stubs"], packages: ["zod", "cloudflare:workers"] },
	ledger: { parts: ["model", "storage", "stubs"], packages: ["cloudflare:workers", "node:crypto"] },
	admin: {
		parts: ["model", "core", "connectors", "registry", "stubs"],
		packages: ["zod", "hono", "@hono/zod-openapi"],
	},
	env: { parts: ["model"], packages: [] },
	stubs: { parts: ["model"], packages: [] },
	worker: { parts: ["*"], packages: ["hono"] },
};

/** What would make a decision depend on something besides its arguments. */
const IMPURE =
	/\b(Date\.now|new Date\(\)|performance\.|Math\.random|crypto\.|fetch\(|setTimeout|setInterval|process\.|console\.)/;

interface Import {
	file: string;
	target: string;
	typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
	const text = readFileSync(join(SRC, file), "utf8");
	const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)";|^import\s+"([^"]+)";/gm);
	return [...statements].map(([, type, from, bare]) => {
		const target = from ?? bare ?? "";
		const path = target.startsWith(".") ? relative(SRC, resolve(SRC, dirname(file), target)) : target;
		return { file, target: path, typeOnly: type !== undefined };
	});
}

function partOf(path: string): string {
	return (path.split("/")[0] ?? "").replace(/\.ts$/, "");
}

function isLocal({ target }: Import): boolean {
	return files.includes(`${target}.ts`) || files.includes(target);
}

test("there is something to check", () => {
	expect(files.length).toBeGreaterThan(50);
	expect(imports.filter(isLocal).length).toBeGreaterThan(100);
});

test("every part imports only what it may", () => {
	const wrong = imports.filter((one) => {
		const rules = MAY_IMPORT[partOf(one.file)];
		if (rules === undefined) return true;
		if (!isLocal(one)) return !rules.packages.some((name) => one.target === name || one.target.startsWith(`${name}/`));
		const to = partOf(one.target);
		const isEnv = to === "env" && one.typeOnly;
		return to !== partOf(one.file) && !isEnv && !rules.parts.includes(to) && !rules.parts.includes("*");
	});
	expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
});

test("only the worker imports stages, and nothing imports the worker", () => {
	expect(imports.filter(({ target }) => target === "worker")).toEqual([]);
});

test("the core and the connectors ask no clock, no randomness and no network", () => {
	const impure = files
		.filter((file) => partOf(file) === "core" || partOf(file) === "model" || partOf(file) === "connectors")
		.filter((file) => !file.startsWith("connectors/verify/"))
		.filter((file) => IMPURE.test(withoutComments(readFileSync(join(SRC, file), "utf8"))));
	expect(impure).toEqual([]);
});

test("no imports run in a circle", () => {
	const edges = Map.groupBy(imports.filter(isLocal), ({ file }) => file.replace(/\.ts$/, ""));
	const finished = new Set<string>();
	const circles: string[] = [];
	const visit = (file: string, path: string[]) => {
		if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
		if (path.includes(file) || finished.has(file)) return;
		for (const { target } of edges.get(file) ?? []) visit(target, [...path, file]);
		finished.add(file);
	};
	for (const file of edges.keys()) visit(file, []);
	expect(circles).toEqual([]);
});

test("the lock file carries no download addresses", () => {
	const lock = readFileSync(resolve(SRC, "../package-lock.json"), "utf8");
	expect(lock).not.toContain('"resolved": "http');
});

function withoutComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
