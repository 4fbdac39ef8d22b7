// Where an event goes: to its home, with one plan per workflow that wants it, in one call.

import { homeKey } from "../core/accept";
import { planFor } from "../core/match";
import type { Env } from "../env";
import type { AcceptInput } from "../model/entity";
import type { CanonicalEvent } from "../model/event";
import type { TenantConfig } from "../registry/cache";
import { entityOf } from "../stubs";
import { recordUnwanted } from "./unwanted";

/** What the workflows of a tenant make of an event. */
export function plansFor(event: CanonicalEvent, workflows: TenantConfig["workflows"]): AcceptInput {
	const input: AcceptInput = { event, plans: [], unmatched: [] };
	for (const { compiled, version } of workflows) {
		const answer = planFor(compiled, version, event);
		if (answer.kind === "plan") input.plans.push(answer.plan);
		if (answer.kind === "none") input.unmatched.push(answer.because);
	}
	return input;
}

/** How many events of one delivery are on their way at once. */
const AT_ONCE = 25;

/**
 * Resolves once all of them are safe. Throws if one could not be stored; after it no more are begun, and all of them are
 * to be sent again.
 */
export async function routeAll(
	env: Env,
	events: readonly CanonicalEvent[],
	workflows: TenantConfig["workflows"],
	now: number,
): Promise<void> {
	for (let from = 0; from < events.length; from += AT_ONCE) {
		const some = events.slice(from, from + AT_ONCE);
		const stored = await Promise.allSettled(some.map((event) => route(env, plansFor(event, workflows), now)));
		const failed = stored.find((result) => result.status === "rejected");
		if (failed !== undefined) throw failed.reason;
	}
}

/** Resolves once the event is safe. Throws if it could not be stored: the sender must try again. */
export async function route(env: Env, input: AcceptInput, now: number): Promise<void> {
	if (input.plans.length === 0) return recordUnwanted(env, input, now);
	const { event, plans, unmatched } = input;
	const call = { event: JSON.stringify(event), plans, unmatched };
	try {
		await entityOf(env, event.tenant_id, homeKey(event)).accept(call);
	} catch (error) {
		if (!isRetryable(error)) throw error;
		await entityOf(env, event.tenant_id, homeKey(event)).accept(call);
	}
}

/** The platform says of some failures that a new stub may succeed; an object that is overloaded is left alone. */
function isRetryable(error: unknown): boolean {
	const flags = error as { retryable?: boolean; overloaded?: boolean } | null;
	return flags?.retryable === true && flags.overloaded !== true;
}
