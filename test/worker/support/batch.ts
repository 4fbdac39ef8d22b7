// A queue's batch as its consumer gets it, and what becomes of each of its messages.

import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Env } from "../../../src/env";

export type Fate = "acked" | "retried" | "neither";

/** The fates in the order of the bodies, once what goes on in the background is over. A consumer that throws makes this throw. */
export async function consume<T>(
	consumer: (batch: MessageBatch<T>, env: Env, keepAlive: (work: Promise<unknown>) => void) => Promise<void>,
	bodies: unknown[],
): Promise<Fate[]> {
	const messages = bodies.map((body, n) => ({ id: `m${n}`, timestamp: new Date(0), attempts: 1, body: body as T }));
	const batch = createMessageBatch<T>("under-test", messages);
	const background: Promise<unknown>[] = [];
	await consumer(batch, env, (work) => background.push(work));
	await Promise.all(background);
	const result = await getQueueResult(batch, createExecutionContext());
	return messages.map(({ id }) => {
		if (result.explicitAcks.includes(id)) return "acked";
		return result.retryMessages.some(({ msgId }) => msgId === id) ? "retried" : "neither";
	});
}
