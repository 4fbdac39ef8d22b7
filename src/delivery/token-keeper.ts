// The access token of one connection by OAuth, inside of its Connection object: handed out, renewed, remembered. However
// many ask, one request for a new one is under way, and what it brings is stored before anybody is given it. What to do,
// core/token decides.
//
// The row in the database holds what the operator gave, and is read again before every request, so that a stale batch
// never brings back settings that were replaced. Other settings than those that the tokens come from reset all of it.

import {
	decideToken,
	firstHeld,
	granted,
	type Held,
	inTrouble,
	isUsable,
	onRefusal,
	refusedForGood,
	type TokenDecision,
	type Trouble,
} from "../core/token";
import { OAuth } from "../core/token-settings";
import type { Env } from "../env";
import { JsonObject } from "../model/json";
import type { Authorization, TokenState } from "../model/message";
import { vaultKeys } from "../registry/cache";
import { loadConnection } from "../registry/load";
import { tokenExchange } from "./token-endpoint";
import { settingsOf } from "./token-settings";
import { TokenStore, type Unreadable } from "./token-store";
import { within } from "./within";

/** A batch waits no longer than this for a new token: others of other connections wait with it. */
const PATIENCE_MS = 1_000;
/** Who finds a request under way for longer than that comes back after this. */
const LATE_MS = 2_000;
/** A database that has not answered by then is one that cannot be read. */
const READ_MS = 5_000;
/** A connection that waits for people is looked at again at most this often. */
const LOOK_AGAIN_MS = 10_000;

/** What the database says of the connection. */
interface Given {
	revision: string;
	settings: string;
	oauth: OAuth;
}

export class TokenKeeper {
	readonly #store: TokenStore;
	#held: Held | null = null;
	#loading: Promise<void> | null = null;
	/** What is stored and cannot be opened. It stays, until the operator gives other settings. */
	#unreadable: Unreadable | null = null;
	/** Why a request must not leave. */
	#blocked: string | null = null;
	#trouble: Trouble | null = null;
	#flight: { done: Promise<void>; since: number } | null = null;
	#lookedAt = 0;

	constructor(
		readonly env: Env,
		storage: DurableObjectStorage,
		readonly at: { tenant: string; connection: string },
	) {
		this.#store = new TokenStore(env, storage, at);
	}

	async authorize(settings: string): Promise<Authorization> {
		await this.#load();
		const decision = this.#decide(settings);
		if (decision.do !== "renew") return this.#answer(decision);
		const isUnderWay = this.#flight !== null;
		await this.#renewed();
		if (isUnderWay && this.#held?.settings !== settings) await this.#renewed();
		// Whoever still knows other settings has a stale copy: what was read just now holds.
		return this.#answer(this.#decide(this.#held?.settings ?? settings));
	}

	/** The target refused a token. */
	async refuse(serial: number): Promise<"again" | "auth"> {
		await this.#load();
		if (this.#held === null) return "again";
		const { held, said } = onRefusal(this.#held, serial, Date.now());
		this.#held = held;
		return said;
	}

	/** Undefined if nothing is kept. */
	async state(): Promise<TokenState | undefined> {
		await this.#load();
		const last_error =
			this.#held?.dead?.reason ?? this.#unreadable?.reason ?? this.#blocked ?? this.#trouble?.reason ?? null;
		if (this.#held === null) return last_error === null ? undefined : { ...NO_TOKEN, last_error };
		const { expires_at, obtained_at } = this.#held;
		return { expires_at, refreshed_at: obtained_at, last_error };
	}

	#decide(settings: string): TokenDecision {
		const [held, now] = [this.#held, Date.now()];
		const looksAgain = now - this.#lookedAt > LOOK_AGAIN_MS;
		if (held === null) {
			const wait = (this.#trouble?.until ?? now) - now;
			return wait > 0 && !looksAgain ? { do: "wait", ms: Math.min(wait, LOOK_AGAIN_MS) } : LOOK;
		}
		if (held.settings !== settings || (looksAgain && (held.dead !== null || this.#blocked !== null))) return LOOK;
		return decideToken(held, this.#trouble, now);
	}

	#answer(decision: TokenDecision): Authorization {
		const held = this.#held;
		switch (decision.do) {
			case "use":
				return { state: "go", token: decision.token, serial: decision.serial };
			case "refuse":
				return { state: "refused", class: "auth", reason: decision.reason };
			case "wait":
				return { state: "wait", ms: decision.ms };
			case "renew":
				// It is still under way, or may not leave. What has not expired is good enough meanwhile.
				if (typeof held?.access_token === "string" && isUsable(held, Date.now()))
					return { state: "go", token: held.access_token, serial: held.serial };
				if (this.#blocked !== null) return { state: "refused", class: "policy", reason: this.#blocked };
				return { state: "wait", ms: LATE_MS };
		}
	}

	/** Resolves when the request under way is over, or has taken too long. Begins one if there is none. */
	async #renewed(): Promise<void> {
		this.#flight ??= { done: this.#renew().finally(() => this.#land()), since: performance.now() };
		const left = this.#flight.since + PATIENCE_MS - performance.now();
		if (left > 0) await within(left, this.#flight.done, null);
	}

	#land(): void {
		this.#flight = null;
	}

	/** Never rejects: what goes wrong is a trouble that is over some time. */
	async #renew(): Promise<void> {
		try {
			this.#lookedAt = Date.now();
			const given = await this.#read();
			if (given === null) {
				this.#store.forget();
				this.#held = this.#trouble = null;
				return;
			}
			await this.#adopt(given);
			if (this.#held !== null && decideToken(this.#held, this.#trouble, Date.now()).do === "renew")
				await this.#ask(this.#held, given);
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			this.#fail({ reason: `no token can be had: ${why.slice(0, 300)}` });
		}
	}

	/** Null if there is no such connection, or it has static credentials. */
	async #read(): Promise<Given | null> {
		const { tenant, connection: name } = this.at;
		const keys = await vaultKeys(this.env);
		const reading = loadConnection(this.env.DB, { tenant, name, keys, known: null });
		const loaded = await within(READ_MS, reading, "late" as const);
		if (loaded === "late") throw new Error("the database does not answer");
		const given = JsonObject.safeParse(loaded?.connection.credentials.oauth);
		if (loaded === null || !given.success) return null;
		const oauth = OAuth.parse(given.data);
		return { revision: loaded.revision, settings: await settingsOf(given.data), oauth };
	}

	/** Other settings reset everything; any change of the connection ends the wait for people. */
	async #adopt({ settings, oauth, revision }: Given): Promise<void> {
		const held = this.#held;
		if (this.#unreadable?.settings === settings) throw new Error(this.#unreadable.reason);
		if (held === null || held.settings !== settings) {
			const first = firstHeld(settings, oauth, (held?.serial ?? 0) + 1);
			await this.#store.save(first);
			this.#held = first;
			this.#trouble = this.#unreadable = null;
		} else if (held.dead !== null && held.dead.revision !== revision) {
			this.#held = { ...held, dead: null };
		}
	}

	async #ask(before: Held, { oauth, revision }: Given): Promise<void> {
		const exchange = tokenExchange(this.env, oauth, before.refresh_token);
		this.#blocked = exchange.ok ? null : exchange.error;
		if (!exchange.ok) return;
		const asking: Held = { ...before, asked: true };
		await this.#store.save(asking);
		const answer = await exchange.value();
		// A target may have refused the present one meanwhile.
		const held = { ...asking, refused: this.#held?.refused ?? false };
		switch (answer.said) {
			case "granted":
				return this.#keep(granted(held, answer, Date.now(), Math.random()));
			case "refused":
				this.#warn(answer.reason);
				return this.#keep(refusedForGood(held, answer, { revision, wasAsked: before.asked }));
			case "failed":
				this.#fail(answer);
				return this.#keep({ ...held, asked: before.asked }, this.#trouble);
			case "lost":
				this.#fail(answer);
				this.#held = held;
		}
	}

	/** In this order: nobody is given what is not stored. */
	async #keep(held: Held, trouble: Trouble | null = null): Promise<void> {
		await this.#store.save(held);
		this.#held = held;
		this.#trouble = trouble;
	}

	#fail(trouble: { reason: string; after_ms?: number }): void {
		this.#trouble = inTrouble(this.#trouble, trouble, Date.now(), Math.random());
		this.#warn(trouble.reason);
	}

	#warn(reason: string): void {
		console.warn(JSON.stringify({ at: "connection.token", ...this.at, reason }));
	}

	#load(): Promise<void> {
		this.#loading ??= this.#recall().catch((error: unknown) => {
			this.#loading = null;
			throw error;
		});
		return this.#loading;
	}

	async #recall(): Promise<void> {
		const stored = await this.#store.load();
		if (stored.ok) this.#held = stored.value;
		else this.#unreadable = stored.error;
	}
}

const LOOK: TokenDecision = { do: "renew", usable: false };
const NO_TOKEN = { expires_at: null, refreshed_at: null };
