// What an operator can do about a run: stop it, let it go on where it failed, or do the same again.

import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { workOf } from "../core/match";
import type { RunSummary } from "../model/ledger";
import type { Work } from "../model/plan";
import { err, ok, type Result } from "../model/result";
import { compileDocument } from "../registry/compile";
import { findVersion, findWorkflow } from "../registry/workflows";
import { entityOf, ledgerOf } from "../stubs";
import { checkJson } from "./body";
import type { Admin, AdminEnv } from "./context";
import { guarded } from "./guard";
import { IdParam } from "./journal";
import { notFound, type ProblemDetail, problem, problems } from "./problem";
import { answer, jsonBody, WRITE_PROBLEMS } from "./schema";

const Version = z
	.union([z.int().min(1), z.literal("current")])
	.optional()
	.describe("The version of the workflow to go on with; the run's own if it is left out.");

const Cancel = z.strictObject({
	reason: z.string().trim().min(1).max(500).describe("Why; kept in the journal."),
	compensate: z.boolean().default(false).describe("Undo the steps that succeeded, newest first."),
});

const Resume = z.strictObject({ version: Version });

const Rerun = z.strictObject({
	version: Version,
	name: z
		.string()
		.regex(/^[a-z][a-z0-9-]{0,31}$/, "use 1 to 32 lower-case letters, digits and hyphens, starting with a letter")
		.optional()
		.describe("Asking twice under one name is asking once. A name of its own if it is left out."),
});

/** What was asked for. The run shows it once the journal has been told. */
const Accepted = z.object({ id: z.string() }).openapi("RunAnswer");
const Repeated = z
	.object({
		id: z.string().describe("The new run. The journal tells of it a few seconds later."),
		repeats: z.string().describe("The run that it repeats."),
		name: z.string(),
	})
	.openapi("RerunAnswer");

const cancel = createRoute({
	method: "post",
	path: "/tenants/{tenant}/runs/{id}/cancel",
	tags: ["runs"],
	summary: "Cancel a run",
	description: "Nothing new begins. A request that is under way comes to its end, because it may have taken effect.",
	...guarded("operate", checkJson),
	request: { params: IdParam, body: jsonBody(Cancel) },
	responses: { 202: answer("It is being cancelled.", Accepted), ...WRITE_PROBLEMS, ...problems(409, 410) },
});

const resume = createRoute({
	method: "post",
	path: "/tenants/{tenant}/runs/{id}/resume",
	tags: ["runs"],
	summary: "Resume a run at every step that failed",
	description:
		"What has succeeded is not done again, also not on another version. In a run that is still open, what waits for its next attempt is tried at once.",
	...guarded("operate", checkJson),
	request: { params: IdParam, body: jsonBody(Resume) },
	responses: { 202: answer("It goes on.", Accepted), ...WRITE_PROBLEMS, ...problems(409, 410) },
});

const rerun = createRoute({
	method: "post",
	path: "/tenants/{tenant}/runs/{id}/rerun",
	tags: ["runs"],
	summary: "Run the same again, as a new run",
	description: "Every step is carried out again, under keys of its own. The run that is repeated stays as it is.",
	...guarded("operate", checkJson),
	request: { params: IdParam, body: jsonBody(Rerun) },
	responses: { 202: answer("The new run begins.", Repeated), ...WRITE_PROBLEMS, ...problems(409, 410) },
});

export function addRuns(app: Admin): void {
	app.openapi(cancel, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const run = await ledgerOf(c.env, tenant).runSummary(id);
		if (run === null) return notFound(c, `run ${id}`);
		const order = { ...c.req.valid("json"), by: c.get("principal").name };
		const said = await entityOf(c.env, tenant, run.entity_key).cancel(id, order);
		switch (said) {
			case "ok":
				return c.json({ id }, 202);
			case "conflict":
				return problem(
					c,
					409,
					`The run ${id} is over, or being cancelled or undone already. Read it again to see its state.`,
				);
			case "gone":
				return gone(c, id, "so there is nothing left to cancel");
		}
	});

	app.openapi(resume, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const run = await ledgerOf(c.env, tenant).runSummary(id);
		if (run === null) return notFound(c, `run ${id}`);
		const work = await workFor(c, run, c.req.valid("json").version);
		if (!work.ok) return notRunnable(c, run, work.error);
		const order = { by: c.get("principal").name, ...work.value };
		const said = await entityOf(c.env, tenant, run.entity_key).resumeRun(id, order);
		switch (said) {
			case "ok":
				return c.json({ id }, 202);
			case "conflict":
				return problem(c, 409, cannotGoOn(run));
			case "gone":
				return gone(c, id, "so it cannot go on");
		}
	});

	app.openapi(rerun, async (c) => {
		const { tenant, id } = c.req.valid("param");
		const run = await ledgerOf(c.env, tenant).runSummary(id);
		if (run === null) return notFound(c, `run ${id}`);
		const { version, name = `again-${crypto.randomUUID().slice(0, 8)}` } = c.req.valid("json");
		const work = await workFor(c, run, version);
		if (!work.ok) return notRunnable(c, run, work.error);
		const { name: by, approver } = c.get("principal");
		const order = { by, name, ...work.value, ...(approver === null ? {} : { asked_by: approver }) };
		const answered = await entityOf(c.env, tenant, run.entity_key).rerun(id, order);
		switch (answered.said) {
			case "ok":
				return c.json({ id: answered.run, repeats: id, name }, 202);
			case "conflict":
				return problem(
					c,
					409,
					`The name ${name} is taken by another run of this event and workflow. Choose another name.`,
				);
			case "gone":
				return gone(c, id, "so it cannot be repeated here. Have the source deliver its event again");
		}
	});
}

type Unrunnable =
	| { reason: "missing"; what: string }
	| { reason: "unusable"; version: number; errors: ProblemDetail[] };

/** Nothing without a version: then the run goes on with its own. */
async function workFor(
	c: Context<AdminEnv>,
	{ workflow: name }: RunSummary,
	version: number | "current" | undefined,
): Promise<Result<{ work?: Work }, Unrunnable>> {
	if (version === undefined) return ok({});
	const tenant = c.req.param("tenant") ?? "";
	const row =
		version === "current"
			? await findWorkflow(c.env.DB, tenant, name)
			: await findVersion(c.env.DB, { tenant, name, version });
	if (row === null) {
		const what = version === "current" ? `current workflow ${name}` : `version ${version} of a workflow ${name}`;
		return err({ reason: "missing", what });
	}
	const compiled = compileDocument(row.hash, row.document);
	if (!compiled.ok) return err({ reason: "unusable", version: row.version, errors: compiled.error });
	return ok({ work: workOf(compiled.value, row.version) });
}

function notRunnable(c: Context, { workflow }: RunSummary, why: Unrunnable) {
	switch (why.reason) {
		case "missing":
			return notFound(c, `${why.what}; see GET /workflows/${workflow}/versions for those that there are`);
		case "unusable": {
			const detail = `This release cannot run version ${why.version} of ${workflow}. Publish a version that it can run, and name that one.`;
			return problem(c, 409, detail, { errors: why.errors });
		}
	}
}

/** The journal may be a few seconds behind the run, so that this is a hint. */
function cannotGoOn({ id, status }: RunSummary): string {
	const again = `to do all of it again as a new run, use ${rerunPath(id)}`;
	switch (status) {
		case "running":
		case "compensating":
			return `The run ${id} is ${status}, and nothing in it waits for its next attempt. Wait for its end, or cancel it.`;
		case "compensated":
		case "cancelled":
			return `The run ${id} is ${status} and cannot go on; ${again}.`;
		case "compensation_failed":
			return `What the run ${id} did was undone, so that it cannot go on with another version. Resume it without a version to undo what is left; ${again}.`;
		case "succeeded":
		case "partial":
		case "failed":
			return `The run ${id} has no failed step that it could go on at. Read it again to see its state; ${again}.`;
	}
}

export function rerunPath(id: string): string {
	return `POST …/runs/${id}/rerun`;
}

function gone(c: Context, id: string, so: string) {
	return problem(c, 410, `The run ${id} is no longer kept, ${so}. The journal still tells what it did.`);
}
