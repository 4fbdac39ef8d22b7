// Bodies: at most 256 KB, and JSON that says the same to every parser.

import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Json } from "../model/json";
import { err, ok, type Result } from "../model/result";
import { type DocumentFormat, MAX_DOCUMENT_BYTES, readDocument, type TextProblem } from "../registry/document";
import type { AdminEnv } from "./context";
import { type ProblemDetail, problem } from "./problem";

export const limitBody: MiddlewareHandler<AdminEnv> = bodyLimit({
	maxSize: MAX_DOCUMENT_BYTES,
	onError: (c) => problem(c, 413, "A body has at most 256 KB."),
});

/** Refuses JSON that is malformed, nested too deeply, or gives a key twice. Its schema is checked afterwards. */
export const checkJson: MiddlewareHandler<AdminEnv> = async function checkJson(c, next) {
	const isJson = /^application\/json\b/i.test(c.req.header("content-type") ?? "");
	const read = isJson ? await readBody(c, "json") : ok(null);
	if (read.ok) return await next();
	return problem(c, 400, "The body is not well-formed JSON.", { errors: read.error.map(textDetail) });
};

/** The body as a JSON value, from a text that must be UTF-8. */
export async function readBody(c: Context, format: DocumentFormat): Promise<Result<Json, TextProblem[]>> {
	try {
		const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(await c.req.arrayBuffer());
		return readDocument(text, format);
	} catch (error) {
		if (error instanceof TypeError) return err([{ line: 1, column: 1, message: "is not UTF-8" }]);
		throw error;
	}
}

/** The line and the column stand where a path would. */
export function textDetail({ line, column, message }: TextProblem): ProblemDetail {
	return { path: `line ${line}, column ${column}`, message };
}
