// One attempt of one step: render its input, build the request, let it out through the guard, read what comes back.
// Every way that this can end is an outcome; nothing is thrown.

import type { Action, Connector, OutboundRequest, OutboundResponse } from "../connectors/connector";
import { findAction, findConnector } from "../connectors/index";
import { renderTemplate } from "../core/expression/template";
import type { Env } from "../env";
import type { Connection } from "../model/connection";
import type { JsonObject } from "../model/json";
import type { ActionMessage, Lease } from "../model/message";
import type { Exchange, Outcome } from "../model/outcome";
import { err, ok, type Result } from "../model/result";
import { connection as findConnection, RegistryUnavailable, workflowVersion } from "../registry/cache";
import { checkEgress } from "./egress";
import { exchangeOf } from "./exchange";
import { send } from "./send";

export interface Attempt {
	outcome: Outcome;
	exchange: Exchange;
}

/** A step that is ready to leave. */
export interface Prepared {
	connection: string;
	action: Action;
	request: OutboundRequest;
	url: URL;
	timeout_ms: number;
}

type Refusal = Extract<Outcome, { kind: "permanent" | "transient" }>;

/** Everything up to the request, or why there can be none. */
export async function prepare(
	env: Env,
	message: ActionMessage,
	lease: Lease,
	now: number,
): Promise<Result<Prepared, Refusal>> {
	try {
		return await render(env, message, lease, now);
	} catch (error) {
		if (error instanceof RegistryUnavailable) return err({ kind: "transient", reason: error.message });
		return refuse("invalid", `this release fails on this step: ${String(error).slice(0, 500)}`);
	}
}

async function render(env: Env, message: ActionMessage, lease: Lease, now: number): Promise<Result<Prepared, Refusal>> {
	const workflow = await workflowVersion(env, message.tenant, lease.workflow, lease.version);
	const step = workflow?.steps.find(({ step }) => step.id === message.step);
	if (workflow == null || step === undefined) {
		return refuse(
			"invalid",
			`version ${lease.version} of ${lease.workflow} has no step ${message.step} that this release can read`,
		);
	}
	const { use, connection: name } = step.step;
	const connection = await findConnection(env, message.tenant, name, now);
	if (connection === null) return refuse("not_found", `there is no connection ${name}: create it, then retry`);
	const connector = findConnector(connection.connector);
	const action = findAction(use);
	if (connector?.connection === undefined || action === undefined || !use.startsWith(`${connector.id}.`)) {
		return refuse("invalid", `the connection ${name} is of ${connection.connector}, which has no action ${use}`);
	}
	const rendered = renderTemplate(step.template, scopeOf(lease, now));
	if (!rendered.ok) return refuse("expression", `with.${rendered.error.path}: ${rendered.error.problem.message}`);
	const input = action.input.safeParse(rendered.value);
	if (!input.success) {
		const { path = [], message: problem = "" } = input.error.issues[0] ?? {};
		return refuse("invalid", `with.${path.join(".")}: ${problem}`);
	}
	return build(env, message, lease, {
		action,
		connector,
		connection,
		input: input.data,
		timeout_ms: step.plan.timeout_ms,
	});
}

interface Parts {
	action: Action;
	connector: Connector;
	connection: Connection;
	input: JsonObject;
	timeout_ms: number;
}

function build(env: Env, message: ActionMessage, lease: Lease, parts: Parts): Result<Prepared, Refusal> {
	const { action, connector, connection, input, timeout_ms } = parts;
	const mark = {
		idempotency_key: lease.idempotency_key,
		trace_id: lease.trace_id,
		run: message.run,
		step: message.step,
	};
	const request = action.build(input, connection, mark);
	if (!request.ok) return refuse("invalid", request.error);
	const url = checkEgress(request.value.url, request.value.headers, {
		hosts: connector.connection?.hosts(connection.config) ?? [],
		allowPrivate: env.ALLOW_PRIVATE_EGRESS === "true",
	});
	if (!url.ok) return refuse("policy", url.error);
	return ok({ connection: connection.name, action, request: request.value, url: url.value, timeout_ms });
}

/** The request goes out, once. */
export async function carryOut({ action, request, url, timeout_ms }: Prepared, now: () => number): Promise<Attempt> {
	const sent = await send(url, request, timeout_ms);
	if (!sent.ok) {
		const { reason, timed_out } = sent.error;
		return { outcome: { kind: "unknown", reason, timed_out }, exchange: exchangeOf(request, undefined, reason) };
	}
	return { outcome: read(action, sent.value, now()), exchange: exchangeOf(request, sent.value, undefined) };
}

function read(action: Action, response: OutboundResponse, now: number): Outcome {
	if (response.status >= 300 && response.status < 400) {
		return {
			kind: "permanent",
			class: "policy",
			reason: `the target answered ${response.status}, and redirects are not followed`,
		};
	}
	try {
		return action.read(response, now);
	} catch (error) {
		return {
			kind: "unknown",
			reason: `this release fails on the answer: ${String(error).slice(0, 500)}`,
			timed_out: false,
		};
	}
}

/** What expressions in `with` can read. */
function scopeOf(lease: Lease, now: number): Record<string, unknown> {
	const { window } = lease;
	return {
		event: lease.event,
		window: {
			count: window?.count ?? 1,
			first_at: isoOrNull(window?.first_at ?? null),
			last_at: isoOrNull(window?.last_at ?? null),
			event_ids: window?.events ?? (lease.event === null ? [] : [lease.event.id]),
			events: window?.keep_all === true ? window.bodies : lease.event === null ? [] : [lease.event],
			summary: window?.summary ?? null,
			diff: window?.diff ?? [],
		},
		run: { id: lease.run, started_at: new Date(lease.started_at).toISOString(), attempt: lease.attempt },
		workflow: { name: lease.workflow, version: lease.version },
		now: new Date(now).toISOString(),
	};
}

function isoOrNull(at: number | null): string | null {
	return at === null ? null : new Date(at).toISOString();
}

function refuse(reasonClass: Extract<Outcome, { kind: "permanent" }>["class"], reason: string): Result<never, Refusal> {
	return err({ kind: "permanent", class: reasonClass, reason });
}
