// The actions queues: claim, admit, attempt, report. A batch is acknowledged as soon as its steps are claimed and
// admitted, since their Entities stand behind their leases; attempts that turn out slow go on after the handler has
// returned, so that the queue flows on past a target that hangs.
//
// What this relies on: with `queue_consumer_no_wait_for_wait_until` the queue hears of acknowledgements when the handler
// returns, and not when all of its background work is done; and that work may go on for 30 seconds. If it is cut off all
// the same, a lease runs out and its attempt counts as one of unknown outcome.

import { waitUntil } from "cloudflare:workers";
import type { Env } from "../env";
import type { ActionMessage } from "../model/message";
import { entityOf } from "../stubs";
import { claimAll, isReadable } from "./claim";
import { makeReady } from "./ready";
import { within } from "./within";
import { LANES, START_WITHIN_MS, Work } from "./work";

/** An attempt that may take longer than this is not left to the background before it has less left. */
const BACKGROUND_MS = 25_000;

/** `keepAlive` keeps work going that outlasts the handler. */
export async function consumeActions(
	batch: MessageBatch<ActionMessage>,
	env: Env,
	keepAlive: (work: Promise<unknown>) => void = waitUntil,
): Promise<void> {
	const claimed = await claimAll(env, batch.messages);
	const ready = await makeReady(env, claimed, LANES);
	const work = new Work(env, ready);
	keepAlive(work.done);
	await work.untilSlow();
	const excess = Math.max(0, ...ready.map(({ prepared }) => prepared.longest_ms - BACKGROUND_MS));
	if (excess > 0) await within(START_WITHIN_MS + excess, work.done, undefined);
}

/** What came out of the actions' own dead-letter queue: no consumer survives it, so its step ends here. */
export async function consumeDeadActions(batch: MessageBatch<ActionMessage>, env: Env): Promise<void> {
	for (const message of batch.messages.filter(isReadable)) {
		const { tenant, entity_key, run, step } = message.body;
		try {
			await entityOf(env, tenant, entity_key).crashed(run, step);
			message.ack();
		} catch (error) {
			console.error(JSON.stringify({ at: "delivery.dead", tenant, run, step, error: String(error) }));
			message.retry({ delaySeconds: 60 });
		}
	}
}
