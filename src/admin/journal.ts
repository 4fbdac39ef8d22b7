// What the tenant's Ledger tells: events, traces, runs, counters.

import { createRoute, z } from "@hono/zod-openapi";
import { Entry, RunSummary, RunView, StepView } from "../model/ledger";
import { ledgerOf } from "../stubs";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { badCursor, notFound } from "./problem";
import {
	AnyObject,
	answer,
	nextCursor,
	PageParams,
	pageOf,
	pageRequest,
	READ_PROBLEMS,
	TenantParam,
	Time,
} from "./schema";
import { Wait } from "./waiting";

export const Facts = z.array(
	z
		.object(Entry.shape)
		.extend({
			at: Time,
			data: AnyObject.describe("Where an answer would be too large, older exchanges are told by their size only."),
		})
		.openapi("Fact"),
);

const Event = z.object({ id: z.string(), facts: Facts }).openapi("Event");
const Trace = z.object({ id: z.string(), facts: Facts }).openapi("Trace");
const Step = z.object(StepView.shape).extend({ until: Time.optional() }).openapi("RunStep");
const runParts = { started_at: Time, finished_at: Time.nullable(), waits: z.array(Wait) };
const Summary = z.object(RunSummary.shape).extend(runParts).openapi("RunSummary");
const Run = z
	.object(RunView.shape)
	.extend({ ...runParts, steps: z.array(Step), facts: Facts })
	.openapi("Run");

export const IdParam = TenantParam.extend({ id: z.string().min(1).max(400) });

/** A step of the document, an item of it (`tell.3`), or the undoing of either. */
const RunQuery = z.strictObject({
	step: z.string().max(80).optional().describe("Only the facts of this step, like tell, tell.3 or tell.undo."),
});

const EventParams = PageParams.extend({
	source: z.string().max(63).optional(),
	event_type: z.string().max(200).optional(),
	entity_id: z.string().max(530).optional(),
});

const RunParams = PageParams.extend({
	workflow: z.string().max(63).optional(),
	status: RunView.shape.status.optional(),
});

const events = createRoute({
	method: "get",
	path: "/tenants/{tenant}/events",
	tags: ["journal"],
	summary: "List events that came in",
	description: "A page can be short or empty and still have a next one.",
	...guarded("read"),
	request: { params: TenantParam, query: EventParams },
	responses: {
		200: answer(
			"A page of `event.received` and `delivery.unreadable` facts, newest first.",
			pageOf(Facts.element, "EventPage"),
		),
		...READ_PROBLEMS,
	},
});

const event = createRoute({
	method: "get",
	path: "/tenants/{tenant}/events/{id}",
	tags: ["journal"],
	summary: "Tell all that is known of an event",
	...guarded("read"),
	request: { params: IdParam },
	responses: { 200: answer("Its facts and those of the runs that it led to, in order.", Event), ...READ_PROBLEMS },
});

const trace = createRoute({
	method: "get",
	path: "/tenants/{tenant}/traces/{id}",
	tags: ["journal"],
	summary: "Tell a trace",
	...guarded("read"),
	request: { params: IdParam },
	responses: { 200: answer("Its facts, in order.", Trace), ...READ_PROBLEMS },
});

const runs = createRoute({
	method: "get",
	path: "/tenants/{tenant}/runs",
	tags: ["journal"],
	summary: "List runs",
	description: "A page can be short or empty and still have a next one.",
	...guarded("read"),
	request: { params: TenantParam, query: RunParams },
	responses: {
		200: answer("A page of runs, newest first, without their facts.", pageOf(Summary, "RunPage")),
		...READ_PROBLEMS,
	},
});

const run = createRoute({
	method: "get",
	path: "/tenants/{tenant}/runs/{id}",
	tags: ["journal"],
	summary: "Tell a run",
	description: "Its steps and what it waits for are folded from its facts: they are as old as the journal's last news.",
	...guarded("read"),
	request: { params: IdParam, query: RunQuery },
	responses: { 200: answer("The run with its facts, in order.", Run), ...READ_PROBLEMS },
});

const metrics = createRoute({
	method: "get",
	path: "/tenants/{tenant}/metrics",
	tags: ["journal"],
	summary: "Count what has happened",
	...guarded("read"),
	request: { params: TenantParam },
	responses: {
		200: answer("Totals since the ledger began.", z.object({ counters: z.record(z.string(), z.number()) })),
		...READ_PROBLEMS,
	},
});

const verify = createRoute({
	method: "get",
	path: "/tenants/{tenant}/audit/verify",
	tags: ["journal"],
	summary: "Recompute the journal's hash chain",
	description:
		"Each hash is SHA-256 over the one before, the entry's seq and its fact, keys in order, a newline between.",
	...guarded("read"),
	request: { params: TenantParam },
	responses: {
		200: answer(
			"Whether every entry follows from those before it.",
			z.object({ ok: z.boolean(), entries: z.int(), head: z.string(), broken_at: z.int().nullable() }),
		),
		...READ_PROBLEMS,
	},
});

export function addJournal(app: Admin): void {
	app.openapi(events, async (c) => {
		const { tenant } = c.req.valid("param");
		const { cursor, limit, ...filters } = c.req.valid("query");
		const page = pageRequest(`${tenant}/events`, { cursor, limit });
		if (page === null) return badCursor(c);
		const found = await ledgerOf(c.env, tenant).events({ ...filters, ...ledgerPage(page) });
		return c.json({ items: found.items, cursor: nextCursor(`${tenant}/events`, found.cursor) }, 200);
	});

	app.openapi(event, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const facts = await ledgerOf(c.env, tenant).event(id);
		return facts === null ? notFound(c, `event ${id}`) : c.json({ id, facts }, 200);
	});

	app.openapi(trace, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const facts = await ledgerOf(c.env, tenant).entriesOf(id);
		return facts === null ? notFound(c, `trace ${id}`) : c.json({ id, facts }, 200);
	});

	app.openapi(runs, async (c) => {
		const { tenant } = c.req.valid("param");
		const { cursor, limit, ...filters } = c.req.valid("query");
		const page = pageRequest(`${tenant}/runs`, { cursor, limit });
		if (page === null) return badCursor(c);
		const found = await ledgerOf(c.env, tenant).runs({ ...filters, ...ledgerPage(page) });
		return c.json({ items: found.items, cursor: nextCursor(`${tenant}/runs`, found.cursor) }, 200);
	});

	app.openapi(run, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const found = await ledgerOf(c.env, tenant).run(id, c.req.valid("query").step);
		return found === null ? notFound(c, `run ${id}`) : c.json(found, 200);
	});

	app.openapi(verify, async (c) => c.json(await ledgerOf(c.env, c.req.valid("param").tenant).verify(), 200));

	app.openapi(metrics, async (c) => {
		const { tenant } = c.req.valid("param");
		return c.json({ counters: await ledgerOf(c.env, tenant).counters() }, 200);
	});
}

/** A page request as the Ledger takes it. */
export function ledgerPage({ after, limit }: { after: string; limit: number }): { cursor?: string; limit: number } {
	return after === "" ? { limit } : { cursor: after, limit };
}
