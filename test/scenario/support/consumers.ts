// The platform's side of the actions queues: what it delivers, and consumers that die with everything they have in hand.

import { env } from "cloudflare:workers";
import { onTestFinished } from "vitest";
import type { Env } from "../../../src/env";
import type { ActionMessage, EntityCalls } from "../../../src/model/message";
import { workflowOfRun } from "../../../src/model/names";
import worker from "../../../src/worker";

export interface Delivered {
	queue: string;
	body: unknown;
	/** Of this message, this one included. */
	attempts: number;
}

type Batch = Parameters<typeof worker.queue>[0];
type Consume = (batch: Batch, env: Env) => Promise<void>;

/** Stands in for the actions' consumers until the test is over; what they were given and are done with is returned. */
function replaceConsumers(consume: (real: Consume, batch: Batch) => Promise<void>): Delivered[] {
	const delivered: Delivered[] = [];
	const real = worker.queue;
	worker.queue = async (batch, own) => {
		if (!batch.queue.startsWith("signalbox-actions")) return real(batch, own);
		const { queue, messages } = batch;
		try {
			return await consume(real, batch);
		} finally {
			delivered.push(...messages.map(({ body, attempts }) => ({ queue, body, attempts })));
		}
	};
	onTestFinished(() => {
		worker.queue = real;
	});
	return delivered;
}

/** What the actions' consumers have been given, until the test is over. */
export function watchDeliveries(): Delivered[] {
	return replaceConsumers((real, batch) => real(batch, env));
}

/** Where a consumer dies of a step of the workflow `faulty`. */
export const DEATHS = ["before it claims", "when it has claimed", "before it reports"] as const;
export type Death = (typeof DEATHS)[number];

/** So many consumers die there, with all that they have in hand; one that already let go of its messages just ends. */
export function killConsumers(where: Death, times: number): { delivered: Delivered[]; left: () => number } {
	let left = times;
	const delivered = replaceConsumers((real, batch) => {
		if (left === 0) return real(batch, env);
		return new Promise((resolve, reject) => {
			const die = () => {
				left -= 1;
				reject(new Error("the consumer is dead"));
				// Nothing comes after.
				return new Promise<never>(() => {});
			};
			real(batch, { ...env, ENTITY: deadly(where, () => (left > 0 ? die() : undefined)) }).then(resolve, reject);
		});
	});
	return { delivered, left: () => left };
}

/** Entities at whose calls a consumer may die. */
function deadly(where: Death, mayDie: () => Promise<never> | undefined): Env["ENTITY"] {
	const getByName = (name: string) => {
		const real = env.ENTITY.getByName(name) as unknown as EntityCalls;
		const claim: EntityCalls["claim"] = async (run, step) => {
			const isFaulty = workflowOfRun(run) === "faulty";
			if (isFaulty && where === "before it claims") await mayDie();
			const claim = await real.claim(run, step);
			if (isFaulty && where === "when it has claimed") await mayDie();
			return claim;
		};
		const report: EntityCalls["report"] = async (report) => {
			if (workflowOfRun(report.run) === "faulty" && where === "before it reports") await mayDie();
			return real.report(report);
		};
		return new Proxy({ claim, report } as EntityCalls, {
			get: (own, call: keyof EntityCalls) =>
				Reflect.get(own, call) ?? ((...given: never[]) => relay(real, call, given)),
		});
	};
	return { getByName } as unknown as Env["ENTITY"];
}

function relay(real: EntityCalls, call: keyof EntityCalls, given: never[]): unknown {
	const method = real[call] as (...given: never[]) => unknown;
	return Reflect.apply(method, real, given);
}

/** From now on each step is sent to its queue so many times at once, until the test is over; what was sent. */
export function multiplyMessages(times: number): ActionMessage[] {
	const { ACTIONS } = env;
	const sent: ActionMessage[] = [];
	const sendBatch: typeof ACTIONS.sendBatch = (messages) => {
		const all = [...messages];
		sent.push(...all.map(({ body }) => body));
		return ACTIONS.sendBatch(all.flatMap((message) => Array(times).fill(message)));
	};
	Object.assign(env, { ACTIONS: { sendBatch } });
	onTestFinished(() => {
		Object.assign(env, { ACTIONS });
	});
	return sent;
}

/** The platform delivers these once more, or for the first time. */
export async function deliver(bodies: readonly unknown[]): Promise<void> {
	await env.ACTIONS.sendBatch(bodies.map((body) => ({ body: body as ActionMessage })));
}
