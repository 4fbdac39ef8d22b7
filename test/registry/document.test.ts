// The texts that people and attackers hand in as documents.

import { describe, expect, test } from "vitest";
import { MAX_DOCUMENT_BYTES, readDocument } from "../../src/registry/document";
import { cpuMs } from "../support/cpu";

function yaml(text: string) {
	return readDocument(text, "yaml");
}

function problem(text: string, format: "yaml" | "json" = "yaml") {
	const read = readDocument(text, format);
	return read.ok ? "was accepted" : read.error[0];
}

describe("what is read", () => {
	test.each([
		["on is a key, not a truth value", "on: [off, yes, no]", { on: ["off", "yes", "no"] }],
		["dates stay text", "at: 2026-11-20", { at: "2026-11-20" }],
		["CEL in plain text", 'if: event.data.n == 1 && "a" != ""', { if: 'event.data.n == 1 && "a" != ""' }],
		["a template keeps its braces", "text: ${{ event.id }}", { text: "${{ event.id }}" }],
		["block text", "a: |\n  one\n  two\n", { a: "one\ntwo\n" }],
		["an anchor and its aliases", "a: &x [1]\nb: *x\nc: *x", { a: [1], b: [1], c: [1] }],
		["the last anchor of a name counts", "a: &x 1\nb: &x 2\nc: *x", { a: 1, b: 2, c: 2 }],
		["<< is a key like any other", "<<: {a: 1}", { "<<": { a: 1 } }],
		["an own key named constructor", "constructor: 1", { constructor: 1 }],
		["a byte order mark and CRLF", "\ufeffa: 1\r\nb: 2\r\n", { a: 1, b: 2 }],
		["empty values", "a:\nb: ~", { a: null, b: null }],
	])("%s", (_, text, value) => {
		expect(yaml(text)).toEqual({ ok: true, value });
	});

	test("JSON with tabs, escapes and surrogates reads as JSON.parse reads it", () => {
		const text = '{\n\t"a": "\\u00e9\\ud83d\\ude80\\/",\n\t"b": [1e3, -0.5, true, null, {}]\n}';
		expect(readDocument(text, "json")).toEqual({ ok: true, value: JSON.parse(text) });
	});
});

describe("what is refused, and where", () => {
	test.each([
		["a key given twice", "a: 1\nb: 2\na: 3", 3, 1, "the key a is given twice"],
		["a key given twice in a nested flow map", "a: {b: 1, b: 2}", 1, 11, "the key b is given twice"],
		["a second document", "a: 1\n---\nb: 2", 2, 1, "second document"],
		["an alias without an anchor", "a: *x", 1, 4, "no anchor &x"],
		["an alias of what encloses it", "a: &x [*x]", 1, 7, "deeper than 64"],
		["__proto__", "a:\n  __proto__: {x: 1}", 2, 3, "__proto__ is not allowed"],
		["a number as a key", "a: 1\n2: 3", 2, 1, "put it in quotes"],
		["a map as a key", "? {a: 1}\n: 2", 1, 3, "put it in quotes"],
		["an id beyond 2^53", "id: 12345678901234567890", 1, 5, "put the number in quotes"],
		["infinity", "a: .inf", 1, 4, "put the number in quotes"],
		["not a number", "a: .nan", 1, 4, "put the number in quotes"],
		["an unknown tag", "a: !run x", 1, 4, "Unresolved tag"],
		["binary", "a: !!binary aGVsbG8=", 1, 13, "not a JSON value"],
		["broken indentation", "a:\n  b: 1\n c: 2", 3, 1, "same column"],
		["an open quote", 'a: "x\nb: 1', 2, 5, "quote"],
		["a tab as indentation", "a:\n\tb: 1", 2, 1, "Tabs"],
		["nothing", "", 1, 1, "empty"],
		["only comments", "# nothing\n", 1, 1, "empty"],
	])("%s", (_, text, line, column, message) => {
		expect(problem(text)).toEqual({ line, column, message: expect.stringContaining(message) });
	});

	test.each([
		["a trailing comma", '{"a": 1,\n}', 2, 1],
		["single quotes", "{'a': 1}", 1, 2],
		["an unfinished text", '{"a": 1', 1, 8],
		["YAML", "a: 1", 1, 1],
	])("JSON: %s", (_, text, line, column) => {
		expect(problem(text, "json")).toMatchObject({ line, column });
	});

	test("JSON: a key given twice", () => {
		expect(problem('{"a": 1,\n "a": 2}', "json")).toMatchObject({
			line: 2,
			column: 2,
			message: "the key a is given twice",
		});
	});

	test("all problems of a document are told at once, twenty at most", () => {
		const two = yaml("a: 1\na: 2\nb: .inf");
		const many = yaml("a: 1\n".repeat(50));
		expect(two.ok ? 0 : two.error.length).toBe(2);
		expect(many.ok ? 0 : many.error.length).toBe(20);
	});

	test("a text over 256 KB", () => {
		expect(problem("é".repeat(MAX_DOCUMENT_BYTES / 2 + 1))).toMatchObject({ message: "is larger than 256 KB" });
	});
});

describe("texts made to hurt are refused within two seconds", () => {
	const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
	for (const [name, before] of ["ba", "cb", "dc", "ed", "fe", "gf", "hg", "ih"]) {
		bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]`);
	}
	test.each([
		["a billion laughs", bomb.join("\n"), "20000 values"],
		[
			"a long text ten thousand times",
			`a: &x ${"y".repeat(99_000)}\nb: [${"*x,".repeat(10_000)}]`,
			"aliases are expanded",
		],
		["lists in lists", "[".repeat(200_000), "deeper than 64"],
		["lists in lists, in blocks", "- ".repeat(120_000), "deeper than 64"],
		["keys in keys", "? ".repeat(120_000), "deeper than 64"],
		["maps in maps", "{a: ".repeat(60_000), "deeper than 64"],
		["a value in 65 lists", `${"[".repeat(65)}1${"]".repeat(65)}`, "deeper than 64"],
		["twenty-five thousand keys", Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join("\n"), "20000 values"],
		["eighty thousand anchors", "&a ".repeat(80_000), "anchor"],
		["eighty thousand tags", "!a ".repeat(80_000), "tag"],
		["two hundred thousand commas", `[${",".repeat(200_000)}]`, "Unexpected"],
		["sixty thousand documents", "---\n".repeat(60_000), "second document"],
	])("%s", (_, text, message) => {
		const took = cpuMs(() => expect(problem(text)).toMatchObject({ message: expect.stringContaining(message) }));
		expect(took).toBeLessThan(2_000);
	});

	test("64 levels are not too deep", () => {
		expect(yaml(`${"[".repeat(64)}1${"]".repeat(64)}`).ok).toBe(true);
		expect(yaml(Array.from({ length: 60 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")).ok).toBe(true);
	});
});
