// What a tenant's workflows wait for: joins for branches, approvals for votes, steps for a time.

import { createRoute, z } from "@hono/zod-openapi";
import { ApprovalWait, JoinWait, TimeWait, WAIT_KINDS } from "../model/ledger";
import { ledgerOf } from "../stubs";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { badCursor } from "./problem";
import { answer, nextCursor, PageParams, pageOf, pageRequest, READ_PROBLEMS, TenantParam, Time } from "./schema";

const times = { since: Time, until: Time };
const Vote = ApprovalWait.shape.votes.element;
const Votes = z.array(z.object(Vote.shape).extend({ at: Time }).openapi("Vote"));

export const Wait = z
	.discriminatedUnion("kind", [
		z.object(JoinWait.shape).extend(times).openapi("JoinWait"),
		z
			.object(ApprovalWait.shape)
			.extend({ ...times, votes: Votes })
			.openapi("ApprovalWait"),
		z.object(TimeWait.shape).extend(times).openapi("TimeWait"),
	])
	.openapi("Wait");

const Params = PageParams.extend({
	kind: z.enum(WAIT_KINDS).optional(),
	workflow: z.string().max(63).optional(),
});

const route = createRoute({
	method: "get",
	path: "/tenants/{tenant}/waiting",
	tags: ["runs"],
	summary: "List what is waited for",
	description:
		"Open joins, approvals and waits for a time, as the journal tells them. A page can be short or empty and still have a next one.",
	...guarded("read"),
	request: { params: TenantParam, query: Params },
	responses: { 200: answer("A page of them, soonest deadline first.", pageOf(Wait, "WaitPage")), ...READ_PROBLEMS },
});

export function addWaiting(app: Admin): void {
	app.openapi(route, async (c) => {
		const { tenant } = c.req.valid("param");
		const { cursor, limit, ...filters } = c.req.valid("query");
		const page = pageRequest(`${tenant}/waiting`, { cursor, limit });
		if (page === null) return badCursor(c);
		const from = page.after === "" ? {} : { cursor: page.after };
		const found = await ledgerOf(c.env, tenant).waiting({ ...filters, limit, ...from });
		return c.json({ items: found.items, cursor: nextCursor(`${tenant}/waiting`, found.cursor) }, 200);
	});
}
