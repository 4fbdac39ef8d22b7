// The Connection: one object per outbound connection, which paces. When the target asks for a pause, everything that
// goes there waits. The pause is kept in memory: if it is forgotten, the target asks again.

import { DurableObject } from "cloudflare:workers";
import { MAX_RETRY_AFTER_MS } from "../core/retry";
import type { Env } from "../env";
import type { ConnectionCalls } from "../model/message";

export class Connection extends DurableObject<Env> implements ConnectionCalls {
	#pausedUntil = 0;

	async admit(): Promise<number> {
		return Math.max(0, this.#pausedUntil - Date.now());
	}

	async pause(ms: number): Promise<void> {
		this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + Math.min(ms, MAX_RETRY_AFTER_MS));
	}
}
