// Golden requests before the vendors' own descriptions. Where those are: `SPECS` is a folder with a clone of each
// repository, as `<owner>/<name>`. The commit is a part of the reference, so the verdict does not change by itself.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Judged } from "../connectors/examples";

const { SPECS } = process.env;
if (SPECS === undefined) throw new Error("set SPECS to a folder with clones of the repositories, as <owner>/<name>");

const CONNECTORS = join(import.meta.dirname, "../connectors");

async function goldensOf(of: string): Promise<(Judged & { of: string })[]> {
	if (!existsSync(join(CONNECTORS, of, "golden.ts"))) return [];
	const { judged = [] }: { judged?: Judged[] } = await import(`../connectors/${of}/golden.ts`);
	return judged.map((each) => ({ ...each, of }));
}

const judged = (await Promise.all(readdirSync(CONNECTORS).map(goldensOf))).flat();

type Node = Record<string, unknown>;

function documentOf({ repository, commit, path }: Judged["spec"]): Node {
	const clone = join(SPECS ?? "", repository);
	const text = execFileSync("git", ["-C", clone, "show", `${commit}:${path}`], { maxBuffer: 256 * 1024 * 1024 });
	return parse(text.toString("utf8"), { maxAliasCount: -1 });
}

/** OpenAPI 3.0 says `nullable` where JSON Schema has a list of types, and has words that mean something else there. */
function asJsonSchema(node: unknown): unknown {
	if (Array.isArray(node)) return node.map(asJsonSchema);
	if (typeof node !== "object" || node === null) return node;
	const { nullable, discriminator: _, example: __, ...rest } = node as Node;
	const schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, asJsonSchema(value)]));
	if (nullable !== true || typeof schema.type !== "string") return schema;
	return {
		...schema,
		type: [schema.type, "null"],
		...(Array.isArray(schema.enum) && { enum: [...schema.enum, null] }),
	};
}

function problemsOf({ body, spec }: Judged): unknown {
	const ajv = new Ajv2020({ strict: false, validateSchema: false, validateFormats: false, logger: false });
	ajv.addSchema(asJsonSchema(documentOf(spec)) as Node, "spec");
	const validate = ajv.compile({ $ref: `spec#${spec.pointer}` });
	return validate(body) ? [] : validate.errors;
}

test("there are requests to be judged", () => expect(judged.length).toBeGreaterThan(0));

test.each(judged)("$of: $name is what $spec.repository describes", (each) => {
	expect(problemsOf(each)).toEqual([]);
});

test.each(judged)("$of: $name with something else in its place is not", (each) => {
	expect(problemsOf({ ...each, body: ["not an object"] })).not.toEqual([]);
});
