// Approvers: who may be asked to approve a step, by name or as one of a team.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Name } from "../model/name";
import {
	type ApproverRow,
	type Clash,
	deleteApprover,
	findApprover,
	listApprovers,
	putApprover,
} from "../registry/approvers";
import { forgetApprovers } from "../registry/cache";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { badCursor, changed, notFound, problem, problems } from "./problem";
import {
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

const Identity = z
	.string()
	.max(200)
	.regex(/^[a-z][a-z0-9_-]*:[^\s]+$/, "write the system and the id there, like github:583231")
	.openapi({ example: "github:583231" });

const Approver = z
	.object({
		name: z.string(),
		title: z.string(),
		email: z.string().nullable(),
		teams: z.array(z.string()),
		identities: z.array(z.string()),
		created_at: Time,
		updated_at: Time,
	})
	.openapi("Approver");

const Input = z
	.strictObject({
		title: z.string().min(1).max(100).describe("What people call them."),
		email: z.email().max(254).nullable().default(null),
		teams: listOf(Name, 20)
			.openapi({ example: ["legal"] })
			.describe("Teams they vote for. People and teams share their names: no name is both."),
		identities: listOf(Identity, 50).describe(
			"Who they are in other systems: whoever caused an event may not approve it.",
		),
	})
	.openapi("ApproverInput");

function listOf<T extends z.ZodType<string>>(item: T, max: number) {
	return z
		.array(item)
		.max(max)
		.refine((items) => new Set(items).size === items.length, "an entry is given twice")
		.default([]);
}

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/approvers",
	tags: ["approvers"],
	summary: "List approvers",
	...guarded("read"),
	request: { params: TenantParam, query: PageParams },
	responses: { 200: answer("A page of approvers, by name.", pageOf(Approver, "ApproverPage")), ...READ_PROBLEMS },
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}/approvers/{name}",
	tags: ["approvers"],
	summary: "Read an approver",
	...guarded("read"),
	request: { params: NamedParam },
	responses: { 200: revisedAnswer("The approver.", Approver), ...READ_PROBLEMS },
});

const put = createRoute({
	method: "put",
	path: "/tenants/{tenant}/approvers/{name}",
	tags: ["approvers"],
	summary: "Create or replace an approver",
	description:
		"What is absent is emptied. Votes that were given stay; the next one counts for the teams as they are then.",
	...guarded("admin", checkJson),
	request: { params: NamedParam, headers: IfMatch, body: jsonBody(Input) },
	responses: {
		200: revisedAnswer("The approver, changed.", Approver),
		201: revisedAnswer("The approver, new.", Approver),
		...WRITE_PROBLEMS,
		...problems(409, 412),
	},
});

const remove = createRoute({
	method: "delete",
	path: "/tenants/{tenant}/approvers/{name}",
	tags: ["approvers"],
	summary: "Delete an approver, and revoke the tokens that belong to them",
	description:
		"Takes effect at once: their tokens are refused and the links that were sent to them are void. Votes that were given stay. Whoever gets the same name later can use those links, as long as they have not expired.",
	...guarded("admin"),
	request: { params: NamedParam },
	responses: { 204: { description: "They are deleted." }, ...READ_PROBLEMS },
});

export function addApprovers(app: Admin): void {
	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const page = pageRequest(`${tenant}/approvers`, c.req.valid("query"));
		if (page === null) return badCursor(c);
		const { items, next } = await listApprovers(c.env.DB, tenant, page);
		return c.json({ items: items.map(viewApprover), cursor: nextCursor(`${tenant}/approvers`, next) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const row = await findApprover(c.env.DB, tenant, name);
		if (row === null) return notFound(c, `approver ${name}`);
		return c.json(viewApprover(row), 200, etag(row.revision));
	});

	app.openapi(put, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const over = revisionOf(c.req.valid("header")["if-match"]);
		const target = { tenant, name, over, now: c.get("now") };
		const written = await putApprover(c.env.DB, { ...target, ...c.req.valid("json") });
		if (!written.ok) {
			return written.error.reason === "clash" ? clash(c, written.error.names) : changed(c, `approver ${name}`);
		}
		forgetApprovers(tenant);
		const { approver, created } = written.value;
		const view = viewApprover(approver);
		return created ? c.json(view, 201, etag(approver.revision)) : c.json(view, 200, etag(approver.revision));
	});

	app.openapi(remove, async (c) => {
		const { tenant, name } = c.req.valid("param");
		if (!(await deleteApprover(c.env.DB, tenant, name))) return notFound(c, `approver ${name}`);
		forgetApprovers(tenant);
		return c.body(null, 204);
	});
}

function clash(c: Context, names: Clash[]) {
	const detail = "A name in an approval means a person or a team, never both. Choose another name for one of them.";
	const errors = names.map(({ name, is }) =>
		is === "team"
			? { path: "path.name", message: `${name} is the name of a team` }
			: { path: "teams", message: `${name} is the name of an approver` },
	);
	return problem(c, 409, detail, { errors });
}

function viewApprover(row: ApproverRow): z.infer<typeof Approver> {
	const { name, title, email, teams, identities, created_at, updated_at } = row;
	return { name, title, email, teams, identities, created_at, updated_at };
}
