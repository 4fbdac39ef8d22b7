// Everything that comes before a request: find the step and its connection, render the input, build, and ask the egress
// guard. What cannot be prepared is an outcome with a reason; nothing is thrown.

import type { Action, Found, Mark, OutboundRequest, OutboundResponse } from "../connectors/connector";
import * as outgoing from "../connectors/outbound/outgoing";
import { type Refusal, refuse } from "../connectors/outbound/refusal";
import { absentOnceSettled } from "../connectors/outbound/settled";
import type { CompiledStep } from "../core/document";
import type { Template } from "../core/expression/template";
import { boundsOf } from "../core/pacing/limits";
import { ARRIVAL_MS } from "../core/retry";
import type { Env } from "../env";
import type { Bounds } from "../model/connection";
import type { Json, JsonObject } from "../model/json";
import type { ActionMessage, Lease } from "../model/message";
import type { Outcome } from "../model/outcome";
import { err, ok, type Result } from "../model/result";
import { connection as findConnection, RegistryUnavailable, workflowVersion } from "../registry/cache";
import { approvalLinks } from "./approval-links";
import { outputOf } from "./output";
import { settingsOf } from "./token-settings";

/** A request that may leave. */
export interface Leaving {
	request: OutboundRequest;
	url: URL;
	timeout_ms: number;
	/** Judges the answer to it. */
	read: (response: OutboundResponse, now: number) => Outcome;
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
	probe?: Omit<Leaving, "read"> & { read: (response: OutboundResponse, now: number) => Found };
	/** Of an undo that needs the probe's answer: what is sent then. Otherwise there is a request already. */
	action: (found: JsonObject | undefined) => Result<Leaving, Refusal>;
	/** What is kept of an answer. */
	keep: (output: Json) => Result<Json, Refusal>;
	kind: Lease["kind"];
	/** Of a connection by OAuth: which settings were read, and the same with the access token that they bring. */
	oauth?: { settings: string; withToken: (token: string) => Result<Prepared, Refusal> };
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
	const { plan, use } = preparing.step;
	const target = await targetOf(preparing, use, plan.connection);
	if (!target.ok) return target;
	const input = await ownInput(preparing, target.value.action);
	if (!input.ok) return input;
	return armed(target.value, (target) => assembleDo(preparing, target, input.value));
}

function assembleDo(preparing: Preparing, target: outgoing.Target, input: JsonObject): Result<Prepared, Refusal> {
	const { lease, step } = preparing;
	const { plan } = step;
	const leaving = leave(preparing, target, { input, key: lease.idempotency_key, timeout_ms: plan.timeout_ms });
	if (!leaving.ok) return leaving;
	const { action } = target;
	const isProbed = lease.doubtful && !plan.repeatable && action.probe !== undefined;
	const probe = isProbed ? probeOf(preparing, target, input) : ok(undefined);
	if (!probe.ok) return probe;
	return ok({
		kind: "do",
		...pacedAs(target, input),
		longest_ms: plan.timeout_ms + (probe.value?.timeout_ms ?? 0),
		...(probe.value === undefined ? {} : { probe: probe.value }),
		action: () => leaving,
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
	const looking = lease.doubtful ? await lookingBack(preparing) : ok(undefined);
	if (!looking.ok) return looking;
	const own =
		step.undo === undefined ? ok(undefined) : await renderInput(preparing, target.value.action, step.undo.template);
	if (!own.ok) return own;
	return armed(target.value, (target) => {
		const probe = looking.value === undefined ? ok(undefined) : probeBack(preparing, looking.value, target);
		return probe.ok ? assembleUndo(preparing, target, { own: own.value, probe: probe.value, undo }) : probe;
	});
}

interface Undoing {
	/** The author's own input. */
	own: JsonObject | undefined;
	probe: Prepared["probe"];
	undo: NonNullable<CompiledStep["plan"]["undo"]>;
}

function assembleUndo(
	preparing: Preparing,
	target: outgoing.Target,
	{ own, probe, undo }: Undoing,
): Result<Prepared, Refusal> {
	const { lease } = preparing;
	const action = (found: JsonObject | undefined): Result<Leaving, Refusal> => {
		const written = own ?? found ?? lease.undo_with;
		if (written === undefined)
			return refuse("invalid", `the answer to ${lease.step} did not say what ${undo.use} needs: undo it by hand`);
		const input = outgoing.acceptInput(target.action, written);
		if (!input.ok) return input;
		return leave(preparing, target, {
			input: input.value,
			key: lease.idempotency_key,
			timeout_ms: undo.timeout_ms,
		});
	};
	return ok({
		kind: "undo",
		...pacedAs(target, own ?? lease.undo_with),
		longest_ms: undo.timeout_ms + (probe?.timeout_ms ?? 0),
		...(probe === undefined ? {} : { probe }),
		action,
		keep: () => ok(null),
	});
}

/** What is looked for before something is undone: nothing is that perhaps did not happen. */
async function lookingBack(
	preparing: Preparing,
): Promise<Result<{ target: outgoing.Target; input: JsonObject }, Refusal>> {
	const { lease, step } = preparing;
	const target = await targetOf(preparing, step.use, step.plan.connection);
	if (!target.ok) return target;
	if (target.value.action.probe === undefined) {
		const remedy = "look there, undo it by hand if it did, and discard this letter";
		return refuse("unknown_outcome", `nobody knows whether ${lease.step} (${step.use}) took effect: ${remedy}`);
	}
	const input = await ownInput(preparing, target.value.action);
	return input.ok ? ok({ target: target.value, input: input.value }) : input;
}

/** Over the connection of the undo if it is the same, since that is the one that there is an access token for. */
function probeBack(
	preparing: Preparing,
	{ target, input }: { target: outgoing.Target; input: JsonObject },
	{ connection }: outgoing.Target,
): Result<Prepared["probe"], Refusal> {
	if (connection.name === target.connection.name) return probeOf(preparing, { ...target, connection }, input);
	if (outgoing.oauthOf(target) === undefined) return probeOf(preparing, target, input);
	const { name } = target.connection;
	return refuse(
		"unknown_outcome",
		`${name} acts by OAuth and cannot be asked whether ${preparing.lease.step} took effect`,
	);
}

/** Of a connection by OAuth everything is put together once to see that it can be, and again with its access token. */
async function armed(
	target: outgoing.Target,
	assemble: (target: outgoing.Target) => Result<Prepared, Refusal>,
): Promise<Result<Prepared, Refusal>> {
	const prepared = assemble(target);
	const oauth = outgoing.oauthOf(target);
	if (!prepared.ok || oauth === undefined) return prepared;
	const settings = await settingsOf(oauth);
	const withToken = (token: string) => assemble(outgoing.withToken(target, token));
	return ok({ ...prepared.value, oauth: { settings, withToken } });
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
	if (!request.ok) return request;
	const read = (response: OutboundResponse, now: number) => target.action.read(response, now, input);
	const stops = preparing.lease.kind === "do" && preparing.step.plan.on_unknown === "stop";
	return ok({ ...request.value, timeout_ms, read: stops ? strictly(target.action, read) : read });
}

/** Rather not at all than twice: what a failing server did is then not known, however harmless a repetition would be. */
function strictly(action: Action, read: Leaving["read"]): Leaving["read"] {
	if (action.reads === true) return read;
	return (response, now) => {
		const outcome = read(response, now);
		const isOpen = outcome.kind === "transient" && outcome.after_ms === undefined && response.status >= 500;
		return isOpen ? { kind: "unknown", reason: outcome.reason, timed_out: false } : outcome;
	};
}

function probeOf(preparing: Preparing, target: outgoing.Target, input: JsonObject): Result<Prepared["probe"], Refusal> {
	const { probe, timeout_ms } = target.action;
	if (probe === undefined) return ok(undefined);
	const mark = markOf(preparing, preparing.lease.probe_key);
	const request = outgoing.requestOf(target, probe.build, { input, mark, ...rulesOf(preparing) });
	if (!request.ok) return request;
	const read = (response: OutboundResponse, now: number): Found => {
		const found = probe.read(response, now, { input, mark });
		// An operator may ask sooner than any retry would.
		return found.kind === "absent"
			? absentOnceSettled(ARRIVAL_MS, { mark, now, reason: "it is not there, and may still be on its way" })
			: found;
	};
	return ok({ ...request.value, timeout_ms, read });
}

function markOf({ message, lease }: Preparing, key: string): Mark {
	const { run, step } = message;
	const { trace_id, started_at, doubtful_at } = lease;
	return {
		...{ idempotency_key: key, trace_id, run, step, since: started_at },
		...(doubtful_at !== undefined && { tried_at: doubtful_at }),
	};
}

function rulesOf({ env }: Preparing): { allowPrivate: boolean } {
	return { allowPrivate: env.ALLOW_PRIVATE_EGRESS === "true" };
}
