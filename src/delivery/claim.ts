// From messages to leases. Each message is handled by itself: what goes wrong with one gives it back to the queue, and
// no other knows of it.

import type { Refusal } from "../connectors/outbound/refusal";
import type { Env } from "../env";
import type { ActionMessage, Lease } from "../model/message";
import { Name } from "../model/name";
import { workflowOfRun } from "../model/names";
import { isPaused } from "../registry/cache";
import { entityOf } from "../stubs";

/** The pause before a message is delivered again; it doubles every time. */
const RETRY_SECONDS = 5;
/** What is held is looked at again after this, whether or not anybody released it. */
const HOLD_MS = 900_000;

export type ActionDelivery = Message<ActionMessage>;

export interface Claimed {
	delivery: ActionDelivery;
	lease: Lease;
	/** Why it cannot be carried out now, if that is known already. */
	refusal?: Refusal;
}

/** Those whose steps are ours to carry out. The others are acknowledged, or given back. */
export async function claimAll(env: Env, deliveries: readonly ActionDelivery[]): Promise<Claimed[]> {
	const claims = await Promise.all(deliveries.filter(isReadable).map((delivery) => claim(env, delivery)));
	return claims.filter((claimed) => claimed !== null);
}

async function claim(env: Env, delivery: ActionDelivery): Promise<Claimed | null> {
	const { tenant, entity_key, run, step } = delivery.body;
	try {
		const entity = entityOf(env, tenant, entity_key);
		const paused = await askPaused(env, delivery.body);
		if (paused === true) {
			await entity.hold(run, step, Date.now() + HOLD_MS);
		} else {
			const lease = await entity.claim(run, step);
			if (lease.state === "go") return { delivery, lease, ...(paused === false ? {} : { refusal: paused }) };
		}
		delivery.ack();
	} catch (error) {
		giveBack(delivery, error);
	}
	return null;
}

/** Where nobody can say, nothing is sent: it is an attempt that failed for now. */
async function askPaused(env: Env, { tenant, run }: ActionMessage): Promise<boolean | Refusal> {
	try {
		return await isPaused(env, { tenant, workflow: workflowOfRun(run) }, Date.now());
	} catch (error) {
		return { kind: "transient", reason: error instanceof Error ? error.message : String(error) };
	}
}

/** The queue brings it again. */
export function giveBack(delivery: ActionDelivery, error: unknown): void {
	const { tenant, run, step } = delivery.body;
	const { attempts } = delivery;
	console.error(JSON.stringify({ at: "delivery", tenant, run, step, attempts, error: String(error) }));
	delivery.retry({ delaySeconds: RETRY_SECONDS * 2 ** (attempts - 1) });
}

/** Longer than any key of an Entity, run or step. */
const ID_MAX = 700;

function isId(part: unknown): boolean {
	return typeof part === "string" && part !== "" && part.length <= ID_MAX && part.isWellFormed();
}

/** What is no message of ours will never be one, and is dropped. If a step was meant, its Entity sends it again. */
export function isReadable(delivery: ActionDelivery): boolean {
	const body: Partial<Record<keyof ActionMessage, unknown>> | null = delivery.body;
	const isOurs = Name.safeParse(body?.tenant).success && [body?.entity_key, body?.run, body?.step].every(isId);
	if (!isOurs) {
		console.error(JSON.stringify({ at: "delivery.malformed", message: delivery.id }));
		delivery.ack();
	}
	return isOurs;
}
