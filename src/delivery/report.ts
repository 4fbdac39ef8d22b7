// Telling an Entity what became of its step: that it was tried, or that it has to wait. What happened must not be
// forgotten over a restart, so it is told again if it could not be told; telling twice is telling once.

import type { Env } from "../env";
import type { ActionMessage, Lease, LeaseId } from "../model/message";
import { entityOf } from "../stubs";
import type { Attempt } from "./attempt";

/** How often it is tried, and the first pause between two. */
const TRIES = 4;
const PAUSE_MS = 250;

export function reportAttempt(
	env: Env,
	message: ActionMessage,
	{ attempt: n }: Lease,
	{ attempt, startedAt }: { attempt: Attempt; startedAt: number },
): Promise<void> {
	const { tenant, entity_key, run, step } = message;
	const report = { run, step, attempt: n, ...attempt, started_at: startedAt, duration_ms: Date.now() - startedAt };
	return insist(() => entityOf(env, tenant, entity_key).report(report));
}

/** The step waits in its Entity, and comes back after this long. */
export function putOff(
	env: Env,
	{ tenant, entity_key, run, step }: ActionMessage,
	{ until }: LeaseId,
	ms: number,
): Promise<void> {
	const sendAt = Date.now() + Math.ceil(ms);
	return insist(() => entityOf(env, tenant, entity_key).postpone(run, step, { until }, sendAt));
}

/** The step waits in its Entity until its Connection calls it. */
export function park(env: Env, { tenant, entity_key, run, step }: ActionMessage, { until }: LeaseId): Promise<void> {
	return insist(() => entityOf(env, tenant, entity_key).park(run, step, { until }));
}

/** `tell` takes a new stub every time, since one whose object was reset stays broken. */
async function insist(tell: () => Promise<void>): Promise<void> {
	for (let tries = 1; ; tries++) {
		try {
			return await tell();
		} catch (error) {
			if (tries === TRIES) throw error;
			await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** (tries - 1)));
		}
	}
}
