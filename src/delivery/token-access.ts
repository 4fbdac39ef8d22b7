// The access token as one batch has it: asked for once for all steps of a connection, and given up at the first step whose
// target does not take it. Without a token nothing goes: unlike pacing, this cannot be left out.

import type { Env } from "../env";
import type { Authorization } from "../model/message";
import type { Outcome } from "../model/outcome";
import { connectionOf } from "../stubs";
import type { Attempt } from "./attempt";

/** A Connection that cannot be reached is asked again after this. */
const UNREACHABLE_MS = 2_000;
/** A step that was to go with a token that its target has refused comes back within this. */
const AGAIN_MS = 1_000;
/** Jitter beyond what has to be waited, since all of them come from one moment. */
const SPREAD_MS = 1_000;

export interface Place {
	tenant: string;
	connection: string;
}

export async function authorize(env: Env, { tenant, connection }: Place, settings: string): Promise<Authorization> {
	try {
		return await connectionOf(env, tenant, connection).authorize(settings);
	} catch (error) {
		console.warn(JSON.stringify({ at: "delivery.token", tenant, connection, error: String(error) }));
		return { state: "wait", ms: UNREACHABLE_MS };
	}
}

/** When a step comes back that has to wait so long. */
export function spreadWait(ms: number): number {
	return ms + Math.random() * Math.max(SPREAD_MS, ms / 10);
}

export class Access {
	#isRefused = false;

	constructor(
		readonly env: Env,
		readonly at: Place,
		readonly serial: number,
	) {}

	/** How long a step must wait after all; 0 to go. */
	wait(): number {
		return this.#isRefused ? Math.random() * AGAIN_MS : 0;
	}

	/** A token that the target refuses is renewed, once, and the attempt is worth repeating then. */
	async judge(attempt: Attempt): Promise<Attempt> {
		const { outcome } = attempt;
		const isRefused = outcome.kind === "permanent" && outcome.class === "auth";
		if (!isRefused && attempt.looked?.refused?.why !== "unauthorized") return attempt;
		this.#isRefused = true;
		const said = await this.#refuse();
		return isRefused ? { ...attempt, outcome: refusedOutcome(outcome.reason, said) } : attempt;
	}

	async #refuse(): Promise<"again" | "auth"> {
		const { tenant, connection } = this.at;
		try {
			return await connectionOf(this.env, tenant, connection).refuse(this.serial);
		} catch (error) {
			console.warn(JSON.stringify({ at: "delivery.token", tenant, connection, error: String(error) }));
			return "again";
		}
	}
}

function refusedOutcome(reason: string, said: "again" | "auth"): Outcome {
	if (said === "again") return { kind: "transient", reason: `${reason}: the access token is renewed` };
	const remedy = "check what the connection's client may do there, and its scope";
	return { kind: "permanent", class: "auth", reason: `${reason} to an access token that was just renewed: ${remedy}` };
}
