// From the input of a step to a request that may leave: render, check against the action's schema, build, ask the egress
// guard. All of it is pure: delivery sends what comes out, and a preview only looks at it.

import { RUN_VARIABLES } from "../../core/expression/names";
import { compileTemplate, renderTemplate, type Template } from "../../core/expression/template";
import type { Connection } from "../../model/connection";
import type { Json, JsonObject } from "../../model/json";
import type { Lease } from "../../model/message";
import { ok, type Result } from "../../model/result";
import type { Action, Connector, Mark, OutboundRequest } from "../connector";
import { findAction, findConnector } from "../index";
import { checkEgress } from "./egress";
import { type Refusal, refuse } from "./refusal";

/** What a step acts with. */
export interface Target {
	action: Action;
	connector: Connector;
	connection: Connection;
}

/** `connection`: what was found under that name. */
export function targetOf(
	{ use, name }: { use: string; name: string | null },
	connection: Connection | null,
): Result<Target, Refusal> {
	if (connection === null) return refuse("not_found", `there is no connection ${name}: create it, then retry`);
	const connector = findConnector(connection.connector);
	const action = findAction(use);
	if (connector?.connection === undefined || action === undefined || !use.startsWith(`${connector.id}.`)) {
		return refuse("invalid", `the connection ${name} is of ${connection.connector}, which has no action ${use}`);
	}
	return ok({ action, connector, connection });
}

/**
 * What an operator wrote in the place of a step's input. It cannot read the links by which people vote: whoever may
 * retry could otherwise send them to themselves.
 */
export function patchedTemplate(tree: JsonObject): Result<Template, Refusal> {
	const compiled = compileTemplate(tree, RUN_VARIABLES);
	if (compiled.ok) return compiled;
	const [first] = compiled.error;
	return refuse("expression", `with.${first?.path}: ${first?.problem.message}`);
}

/** What the expressions of an attempt read. */
export function attemptScope(
	{ scope, attempt }: Pick<Lease, "scope" | "attempt">,
	{ now, approvals }: { now: number; approvals: JsonObject },
): JsonObject {
	return {
		...scope,
		run: { ...(scope.run as JsonObject), attempt },
		now: new Date(now).toISOString(),
		approvals,
	};
}

export function renderInput(template: Template, scope: JsonObject, action: Action): Result<JsonObject, Refusal> {
	const rendered = renderTemplate(template, scope);
	if (!rendered.ok) return refuse("expression", `with.${rendered.error.path}: ${rendered.error.problem.message}`);
	return acceptInput(action, rendered.value);
}

/** As the action's schema reads it. */
export function acceptInput(action: Action, value: Json): Result<JsonObject, Refusal> {
	const input = action.input.safeParse(value);
	if (input.success) return ok(input.data);
	const { path = [], message = "" } = input.error.issues[0] ?? {};
	return refuse("invalid", `with.${path.join(".")}: ${message}`);
}

/** What stands in the place of an access token in a request that does not leave. */
const NO_TOKEN = "not-known-yet";

/** The settings of OAuth that a target's credentials hold; undefined if they are static. */
export function oauthOf({ connector, connection }: Target): JsonObject | undefined {
	const { oauth } = connection.credentials;
	const isMeant = connector.connection?.bearer !== undefined && oauth !== null && typeof oauth === "object";
	return isMeant && !Array.isArray(oauth) ? oauth : undefined;
}

/** The target as it is acted with once there is an access token. */
export function withToken(target: Target, token: string): Target {
	const { connector, connection } = target;
	const credentials = connector.connection?.bearer?.(token, connection.credentials) ?? connection.credentials;
	return { ...target, connection: { ...connection, credentials } };
}

/** `build`: of the action, or of its probe. */
export function requestOf(
	target: Target,
	build: Action["build"],
	{ input, mark, allowPrivate }: { input: JsonObject; mark: Mark; allowPrivate: boolean },
): Result<{ request: OutboundRequest; url: URL }, Refusal> {
	const { connector, connection } = oauthOf(target) === undefined ? target : withToken(target, NO_TOKEN);
	const request = build(input, connection, mark);
	if (!request.ok) return refuse("invalid", request.error);
	// What a binding carries out goes nowhere by its address.
	if (request.value.binding !== undefined) return ok({ request: request.value, url: new URL(request.value.url) });
	const url = checkEgress(request.value.url, request.value.headers, {
		hosts: connector.connection?.hosts(connection.config) ?? [],
		allowPrivate,
	});
	return url.ok ? ok({ request: request.value, url: url.value }) : refuse("policy", url.error);
}
