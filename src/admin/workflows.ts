// Workflows and their versions: what is current, what was, and going back.

import { createRoute, z } from "@hono/zod-openapi";
import { forgetTenant } from "../registry/cache";
import { compileDocument } from "../registry/compile";
import {
	type CurrentRow,
	findVersion,
	findWorkflow,
	listVersions,
	listWorkflows,
	makeCurrent,
	retireWorkflow,
	type VersionRow,
} from "../registry/workflows";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { badCursor, changed, notFound, ProblemDetail, problem, problems } from "./problem";
import { referenceProblems } from "./publish";
import {
	AnyObject,
	answer,
	etag,
	IfMatch,
	jsonBody,
	NamedParam,
	nextCursor,
	PageParams,
	pageOf,
	pageRequest,
	READ_PROBLEMS,
	revisedAnswer,
	revisionOf,
	TenantParam,
	Time,
	WRITE_PROBLEMS,
} from "./schema";

const Version = z
	.object({
		version: z.int(),
		hash: z.string(),
		message: z.string(),
		published_by: z.string().describe("`root`, or `token:` and the token's id."),
		published_at: Time,
	})
	.openapi("WorkflowVersion");

const Summary = Version.extend({
	name: z.string(),
	owner: z.string(),
	about: z.string(),
	paused_at: Time.nullable().describe("Since when its steps are held; null if they are not."),
	paused_by: z.string().nullable(),
	problems: z.array(ProblemDetail).describe("Why this release cannot run it; empty for one that runs."),
}).openapi("WorkflowSummary");

const Workflow = Summary.extend({ document: AnyObject }).openapi("Workflow");
const VersionDetail = Version.extend({ document: AnyObject }).openapi("WorkflowVersionDetail");
const Rollback = z
	.strictObject({ version: z.int().min(1).describe("The version to make current.") })
	.openapi("Rollback");
const VersionParam = NamedParam.extend({ version: z.coerce.number().int().min(1) });

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/workflows",
	tags: ["workflows"],
	summary: "List current workflows",
	...guarded("read"),
	request: { params: TenantParam, query: PageParams },
	responses: { 200: answer("A page of workflows, by name.", pageOf(Summary, "WorkflowPage")), ...READ_PROBLEMS },
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}/workflows/{name}",
	tags: ["workflows"],
	summary: "Read a workflow and its current version",
	...guarded("read"),
	request: { params: NamedParam },
	responses: { 200: revisedAnswer("The workflow.", Workflow), ...READ_PROBLEMS },
});

const versions = createRoute({
	method: "get",
	path: "/tenants/{tenant}/workflows/{name}/versions",
	tags: ["workflows"],
	summary: "List the versions of a workflow, also of a retired one",
	...guarded("read"),
	request: { params: NamedParam, query: PageParams },
	responses: {
		200: answer("A page of versions, newest first.", pageOf(Version, "WorkflowVersionPage")),
		...READ_PROBLEMS,
	},
});

const version = createRoute({
	method: "get",
	path: "/tenants/{tenant}/workflows/{name}/versions/{version}",
	tags: ["workflows"],
	summary: "Read a version",
	...guarded("read"),
	request: { params: VersionParam },
	responses: { 200: answer("The version.", VersionDetail), ...READ_PROBLEMS },
});

const rollback = createRoute({
	method: "post",
	path: "/tenants/{tenant}/workflows/{name}/rollback",
	tags: ["workflows"],
	summary: "Make an earlier version current again",
	description: "Also brings back a retired workflow. Runs that have started stay with the version that they have.",
	...guarded("publish", checkJson),
	request: { params: NamedParam, headers: IfMatch, body: jsonBody(Rollback) },
	responses: { 200: revisedAnswer("The workflow.", Workflow), ...WRITE_PROBLEMS, ...problems(409, 412) },
});

const retire = createRoute({
	method: "delete",
	path: "/tenants/{tenant}/workflows/{name}",
	tags: ["workflows"],
	summary: "Retire a workflow",
	description: "New events no longer meet it. Its versions stay, and runs that have started go on.",
	...guarded("publish"),
	request: { params: NamedParam },
	responses: { 204: { description: "It is retired." }, ...READ_PROBLEMS },
});

export function addWorkflows(app: Admin): void {
	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const page = pageRequest(`${tenant}/workflows`, c.req.valid("query"));
		if (page === null) return badCursor(c);
		const { items, next } = await listWorkflows(c.env.DB, tenant, page);
		return c.json({ items: items.map(viewSummary), cursor: nextCursor(`${tenant}/workflows`, next) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const row = await findWorkflow(c.env.DB, tenant, name);
		if (row === null) return notFound(c, `current workflow ${name}; a retired one still has its /versions`);
		return c.json(viewWorkflow(row), 200, etag(row.revision));
	});

	app.openapi(versions, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const list = `${tenant}/workflows/${name}/versions`;
		const page = pageRequest(list, c.req.valid("query"));
		if (page === null) return badCursor(c);
		const { items, next } = await listVersions(c.env.DB, { tenant, name }, page);
		if (items.length === 0 && page.after === "") return notFound(c, `workflow ${name}`);
		return c.json({ items: items.map(viewVersion), cursor: nextCursor(list, next) }, 200);
	});

	app.openapi(version, async (c) => {
		const { tenant, name, version } = c.req.valid("param");
		const row = await findVersion(c.env.DB, { tenant, name, version });
		if (row === null) return notFound(c, `version ${version} of a workflow ${name}`);
		return c.json({ ...viewVersion(row), document: AnyObject.parse(row.document) }, 200);
	});

	app.openapi(rollback, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const { version } = c.req.valid("json");
		const row = await findVersion(c.env.DB, { tenant, name, version });
		if (row === null) return notFound(c, `version ${version} of a workflow ${name}`);
		const compiled = compileDocument(row.hash, row.document);
		if (!compiled.ok) {
			return problem(c, 409, `This release cannot run version ${version} any more.`, { errors: compiled.error });
		}
		const over = revisionOf(c.req.valid("header")["if-match"]);
		const made = await makeCurrent(c.env.DB, { tenant, name, over, version });
		if (!made.ok && made.error.reason === "revision") return changed(c, `workflow ${name}`);
		if (!made.ok) {
			const errors = await referenceProblems(c, tenant, compiled.value);
			return problem(c, 409, `What version ${version} refers to no longer exists.`, { errors });
		}
		forgetTenant(tenant);
		return c.json(viewWorkflow(made.value), 200, etag(made.value.revision));
	});

	app.openapi(retire, async (c) => {
		const { tenant, name } = c.req.valid("param");
		if (!(await retireWorkflow(c.env.DB, tenant, name))) return notFound(c, `current workflow ${name}`);
		forgetTenant(tenant);
		return c.body(null, 204);
	});
}

function viewVersion({ version, hash, message, published_by, published_at }: VersionRow): z.infer<typeof Version> {
	return { version, hash, message, published_by, published_at };
}

/** Of a document that no longer compiles at least this much can be read. */
const Head = z.object({ owner: z.string().catch(""), about: z.string().catch("") });

function viewSummary(row: CurrentRow): z.infer<typeof Summary> {
	const compiled = compileDocument(row.hash, row.document);
	return {
		...viewVersion(row),
		name: row.name,
		...Head.parse(row.document),
		paused_at: row.paused_at,
		paused_by: row.paused_by,
		problems: compiled.ok ? [] : compiled.error,
	};
}

function viewWorkflow(row: CurrentRow): z.infer<typeof Workflow> {
	return { ...viewSummary(row), document: AnyObject.parse(row.document) };
}
