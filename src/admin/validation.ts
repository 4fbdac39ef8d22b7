// Problems that zod finds, as paths and messages. The input's own values are never repeated: they may be secrets.

import type { z } from "zod";
import type { ProblemDetail } from "./problem";

export function issuesOf(result: z.ZodSafeParseResult<unknown>, at: string): ProblemDetail[] {
	return result.success ? [] : detailsOf(result.error, at);
}

export function detailsOf(error: z.ZodError, at: string): ProblemDetail[] {
	return error.issues.map((issue) => ({
		path: [...(at === "" ? [] : [at]), ...issue.path.map(String)].join("."),
		message: issue.message,
	}));
}
