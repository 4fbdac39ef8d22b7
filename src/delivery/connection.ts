// The Connection: one object per outbound connection, which paces. It decides nothing itself: core/pacing does, over
// state in memory. Only what must outlast the memory is stored: pauses and openings of the breaker of over a minute. The
// rest may be forgotten: then a target that is still unwell says so again. Tokens of a connection by OAuth may never be
// forgotten; its keeper keeps them.

import { DurableObject } from "cloudflare:workers";
import { admit, hold, look, type Pace, pause, settle, UNHURRIED } from "../core/pacing/pace";
import type { Env } from "../env";
import type { Bounds } from "../model/connection";
import type {
	Admission,
	AdmitCall,
	Authorization,
	ConnectionCalls,
	ConnectionState,
	Settlement,
} from "../model/message";
import { keyOf, tenantOf } from "../model/names";
import { TokenKeeper } from "./token-keeper";

/** What ends sooner is not worth a row. */
const WORTH_KEEPING_MS = 60_000;
const KEPT = "kept";

/** What is stored. */
interface Kept {
	pauses: [scope: string, until: number][];
	breaker: Pace["breaker"] | null;
}

export class Connection extends DurableObject<Env> implements ConnectionCalls {
	#pace: Pace | null = null;
	/** What is stored, as text to compare with. */
	#kept = "";
	#keeper: TokenKeeper | null = null;

	async admit(call: AdmitCall): Promise<Admission> {
		const [pace, admission] = admit(this.#recall(), call, Date.now(), Math.random);
		this.#pace = pace;
		return admission;
	}

	async hold(batch: string, lanes: number, ms: number): Promise<void> {
		this.#pace = hold(this.#recall(), batch, { lanes, ms }, Date.now());
	}

	async settle(done: Settlement, bounds: Bounds): Promise<void> {
		this.#remember(settle(this.#recall(), done, bounds, Date.now(), Math.random()));
	}

	async pause(ms: number, scope?: string): Promise<void> {
		this.#remember(pause(this.#recall(), { ms, ...(scope === undefined ? {} : { scope }) }, Date.now()));
	}

	async state(): Promise<ConnectionState> {
		const paced = look(this.#recall(), Date.now());
		const token = await this.#tokens().state();
		return token === undefined ? paced : { ...paced, token };
	}

	async authorize(settings: string): Promise<Authorization> {
		return this.#tokens().authorize(settings);
	}

	async refuse(serial: number): Promise<"again" | "auth"> {
		return this.#tokens().refuse(serial);
	}

	#tokens(): TokenKeeper {
		if (this.#keeper !== null) return this.#keeper;
		const name = this.ctx.id.name ?? "";
		const at = { tenant: tenantOf(name), connection: keyOf(name) };
		this.#keeper = new TokenKeeper(this.env, this.ctx.storage, at);
		return this.#keeper;
	}

	#recall(): Pace {
		if (this.#pace !== null) return this.#pace;
		const kept = this.ctx.storage.kv.get<Kept>(KEPT);
		this.#kept = kept === undefined ? "" : JSON.stringify(kept);
		const breaker = kept?.breaker ?? UNHURRIED.breaker;
		this.#pace = { ...UNHURRIED, breaker, pauses: new Map(kept?.pauses) };
		return this.#pace;
	}

	#remember(pace: Pace): void {
		this.#pace = pace;
		const kept = worthKeeping(pace, Date.now());
		const text = kept === null ? "" : JSON.stringify(kept);
		if (text === this.#kept) return;
		this.#kept = text;
		if (kept === null) this.ctx.storage.kv.delete(KEPT);
		else this.ctx.storage.kv.put(KEPT, kept);
	}
}

/** A probe that is under way is not kept: after a restart another may go. Null if there is nothing. */
function worthKeeping({ pauses, breaker }: Pace, now: number): Kept | null {
	const long = [...pauses].filter(([, until]) => until > now + WORTH_KEEPING_MS);
	const isLong = breaker.state === "open" && breaker.until > now + WORTH_KEEPING_MS;
	if (long.length === 0 && !isLong) return null;
	return { pauses: long, breaker: isLong ? { ...breaker, probe: null } : null };
}
