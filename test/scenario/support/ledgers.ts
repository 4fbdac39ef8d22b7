// The Ledgers of a file's runtime: their alarms, which drive bulks.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { ledgerName } from "../../../src/model/names";
import { pass } from "./time";

export function ledgerStub(tenant: string): DurableObjectStub {
	return env.LEDGER.getByName(ledgerName(tenant));
}

export function ledgerAlarm(tenant: string): Promise<number | null> {
	return runInDurableObject(ledgerStub(tenant), (_, { storage }) => storage.getAlarm());
}

/** Rings the tenant's Ledger if its alarm is due, as the platform would. */
export async function ringLedger(tenant: string): Promise<void> {
	const at = await ledgerAlarm(tenant);
	if (at !== null && at <= Date.now()) await runDurableObjectAlarm(ledgerStub(tenant));
}

/** Lets so many seconds pass, and rings in each of them. */
export async function beats(tenant: string, seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second++) {
		await ringLedger(tenant);
		await pass(1_000);
	}
}
