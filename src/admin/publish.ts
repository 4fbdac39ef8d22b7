// Publishing: a text becomes the current version of a workflow, or a list of what is wrong with it.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { CompiledWorkflow } from "../core/document";
import { forgetTenant } from "../registry/cache";
import { compileDocument } from "../registry/compile";
import type { DocumentFormat } from "../registry/document";
import { hashDocument } from "../registry/hash";
import { listReferable } from "../registry/uses";
import { findWorkflow, publish } from "../registry/workflows";
import { readBody, textDetail } from "./body";
import type { Admin, AdminEnv } from "./context";
import { guarded } from "./guard";
import { invalid, type ProblemDetail, problem, problems } from "./problem";
import { checkReferences, referencesOf } from "./references";
import { answer, TenantParam, WRITE_PROBLEMS } from "./schema";

const FORMATS: Record<string, DocumentFormat> = {
	"application/json": "json",
	"application/yaml": "yaml",
	"application/x-yaml": "yaml",
	"text/yaml": "yaml",
	"text/x-yaml": "yaml",
};

const Publication = z
	.object({
		name: z.string(),
		version: z.int().nullable().describe("The current version now; null if a dry run found a document that is new."),
		hash: z.string().describe("SHA-256 of the content."),
		unchanged: z.boolean().describe("True if this content is the current version already."),
		dry_run: z.boolean(),
	})
	.openapi("Publication");

const PublishQuery = z.strictObject({
	dry_run: z.enum(["true", "false"]).default("false").describe("Validate only."),
	message: z.string().max(500).default("").describe("Why; kept with the version."),
});

// Its own grammar: the schema of documents transforms its input, and is checked after the text was read.
const documentBody = { schema: { type: "object" as const, description: "A workflow document." } };

const route = createRoute({
	method: "post",
	path: "/tenants/{tenant}/workflows",
	tags: ["workflows"],
	summary: "Publish a workflow document",
	description: "Publishing what is current already adds no version and answers 200.",
	...guarded("publish"),
	request: {
		params: TenantParam,
		query: PublishQuery,
		body: { required: true, content: { "application/yaml": documentBody, "application/json": documentBody } },
	},
	responses: {
		200: answer("Nothing was to be changed, or it was a dry run.", Publication),
		201: answer("The new version is current.", Publication),
		...WRITE_PROBLEMS,
		...problems(409),
	},
});

export function addPublish(app: Admin): void {
	app.openapi(route, async (c) => {
		const { tenant } = c.req.valid("param");
		const { dry_run, message } = c.req.valid("query");
		const format = FORMATS[(c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? ""];
		if (format === undefined) {
			return problem(c, 415, `Send the document as one of ${Object.keys(FORMATS).join(", ")}.`);
		}
		const read = await readBody(c, format);
		if (!read.ok) {
			const errors = read.error.map(textDetail);
			return problem(c, 400, `The text is not one ${format.toUpperCase()} document.`, { errors });
		}
		const hash = await hashDocument(read.value);
		const compiled = compileDocument(hash, read.value);
		if (!compiled.ok) return invalid(c, compiled.error);
		const { document } = compiled.value;
		const errors = await referenceProblems(c, tenant, compiled.value);
		if (errors.length > 0) return invalid(c, errors);
		const { name } = document;
		if (dry_run === "true") {
			const current = await findWorkflow(c.env.DB, tenant, name);
			const unchanged = current?.hash === hash;
			return c.json({ name, version: unchanged ? current.version : null, hash, unchanged, dry_run: true }, 200);
		}
		const published = await publish(c.env.DB, {
			...{ tenant, name, hash, document: read.value, message, ...referencesOf(compiled.value) },
			...{ published_by: c.get("principal").name, now: c.get("now") },
		});
		if (!published.ok) {
			return problem(c, 409, "A source or connection of the document was deleted a moment ago. Publish again.");
		}
		forgetTenant(tenant);
		const { workflow, unchanged } = published.value;
		const view = { name, version: workflow.version, hash, unchanged, dry_run: false };
		return unchanged ? c.json(view, 200) : c.json(view, 201);
	});
}

export async function referenceProblems(
	c: Context<AdminEnv>,
	tenant: string,
	workflow: CompiledWorkflow,
): Promise<ProblemDetail[]> {
	return checkReferences(workflow, { tenant, referable: await listReferable(c.env.DB, tenant) });
}
