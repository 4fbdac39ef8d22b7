// What the pages name is there, and all of what is there is named.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TRUST_LEVELS } from "../../src/model/event";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");
const README = read("README.md");
const ADDING = read("docs/adding-a-connector.md");

test("the README lists every example that can be played, and stays short", () => {
	const [, names = ""] = /(`npm run example -- [\s\S]*?)\n\n/.exec(README) ?? [];
	const playable = readdirSync(join(import.meta.dirname, "../../examples/events"));
	expect(playable.filter((file) => !names.includes(file.replace(".json", "")))).toEqual([]);
	expect(README.split("\n").length).toBeLessThan(250);
});

test("the page on connectors tells of every field of an example and of every trust level, and stays short", () => {
	const fields = ["by_post", "known_by", "found_by_state", "knobs", "neither", "shown"];
	const words = ["`done`", "`scope`", "`pausesScope`", "`edge.unverified`", "scripts/support/sign.ts", "npm run check"];
	const examples = read("test/connectors/examples.ts");
	for (const field of fields) expect(examples).toContain(`\t${field}?:`);
	const told = [...fields, ...TRUST_LEVELS].map((name) => `\`${name}\``).concat(words);
	expect(told.filter((word) => !ADDING.includes(word))).toEqual([]);
	expect(ADDING.split("\n").length).toBeLessThan(260);
});
