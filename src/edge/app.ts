// The ingress routes. Nothing here needs a token: a delivery proves itself.

import { Hono } from "hono";
import type { Env } from "../env";
import { ingest } from "./ingest";
import { NO_SOURCE, problem } from "./problem";

export function createEdge(): Hono<{ Bindings: Env }> {
	const app = new Hono<{ Bindings: Env }>();
	app.post("/:tenant/:source", (c) => ingest(c, Date.now()));
	app.all("/:tenant/:source", (c) => problem(c, 405, `${c.req.method} is not how a delivery comes.`));
	app.all("*", (c) => problem(c, 404, NO_SOURCE));
	app.onError((error, c) => {
		console.error(JSON.stringify({ at: "edge", error: String(error) }));
		return problem(c, 503, "Nothing is lost if the delivery is sent again.");
	});
	return app;
}
