// Bodies: at most 256 KB, and JSON that says the same to every parser.

import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { MAX_DOCUMENT_BYTES, readDocument, type TextProblem } from "../registry/document";
import type { AdminEnv } from "./context";
import { type ProblemDetail, problem } from "./problem";

export const limitBody: MiddlewareHandler<AdminEnv> = bodyLimit({
	maxSize: MAX_DOCUMENT_BYTES,
	onError: (c) => problem(c, 413, "A body has at most 256 KB."),
});

/** Refuses JSON that is malformed, nested too deeply, or gives a key twice. Its schema is checked afterwards. */
export const checkJson: MiddlewareHandler<AdminEnv> = async function checkJson(c, next) {
	const text = await c.req.text();
	if (text === "") return await next();
	const read = readDocument(text, "json");
	if (read.ok) return await next();
	return problem(c, 400, "The body is not well-formed JSON.", { errors: read.error.map(textDetail) });
};

/** The line and the column stand where a path would. */
export function textDetail({ line, column, message }: TextProblem): ProblemDetail {
	return { path: `line ${line}, column ${column}`, message };
}
