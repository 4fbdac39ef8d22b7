// Connections: outbound credentials. Credentials go in and never come out.

import { createRoute, z } from "@hono/zod-openapi";
import type { Env } from "../env";
import { ConnectionInput, ConnectionLimits } from "../model/connection";
import type { ConnectionState } from "../model/message";
import { forgetConnection, vaultKeys } from "../registry/cache";
import {
	type ConnectionRow,
	deleteConnection,
	findConnection,
	listConnections,
	putConnection,
} from "../registry/connections";
import { sealCredentials } from "../registry/secrets";
import { connectionOf } from "../stubs";
import { tellAct } from "./act";
import { checkJson } from "./body";
import { checkConnection, emptyCredentials, readCredentials } from "./check-connector";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { badCursor, inUse, invalid, notFound, notWritten, problems } from "./problem";
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

const Connection = z
	.object({
		name: z.string(),
		connector: z.string(),
		owner: z.string(),
		config: AnyObject,
		limits: z.object(ConnectionLimits.shape).optional(),
		created_at: Time,
		updated_at: Time,
	})
	.openapi("Connection");

const State = z
	.object({
		breaker: z
			.enum(["closed", "open", "half_open"])
			.describe(
				"Open: its target fails, and nothing goes there. Half open: single requests find out whether it still does.",
			),
		paused_until: Time.nullable().describe("Until when nothing goes, by the target's wish or because it fails."),
		paused_scopes: z
			.array(z.object({ scope: z.string(), until: Time }))
			.describe("Parts of the target, like one channel, that asked for a pause of their own."),
		in_flight: z.int().describe("Requests under way, at most."),
		waiting: z.int().describe("Steps that were told to come back later: an estimate."),
		token: z
			.object({ expires_at: Time.nullable(), refreshed_at: Time.nullable(), last_error: z.string().nullable() })
			.optional()
			.describe("Of a connection by OAuth that has been used: its access token, but never the token itself."),
	})
	.openapi("ConnectionState");

const PacedConnection = Connection.extend({
	state: State.nullable().describe("How it is paced at this moment; null if that cannot be seen."),
}).openapi("PacedConnection");

const Input = ConnectionInput.extend({
	config: AnyObject.default({}).describe("Settings of the connector, readable."),
	credentials: AnyObject.optional().describe("Secrets of the connector, written only."),
}).openapi("ConnectionInput");

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/connections",
	tags: ["connections"],
	summary: "List connections",
	...guarded("read"),
	request: { params: TenantParam, query: PageParams },
	responses: { 200: answer("A page of connections, by name.", pageOf(Connection, "ConnectionPage")), ...READ_PROBLEMS },
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}/connections/{name}",
	tags: ["connections"],
	summary: "Read a connection",
	...guarded("read"),
	request: { params: NamedParam },
	responses: { 200: revisedAnswer("The connection, and how it is paced.", PacedConnection), ...READ_PROBLEMS },
});

const put = createRoute({
	method: "put",
	path: "/tenants/{tenant}/connections/{name}",
	tags: ["connections"],
	summary: "Create or replace a connection",
	description: "A new connection needs credentials if its connector does. Without any, an existing one keeps its own.",
	...guarded("admin", checkJson),
	request: { params: NamedParam, headers: IfMatch, body: jsonBody(Input) },
	responses: {
		200: revisedAnswer("The connection, changed.", Connection),
		201: revisedAnswer("The connection, new.", Connection),
		...WRITE_PROBLEMS,
		...problems(409, 412),
	},
});

const remove = createRoute({
	method: "delete",
	path: "/tenants/{tenant}/connections/{name}",
	tags: ["connections"],
	summary: "Delete a connection",
	description: "Refused while a current workflow acts through it.",
	...guarded("admin"),
	request: { params: NamedParam },
	responses: { 204: { description: "It is deleted." }, ...READ_PROBLEMS, ...problems(409) },
});

const resume = createRoute({
	method: "post",
	path: "/tenants/{tenant}/connections/{name}/resume",
	tags: ["connections"],
	summary: "Let a connection be tried now",
	description:
		"Ends the pauses that its target asked for, and lets an open breaker probe at once: one step goes, and the others follow as soon as it is answered. Steps that were told a time of their own, like the one whose attempt failed, still come at that time. The journal tells who did it.",
	...guarded("operate"),
	request: { params: NamedParam },
	responses: { 200: answer("How it is paced from now on.", State), ...READ_PROBLEMS },
});

export function addConnections(app: Admin): void {
	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const page = pageRequest(`${tenant}/connections`, c.req.valid("query"));
		if (page === null) return badCursor(c);
		const { items, next } = await listConnections(c.env.DB, tenant, page);
		return c.json({ items: items.map(viewConnection), cursor: nextCursor(`${tenant}/connections`, next) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const row = await findConnection(c.env.DB, tenant, name);
		if (row === null) return notFound(c, `connection ${name}`);
		const state = await stateOf(c.env, tenant, name);
		return c.json({ ...viewConnection(row), state }, 200, etag(row.revision));
	});

	app.openapi(put, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const { credentials: given, ...input } = c.req.valid("json");
		const errors = checkConnection({ ...input, credentials: given });
		if (errors.length > 0) return invalid(c, errors);
		const isNew = given === undefined && (await findConnection(c.env.DB, tenant, name)) === null;
		const read = given && readCredentials(input.connector, given);
		const credentials = read ?? (isNew ? emptyCredentials(input.connector) : undefined);
		const keys = await vaultKeys(c.env);
		const sealed = credentials && (await sealCredentials(keys, { tenant, name, credentials }));
		const over = revisionOf(c.req.valid("header")["if-match"]);
		const target = { tenant, name, over, now: c.get("now") };
		const written = await putConnection(c.env.DB, { ...target, ...input, credentials: sealed });
		if (!written.ok) return notWritten(c, written.error, { what: `connection ${name}`, over, needs: "credentials" });
		forgetConnection(tenant, name);
		const { connection, created } = written.value;
		const view = viewConnection(connection);
		return created ? c.json(view, 201, etag(connection.revision)) : c.json(view, 200, etag(connection.revision));
	});

	app.openapi(resume, async (c) => {
		const { tenant, name } = c.req.valid("param");
		if ((await findConnection(c.env.DB, tenant, name)) === null) return notFound(c, `connection ${name}`);
		await tellAct(c.env, tenant, {
			...{ kind: "connection.resumed", key: crypto.randomUUID(), to: ["connections", name] },
			...{ at: c.get("now"), by: c.get("principal").name, data: { connection: name } },
		});
		const connection = connectionOf(c.env, tenant, name);
		await connection.resume();
		return c.json(await connection.state(), 200);
	});

	app.openapi(remove, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const deletion = await deleteConnection(c.env.DB, tenant, name);
		if (deletion === "missing") return notFound(c, `connection ${name}`);
		if (deletion !== "deleted") return inUse(c, `The connection ${name}`, deletion.in_use);
		forgetConnection(tenant, name);
		return c.body(null, 204);
	});
}

/** Everything but the credentials. */
function viewConnection(row: ConnectionRow): z.infer<typeof Connection> {
	const { name, connector, owner, config, limits, created_at, updated_at } = row;
	return { name, connector, owner, config, ...(limits === null ? {} : { limits }), created_at, updated_at };
}

async function stateOf(env: Env, tenant: string, name: string): Promise<ConnectionState | null> {
	try {
		return await connectionOf(env, tenant, name).state();
	} catch (error) {
		console.warn(JSON.stringify({ at: "admin.connection_state", tenant, connection: name, error: String(error) }));
		return null;
	}
}
