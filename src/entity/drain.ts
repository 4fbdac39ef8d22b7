// Sending what was committed: hand-ons to other Entities, steps to their queue, facts to the journal. Nothing here may
// fail its caller: what could not be sent stays in the outbox, or ready, and the alarm comes back for it.

import {
	type Batch,
	factsLeft,
	handOnLeft,
	type Outbox,
	outboxDueAt,
	sendingFailed,
	shouldSendFacts,
} from "../core/outbox";
import { markQueued } from "../core/run/dispatch";
import { findStep, replaceStep } from "../core/run/run";
import type { EntityState, Turn } from "../core/turn";
import type { Env } from "../env";
import type { Fact } from "../model/fact";
import type { Json } from "../model/json";
import type { Plan } from "../model/plan";
import { entityOf } from "../stubs";

/** Queues bill by 64 KB; a message stays below one unit, and far below the platform's limit of 128 KB. */
const MESSAGE_BYTES = 60_000;
/** A fact above this loses its largest parts, so that there is no fact that no message can hold. */
const FACT_BYTES = 100_000;
const FACT_PART_BYTES = 4_000;
/** A queue takes no more messages than this at once. */
const MESSAGES_AT_ONCE = 100;
/** Hand-ons that failed are sent again so many at a time: a target that comes back is not flooded. */
const RETRIED_AT_ONCE = 50;

export interface Drain {
	env: Env;
	state: EntityState;
	outbox: Outbox;
	/** What is being sent at this moment and must not be sent beside itself. */
	inFlight: Set<unknown>;
	/** The text of an event. */
	eventOf: (eventId: string) => string | null;
	now: () => number;
}

/** Resolves when everything was sent or set aside. */
export async function drain(drain: Drain, dispatch: Turn["dispatch"], allFacts: boolean): Promise<void> {
	await Promise.all([
		sendSteps(drain, dispatch),
		...handOnsToSend(drain).map(({ batch, plan }) => sendHandOn(drain, batch, plan)),
		allFacts || shouldSendFacts(drain.outbox, drain.now(), dispatch.length > 0) ? sendFacts(drain) : undefined,
	]);
}

async function sendSteps(drain: Drain, dispatch: Turn["dispatch"]): Promise<void> {
	const { env, state } = drain;
	const [urgent = [], normal = []] = [true, false].map((isUrgent) =>
		dispatch.filter(({ run }) => (state.runs.get(run)?.priority === "urgent") === isUrgent),
	);
	for (const steps of inLots(urgent)) await sendLot(drain, env.ACTIONS_URGENT, steps);
	for (const steps of inLots(normal)) await sendLot(drain, env.ACTIONS, steps);
}

async function sendLot({ state, now }: Drain, queue: Env["ACTIONS"], steps: Turn["dispatch"]): Promise<void> {
	const messages = steps.map(({ run, step }) => ({ body: { tenant: state.tenant, entity_key: state.key, run, step } }));
	try {
		await queue.sendBatch(messages);
		for (const { run, step } of steps) noteQueued(state, run, step, now());
	} catch (error) {
		note("entity.dispatch", state, error);
	}
}

function inLots<T>(items: readonly T[]): T[][] {
	const lots: T[][] = [];
	for (let from = 0; from < items.length; from += MESSAGES_AT_ONCE)
		lots.push(items.slice(from, from + MESSAGES_AT_ONCE));
	return lots;
}

/** Remembered, not written: after a restart a step that was sent is sent again, and claimed once. */
function noteQueued(state: EntityState, runId: string, stepId: string, now: number): void {
	const run = state.runs.get(runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run !== undefined && step !== undefined) state.runs.set(runId, replaceStep(run, markQueued(step, now)));
}

/** Those of the last commit at once, older ones when the outbox is due: not again with every event that arrives. */
function handOnsToSend({ state, outbox, inFlight, now }: Drain): { batch: Batch; plan: Plan }[] {
	const isDue = (outboxDueAt(outbox) ?? Number.POSITIVE_INFINITY) <= now();
	const waiting = outbox.batches
		.flatMap((batch) => batch.hand_ons.map((plan) => ({ batch, plan })))
		.filter(({ plan }) => !inFlight.has(plan));
	const fresh = waiting.filter(({ batch }) => batch.n === state.n);
	const older = isDue ? waiting.filter(({ batch }) => batch.n !== state.n) : [];
	return [...older.slice(0, RETRIED_AT_ONCE), ...fresh];
}

async function sendHandOn(drain: Drain, batch: Batch, plan: Plan): Promise<void> {
	const { env, state, outbox, inFlight, eventOf, now } = drain;
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

async function sendFacts(drain: Drain): Promise<void> {
	const { env, state, outbox, inFlight, now } = drain;
	const batches = outbox.batches.filter((batch) => batch.facts.length > 0 && !inFlight.has(batch));
	for (const batch of batches) inFlight.add(batch);
	try {
		for (const { facts, completes } of inParcels(batches)) {
			await env.JOURNAL.send({ tenant: state.tenant, facts });
			factsLeft(outbox, completes);
		}
	} catch (error) {
		sendingFailed(outbox, now());
		note("entity.journal", state, error);
	} finally {
		for (const batch of batches) inFlight.delete(batch);
	}
}

interface Parcel {
	facts: Fact[];
	/** Batches whose last fact is in here. */
	completes: Batch[];
}

function inParcels(batches: Batch[]): Parcel[] {
	const parcels: Parcel[] = [];
	let bytes = Number.POSITIVE_INFINITY;
	for (const batch of batches) {
		for (const { fact, size } of batch.facts.map(fitting)) {
			if (bytes + size > MESSAGE_BYTES) {
				parcels.push({ facts: [], completes: [] });
				bytes = 0;
			}
			parcels.at(-1)?.facts.push(fact);
			bytes += size;
		}
		parcels.at(-1)?.completes.push(batch);
	}
	return parcels;
}

function fitting(fact: Fact): { fact: Fact; size: number } {
	const size = bytesOf(fact);
	if (size <= FACT_BYTES) return { fact, size };
	const data = Object.entries(fact.data).map(([name, part]): [string, Json] => {
		const partSize = bytesOf(part);
		return [name, partSize <= FACT_PART_BYTES ? part : `left out: ${partSize} bytes`];
	});
	const smaller = { ...fact, data: Object.fromEntries(data) };
	return { fact: smaller, size: bytesOf(smaller) };
}

function bytesOf(value: Fact | Json): number {
	return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}

function note(at: string, state: EntityState, error: unknown): void {
	console.warn(JSON.stringify({ at, tenant: state.tenant, entity: state.key, error: String(error) }));
}
