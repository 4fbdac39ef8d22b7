// The text of a document, YAML or JSON, becomes a JSON value. Whatever the text holds, the work is linear in its size:
// depth and nodes are bounded while it is read, aliases count as what they expand to, and what JSON cannot say, or says
// differently in another parser, is refused with its line and column.

import {
	type Alias,
	Composer,
	type CST,
	type Document,
	isAlias,
	isMap,
	isNode,
	isScalar,
	isSeq,
	Lexer,
	LineCounter,
	type Node,
	Parser,
	type Scalar,
	type YAMLMap,
} from "yaml";
import type { Json, JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";

export const MAX_DOCUMENT_BYTES = 262_144;
const MAX_DEPTH = 64;
const MAX_NODES = 20_000;
const MAX_PROBLEMS = 20;
/** The parser keeps at most this many open tokens per level of depth. */
const TOKENS_PER_LEVEL = 3;
const TOO_DEEP = `is nested deeper than ${MAX_DEPTH} levels`;
const TOO_MANY = `holds more than ${MAX_NODES} values, aliases expanded`;
const TOO_LONG = "is larger than 256 KB once its aliases are expanded";

/** `line` and `column` count from one. */
export interface TextProblem {
	line: number;
	column: number;
	message: string;
}

export type DocumentFormat = "yaml" | "json";

/** Reads one document of at most 256 KB. */
export function readDocument(text: string, format: DocumentFormat): Result<Json, TextProblem[]> {
	const reading = new Reading();
	if (new TextEncoder().encode(text).byteLength > MAX_DOCUMENT_BYTES) reading.stop(0, "is larger than 256 KB");
	if (format === "json" && !reading.stopped) checkJson(text, reading);
	const document = reading.stopped ? null : compose(text, reading);
	const value = document === null ? null : toJson(document, reading);
	return reading.problems.length > 0 ? err(reading.problems) : ok(value);
}

/** What one reading has found so far. Once it has stopped nothing more is read. */
class Reading {
	readonly lines = new LineCounter();
	readonly problems: TextProblem[] = [];
	/** An alias means the last anchor of its name before it. */
	readonly anchors = new Map<string, Node>();
	nodes = 0;
	characters = 0;
	stopped = false;

	complain(offset: number, message: string): null {
		if (this.stopped) return null;
		const { line, col } = this.lines.linePos(offset);
		this.problems.push({ line: Math.max(line, 1), column: Math.max(col, 1), message: shorten(message) });
		if (this.problems.length >= MAX_PROBLEMS) this.stopped = true;
		return null;
	}

	stop(offset: number, message: string): null {
		this.complain(offset, message);
		this.stopped = true;
		return null;
	}
}

function compose(text: string, reading: Reading): Document.Parsed | null {
	const composer = new Composer({ prettyErrors: false, uniqueKeys: false, merge: false });
	let first: Document.Parsed | null = null;
	for (const document of composer.compose(tokens(text, reading))) {
		if (first !== null) return reading.stop(document.range[0], "holds a second document; publish one at a time");
		first = document;
	}
	if (reading.stopped) return null;
	return first ?? reading.stop(0, "is empty");
}

function* tokens(text: string, reading: Reading): Generator<CST.Token> {
	const parser = new Parser(reading.lines.addNewLine);
	reading.lines.addNewLine(0);
	for (const lexeme of new Lexer().lex(text)) {
		yield* parser.next(lexeme);
		if (parser.stack.length > MAX_DEPTH * TOKENS_PER_LEVEL) {
			reading.stop(parser.offset, TOO_DEEP);
			return;
		}
	}
	yield* parser.end();
}

function toJson(document: Document.Parsed, reading: Reading): Json {
	for (const each of [...document.errors, ...document.warnings]) {
		reading.complain(each.pos[0], each.message);
	}
	return reading.problems.length > 0 ? null : convert(document.contents, 0, reading);
}

function convert(node: unknown, depth: number, reading: Reading): Json {
	if (reading.stopped || !isNode(node)) return null;
	const offset = offsetOf(node);
	if (depth > MAX_DEPTH) return reading.stop(offset, TOO_DEEP);
	if (++reading.nodes > MAX_NODES) return reading.stop(offset, TOO_MANY);
	if (isAlias(node)) return convert(aliased(node, reading), depth + 1, reading);
	if (node.anchor !== undefined) reading.anchors.set(node.anchor, node);
	if (isMap(node)) return convertMap(node, depth, reading);
	if (isSeq(node)) return node.items.map((item) => convert(item, depth + 1, reading));
	return convertScalar(node as Scalar, reading);
}

function aliased(alias: Alias, reading: Reading): Node | null {
	const node = reading.anchors.get(alias.source);
	return node ?? reading.complain(offsetOf(alias), `no anchor &${alias.source} stands before this alias`);
}

function convertMap(map: YAMLMap, depth: number, reading: Reading): JsonObject {
	const entries = new Map<string, Json>();
	for (const { key, value } of map.items) {
		const name = keyName(key, entries, reading);
		const converted = convert(value, depth + 1, reading);
		if (name !== null) entries.set(name, converted);
	}
	return Object.fromEntries(entries);
}

function keyName(key: unknown, entries: Map<string, Json>, reading: Reading): string | null {
	const offset = isNode(key) ? offsetOf(key) : 0;
	if (!isScalar(key) || typeof key.value !== "string") {
		return reading.complain(offset, "a key must be text; put it in quotes");
	}
	if (key.value === "__proto__") return reading.complain(offset, "the key __proto__ is not allowed");
	if (entries.has(key.value)) return reading.complain(offset, `the key ${shorten(key.value)} is given twice`);
	if (key.anchor !== undefined) reading.anchors.set(key.anchor, key);
	return key.value;
}

function convertScalar(scalar: Scalar, reading: Reading): Json {
	const { value } = scalar;
	if (typeof value === "string") reading.characters += value.length;
	if (reading.characters > MAX_DOCUMENT_BYTES) return reading.stop(offsetOf(scalar), TOO_LONG);
	if (value === null || typeof value === "string" || typeof value === "boolean") return value;
	if (typeof value !== "number") return reading.complain(offsetOf(scalar), "is not a JSON value");
	if (Number.isFinite(value) && isExact(value)) return value;
	return reading.complain(offsetOf(scalar), "cannot be kept exactly; put the number in quotes");
}

/** Integers beyond 2^53 change silently, and ids of some systems lie there. */
function isExact(value: number): boolean {
	return !Number.isInteger(value) || Number.isSafeInteger(value);
}

function offsetOf(node: Node): number {
	return node.range?.[0] ?? 0;
}

function shorten(text: string): string {
	return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** YAML accepts more than JSON does; where JSON was promised, its own grammar decides. */
function checkJson(text: string, reading: Reading): void {
	try {
		JSON.parse(text);
	} catch (thrown) {
		const message = thrown instanceof Error ? thrown.message : "is not JSON";
		const offset = Number(
			/at position (\d+)/.exec(message)?.[1] ?? (message.includes("end of JSON") ? text.length : 0),
		);
		for (const match of text.slice(0, offset).matchAll(/^/gm)) reading.lines.addNewLine(match.index);
		reading.stop(offset, message);
	}
}
