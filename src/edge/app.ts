// The ingress routes. Nothing here needs a token: a delivery proves itself.

import { Hono } from "hono";
import type { Env } from "../env";
import { greet, ingest } from "./ingest";
import { NO_SOURCE, notPost, problem } from "./problem";

export function createEdge(): Hono<{ Bindings: Env }> {
	const app = new Hono<{ Bindings: Env }>();
	for (const path of ["/:tenant/:source", "/:tenant/:source/:token"]) {
		app.post(path, (c) => ingest(c, Date.now()));
		// Hono answers HEAD by what answers GET.
		app.get(path, (c) => (c.req.method === "HEAD" ? greet(c, Date.now()) : notPost(c)));
		app.all(path, notPost);
	}
	app.all("*", (c) => problem(c, 404, NO_SOURCE));
	app.onError((error, c) => {
		console.error(JSON.stringify({ at: "edge", error: String(error) }));
		return problem(c, 503, "Nothing is lost if the delivery is sent again.");
	});
	return app;
}
