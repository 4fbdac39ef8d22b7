// What every handler of the admin API finds in its context.

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Env } from "../env";
import type { Principal } from "../registry/tokens";

export interface AdminEnv {
	Bindings: Env;
	Variables: {
		/** When the request came in, epoch milliseconds. */
		now: number;
		/** Stands in the log line and in the answer of an unexpected error. */
		trace_id: string;
		/** Set on every route that needs a token. */
		principal: Principal;
	};
}

export type Admin = OpenAPIHono<AdminEnv>;
