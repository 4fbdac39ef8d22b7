// Tenants. Only the root token makes and removes them; a tenant's own token sees its own.

import { createRoute, z } from "@hono/zod-openapi";
import { forgetTenant, tenantConfig } from "../registry/cache";
import { deleteTenant, findTenant, listTenants, putTenant } from "../registry/tenants";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded, guardedByRoot, noTenant } from "./guard";
import { badCursor, inUse, problem, problems } from "./problem";
import {
	answer,
	jsonBody,
	nextCursor,
	PageParams,
	pageOf,
	pageRequest,
	READ_PROBLEMS,
	TenantParam,
	Time,
	WRITE_PROBLEMS,
} from "./schema";

const Tenant = z.object({ name: z.string(), title: z.string(), created_at: Time }).openapi("Tenant");

const TenantDetail = Tenant.extend({
	problems: z
		.array(z.object({ kind: z.enum(["source", "workflow"]), name: z.string(), reason: z.string() }))
		.describe("What is configured and cannot be used by this release, as events meet it now."),
}).openapi("TenantDetail");

const TenantInput = z
	.strictObject({ title: z.string().min(1).max(100).optional().describe("What people call it; its name if absent.") })
	.openapi("TenantInput");

const list = createRoute({
	method: "get",
	path: "/tenants",
	tags: ["tenants"],
	summary: "List the tenants that the token can see",
	...guarded("read"),
	request: { query: PageParams },
	responses: { 200: answer("A page of tenants, by name.", pageOf(Tenant, "TenantPage")), ...READ_PROBLEMS },
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}",
	tags: ["tenants"],
	summary: "Read a tenant",
	...guarded("read"),
	request: { params: TenantParam },
	responses: { 200: answer("The tenant.", TenantDetail), ...READ_PROBLEMS },
});

const put = createRoute({
	method: "put",
	path: "/tenants/{tenant}",
	tags: ["tenants"],
	summary: "Create a tenant, or change its title",
	...guardedByRoot(checkJson),
	request: { params: TenantParam, body: jsonBody(TenantInput) },
	responses: {
		200: answer("The tenant, changed.", Tenant),
		201: answer("The tenant, new.", Tenant),
		...WRITE_PROBLEMS,
		...problems(409),
	},
});

const remove = createRoute({
	method: "delete",
	path: "/tenants/{tenant}",
	tags: ["tenants"],
	summary: "Delete a tenant and all its configuration",
	description: "Refused while a workflow of it is current. Its journal stays, so its name is never free again.",
	...guardedByRoot(),
	request: { params: TenantParam },
	responses: { 204: { description: "It is deleted." }, ...READ_PROBLEMS, ...problems(409) },
});

export function addTenants(app: Admin): void {
	app.openapi(list, async (c) => {
		const page = pageRequest("tenants", c.req.valid("query"));
		if (page === null) return badCursor(c);
		const { tenant } = c.get("principal");
		if (tenant !== null) {
			const own = await findTenant(c.env.DB, tenant);
			return c.json({ items: own === null ? [] : [own], cursor: null }, 200);
		}
		const { items, next } = await listTenants(c.env.DB, page);
		return c.json({ items, cursor: nextCursor("tenants", next) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant } = c.req.valid("param");
		const found = await findTenant(c.env.DB, tenant);
		if (found === null) return noTenant(c, tenant);
		const config = await tenantConfig(c.env, tenant, c.get("now"));
		return c.json({ ...found, problems: config?.problems ?? [] }, 200);
	});

	app.openapi(put, async (c) => {
		const { tenant: name } = c.req.valid("param");
		const { title = name } = c.req.valid("json");
		const written = await putTenant(c.env.DB, { name, title, now: c.get("now") });
		if (written === null) return problem(c, 409, `${name} was a tenant, and its journal remains. Choose another name.`);
		const { tenant, created } = written;
		forgetTenant(name);
		return created ? c.json(tenant, 201) : c.json(tenant, 200);
	});

	app.openapi(remove, async (c) => {
		const { tenant } = c.req.valid("param");
		const deletion = await deleteTenant(c.env.DB, tenant);
		if (deletion === "missing") return noTenant(c, tenant);
		if (deletion !== "deleted") return inUse(c, `The tenant ${tenant}`, deletion.in_use);
		forgetTenant(tenant);
		return c.body(null, 204);
	});
}
