// Groups of dead letters that have one cause, what people say of them, and the alerts that too much waits for people.

import { createRoute, z } from "@hono/zod-openapi";
import { Alert, GROUP_STATES, type GroupMove, LetterGroup, GroupMove as Move } from "../model/letter";
import { FailureClass } from "../model/outcome";
import { ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { IdParam, ledgerPage } from "./journal";
import { badCursor, notFound } from "./problem";
import { listOf } from "./replays-select";
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

const Group = z
	.object(LetterGroup.shape)
	.extend({
		first_seen: Time,
		last_seen: Time,
		last_move: z.object(Move.shape).extend({ at: Time }).nullable(),
	})
	.openapi("DeadLetterGroup");

const AlertView = z.object(Alert.shape).extend({ since: Time }).openapi("Alert");

const Params = PageParams.extend({
	state: z.enum(GROUP_STATES).optional(),
	class: FailureClass.optional(),
	workflow: z.string().max(63).optional(),
	connection: z.string().max(63).optional(),
});

const Note = z.strictObject({
	note: z.string().trim().min(1).max(500).optional().describe("Why; kept in the journal."),
});

const list = createRoute({
	method: "get",
	path: "/tenants/{tenant}/dead-letter-groups",
	tags: ["dead letters"],
	summary: "List groups of dead letters of one cause",
	description: "A page can be short or empty and still have a next one.",
	...guarded("read"),
	request: { params: TenantParam, query: Params },
	responses: {
		200: answer("A page of groups, the one that failed last first.", pageOf(Group, "DeadLetterGroupPage")),
		...READ_PROBLEMS,
	},
});

const get = createRoute({
	method: "get",
	path: "/tenants/{tenant}/dead-letter-groups/{id}",
	tags: ["dead letters"],
	summary: "Read a group of dead letters",
	description: "Its letters are those of `GET /dead-letters?group=`.",
	...guarded("read"),
	request: { params: IdParam },
	responses: { 200: answer("The group.", Group), ...READ_PROBLEMS },
});

const alerts = createRoute({
	method: "get",
	path: "/tenants/{tenant}/alerts",
	tags: ["dead letters"],
	summary: "List the limits that are crossed now",
	description: "Each crossing is also a fact, and a line `ledger.alert` of the log.",
	...guarded("read"),
	request: { params: TenantParam },
	responses: { 200: answer("The alerts.", z.object({ items: z.array(AlertView) })), ...READ_PROBLEMS },
});

const MOVES = [
	[
		"acknowledge",
		"acknowledged",
		"Say that somebody looks after a group",
		"It stays so until somebody says otherwise.",
	],
	["resolve", "resolved", "Say that the cause of a group is mended", "It is open again as soon as it fails once more."],
	["ignore", "ignored", "Say that a group is of no concern", "It stays so, also if it fails again."],
	["reopen", "reopened", "Open a group again", "It is as if nobody had said anything."],
] as const satisfies [string, GroupMove["move"], string, string][];

function moveRoute(verb: (typeof MOVES)[number][0], summary: string, about: string) {
	return createRoute({
		method: "post",
		path: `/tenants/{tenant}/dead-letter-groups/{id}/${verb}`,
		tags: ["dead letters"],
		summary,
		description: `${about} Its letters are left as they are.`,
		...guarded("operate", checkJson),
		request: { params: IdParam, body: jsonBody(Note) },
		responses: { 200: answer("The group.", Group), ...WRITE_PROBLEMS },
	});
}

export function addLetterGroups(app: Admin): void {
	app.openapi(list, async (c) => {
		const { tenant } = c.req.valid("param");
		const { cursor, limit, ...filters } = c.req.valid("query");
		const name = listOf(tenant, "dead-letter-groups", filters);
		const page = pageRequest(name, { cursor, limit });
		if (page === null) return badCursor(c);
		const found = await ledgerOf(c.env, tenant).letterGroups({ ...filters, ...ledgerPage(page) });
		return c.json({ items: found.items, cursor: nextCursor(name, found.cursor) }, 200);
	});

	app.openapi(get, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const found = await ledgerOf(c.env, tenant).letterGroup(id);
		return found === null ? notFound(c, `group ${id}`) : c.json(found, 200);
	});

	for (const [verb, move, summary, about] of MOVES) {
		app.openapi(moveRoute(verb, summary, about), async (c) => {
			const { tenant, id } = c.req.valid("param");
			const said = { move, by: c.get("principal").name, ...c.req.valid("json") };
			const found = await ledgerOf(c.env, tenant).moveGroup(id, said);
			return found === null ? notFound(c, `group ${id}`) : c.json(found, 200);
		});
	}

	app.openapi(alerts, async (c) => {
		const { tenant } = c.req.valid("param");
		return c.json({ items: await ledgerOf(c.env, tenant).alerts() }, 200);
	});
}
