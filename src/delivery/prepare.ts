// Everything that comes before a request: find the step and its connection, render the input, build, and ask the egress
// guard. What cannot be prepared is an outcome with a reason; nothing is thrown.

import type { Action, Found, Mark, OutboundRequest, OutboundResponse } from "../connectors/connector";
import * as outgoing from "../connectors/outgoing";
import { type Refusal, refuse } from "../connectors/refusal";
import type { CompiledStep } from "../core/document";
import type { Template } from "../core/expression/template";
import { boundsOf } from "../core/pacing/limits";
import type { Env } from "../env";
import type { Bounds } from "../model/connection";
import type { Json, JsonObject } from "../model/json";
import type { ActionMessage, Lease } from "../model/message";
import type { Outcome } from "../model/outcome";
import { err, ok, type Result } from "../model/result";
import { connection as findConnection, RegistryUnavailable, workflowVersion } from "../registry/cache";
import { approvalLinks } from "./approval-links";
import { outputOf } from "./output";

/** A request that may leave. */
export interface Leaving {
	request: OutboundRequest;
	url: URL;
	timeout_ms: number;
}

/** A step that is ready to leave. */
export interface Prepared {
	connection: string;
	/** What the connection's target bears. */
	bounds: Bounds;
	/** The part of the target that the request concerns, where the vendor pauses parts. */
	scope?: string;
	/** How long an attempt may take, its look for an earlier one included. */
	longest_ms: number;
	/** Look first whether an earlier attempt took effect. */
	probe?: Leaving & { read: (response: OutboundResponse, now: number) => Found };
	/** Of an undo that needs the probe's answer: what is sent then. Otherwise there is a request already. */
	action: (found: JsonObject | undefined) => Result<Leaving, Refusal>;
	read: (response: OutboundResponse, now: number) => Outcome;
	/** What is kept of an answer. */
	keep: (output: Json) => Result<Json, Refusal>;
	kind: Lease["kind"];
}

export async function prepare(
	env: Env,
	message: ActionMessage,
	lease: Lease,
	now: number,
): Promise<Result<Prepared, Refusal>> {
	try {
		return await find(env, message, lease, now);
	} catch (error) {
		if (error instanceof RegistryUnavailable) return err({ kind: "transient", reason: error.message });
		return refuse("invalid", `this release fails on this step: ${String(error).slice(0, 500)}`);
	}
}

interface Preparing {
	env: Env;
	message: ActionMessage;
	lease: Lease;
	step: CompiledStep;
	now: number;
}

async function find(env: Env, message: ActionMessage, lease: Lease, now: number): Promise<Result<Prepared, Refusal>> {
	const workflow = await workflowVersion(env, message.tenant, lease.workflow, lease.version);
	const step = workflow?.steps.find(({ plan }) => plan.id === lease.step);
	if (step === undefined) {
		return refuse(
			"invalid",
			`version ${lease.version} of ${lease.workflow} has no step ${lease.step} that this release can read`,
		);
	}
	const preparing = { env, message, lease, step, now };
	return lease.kind === "undo" ? prepareUndo(preparing) : prepareDo(preparing);
}

async function prepareDo(preparing: Preparing): Promise<Result<Prepared, Refusal>> {
	const { lease, step } = preparing;
	const { plan, use } = step;
	const target = await targetOf(preparing, use, plan.connection);
	if (!target.ok) return target;
	const input = await ownInput(preparing, target.value.action);
	if (!input.ok) return input;
	const leaving = leave(preparing, target.value, {
		input: input.value,
		key: lease.idempotency_key,
		timeout_ms: plan.timeout_ms,
	});
	if (!leaving.ok) return leaving;
	const { action } = target.value;
	const isProbed = lease.doubtful && !plan.repeatable && action.probe !== undefined;
	const probe = isProbed ? probeOf(preparing, target.value, input.value) : ok(undefined);
	if (!probe.ok) return probe;
	return ok({
		kind: "do",
		...pacedAs(target.value, input.value),
		longest_ms: plan.timeout_ms + (probe.value?.timeout_ms ?? 0),
		...(probe.value === undefined ? {} : { probe: probe.value }),
		action: () => leaving,
		read: (response, now) => action.read(response, now, input.value),
		keep: (output) => outputOf(step, action, output),
	});
}

/** Back by the way that the connector knows, with what the step's own answer gave, or by the author's own. */
async function prepareUndo(preparing: Preparing): Promise<Result<Prepared, Refusal>> {
	const { lease, step } = preparing;
	const { undo } = step.plan;
	if (undo === undefined)
		return refuse("invalid", `version ${lease.version} of ${lease.workflow} does not undo ${lease.step}`);
	const target = await targetOf(preparing, undo.use, undo.connection);
	if (!target.ok) return target;
	const probe = lease.doubtful ? await probeDone(preparing) : ok(undefined);
	if (!probe.ok) return probe;
	const own =
		step.undo === undefined ? ok(undefined) : await renderInput(preparing, target.value.action, step.undo.template);
	if (!own.ok) return own;
	const action = (found: JsonObject | undefined): Result<Leaving, Refusal> => {
		const written = own.value ?? found ?? lease.undo_with;
		if (written === undefined)
			return refuse("invalid", `the answer to ${lease.step} did not say what ${undo.use} needs: undo it by hand`);
		const input = outgoing.acceptInput(target.value.action, written);
		if (!input.ok) return input;
		return leave(preparing, target.value, {
			input: input.value,
			key: lease.idempotency_key,
			timeout_ms: undo.timeout_ms,
		});
	};
	return ok({
		kind: "undo",
		...pacedAs(target.value, own.value ?? lease.undo_with),
		longest_ms: undo.timeout_ms + (probe.value?.timeout_ms ?? 0),
		...(probe.value === undefined ? {} : { probe: probe.value }),
		action,
		read: (response, now) => target.value.action.read(response, now, lease.undo_with ?? {}),
		keep: () => ok(null),
	});
}

/** Nothing is undone that perhaps did not happen. */
async function probeDone(preparing: Preparing): Promise<Result<Prepared["probe"], Refusal>> {
	const { lease, step } = preparing;
	const target = await targetOf(preparing, step.use, step.plan.connection);
	if (!target.ok) return target;
	if (target.value.action.probe === undefined) {
		const remedy = "look there, undo it by hand if it did, and discard this letter";
		return refuse("unknown_outcome", `nobody knows whether ${lease.step} (${step.use}) took effect: ${remedy}`);
	}
	const input = await ownInput(preparing, target.value.action);
	return input.ok ? probeOf(preparing, target.value, input.value) : input;
}

async function targetOf(
	{ env, message, now }: Preparing,
	use: string,
	name: string | null,
): Promise<Result<outgoing.Target, Refusal>> {
	const connection = name === null ? null : await findConnection(env, message.tenant, name, now);
	return outgoing.targetOf({ use, name }, connection);
}

/** What the document gives the step, or what an operator wrote in its place. */
async function ownInput(preparing: Preparing, action: Action): Promise<Result<JsonObject, Refusal>> {
	const { lease, step } = preparing;
	const { patched_with } = lease;
	const template = patched_with === undefined ? ok(step.template) : outgoing.patchedTemplate(patched_with);
	return template.ok ? renderInput(preparing, action, template.value) : template;
}

function pacedAs(
	{ action, connector, connection }: outgoing.Target,
	input: JsonObject | undefined,
): Pick<Prepared, "connection" | "bounds" | "scope"> {
	const scope = input === undefined ? undefined : action.scope?.(input);
	const bounds = boundsOf(connector.connection?.limits, connection.limits);
	return { connection: connection.name, bounds, ...(scope === undefined ? {} : { scope }) };
}

async function renderInput(
	{ env, message, lease, now }: Preparing,
	action: Action,
	template: Template,
): Promise<Result<JsonObject, Refusal>> {
	const approvals = await approvalLinks(env, message, template, now);
	if (!approvals.ok) return refuse("expression", approvals.error);
	const scope = outgoing.attemptScope(lease, { now, approvals: approvals.value });
	return outgoing.renderInput(template, scope, action);
}

function leave(
	preparing: Preparing,
	target: outgoing.Target,
	{ input, key, timeout_ms }: { input: JsonObject; key: string; timeout_ms: number },
): Result<Leaving, Refusal> {
	const { build } = target.action;
	const request = outgoing.requestOf(target, build, { input, mark: markOf(preparing, key), ...rulesOf(preparing) });
	return request.ok ? ok({ ...request.value, timeout_ms }) : request;
}

function probeOf(preparing: Preparing, target: outgoing.Target, input: JsonObject): Result<Prepared["probe"], Refusal> {
	const { probe, timeout_ms } = target.action;
	if (probe === undefined) return ok(undefined);
	const mark = markOf(preparing, preparing.lease.probe_key);
	const request = outgoing.requestOf(target, probe.build, { input, mark, ...rulesOf(preparing) });
	if (!request.ok) return request;
	return ok({ ...request.value, timeout_ms, read: (response, now) => probe.read(response, now, { input, mark }) });
}

function markOf({ message, lease }: Preparing, key: string): Mark {
	const { run, step } = message;
	return { idempotency_key: key, trace_id: lease.trace_id, run, step, since: lease.started_at };
}

function rulesOf({ env }: Preparing): { allowPrivate: boolean } {
	return { allowPrivate: env.ALLOW_PRIVATE_EGRESS === "true" };
}
