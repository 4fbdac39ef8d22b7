// What would become of dead letters if they were sent again, with their own input, another one, or another version:
// rendered and built as delivery does, and not sent. Links by which people vote are not made: they would be valid.

import {
	acceptInput,
	attemptScope,
	patchedTemplate,
	renderInput,
	requestOf,
	targetOf,
} from "../connectors/outbound/outgoing";
import { type Refusal, refuse } from "../connectors/outbound/refusal";
import type { CompiledStep } from "../core/document";
import type { Template } from "../core/expression/template";
import type { Env } from "../env";
import type { JsonObject } from "../model/json";
import { type DeadLetter, type FoundEvent, stepOf } from "../model/letter";
import type { Lease, Peeked } from "../model/message";
import { ok, type Result } from "../model/result";
import { approvers, connection, RegistryUnavailable, workflowVersion } from "../registry/cache";
import { findWorkflow } from "../registry/workflows";
import { entityOf, ledgerOf } from "../stubs";

/** How many Entities are asked at once. */
const LANES = 10;
/** Of one delivery. */
const MOST_EVENTS = 20;

export interface Previewing {
	env: Env;
	tenant: string;
	now: number;
	patch?: JsonObject | undefined;
	version?: number | "current" | undefined;
}

/** An input as it would be sent, the events of a delivery that could not be read, or why there is nothing of the kind. */
export type Rendered = { input: JsonObject } | { class: string; reason: string } | { events: FoundEvent[] };

export interface Preview {
	letter: DeadLetter;
	passes: boolean;
	/** As things are; null where the step can no longer be seen. */
	before: Rendered | null;
	after: Rendered;
}

/** In the order of the letters. */
export async function previewLetters(previewing: Previewing, letters: readonly DeadLetter[]): Promise<Preview[]> {
	const previews: Preview[] = [];
	const waiting = [...letters.entries()];
	const lane = async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
			previews[next[0]] = await preview(previewing, next[1]);
	};
	await Promise.all(Array.from({ length: LANES }, lane));
	return previews;
}

async function preview(previewing: Previewing, letter: DeadLetter): Promise<Preview> {
	const at = stepOf(letter);
	const cannot = (reason: string): Preview => {
		return { letter, passes: false, before: null, after: { class: letter.class, reason } };
	};
	if (at === null) return previewReading(previewing, letter);
	const peeked = await peek(previewing, at);
	if (peeked === "unreachable") return cannot("its Entity could not be reached now; preview it again");
	if (peeked === null) return cannot("its run is no longer kept, so it cannot be resumed; discard it");
	const { lease } = peeked;
	const before = await render(previewing, lease, lease.patched_with);
	const after = cannotGoOn(previewing, peeked) ?? (await renderAfter(previewing, lease, before));
	return { letter, passes: after.ok, before: shown(before), after: shown(after) };
}

/** A delivery that never became an event has no step: what counts is whether it can be read now. */
async function previewReading({ env, tenant, now, patch, version }: Previewing, letter: DeadLetter): Promise<Preview> {
	const before = { class: letter.class, reason: letter.reason };
	const cannot = (reason: string) => ({ letter, passes: false, before, after: { class: letter.class, reason } });
	if (patch !== undefined || version !== undefined)
		return cannot("the delivery never became an event, so there is no step: retry it without another input or version");
	const answer = await ledgerOf(env, tenant).peek(letter.id, now);
	switch (answer.said) {
		case "ok":
			return { letter, passes: true, before, after: { events: answer.events.slice(0, MOST_EVENTS) } };
		case "unreadable":
			return cannot(answer.reason);
		case "closed":
			return cannot("it does not wait for anybody now");
		case "unavailable":
			return cannot("it cannot be read at the moment; preview it again");
		case "gone":
			return cannot("nothing is kept of the delivery; discard it");
	}
}

async function peek({ env, tenant }: Previewing, { entity_key, run, step }: NonNullable<ReturnType<typeof stepOf>>) {
	try {
		return await entityOf(env, tenant, entity_key).peek(run, step);
	} catch (error) {
		console.warn(JSON.stringify({ at: "admin.preview", tenant, run, step, error: String(error) }));
		return "unreachable" as const;
	}
}

function cannotGoOn({ patch, version }: Previewing, { lease, resumable, open }: Peeked): Result<never, Refusal> | null {
	if (!resumable) return refuse("invalid", "it is being retried already, or its run was undone or cancelled");
	if (version !== undefined && open)
		return refuse("invalid", "its run is still under way, and can change its version only when it is over");
	if (lease.kind === "undo" && (patch !== undefined || version !== undefined))
		return refuse("invalid", "it is an undo, whose input is what its step answered: retry it as it is");
	return null;
}

type Input = Result<{ input: JsonObject }, Refusal>;

async function renderAfter(previewing: Previewing, lease: Lease, before: Input): Promise<Input> {
	const { env, tenant, patch, version } = previewing;
	if (patch !== undefined) return render(previewing, lease, patch);
	if (version === undefined) return before;
	const next = version === "current" ? (await findWorkflow(env.DB, tenant, lease.workflow))?.version : version;
	if (next === undefined) return refuse("not_found", `the workflow ${lease.workflow} was retired: name a version`);
	const scope = { ...lease.scope, workflow: { name: lease.workflow, version: next } };
	// A patch was written for the version that the run has, and is left behind with it.
	return render(
		previewing,
		{ ...lease, version: next, scope },
		next === lease.version ? lease.patched_with : undefined,
	);
}

/** `tree`: an input in the place of the document's. */
async function render(previewing: Previewing, lease: Lease, tree: JsonObject | undefined): Promise<Input> {
	const { env, tenant } = previewing;
	const { workflow, version, step: id } = lease;
	const compiled = await workflowVersion(env, tenant, workflow, version);
	const step = compiled?.steps.find(({ plan }) => plan.id === id);
	if (step === undefined)
		return refuse("invalid", `version ${version} of ${workflow} has no step ${id} that this release can read`);
	const own = tree === undefined ? ok(step.template) : patchedTemplate(tree);
	if (!own.ok) return own;
	try {
		return await build(previewing, lease, lease.kind === "undo" ? undoOf(step) : { ...step.plan, template: own.value });
	} catch (error) {
		if (error instanceof RegistryUnavailable) throw error;
		return refuse("invalid", `this release fails on this step: ${String(error).slice(0, 500)}`);
	}
}

interface Act {
	use: string;
	connection: string | null;
	/** Undefined for an undo by the connector's own way. */
	template: Template | undefined;
}

function undoOf({ plan, undo }: CompiledStep): Act {
	return { use: plan.undo?.use ?? "", connection: plan.undo?.connection ?? null, template: undo?.template };
}

async function build(previewing: Previewing, lease: Lease, { use, connection: name, template }: Act): Promise<Input> {
	const { env, tenant, now } = previewing;
	if (name === null) return ok({ input: {} });
	const target = targetOf({ use, name }, await connection(env, tenant, name, now));
	if (!target.ok) return target;
	const { action } = target.value;
	const input =
		template === undefined
			? acceptInput(action, lease.undo_with ?? {})
			: renderInput(template, attemptScope(lease, { now, approvals: await linksIn(previewing, template) }), action);
	if (!input.ok) return input;
	const { idempotency_key, trace_id, step, started_at: since, scope } = lease;
	const mark = { idempotency_key, trace_id, run: String(Object(scope.run).id), step, since };
	const allowPrivate = env.ALLOW_PRIVATE_EGRESS === "true";
	const request = requestOf(target.value, action.build, { input: input.value, mark, allowPrivate });
	return request.ok ? ok({ input: input.value }) : request;
}

/** In the place of each link a text that says whose it will be. */
async function linksIn({ env, tenant, now }: Previewing, { programs }: Template): Promise<JsonObject> {
	const paths = programs.flatMap(({ program }) => [...program.paths]);
	const steps = [...new Set(paths.flatMap((path) => /^approvals\.(\w+)/.exec(path)?.[1] ?? []))];
	if (steps.length === 0) return {};
	const people = await approvers(env, tenant, now);
	const links = Object.fromEntries(people.map((person) => [person.name, `<the link by which ${person.name} votes>`]));
	return Object.fromEntries(steps.map((step) => [step, links]));
}

function shown(input: Input): Rendered {
	return input.ok ? input.value : { class: classOf(input.error), reason: input.error.reason };
}

function classOf(refusal: Refusal): string {
	return refusal.kind === "permanent" ? refusal.class : refusal.kind;
}
