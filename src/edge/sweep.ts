// The cron sweeper: what no event and no alarm would bring about. It opens the clock windows of workflows that want to
// hear of emptiness, and looks after runs that have not been heard of for a while, in case an alarm was lost.

import { clockPlan } from "../core/clock-plan";
import type { Env } from "../env";
import { type TenantConfig, tenantConfig } from "../registry/cache";
import { allTenants } from "../registry/tenants";
import { entityOf, ledgerOf } from "../stubs";
import { idOf } from "./canonical";

/** Runs are looked after this often, once they have not been heard of for as long. */
const LOOK_AFTER_MINUTES = 15;
const MINUTE_MS = 60_000;
/** How many tenants are looked after at once. */
const LANES = 8;

/** Once a minute. One tenant's trouble is not another's. */
export async function sweep(env: Env, now: number): Promise<void> {
	const waiting = await allTenants(env.DB);
	const lane = async () => {
		for (let tenant = waiting.shift(); tenant !== undefined; tenant = waiting.shift())
			await sweepTenant(env, tenant, now);
	};
	await Promise.all(Array.from({ length: LANES }, lane));
}

async function sweepTenant(env: Env, tenant: string, now: number): Promise<void> {
	try {
		const config = await tenantConfig(env, tenant, now);
		if (config !== null) await openClockWindows(env, tenant, config, now);
		if (Math.floor(now / MINUTE_MS) % LOOK_AFTER_MINUTES === 0) await lookAfterRuns(env, tenant, now);
	} catch (error) {
		console.error(JSON.stringify({ at: "sweep", tenant, error: String(error) }));
	}
}

async function openClockWindows(env: Env, tenant: string, { workflows }: TenantConfig, now: number): Promise<void> {
	for (const { version, compiled } of workflows) {
		const plan = clockPlan(compiled, version);
		if (plan === null) continue;
		const traceId = idOf(tenant, plan.workflow, plan.entity_key, "clock", String(now));
		await entityOf(env, tenant, plan.entity_key).tick(plan, traceId);
	}
}

async function lookAfterRuns(env: Env, tenant: string, now: number): Promise<void> {
	const unfinished = await ledgerOf(env, tenant).unfinished(now - LOOK_AFTER_MINUTES * MINUTE_MS);
	const entities = new Set(unfinished.map(({ entity_key }) => entity_key));
	for (const key of entities) await entityOf(env, tenant, key).wake();
}
