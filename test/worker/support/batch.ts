// A queue's batch as its consumer gets it, and what becomes of each of its messages.

import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Env } from "../../../src/env";

export type Fate = "acked" | "retried" | "neither";

type Consumer<T> = (batch: MessageBatch<T>, env: Env, keepAlive: (work: Promise<unknown>) => void) => Promise<void>;

/** The fates in the order of the bodies, once what goes on in the background is over. A consumer that throws makes this throw. */
export async function consume<T>(consumer: Consumer<T>, bodies: unknown[]): Promise<Fate[]> {
	const { fates, background } = await handle(consumer, bodies);
	await background;
	return fates;
}

/** The fates when the handler returns, how long it took to, in milliseconds, and what goes on after it. */
export async function handle<T>(
	consumer: Consumer<T>,
	bodies: unknown[],
): Promise<{ fates: Fate[]; ms: number; background: Promise<unknown> }> {
	const messages = bodies.map((body, n) => ({ id: `m${n}`, timestamp: new Date(0), attempts: 1, body: body as T }));
	const batch = createMessageBatch<T>("under-test", messages);
	const background: Promise<unknown>[] = [];
	const startedAt = performance.now();
	await consumer(batch, env, (work) => background.push(work));
	const ms = performance.now() - startedAt;
	const result = await getQueueResult(batch, createExecutionContext());
	const fates = messages.map(({ id }): Fate => {
		if (result.explicitAcks.includes(id)) return "acked";
		return result.retryMessages.some(({ msgId }) => msgId === id) ? "retried" : "neither";
	});
	return { fates, ms, background: Promise.all(background) };
}
