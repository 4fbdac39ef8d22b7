// Sending what was committed: hand-ons to other Entities, steps to their queue, facts to the journal. Nothing here may
// fail its caller: what could not be sent stays in the outbox, or ready, and the alarm comes back for it.

import { type Batch, factsLeft, handOnLeft, type Outbox, sendingFailed, shouldSendFacts } from "../core/outbox";
import { markQueued } from "../core/run/dispatch";
import { findStep, replaceStep } from "../core/run/run";
import type { EntityState, Turn } from "../core/turn";
import type { Env } from "../env";
import type { CanonicalEvent } from "../model/event";
import type { Fact } from "../model/fact";
import { entityOf } from "../stubs";
import type { Plan } from "../model/plan";

/** Queues bill by 64 KB; a message stays below one unit, and far below the platform's limit of 128 KB. */
const MESSAGE_BYTES = 60_000;

export interface Drain {
	env: Env;
	state: EntityState;
	outbox: Outbox;
	/** What is being sent at this moment and must not be sent beside itself. */
	inFlight: Set<unknown>;
	eventOf: (eventId: string) => CanonicalEvent | null;
	now: () => number;
}

/** Resolves when everything was sent or set aside. */
export async function drain(drain: Drain, dispatch: Turn["dispatch"], allFacts: boolean): Promise<void> {
	await Promise.all([
		sendSteps(drain, dispatch),
		...drain.outbox.batches.flatMap((batch) => batch.hand_ons.map((plan) => sendHandOn(drain, batch, plan))),
		allFacts || shouldSendFacts(drain.outbox, drain.now()) ? sendFacts(drain) : undefined,
	]);
}

async function sendSteps({ env, state, now }: Drain, dispatch: Turn["dispatch"]): Promise<void> {
	for (const urgent of [true, false]) {
		const steps = dispatch.filter(({ run }) => (state.runs.get(run)?.priority === "urgent") === urgent);
		if (steps.length === 0) continue;
		const messages = steps.map(({ run, step }) => ({
			body: { tenant: state.tenant, entity_key: state.key, run, step },
		}));
		try {
			await (urgent ? env.ACTIONS_URGENT : env.ACTIONS).sendBatch(messages);
			for (const { run, step } of steps) noteQueued(state, run, step, now());
		} catch (error) {
			note("entity.dispatch", state, error);
		}
	}
}

/** Remembered, not written: after a restart a step that was sent is sent again, and claimed once. */
function noteQueued(state: EntityState, runId: string, stepId: string, now: number): void {
	const run = state.runs.get(runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run !== undefined && step !== undefined) state.runs.set(runId, replaceStep(run, markQueued(step, now), now));
}

async function sendHandOn(
	{ env, state, outbox, inFlight, eventOf, now }: Drain,
	batch: Batch,
	plan: Plan,
): Promise<void> {
	if (inFlight.has(plan)) return;
	inFlight.add(plan);
	try {
		const event = eventOf(batch.carrier);
		if (event !== null) await entityOf(env, state.tenant, plan.entity_key).handOn({ event, plan });
		handOnLeft(outbox, batch, plan);
	} catch (error) {
		sendingFailed(outbox, now());
		note("entity.hand_on", state, error);
	} finally {
		inFlight.delete(plan);
	}
}

async function sendFacts({ env, state, outbox, inFlight, now }: Drain): Promise<void> {
	const batches = outbox.batches.filter((batch) => batch.facts.length > 0 && !inFlight.has(batch));
	for (const batch of batches) inFlight.add(batch);
	try {
		for (const group of inMessages(batches)) {
			await env.JOURNAL.send({ tenant: state.tenant, facts: group.flatMap((batch) => batch.facts) });
			factsLeft(outbox, group);
		}
	} catch (error) {
		sendingFailed(outbox, now());
		note("entity.journal", state, error);
	} finally {
		for (const batch of batches) inFlight.delete(batch);
	}
}

/** Batches in groups that fit a message. The facts of one row stay together. */
function inMessages(batches: Batch[]): Batch[][] {
	const groups: Batch[][] = [];
	let bytes = Number.POSITIVE_INFINITY;
	for (const batch of batches) {
		const size = sizeOf(batch.facts);
		if (bytes + size > MESSAGE_BYTES) {
			groups.push([]);
			bytes = 0;
		}
		groups.at(-1)?.push(batch);
		bytes += size;
	}
	return groups;
}

function sizeOf(facts: Fact[]): number {
	return facts.reduce((total, fact) => total + JSON.stringify(fact).length, 0);
}

function note(at: string, state: EntityState, error: unknown): void {
	console.warn(JSON.stringify({ at, tenant: state.tenant, entity: state.key, error: String(error) }));
}
