// The answers that no route gives: to unknown paths, to wrong methods, and when something unexpected happened.

import type { Context, ErrorHandler, Handler } from "hono";
import { HTTPException } from "hono/http-exception";
import { RegistryUnavailable } from "../registry/cache";
import type { Admin, AdminEnv } from "./context";
import { BASE_PATH } from "./openapi";
import { problem } from "./problem";

const RETRY_AFTER = { "retry-after": "5" };

/** 405 for a path that other methods know, else 404. */
export function answerUnknown(app: Admin): Handler<AdminEnv> {
	const routes = app.openAPIRegistry.definitions.flatMap((definition) =>
		definition.type === "route"
			? [{ method: definition.route.method.toUpperCase(), path: patternOf(definition.route.path) }]
			: [],
	);
	return (c) => {
		const path = c.req.path.startsWith(BASE_PATH) ? c.req.path.slice(BASE_PATH.length) : c.req.path;
		const methods = routes.filter((route) => route.path.test(path)).map(({ method }) => method);
		if (methods.length === 0) {
			return problem(
				c,
				404,
				`There is no route ${c.req.path}. All of them are described at ${BASE_PATH}/openapi.json.`,
			);
		}
		const allow = methods.join(", ");
		return problem(c, 405, `${c.req.path} answers to ${allow}.`, { headers: { allow } });
	};
}

/** The one place where the unexpected ends: a line in the log, and an answer that tells nothing but where to look. */
export const answerErrors: ErrorHandler<AdminEnv> = (error, c) => {
	if (error instanceof HTTPException) return answerHttpException(c, error);
	const trace_id = c.get("trace_id");
	console.error(JSON.stringify({ at: "admin", trace_id, path: c.req.path, error: String(error), stack: error.stack }));
	if (error instanceof RegistryUnavailable || isPassing(error)) {
		return problem(c, 503, "Try again in a few seconds.", { trace_id, headers: RETRY_AFTER });
	}
	return problem(c, 500, "Nothing more can be said here; the log has it under this trace id.", { trace_id });
};

/** Raised by the framework before a handler runs. */
function answerHttpException(c: Context, error: HTTPException) {
	switch (error.status) {
		case 415:
			return problem(c, 415, "Send the body as application/json.");
		case 413:
			return problem(c, 413, "A body has at most 256 KB.");
		default:
			return problem(c, 400, error.message);
	}
}

/** Flags that the platform sets on errors of objects that are moved, restarted or overloaded. */
function isPassing(error: unknown): boolean {
	const flags = error as { retryable?: boolean; overloaded?: boolean; durableObjectReset?: boolean };
	return flags.retryable === true || flags.overloaded === true || flags.durableObjectReset === true;
}

function patternOf(path: string): RegExp {
	const source = path.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
	return new RegExp(`^${source}$`);
}
