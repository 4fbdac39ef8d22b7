// Plain text as an Atlassian document, and back.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentOf, textOf } from "../../../src/connectors/jira/adf";
import type { Json, JsonObject } from "../../../src/model/json";
import { cpuMs } from "../../support/cpu";

const text = (text: string): JsonObject => ({ type: "text", text });
const line: JsonObject = { type: "hardBreak" };
const paragraph = (...content: JsonObject[]): JsonObject => ({ type: "paragraph", content });
const doc = (...content: JsonObject[]): JsonObject => ({ type: "doc", version: 1, content });

describe("a text", () => {
	test.each([
		["", doc()],
		[" \n\t\r\n ", doc()],
		["a", doc(paragraph(text("a")))],
		["a\nb", doc(paragraph(text("a"), line, text("b")))],
		["a\r\nb\rc", doc(paragraph(text("a"), line, text("b"), line, text("c")))],
		["a\n\nb", doc(paragraph(text("a")), paragraph(text("b")))],
		["a\n \t\nb", doc(paragraph(text("a")), paragraph(text("b")))],
		["a\n \t\n\n\nb", doc(paragraph(text("a")), paragraph(text("b")))],
		["\n\n a  \n\n", doc(paragraph(text(" a")))],
		["{color:red}*a*", doc(paragraph(text("{color:red}*a*")))],
	])("is a document: %j", (plain, document) => {
		expect(documentOf(plain)).toEqual(document);
	});

	test("never becomes an empty node, and all that can be read of it is kept", () => {
		const plain = fc.string({ unit: fc.constantFrom("a", " ", "\n", "\r", "\t", "é") });
		fc.assert(
			fc.property(plain, (given) => {
				const document = documentOf(given);
				expect(JSON.stringify(document)).not.toMatch(/"text":""|"content":\[\]\}\]/);
				expect(textOf(document).replace(/\s+/g, "")).toBe(given.replace(/\s+/g, ""));
			}),
		);
	});

	test("is read in no more time than its length asks for", () => {
		for (const plain of [" ".repeat(32_000), `a${" \n".repeat(16_000)}b`, `a${" ".repeat(32_000)}b`]) {
			expect(cpuMs(() => textOf(documentOf(plain)))).toBeLessThan(500);
		}
	});
});

describe("a document", () => {
	test("is read with a line for every block, wherever they stand", () => {
		const item = (name: string) => ({ type: "listItem", content: [paragraph(text(name))] });
		expect(
			textOf(
				doc(
					{ type: "heading", attrs: { level: 1 }, content: [text("Title")] },
					paragraph(text("Hi "), { type: "mention", attrs: { id: "1", text: "@Dana" } }, line, text("bye")),
					{ type: "bulletList", content: [item("one"), item("two")] },
					{ type: "rule" },
					{ type: "codeBlock", content: [text("x = 1")] },
				),
			),
		).toBe("Title\nHi @Dana\nbye\none\ntwo\n\nx = 1");
	});

	test.each<Json | undefined>([undefined, null, 1, "text", [], {}, { type: "doc", content: "a" }, { type: "text" }])(
		"that is none says nothing: %j",
		(document) => {
			expect(textOf(document)).toBe("");
		},
	);

	test("that nests without end is read as far as people do", () => {
		let deep: JsonObject = text("deep");
		for (let i = 0; i < 100; i++) deep = { type: "panel", content: [deep] };
		expect(textOf(deep)).toBe("");
	});
});
