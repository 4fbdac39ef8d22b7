// What can be wrong with an expression, told to its author: what, where, and what to do about it.

export interface ExpressionProblem {
	/**
	 * `syntax`: it is not CEL. `limit`: it costs too much. `unknown_name`: it names a variable or function that does not
	 * exist. `evaluation`: it failed on these values. `result`: its value cannot be used in this place.
	 */
	reason: "syntax" | "limit" | "unknown_name" | "evaluation" | "result";
	/** Ends with the place, where there is one. */
	message: string;
	/** Where in the text, in UTF-16 units from its beginning. */
	at?: number;
}

/** An expression within the text that its author sees: all of it, or one `${{ }}` of a template's leaf. */
export interface Source {
	text: string;
	start: number;
	expression: string;
}

/** `offset` counts from the beginning of the expression; the place is told in the text around it. */
export function problemAt(
	source: Source,
	reason: ExpressionProblem["reason"],
	what: { message: string; offset?: number },
): ExpressionProblem {
	if (what.offset === undefined) return { reason, message: what.message };
	const at = source.start + what.offset;
	return { reason, message: `${what.message} (${place(source.text, at)})`, at };
}

function place(text: string, at: number): string {
	const before = text.slice(0, at);
	const line = before.split("\n").length;
	const column = at - before.lastIndexOf("\n");
	return line === 1 && !text.trimEnd().includes("\n") ? `column ${column}` : `line ${line}, column ${column}`;
}
