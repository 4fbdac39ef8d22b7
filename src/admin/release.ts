// Waking what a pause held back. Only the journal knows which entities have runs of a workflow, and it lags behind and
// remembers the recent ones: this makes them go on sooner than they would by themselves, and is never needed for it.

import type { Env } from "../env";
import { workflowOfRun } from "../model/names";
import { entityOf, ledgerOf } from "../stubs";

/** How many entities are woken at once. */
const LANES = 16;

export interface Released {
	woken: number;
	not_woken: number;
}

export async function releaseHeld(
	env: Env,
	{ tenant, workflow }: { tenant: string; workflow: string },
	now: number,
): Promise<Released> {
	const unfinished = await ledgerOf(env, tenant).unfinished(now + 1);
	const theirs = unfinished.filter(({ run }) => workflowOfRun(run) === workflow);
	const waiting = [...new Set(theirs.map(({ entity_key }) => entity_key))];
	const released: Released = { woken: 0, not_woken: 0 };
	const lane = async () => {
		for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
			released[(await release(env, { tenant, key, workflow })) ? "woken" : "not_woken"] += 1;
		}
	};
	await Promise.all(Array.from({ length: LANES }, lane));
	return released;
}

/** One entity's trouble is not another's. */
async function release(
	env: Env,
	{ tenant, key, workflow }: { tenant: string; key: string; workflow: string },
): Promise<boolean> {
	try {
		await entityOf(env, tenant, key).release(workflow);
		return true;
	} catch (error) {
		console.warn(JSON.stringify({ at: "admin.release", tenant, key, workflow, error: String(error) }));
		return false;
	}
}
