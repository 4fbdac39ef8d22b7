// How an Entity sends what it committed: src/entity/drain.ts, with its awaits turned into calls that may be lost. When the
// Entity dies meanwhile, what was under way goes on, and nobody is left to note that it arrived.

import {
	type Batch,
	factsLeft,
	handOnLeft,
	type Outbox,
	outboxDueAt,
	sendingFailed,
	shouldSendFacts,
} from "../../src/core/outbox";
import { markQueued } from "../../src/core/run/dispatch";
import { findStep, replaceStep } from "../../src/core/run/run";
import type { EntityState, Turn } from "../../src/core/turn";
import type { Plan } from "../../src/model/plan";
import type { Body } from "./body";
import { call } from "./call";
import type { History } from "./history";

/** Hand-ons that failed are sent again so many at a time. */
const RETRIED_AT_ONCE = 50;
/** The platform takes no more messages than this at once. */
const MAX_BATCH = 100;

export interface Drain {
	history: History;
	entity: Body;
	state: EntityState;
	outbox: Outbox;
	inFlight: Set<unknown>;
}

/** `done` is called once, when everything was sent or set aside; never if the Entity dies before. */
export function drain(drain: Drain, dispatch: Turn["dispatch"], allFacts: boolean, done: () => void): void {
	const { entity, outbox, history } = drain;
	const { life } = entity;
	let pending = 1;
	const part = () => {
		pending += 1;
		return () => {
			pending -= 1;
			if (pending === 0 && entity.life === life) done();
		};
	};
	sendSteps(drain, dispatch, part);
	for (const { batch, plan } of handOnsToSend(drain)) sendHandOn(drain, batch, plan, part);
	if (allFacts || shouldSendFacts(outbox, history.world.now, dispatch.length > 0)) sendFacts(drain, part());
	pending -= 1;
	if (pending === 0) done();
}

type Part = () => () => void;

function sendSteps({ history, entity, state }: Drain, dispatch: Turn["dispatch"], part: Part): void {
	const isUrgent = ({ run }: Turn["dispatch"][number]) => state.runs.get(run)?.priority === "urgent";
	const lots = [
		...inLots(dispatch.filter(isUrgent)).map((steps) => ({ steps, queue: history.urgent })),
		...inLots(dispatch.filter((one) => !isUrgent(one))).map((steps) => ({ steps, queue: history.actions })),
	];
	for (const { steps, queue } of lots) {
		const { life } = entity;
		const messages = steps.map(({ run, step }) => ({ entity_key: state.key, run, step }));
		const noted = part();
		call(
			history.world,
			() => queue.send(messages),
			(answer) => {
				if (entity.life === life && answer.ok) {
					for (const { run, step } of steps) noteQueued(state, run, step, history.world.now);
				}
				noted();
			},
		);
	}
}

function inLots<T>(items: readonly T[]): T[][] {
	const lots: T[][] = [];
	for (let from = 0; from < items.length; from += MAX_BATCH) lots.push(items.slice(from, from + MAX_BATCH));
	return lots;
}

function noteQueued(state: EntityState, runId: string, stepId: string, now: number): void {
	const run = state.runs.get(runId);
	const step = run === undefined ? undefined : findStep(run, stepId);
	if (run !== undefined && step !== undefined) state.runs.set(runId, replaceStep(run, markQueued(step, now)));
}

function handOnsToSend({ history, state, outbox, inFlight }: Drain): { batch: Batch; plan: Plan }[] {
	const isDue = (outboxDueAt(outbox) ?? Number.POSITIVE_INFINITY) <= history.world.now;
	const waiting = outbox.batches
		.flatMap((batch) => batch.hand_ons.map((plan) => ({ batch, plan })))
		.filter(({ plan }) => !inFlight.has(plan));
	const fresh = waiting.filter(({ batch }) => batch.n === state.n);
	const older = isDue ? waiting.filter(({ batch }) => batch.n !== state.n) : [];
	return [...older.slice(0, RETRIED_AT_ONCE), ...fresh];
}

function sendHandOn({ history, entity, outbox, inFlight }: Drain, batch: Batch, plan: Plan, part: Part): void {
	inFlight.add(plan);
	const { life } = entity;
	const event = entity.rows.findEvent(batch.carrier);
	const noted = part();
	const forgets = history.plant === "no_outbox";
	call(
		history.world,
		() => (event === null ? undefined : history.entity(plan.entity_key).handOn({ event, plan })),
		(answer) => {
			inFlight.delete(plan);
			if (entity.life === life) {
				if (answer.ok || forgets) handOnLeft(outbox, batch, plan);
				else sendingFailed(outbox, history.world.now);
			}
			noted();
		},
	);
}

function sendFacts({ history, entity, outbox, inFlight }: Drain, noted: () => void): void {
	const batches = outbox.batches.filter((batch) => batch.facts.length > 0 && !inFlight.has(batch));
	for (const batch of batches) inFlight.add(batch);
	const groups = inMessages(history, batches);
	const { life } = entity;
	const end = () => {
		for (const batch of batches) inFlight.delete(batch);
		noted();
	};
	const next = () => {
		const group = groups.shift();
		if (group === undefined) return end();
		const facts = group.flatMap((batch) => batch.facts);
		call(
			history.world,
			() => history.journal.send([facts]),
			(answer) => {
				if (entity.life !== life) return;
				if (answer.ok || history.plant === "no_outbox") {
					factsLeft(outbox, group);
					return next();
				}
				sendingFailed(outbox, history.world.now);
				end();
			},
		);
	};
	next();
}

/** By size there, by lot here: how much fits into a message is of no matter. */
function inMessages({ world }: History, batches: Batch[]): Batch[][] {
	const groups: Batch[][] = [];
	for (let from = 0; from < batches.length; ) {
		const size = world.prng.between(1, 4);
		groups.push(batches.slice(from, from + size));
		from += size;
	}
	return groups;
}
