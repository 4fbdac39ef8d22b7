// Where a Connection keeps its tokens: one sealed value in its own storage. What it gives out it has stored before.

import { z } from "zod";
import type { Held } from "../core/token";
import type { Env } from "../env";
import { err, ok, type Result } from "../model/result";
import { vaultKeys } from "../registry/cache";
import { tokensPlace } from "../registry/connections";
import { explainOpenFailure, open, rewrap, seal } from "../registry/vault";

const TOKENS = "tokens";

const Stored = z.strictObject({ settings: z.string(), sealed: z.string() });

const StoredHeld = z.object({
	settings: z.string(),
	serial: z.int(),
	access_token: z.string().nullable(),
	expires_at: z.number().nullable(),
	renew_at: z.number().nullable(),
	refresh_token: z.string().nullable(),
	obtained_at: z.number().nullable(),
	refused: z.boolean(),
	after_refusal: z.boolean(),
	asked: z.boolean(),
	dead: z.object({ reason: z.string(), revision: z.string() }).nullable(),
});

/** Which settings the stored tokens come from, and why they cannot be read. */
export interface Unreadable {
	settings: string;
	reason: string;
}

export class TokenStore {
	constructor(
		readonly env: Env,
		readonly storage: DurableObjectStorage,
		readonly at: { tenant: string; connection: string },
	) {}

	/** Null if nothing is stored. What is under an older key of the vault is put under the newest. */
	async load(): Promise<Result<Held | null, Unreadable>> {
		const kept = this.storage.kv.get(TOKENS);
		if (kept === undefined) return ok(null);
		const { settings, sealed } = Stored.parse(kept);
		const [keys, place] = [await vaultKeys(this.env), this.#place];
		const opened = await open(keys, place, sealed);
		if (!opened.ok) {
			return err({ settings, reason: `the stored tokens cannot be opened: ${explainOpenFailure(opened.error)}` });
		}
		const newer = await rewrap(keys, place, sealed);
		if (newer.ok && newer.value !== sealed) this.storage.kv.put(TOKENS, { settings, sealed: newer.value });
		return ok(StoredHeld.parse(JSON.parse(opened.value)));
	}

	/** No answer leaves the object before this is on disk: the platform holds it back. */
	async save(held: Held): Promise<void> {
		const sealed = await seal(await vaultKeys(this.env), this.#place, JSON.stringify(held));
		this.storage.kv.put(TOKENS, { settings: held.settings, sealed });
	}

	forget(): void {
		this.storage.kv.delete(TOKENS);
	}

	get #place() {
		return tokensPlace(this.at.tenant, this.at.connection);
	}
}
