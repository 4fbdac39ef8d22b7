// From leases to steps that may go: prepared, and admitted by their connections, each of which is asked once. A step
// that cannot be prepared is reported; one that is not admitted waits in its Entity, which costs it no attempt.

import type { Env } from "../env";
import type { ActionMessage, Lease } from "../model/message";
import { connectionName, workflowOfRun } from "../model/names";
import { err } from "../model/result";
import { type ActionDelivery, type Claimed, giveBack } from "./claim";
import { Pacing } from "./pacing";
import { type Prepared, prepare } from "./prepare";
import { putOff, reportAttempt } from "./report";

/** A step that waits for nothing but a lane. */
export interface Ready {
	message: ActionMessage;
	lease: Lease;
	prepared: Prepared;
	pacing: Pacing;
}

interface Proper extends Omit<Ready, "pacing"> {
	delivery: ActionDelivery;
}

/** `lanes`: how many requests the batch can make at once. */
export async function makeReady(env: Env, claimed: readonly Claimed[], lanes: number): Promise<Ready[]> {
	const prepared = await Promise.all(claimed.map((one) => prepareOne(env, one)));
	const proper = prepared.filter((one) => one !== null);
	const groups = Map.groupBy(proper, ({ message, prepared }) => connectionName(message.tenant, prepared.connection));
	const ready = await Promise.all([...groups.values()].map((group) => admitGroup(env, group, lanes)));
	return ready.flat();
}

async function prepareOne(env: Env, { delivery, lease, refusal }: Claimed): Promise<Proper | null> {
	const message = delivery.body;
	try {
		const startedAt = Date.now();
		const prepared = refusal === undefined ? await prepare(env, message, lease, startedAt) : err(refusal);
		if (prepared.ok) return { delivery, message, lease, prepared: prepared.value };
		await reportAttempt(env, message, lease, { attempt: { outcome: prepared.error, exchange: {} }, startedAt });
		delivery.ack();
	} catch (error) {
		giveBack(delivery, error);
	}
	return null;
}

async function admitGroup(env: Env, group: readonly Proper[], lanes: number): Promise<Ready[]> {
	const [first] = group;
	if (first === undefined) return [];
	const { connection, bounds } = first.prepared;
	const pacing = new Pacing(env, { tenant: first.message.tenant, connection, bounds });
	const waits = await pacing.admit(
		group.map(({ message, prepared: { scope } }) => ({
			workflow: workflowOfRun(message.run),
			...(scope === undefined ? {} : { scope }),
		})),
		{
			lanes: Math.min(lanes, group.length),
			longest_ms: Math.max(...group.map(({ prepared }) => prepared.longest_ms)),
		},
	);
	const ready: Ready[] = [];
	const waiting: Promise<void>[] = [];
	for (const [n, { delivery, ...step }] of group.entries()) {
		const wait = waits[n] ?? null;
		if (wait === null) {
			// The lease is held and its Entity stands behind it: from here on the queue has nothing to do with the step.
			delivery.ack();
			ready.push({ ...step, pacing });
		} else waiting.push(putOffDelivery(env, delivery, wait));
	}
	await Promise.all(waiting);
	return ready;
}

async function putOffDelivery(env: Env, delivery: ActionDelivery, ms: number): Promise<void> {
	try {
		await putOff(env, delivery.body, ms);
		delivery.ack();
	} catch (error) {
		giveBack(delivery, error);
	}
}
