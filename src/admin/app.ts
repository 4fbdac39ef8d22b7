// The admin API. Mounted at /admin/v1 by the composition root; described at /admin/v1/openapi.json, from the routes.

import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { addApprovers } from "./approvers";
import { limitBody } from "./body";
import { addConnections } from "./connections";
import type { Admin, AdminEnv } from "./context";
import { addDeadLetters } from "./dead-letters";
import { addLetterPatch } from "./dead-letters-patch";
import { addDocumentSchema } from "./document-schema";
import { answerErrors, answerUnknown } from "./errors";
import { addHealth } from "./health";
import { addJournal } from "./journal";
import { addLetterGroups } from "./letter-groups";
import { addDescription } from "./openapi";
import { addPauses } from "./pauses";
import { addPublish } from "./publish";
import { addReplays } from "./replays";
import { addRuns } from "./runs";
import { addSources } from "./sources";
import { addTenants } from "./tenants";
import { addTokens } from "./tokens";
import { refuseInvalid } from "./validation";
import { addVault } from "./vault";
import { addVotes } from "./votes";
import { addWaiting } from "./waiting";
import { addWorkflows } from "./workflows";

export function createAdmin(): Admin {
	const app = new OpenAPIHono<AdminEnv>({ defaultHook: refuseInvalid });
	app.use("*", begin);
	app.use("*", limitBody);
	addHealth(app);
	addTenants(app);
	addSources(app);
	addConnections(app);
	addPublish(app);
	addWorkflows(app);
	addPauses(app);
	addApprovers(app);
	addJournal(app);
	addRuns(app);
	addWaiting(app);
	addDeadLetters(app);
	addLetterPatch(app);
	addReplays(app);
	addLetterGroups(app);
	addVotes(app);
	addTokens(app);
	addVault(app);
	addDocumentSchema(app);
	addDescription(app);
	app.all("*", answerUnknown(app));
	app.onError(answerErrors);
	return app;
}

const begin: MiddlewareHandler<AdminEnv> = async function begin(c, next) {
	c.set("now", Date.now());
	c.set("trace_id", crypto.randomUUID().replaceAll("-", ""));
	await next();
	c.header("cache-control", "no-store");
	c.header("x-content-type-options", "nosniff");
};
