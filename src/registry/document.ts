// The text of a document, YAML or JSON, becomes a JSON value. Whatever the text holds, the work is linear in its size:
// depth and nodes are bounded while it is read, aliases count as what they expand to, and what JSON cannot say, or says
// differently in another parser, is refused with its line and column.

import {
	Composer,
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
	type Token,
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

/** `line` and `column` count from one. */
export interface TextProblem {
	line: number;
	column: number;
	message: string;
}

export type DocumentFormat = "yaml" | "json";

/** Reads one document of at most 256 KB. */
export function readDocument(text: string, format: DocumentFormat): Result<Json, TextProblem[]> {
	if (new TextEncoder().encode(text).byteLength > MAX_DOCUMENT_BYTES) return refuse("is larger than 256 KB");
	if (format === "json") {
		const problem = jsonProblem(text);
		if (problem !== null) return err([problem]);
	}
	const lines = new LineCounter();
	try {
		const document = compose(text, lines);
		return document === null ? refuse("is empty") : toJson(document, lines);
	} catch (thrown) {
		if (thrown instanceof Refusal) return err([problemAt(lines, thrown.offset, thrown.message)]);
		throw thrown;
	}
}

/** Thrown and caught in this file only: it leaves the recursion at the first thing that ends all reading. */
class Refusal extends Error {
	constructor(
		message: string,
		readonly offset: number,
	) {
		super(message);
	}
}

function compose(text: string, lines: LineCounter): Document.Parsed | null {
	const composer = new Composer({ prettyErrors: false, uniqueKeys: false, stringKeys: false, merge: false });
	let first: Document.Parsed | null = null;
	for (const document of composer.compose(tokens(text, lines), false)) {
		if (first !== null) throw new Refusal("holds a second document; publish one at a time", document.range[0]);
		first = document;
	}
	return first?.contents === null && first.errors.length === 0 ? null : first;
}

function* tokens(text: string, lines: LineCounter): Generator<Token> {
	const parser = new Parser(lines.addNewLine);
	for (const lexeme of new Lexer().lex(text)) {
		yield* parser.next(lexeme);
		if (parser.stack.length > MAX_DEPTH * TOKENS_PER_LEVEL) throw tooDeep(parser.offset);
	}
	yield* parser.end();
}

function toJson(document: Document.Parsed, lines: LineCounter): Result<Json, TextProblem[]> {
	const complaints = [...document.errors, ...document.warnings];
	if (complaints.length > 0) {
		return err(complaints.slice(0, MAX_PROBLEMS).map((each) => problemAt(lines, each.pos[0], each.message)));
	}
	const walk: Walk = { anchors: new Map(), nodes: 0, problems: [], lines };
	const value = convert(document.contents, 0, walk);
	return walk.problems.length > 0 ? err(walk.problems.slice(0, MAX_PROBLEMS)) : ok(value);
}

interface Walk {
	/** An alias means the last anchor of its name before it. */
	anchors: Map<string, Node>;
	nodes: number;
	problems: TextProblem[];
	lines: LineCounter;
}

function convert(node: unknown, depth: number, walk: Walk): Json {
	if (!isNode(node)) return null;
	const offset = offsetOf(node);
	if (depth > MAX_DEPTH) throw tooDeep(offset);
	if (++walk.nodes > MAX_NODES) throw new Refusal(`holds more than ${MAX_NODES} values, aliases expanded`, offset);
	if (isAlias(node)) return convert(aliased(node.source, walk, offset), depth + 1, walk);
	if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
	if (isMap(node)) return convertMap(node, depth, walk);
	if (isSeq(node)) return node.items.map((item) => convert(item, depth + 1, walk));
	return convertScalar(node as Scalar, walk);
}

function aliased(name: string, walk: Walk, offset: number): Node {
	const node = walk.anchors.get(name);
	if (node === undefined) throw new Refusal(`no anchor &${name} stands before this alias`, offset);
	return node;
}

function convertMap(map: YAMLMap, depth: number, walk: Walk): JsonObject {
	const entries = new Map<string, Json>();
	for (const { key, value } of map.items) {
		const name = keyName(key, entries, walk);
		const converted = convert(value, depth + 1, walk);
		if (name !== null) entries.set(name, converted);
	}
	return Object.fromEntries(entries);
}

function keyName(key: unknown, entries: Map<string, Json>, walk: Walk): string | null {
	const offset = isNode(key) ? offsetOf(key) : 0;
	const complain = (message: string) => {
		walk.problems.push(problemAt(walk.lines, offset, message));
		return null;
	};
	if (!isScalar(key) || typeof key.value !== "string") return complain("a key must be text; put it in quotes");
	if (key.value === "__proto__") return complain("the key __proto__ is not allowed");
	if (entries.has(key.value)) return complain(`the key ${shorten(key.value)} is given twice`);
	if (key.anchor !== undefined) walk.anchors.set(key.anchor, key);
	return key.value;
}

function convertScalar(scalar: Scalar, walk: Walk): Json {
	const { value } = scalar;
	if (value === null || typeof value === "string" || typeof value === "boolean") return value;
	if (typeof value === "number" && Number.isFinite(value) && isExact(value)) return value;
	const advice = typeof value === "number" ? "cannot be kept exactly; put the number in quotes" : "is not a JSON value";
	walk.problems.push(problemAt(walk.lines, offsetOf(scalar), advice));
	return null;
}

/** Integers beyond 2^53 change silently, and ids of some systems lie there. */
function isExact(value: number): boolean {
	return !Number.isInteger(value) || Number.isSafeInteger(value);
}

function offsetOf(node: Node): number {
	return node.range?.[0] ?? 0;
}

function tooDeep(offset: number): Refusal {
	return new Refusal(`is nested deeper than ${MAX_DEPTH} levels`, offset);
}

function problemAt(lines: LineCounter, offset: number, message: string): TextProblem {
	const { line, col } = lines.linePos(offset);
	return { line: Math.max(line, 1), column: Math.max(col, 1), message: shorten(message) };
}

function shorten(text: string): string {
	return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function refuse(message: string): Result<never, TextProblem[]> {
	return err([{ line: 1, column: 1, message }]);
}

/** YAML accepts more than JSON does; where JSON was promised, its own grammar decides. */
function jsonProblem(text: string): TextProblem | null {
	try {
		JSON.parse(text);
		return null;
	} catch (thrown) {
		const message = thrown instanceof Error ? thrown.message : "is not JSON";
		const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
		const before = text.slice(0, offset).split("\n");
		return { line: before.length, column: (before.at(-1) ?? "").length + 1, message: shorten(message) };
	}
}
