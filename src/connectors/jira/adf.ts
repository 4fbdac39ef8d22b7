// Plain text as an Atlassian document, and back: paragraphs, and line breaks within them.
// https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { textAt, valueAt } from "../inbound/read";

/** As much as a text field takes. */
export const Text = z.string().max(32_767);

/** An empty line ends a paragraph. */
export function documentOf(text: string): JsonObject {
	const paragraphs = text
		.replace(/\r\n?/g, "\n")
		.split(/\n[^\S\n]*\n/)
		.map((paragraph) => paragraph.replace(/^\n+/, "").trimEnd())
		.filter((paragraph) => paragraph !== "");
	return { type: "doc", version: 1, content: paragraphs.map(paragraphOf) };
}

/** None of its lines is empty, as a text node must not be. */
function paragraphOf(text: string): JsonObject {
	const lines = text.split("\n").map((line) => ({ type: "text", text: line }));
	return { type: "paragraph", content: lines.flatMap((line, i) => (i === 0 ? [line] : [{ type: "hardBreak" }, line])) };
}

/** Nothing nests deeper than lists in tables in panels do. */
const MAX_DEPTH = 24;

/** What people read of it, a line for every block. */
export function textOf(document: Json | undefined): string {
	return textIn(document, MAX_DEPTH).trimEnd();
}

const BLOCKS = new Set(["paragraph", "heading", "codeBlock", "rule", "blockCard"]);

function textIn(node: Json | undefined, depth: number): string {
	const type = textAt(node, "type");
	if (type === "text") return textAt(node, "text") ?? "";
	if (type === "hardBreak") return "\n";
	const content = valueAt(node, "content");
	const inner = Array.isArray(content) && depth > 0 ? content.map((child) => textIn(child, depth - 1)).join("") : "";
	const shown = inner === "" ? (textAt(node, "attrs.text") ?? "") : inner;
	return type !== undefined && BLOCKS.has(type) ? `${shown}\n` : shown;
}
