// From text to syntax tree, by the library's parser.

import { parse } from "@bufbuild/cel";
import { err, ok, type Result } from "../../model/result";
import { explainSyntax } from "./explain-syntax";
import { type LexProblem, lex, type Token } from "./lex";
import { NODES_MAX, SOURCE_MAX } from "./limits";

export type Expr = ReturnType<typeof parse>["expr"];

export interface Syntax {
	expr: Expr;
	/** Where a node begins, or its operator stands. */
	offset: (id: bigint) => number | undefined;
	/** The macro (`map`, `exists`, …) that a comprehension was written as. */
	macro: (node: Expr) => string | undefined;
}

export function parseExpression(expression: string): Result<Syntax, LexProblem> {
	if (expression.length > SOURCE_MAX) {
		const message = `the expression has ${expression.length} characters; at most ${SOURCE_MAX} are allowed`;
		return err({ reason: "limit", message, offset: 0 });
	}
	const lexed = lex(expression, 0, "end");
	if (!lexed.ok) return lexed;
	const { tokens } = lexed.value;
	if (tokens.length === 0) return err({ reason: "syntax", message: "the expression is empty", offset: 0 });
	// Every name and literal is at least one node. Beyond the limit, the parser could run out of stack.
	if (tokens.filter(({ kind }) => kind !== "mark").length > NODES_MAX) return err(TOO_MANY_NODES);
	try {
		const text = withoutComments(tokens);
		return ok(syntaxOf(parse(text), text));
	} catch (error) {
		return err(explainSyntax(expression, tokens, error));
	}
}

export const TOO_MANY_NODES: LexProblem = {
	reason: "limit",
	message: `the expression has more than ${NODES_MAX} parts; make it smaller`,
	offset: 0,
};

/** Every word in its place, and spaces between: the parser wants a line after each comment. */
function withoutComments(tokens: Token[]): string {
	return tokens.reduce((text, token) => text.padEnd(token.at) + token.text, "");
}

function syntaxOf({ expr, sourceInfo }: ReturnType<typeof parse>, text: string): Syntax {
	return {
		expr,
		offset: (id) => {
			// The parser's places of operators include the spaces before them.
			const place = sourceInfo?.positions[id.toString()];
			return place === undefined ? undefined : place + text.slice(place).search(/\S|$/);
		},
		macro: (node) => {
			const call = sourceInfo?.macroCalls[node.id.toString()]?.exprKind;
			return call?.case === "callExpr" ? call.value.function : undefined;
		},
	};
}
