// The JSON Schema of workflow documents, for editors that complete and check YAML. It says what a schema can say; what
// expressions, references and the graph of steps get wrong is told when a document is published.

import { createRoute, z } from "@hono/zod-openapi";
import { WorkflowDocument } from "../model/workflow";
import type { Admin } from "./context";

const route = createRoute({
	method: "get",
	path: "/workflow.schema.json",
	tags: ["service"],
	summary: "The JSON Schema of workflow documents, for editors",
	responses: {
		200: { description: "JSON Schema 2020-12.", content: { "application/json": { schema: z.looseObject({}) } } },
	},
});

export function addDocumentSchema(app: Admin): void {
	let schema: Record<string, unknown> | undefined;
	app.openapi(route, (c) => {
		schema ??= { title: "Signalbox workflow", ...z.toJSONSchema(WorkflowDocument, { io: "input" }) };
		return c.json(schema, 200);
	});
}
