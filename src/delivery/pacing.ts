// What a batch knows of the pauses of connections: each is asked once, and one that a target asked for holds from then
// on. A connection that cannot be asked holds nothing back: its target answers for itself.

import type { Env } from "../env";
import { connectionName } from "../model/names";
import { connectionOf } from "../stubs";

export class Pacing {
	/** By tenant and connection, in milliseconds. */
	readonly #waits = new Map<string, Promise<number>>();

	constructor(readonly env: Env) {}

	/** How long a request of this connection has to wait. */
	wait(tenant: string, connection: string): Promise<number> {
		const name = connectionName(tenant, connection);
		const asked = this.#waits.get(name) ?? this.#ask(tenant, connection);
		this.#waits.set(name, asked);
		return asked;
	}

	/** The rest of the batch waits too. */
	async pause(tenant: string, connection: string, ms: number): Promise<void> {
		this.#waits.set(connectionName(tenant, connection), Promise.resolve(ms));
		try {
			await connectionOf(this.env, tenant, connection).pause(ms);
		} catch (error) {
			note(tenant, connection, error);
		}
	}

	async #ask(tenant: string, connection: string): Promise<number> {
		try {
			return await connectionOf(this.env, tenant, connection).admit();
		} catch (error) {
			note(tenant, connection, error);
			return 0;
		}
	}
}

function note(tenant: string, connection: string, error: unknown): void {
	console.warn(JSON.stringify({ at: "delivery.pacing", tenant, connection, error: String(error) }));
}
