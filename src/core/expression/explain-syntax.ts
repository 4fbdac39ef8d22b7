// What is wrong with a text that the parser refused. The parser's own place is where it gave up, often long before
// the mistake, so the words are read again for the first one that cannot follow the one before it.

import type { LexProblem, Token } from "./lex";

/** What other languages write, and how CEL says it. */
const INSTEAD = new Map([
	["=", "write == to compare"],
	["&", "write && for and"],
	["|", "write || for or"],
	["and", "write && for and"],
	["or", "write || for or"],
	["not", "write ! for not"],
	["“", 'write straight quotes: "'],
	["”", 'write straight quotes: "'],
	["‘", "write straight quotes: '"],
	["’", "write straight quotes: '"],
	["`", 'write ["a name"] for a field of any name'],
	[";", "an expression is one value, without ;"],
	["$", "names stand by themselves, without $"],
]);

const RESERVED = new Set(
	"as break const continue else for function if import let loop package namespace return var void while".split(" "),
);
const KEYWORDS = new Set(["true", "false", "null", "in"]);
const OPERATORS = new Set("&& || == != <= >= < > + - * / % ? : in".split(" "));
const OPENING = new Set(["(", "[", "{"]);
const CLOSING = new Set([")", "]", "}"]);

export function explainSyntax(expression: string, tokens: Token[], error: unknown): LexProblem {
	for (const [i, token] of tokens.entries()) {
		const message = misplaced(tokens[i - 1], token);
		if (message !== undefined) return syntax(token.at, message);
	}
	const last = tokens.at(-1);
	if (last !== undefined && wantsValue(last))
		return syntax(expression.length, `the expression ends after ${last.text}, where a value should follow`);
	const place = placeOf(error);
	const stuck = tokens.find((token) => token.at + token.text.length > place);
	if (stuck === undefined) return syntax(place, "the expression ends too early");
	return syntax(stuck.at, `the expression cannot be understood from ${stuck.text} on`);
}

function syntax(offset: number, message: string): LexProblem {
	return { reason: "syntax", message, offset };
}

function misplaced(before: Token | undefined, token: Token): string | undefined {
	if (token.kind === "bad") return `${token.text} has no meaning here; ${INSTEAD.get(token.text) ?? "remove it"}`;
	const afterDot = before?.text === ".";
	if (afterDot && token.kind === "word" && KEYWORDS.has(token.text))
		return `${token.text} is a reserved word; write ["${token.text}"] instead of .${token.text}`;
	if (afterDot && token.kind !== "word") return "a name should follow the .";
	if (!afterDot && RESERVED.has(token.text)) return `${token.text} is a reserved word and cannot be a name`;
	if (before === undefined || wantsValue(before)) return unexpectedHere(before, token);
	if (startsValue(token)) {
		const hint = INSTEAD.get(token.text) ?? INSTEAD.get(before.text);
		return `${token.text} follows ${before.text} without an operator between them${hint ? `; ${hint}` : ""}`;
	}
	return undefined;
}

/** A value should stand here. */
function unexpectedHere(before: Token | undefined, token: Token): string | undefined {
	const isOperator = OPERATORS.has(token.text) && token.text !== "-";
	if (isOperator || token.text === ",")
		return before === undefined
			? `the expression starts with ${token.text}; a value should stand before it`
			: `a value is missing between ${before.text} and ${token.text}`;
	if (before !== undefined && CLOSING.has(token.text) && OPERATORS.has(before.text))
		return `a value is missing between ${before.text} and ${token.text}`;
	return undefined;
}

function wantsValue(token: Token): boolean {
	if (token.kind === "word") return token.text === "in";
	if (token.kind !== "mark") return false;
	return OPERATORS.has(token.text) || OPENING.has(token.text) || [",", "!", "."].includes(token.text);
}

/** True of what can only be a value, never the continuation of one. */
function startsValue(token: Token): boolean {
	if (token.kind === "word") return token.text !== "in";
	return token.kind === "number" || token.kind === "text" || token.text === "!";
}

/** The parser's errors say `location.start.offset`, but their class is not exported. */
function placeOf(error: unknown): number {
	const offset = property(property(property(error, "location"), "start"), "offset");
	return typeof offset === "number" ? offset : 0;
}

function property(value: unknown, name: string): unknown {
	return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
