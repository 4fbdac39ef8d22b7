// Problems that zod finds, as paths and messages. The input's own values are not repeated: they may be secrets.

import type { Hook } from "@hono/zod-openapi";
import type { z } from "zod";
import { pathText } from "../core/expression/path";
import type { AdminEnv } from "./context";
import { invalid, type ProblemDetail, problem } from "./problem";

const PLACES: Record<string, string> = { json: "", param: "path", query: "query", header: "header" };

/** The answer to a request that does not fit its route's schemas. */
export const refuseInvalid: Hook<unknown, AdminEnv, string, Response | undefined> = (result, c) => {
	if (result.success) return undefined;
	const errors = detailsOf(result.error, PLACES[result.target] ?? result.target);
	if (result.target === "json") return invalid(c, errors);
	return problem(c, 400, "The address or a header of the request is not valid.", { errors });
};

export function issuesOf(result: z.ZodSafeParseResult<unknown>, at: string): ProblemDetail[] {
	return result.success ? [] : detailsOf(result.error, at);
}

function detailsOf(error: z.ZodError, at: string): ProblemDetail[] {
	return error.issues.map(({ path, message }) => ({ path: pathText(at === "" ? path : [at, ...path]), message }));
}
