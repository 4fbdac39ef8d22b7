// The words of an expression, before the library parses it: where it ends inside a template, whether its brackets and
// quotes close, and how deep they go. It knows no grammar; `syntax.ts` does.

import { err, ok, type Result } from "../../model/result";
import { NESTING_MAX } from "./limits";

export interface Token {
	kind: "word" | "number" | "text" | "mark" | "bad";
	text: string;
	at: number;
}

export interface LexProblem {
	reason: "syntax" | "limit";
	message: string;
	offset: number;
}

/** `end` is the place after the last token: the end of the text, or its closing `}}`. */
export interface Lexed {
	tokens: Token[];
	end: number;
}

const SPACE = /(?:[ \t\r\n\f]|\/\/[^\n]*)+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?)[uU]?/y;
const TEXT_OPENING = /([rRbB]{0,2})("""|'''|"|')/y;
const ESCAPE =
	/\\(?:[\\?"'`abfnrtv]|x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}|[0-3][0-7]{2})/y;
const MARK = /&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]{}]/y;

const CLOSING: Record<string, string | undefined> = { "(": ")", "[": "]", "{": "}" };

/** Reads from `from` to the end of the text, or to the `}}` that closes an expression within a template. */
export function lex(text: string, from: number, until: "end" | "}}"): Result<Lexed, LexProblem> {
	const tokens: Token[] = [];
	const open: Token[] = [];
	let at = from;
	while (true) {
		at += lengthAt(SPACE, text, at);
		if (at >= text.length) break;
		if (until === "}}" && open.length === 0 && text.startsWith("}}", at)) return ok({ tokens, end: at });
		const token = nextToken(text, at);
		if (!token.ok) return token;
		const problem = bracket(open, token.value);
		if (problem !== undefined) return err(problem);
		tokens.push(token.value);
		at += token.value.text.length;
	}
	const unclosed = open.at(-1);
	if (unclosed !== undefined)
		return err({ reason: "syntax", message: `the ${unclosed.text} is never closed`, offset: unclosed.at });
	if (until === "}}") return err({ reason: "syntax", message: `the \${{ is never closed with }}`, offset: from - 3 });
	return ok({ tokens, end: text.length });
}

function nextToken(text: string, at: number): Result<Token, LexProblem> {
	if (lengthAt(TEXT_OPENING, text, at) > 0) return textToken(text, at);
	const kinds = [
		["word", WORD],
		["number", NUMBER],
		["mark", MARK],
	] as const;
	for (const [kind, pattern] of kinds) {
		const length = lengthAt(pattern, text, at);
		if (length > 0) return ok({ kind, text: text.slice(at, at + length), at });
	}
	return ok({ kind: "bad", text: String.fromCodePoint(text.codePointAt(at) ?? 0), at });
}

function textToken(text: string, at: number): Result<Token, LexProblem> {
	TEXT_OPENING.lastIndex = at;
	const [opening = "", prefix = "", quote = ""] = TEXT_OPENING.exec(text) ?? [];
	const raw = /r/i.test(prefix);
	let end = at + opening.length;
	while (end < text.length && !text.startsWith(quote, end)) {
		if (quote.length === 1 && text[end] === "\n") break;
		if (raw || text[end] !== "\\") {
			end += 1;
			continue;
		}
		const escaped = lengthAt(ESCAPE, text, end);
		if (escaped === 0) return err(badEscape(text, end));
		end += escaped;
	}
	if (!text.startsWith(quote, end))
		return err({ reason: "syntax", message: `the text that starts with ${opening} is never closed`, offset: at });
	return ok({ kind: "text", text: text.slice(at, end + quote.length), at });
}

function badEscape(text: string, at: number): LexProblem {
	const message = `${text.slice(at, at + 2)} starts no escape that there is; write \\\\ for a backslash, or a raw text like r'\\d+'`;
	return { reason: "syntax", message, offset: at };
}

function bracket(open: Token[], token: Token): LexProblem | undefined {
	if (token.kind !== "mark") return undefined;
	if (CLOSING[token.text] !== undefined) {
		open.push(token);
		if (open.length <= NESTING_MAX) return undefined;
		return { reason: "limit", message: `brackets are nested more than ${NESTING_MAX} deep`, offset: token.at };
	}
	if (token.text !== ")" && token.text !== "]" && token.text !== "}") return undefined;
	const opening = open.pop();
	if (opening === undefined)
		return { reason: "syntax", message: `nothing is open that this ${token.text} could close`, offset: token.at };
	if (CLOSING[opening.text] === token.text) return undefined;
	return { reason: "syntax", message: `the ${opening.text} is closed by ${token.text}`, offset: opening.at };
}

/** How much of the text a sticky pattern matches at a place. */
function lengthAt(pattern: RegExp, text: string, at: number): number {
	pattern.lastIndex = at;
	return pattern.exec(text)?.[0].length ?? 0;
}
