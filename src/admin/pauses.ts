// Pausing a workflow and letting it go on. The row in the registry is what holds the work; the journal is told of both,
// under ids that follow from the pause itself, so that asking again after a broken connection tells nothing twice.

import { createRoute, z } from "@hono/zod-openapi";
import type { Env } from "../env";
import type { Fact } from "../model/fact";
import { forgetPauses } from "../registry/cache";
import { hashDocument } from "../registry/hash";
import { findPause, pauseWorkflow, resumeWorkflow } from "../registry/pauses";
import { ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { notFound } from "./problem";
import { releaseHeld } from "./release";
import { answer, jsonBody, NamedParam, READ_PROBLEMS, Time, WRITE_PROBLEMS } from "./schema";

const TRACE_ID_LENGTH = 32;

const PauseInput = z
	.strictObject({ reason: z.string().trim().min(1).max(500).optional().describe("Why; kept in the journal.") })
	.openapi("PauseInput");

const Paused = z.object({ name: z.string(), paused_at: Time, paused_by: z.string() }).openapi("PausedWorkflow");

const Resumed = z
	.object({
		name: z.string(),
		woken: z.int().describe("How many entities were told to go on with what they held."),
		not_woken: z.int().describe("How many could not be told now."),
	})
	.openapi("ResumedWorkflow");

const pause = createRoute({
	method: "post",
	path: "/tenants/{tenant}/workflows/{name}/pause",
	tags: ["workflows"],
	summary: "Pause a workflow, also a retired one",
	description:
		"Events are still taken in and runs begin, but no step is carried out until it is resumed: work is held, not dropped. Takes effect within ten seconds; a step that is being carried out is not interrupted. Pausing what is paused changes nothing.",
	...guarded("operate", checkJson),
	request: { params: NamedParam, body: jsonBody(PauseInput) },
	responses: { 200: answer("It is paused, since then and by whom.", Paused), ...WRITE_PROBLEMS },
});

const resume = createRoute({
	method: "post",
	path: "/tenants/{tenant}/workflows/{name}/resume",
	tags: ["workflows"],
	summary: "Let a paused workflow go on",
	description:
		"The work of recent runs goes on at once; whatever is not woken now wakes by itself within 15 minutes. Resuming what is not paused only wakes.",
	...guarded("operate"),
	request: { params: NamedParam },
	responses: { 200: answer("It goes on.", Resumed), ...READ_PROBLEMS },
});

export function addPauses(app: Admin): void {
	app.openapi(pause, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const by = c.get("principal").name;
		const held = await pauseWorkflow(c.env.DB, { tenant, name, by, now: c.get("now") });
		if (held === null) return notFound(c, `workflow ${name}`);
		forgetPauses(tenant);
		const { paused_at, paused_by } = held;
		const { reason } = c.req.valid("json");
		const data = { by: paused_by, ...(reason === undefined ? {} : { reason }) };
		await tell(c.env, tenant, { kind: "workflow.paused", workflow: name, paused_at, at: paused_at, data });
		return c.json({ name, ...held }, 200);
	});

	app.openapi(resume, async (c) => {
		const { tenant, name } = c.req.valid("param");
		const held = await findPause(c.env.DB, tenant, name);
		if (held === null) return notFound(c, `workflow ${name}`);
		const { paused_at } = held;
		if (paused_at !== null) {
			const by = c.get("principal").name;
			// First the journal: once the row is changed, asking again could not tell any more that it was paused.
			await tell(c.env, tenant, {
				kind: "workflow.resumed",
				workflow: name,
				paused_at,
				at: c.get("now"),
				data: { by },
			});
			await resumeWorkflow(c.env.DB, { tenant, name, paused_at });
			forgetPauses(tenant);
		}
		return c.json({ name, ...(await releaseHeld(c.env, { tenant, workflow: name }, c.get("now"))) }, 200);
	});
}

interface Told {
	kind: "workflow.paused" | "workflow.resumed";
	workflow: string;
	/** Of the pause that begins or ends; the fact's id follows from it. */
	paused_at: number;
	at: number;
	data: { by: string; reason?: string };
}

/** All pauses of a workflow are one trace. */
async function tell(env: Env, tenant: string, { kind, workflow, paused_at, at, data }: Told): Promise<void> {
	const trace_id = (await hashDocument(["pauses", tenant, workflow])).slice(0, TRACE_ID_LENGTH);
	const id = `${kind}:${paused_at}`;
	const fact: Fact = {
		...{ id, at, tenant, kind, trace_id, workflow },
		actor: data.by,
		classification: "internal",
		data: { ...data },
	};
	await ledgerOf(env, tenant).append([fact]);
}
