// API tokens. The text of a token is in the answer that creates it and nowhere else.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { durationBetween } from "../model/duration";
import { Name } from "../model/name";
import { createToken, Scope } from "../registry/token";
import { deleteToken, insertToken, listTokens, type TokenRow } from "../registry/tokens";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { badCursor, invalid, notFound } from "./problem";
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

const DEFAULT_LIFE_MS = 90 * 86_400_000;

const Token = z
	.object({
		id: z.string(),
		title: z.string(),
		scopes: z.array(Scope),
		approver: z.string().nullable().describe("The approver whom it belongs to; null if to nobody in particular."),
		created_by: z.string(),
		created_at: Time,
		expires_at: Time,
		last_used_at: Time.nullable().describe("To the hour."),
	})
	.openapi("Token");

const NewToken = Token.extend({ token: z.string().describe("Shown this once.") }).openapi("NewToken");

const TokenInput = z
	.strictObject({
		title: z.string().min(1).max(100).describe("What it is for."),
		scopes: z
			.array(Scope)
			.min(1)
			.refine((scopes) => new Set(scopes).size === scopes.length, "a scope is given twice")
			.describe("What it allows; a scope includes no other."),
		approver: Name.nullable()
			.default(null)
			.describe("The approver whom it belongs to. It votes as them, with the scope `approve`, and ends with them."),
		expires_in: durationBetween("1m", "400d")
			.optional()
			.openapi({ type: "string", example: "90d" })
			.describe("90d if absent."),
	})
	.refine(({ scopes, approver }) => approver !== null || !scopes.includes("approve"), {
		path: ["approver"],
		message: "is required for the scope approve: name the approver whom the token is for",
	})
	.openapi("TokenInput");

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/tokens",
	tags: ["tokens"],
	summary: "List API tokens",
	...guarded("admin"),
	request: { params: TenantParam, query: PageParams },
	responses: { 200: answer("A page of tokens, by id.", pageOf(Token, "TokenPage")), ...READ_PROBLEMS },
});

const create = createRoute({
	method: "post",
	path: "/tenants/{tenant}/tokens",
	tags: ["tokens"],
	summary: "Create an API token",
	...guarded("admin", checkJson),
	request: { params: TenantParam, body: jsonBody(TokenInput) },
	responses: { 201: answer("The token, with its text.", NewToken), ...WRITE_PROBLEMS },
});

const remove = createRoute({
	method: "delete",
	path: "/tenants/{tenant}/tokens/{id}",
	tags: ["tokens"],
	summary: "Revoke an API token, at once",
	...guarded("admin"),
	request: { params: TenantParam.extend({ id: z.string().min(1).max(64) }) },
	responses: { 204: { description: "It is revoked." }, ...READ_PROBLEMS },
});

export function addTokens(app: Admin): void {
	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const page = pageRequest(`${tenant}/tokens`, c.req.valid("query"));
		if (page === null) return badCursor(c);
		const { items, next } = await listTokens(c.env.DB, tenant, page);
		return c.json({ items: items.map(viewToken), cursor: nextCursor(`${tenant}/tokens`, next) }, 200);
	});

	app.openapi(create, async (c) => {
		const { tenant } = c.req.valid("param");
		const { title, scopes, approver, expires_in = DEFAULT_LIFE_MS } = c.req.valid("json");
		const { id, text, hash } = await createToken();
		const now = c.get("now");
		const row = {
			...{ id, tenant, title, hash, scopes, approver },
			...{ created_by: c.get("principal").name, created_at: now, expires_at: now + expires_in },
		};
		if (!(await insertToken(c.env.DB, row))) return noApprover(c, approver);
		return c.json({ ...viewToken({ ...row, last_used_at: null }), token: text }, 201);
	});

	app.openapi(remove, async (c) => {
		const { tenant, id } = c.req.valid("param");
		return (await deleteToken(c.env.DB, tenant, id)) ? c.body(null, 204) : notFound(c, `token ${id}`);
	});
}

/** Everything but the hash. */
function viewToken(row: TokenRow): z.infer<typeof Token> {
	const { id, title, scopes, approver, created_by, created_at, expires_at, last_used_at } = row;
	return { id, title, scopes, approver, created_by, created_at, expires_at, last_used_at };
}

function noApprover(c: Context, approver: string | null) {
	return invalid(c, [{ path: "approver", message: `there is no approver ${approver}; create them first` }]);
}
