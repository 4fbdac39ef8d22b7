// The API's description, generated from the routes that answer it.

import { createRoute, z } from "@hono/zod-openapi";
import type { Admin } from "./context";

export const BASE_PATH = "/admin/v1";

const route = createRoute({
	method: "get",
	path: "/openapi.json",
	tags: ["service"],
	summary: "Describe this API",
	responses: {
		200: { description: "OpenAPI 3.1.", content: { "application/json": { schema: z.looseObject({}) } } },
	},
});

export function addDescription(app: Admin): void {
	app.openAPIRegistry.registerComponent("securitySchemes", "token", {
		type: "http",
		scheme: "bearer",
		description: "An API token, sb_…. Each route names the scope that it needs; `root` stands for the root token.",
	});
	let described: ReturnType<typeof describe> | undefined;
	app.openapi(route, (c) => {
		described ??= describe(app);
		return c.json({ ...described }, 200);
	});
}

function describe(app: Admin) {
	return app.getOpenAPI31Document({
		openapi: "3.1.0",
		info: {
			title: "Signalbox admin API",
			version: "1",
			description: "Configuration of tenants, and what happened to their events. Errors are RFC 9457 problems.",
		},
		servers: [{ url: BASE_PATH }],
	});
}
