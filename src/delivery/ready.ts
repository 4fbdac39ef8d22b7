// From leases to steps that may go: prepared, and admitted by their connections, each of which is asked once. A step
// that cannot be prepared is reported; one that is not admitted waits in its Entity, which costs it no attempt.

import type { Refusal } from "../connectors/outbound/refusal";
import type { Env } from "../env";
import type { ActionMessage, Lease } from "../model/message";
import { connectionName, workflowOfRun } from "../model/names";
import { err, ok } from "../model/result";
import { type ActionDelivery, type Claimed, giveBack } from "./claim";
import { Pacing } from "./pacing";
import { type Prepared, prepare } from "./prepare";
import { park, putOff, reportAttempt } from "./report";
import { Access, authorize, spreadWait } from "./token-access";

/** A step that waits for nothing but a lane. */
export interface Ready {
	message: ActionMessage;
	lease: Lease;
	prepared: Prepared;
	pacing: Pacing;
	/** Of a connection by OAuth. */
	access?: Access;
}

interface Proper extends Omit<Ready, "pacing"> {
	delivery: ActionDelivery;
}

/** `lanes`: how many requests the batch can make at once. */
export async function makeReady(env: Env, claimed: readonly Claimed[], lanes: number): Promise<Ready[]> {
	const prepared = await Promise.all(claimed.map((one) => prepareOne(env, one)));
	const proper = prepared.filter((one) => one !== null);
	const groups = Map.groupBy(proper, ({ message, prepared }) => connectionName(message.tenant, prepared.connection));
	const ready = await Promise.all(
		[...groups.values()].map(async (group) => admitGroup(env, await authorizeGroup(env, group), lanes)),
	);
	return ready.flat();
}

async function prepareOne(env: Env, { delivery, lease, refusal }: Claimed): Promise<Proper | null> {
	const message = delivery.body;
	try {
		const startedAt = Date.now();
		const prepared = refusal === undefined ? await prepare(env, message, lease, startedAt) : err(refusal);
		if (prepared.ok) return { delivery, message, lease, prepared: prepared.value };
		await reportRefusal(env, { delivery, lease }, prepared.error, startedAt);
	} catch (error) {
		giveBack(delivery, error);
	}
	return null;
}

async function reportRefusal(
	env: Env,
	{ delivery, lease }: Pick<Proper, "delivery" | "lease">,
	outcome: Refusal,
	startedAt: number,
): Promise<void> {
	await reportAttempt(env, delivery.body, lease, { attempt: { outcome, exchange: {} }, startedAt });
	delivery.ack();
}

/** A group by OAuth is given its access token, with one question for all of it. Without one none of it goes. */
async function authorizeGroup(env: Env, group: readonly Proper[]): Promise<readonly Proper[]> {
	const [first] = group;
	const settings = first?.prepared.oauth?.settings;
	if (first === undefined || settings === undefined) return group;
	const at = { tenant: first.message.tenant, connection: first.prepared.connection };
	const authorization = await authorize(env, at, settings);
	switch (authorization.state) {
		case "go": {
			const { token, serial } = authorization;
			const access = new Access(env, at, serial);
			const armed = await Promise.all(group.map((one) => arm(env, one, token)));
			return armed.filter((one) => one !== null).map((one) => ({ ...one, access }));
		}
		case "wait":
			await Promise.all(group.map((one) => putOffDelivery(env, one, spreadWait(authorization.ms))));
			return [];
		case "refused": {
			const outcome: Refusal = { kind: "permanent", class: authorization.class, reason: authorization.reason };
			await Promise.all(group.map((one) => refuseDelivery(env, one, outcome)));
			return [];
		}
	}
}

async function arm(env: Env, one: Proper, token: string): Promise<Proper | null> {
	const armed = one.prepared.oauth?.withToken(token) ?? ok(one.prepared);
	if (armed.ok) return { ...one, prepared: armed.value };
	await refuseDelivery(env, one, armed.error);
	return null;
}

async function refuseDelivery(env: Env, one: Proper, outcome: Refusal): Promise<void> {
	try {
		await reportRefusal(env, one, outcome, Date.now());
	} catch (error) {
		giveBack(one.delivery, error);
	}
}

async function admitGroup(env: Env, group: readonly Proper[], lanes: number): Promise<Ready[]> {
	const [first] = group;
	if (first === undefined) return [];
	const { connection, bounds } = first.prepared;
	const pacing = new Pacing(env, { tenant: first.message.tenant, connection, bounds });
	const waits = await pacing.admit(
		group.map(({ message: { entity_key, run, step }, prepared: { scope } }) => ({
			...{ entity_key, run, step, workflow: workflowOfRun(run) },
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
		} else waiting.push(putOffDelivery(env, { delivery, lease: step.lease }, wait));
	}
	await Promise.all(waiting);
	return ready;
}

async function putOffDelivery(
	env: Env,
	{ delivery, lease }: Pick<Proper, "delivery" | "lease">,
	wait: number | "parked",
): Promise<void> {
	try {
		await (wait === "parked" ? park(env, delivery.body, lease) : putOff(env, delivery.body, lease, wait));
		delivery.ack();
	} catch (error) {
		giveBack(delivery, error);
	}
}
