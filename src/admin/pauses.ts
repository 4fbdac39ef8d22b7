// Pausing a workflow and letting it go on. The row in the registry is what holds the work; the journal is told of both,
// under ids that follow from the pause itself, so that asking again after a broken connection tells nothing twice.

import { createRoute, z } from "@hono/zod-openapi";
import { forgetPauses } from "../registry/cache";
import { findPause, pauseWorkflow, resumeWorkflow } from "../registry/pauses";
import { type Act, tellAct } from "./act";
import { checkJson } from "./body";
import type { Admin } from "./context";
import { guarded } from "./guard";
import { notFound } from "./problem";
import { releaseHeld } from "./release";
import { answer, jsonBody, NamedParam, READ_PROBLEMS, Time, WRITE_PROBLEMS } from "./schema";

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
		const pause: Act = { kind: "workflow.paused", ...pausesOf(name, paused_at), at: paused_at, by: paused_by };
		await tellAct(c.env, tenant, reason === undefined ? pause : { ...pause, data: { reason } });
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
			const [kind, at] = ["workflow.resumed" as const, c.get("now")];
			await tellAct(c.env, tenant, { kind, ...pausesOf(name, paused_at), at, by });
			await resumeWorkflow(c.env.DB, { tenant, name, paused_at });
			forgetPauses(tenant);
		}
		return c.json({ name, ...(await releaseHeld(c.env, { tenant, workflow: name }, c.get("now"))) }, 200);
	});
}

/** Of one pause: that it begins and that it ends. */
function pausesOf(workflow: string, paused_at: number): Pick<Act, "key" | "to" | "workflow"> {
	return { key: String(paused_at), to: ["pauses", workflow], workflow };
}
