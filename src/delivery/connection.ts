// The Connection: one object per outbound connection, which paces. It decides nothing itself: core/pacing does, over
// state in memory. Only what must outlast the memory is stored: pauses of over a minute, that the breaker is open, and who
// waits to be called. The rest may be forgotten: then a target that is still unwell says so again. Tokens of a
// connection by OAuth may never be forgotten; its keeper keeps them.

import { DurableObject } from "cloudflare:workers";
import { call, callOff } from "../core/pacing/called";
import { callsDue, restAfter } from "../core/pacing/calling";
import { admit, hold, LONG_PAUSE_MS, look, type Pace, pause, resume, settle, UNHURRIED } from "../core/pacing/pace";
import type { Env } from "../env";
import type { Bounds } from "../model/connection";
import type {
	Admission,
	AdmitCall,
	Authorization,
	CallAnswer,
	ConnectionCalls,
	ConnectionState,
	Holding,
	Settlement,
	Wanted,
} from "../model/message";
import { keyOf, tenantOf } from "../model/names";
import { ParkedSteps } from "./parked";
import { TokenKeeper } from "./token-keeper";

const KEPT = "kept";
/** After an alarm that failed. */
const ALARM_FALLBACK_MS = 60_000;
/** Those of paused workflows are not called: it is seen this often whether they still are. */
const PAUSED_LOOK_MS = 60_000;
/** How often in a row others are called in the place of those that no longer wait. */
const MOST_ROUNDS = 20;
/** Before anybody said what the target bears, after a restart. */
const CAREFUL: Bounds = { rate: null, concurrency: 1 };

/** What is stored. */
interface Kept {
	pauses: [scope: string, until: number][];
	breaker: Pace["breaker"] | null;
}

export class Connection extends DurableObject<Env> implements ConnectionCalls {
	#pace: Pace | null = null;
	/** What is stored, as text to compare with. */
	#kept = "";
	#bounds = CAREFUL;
	#parked: ParkedSteps | null = null;
	/** How many calls in a row reached nobody, and when others are made. */
	#vain = { calls: 0, until: 0 };
	/** The alarm as far as this instance knows. */
	#alarmAt = Number.POSITIVE_INFINITY;
	#keeper: TokenKeeper | null = null;

	async admit(ask: AdmitCall): Promise<Admission> {
		const [parked, now] = [this.#parkedSteps(), Date.now()];
		const [pace, admission] = admit(this.#recall(), ask, { now, random: Math.random, parked: parked.size });
		this.#pace = pace;
		this.#bounds = ask.bounds;
		for (const [n, step] of ask.steps.entries()) {
			if (admission.waits[n] === "parked") parked.park(step, now);
			else parked.leave(step);
		}
		if (parked.size > 0) this.#arm(callsDue(pace, ask.bounds, now).again_at);
		return admission;
	}

	async hold(holding: Holding): Promise<void> {
		this.#pace = hold(this.#recall(), holding, Date.now());
	}

	async settle(done: Settlement, bounds: Bounds): Promise<void> {
		this.#remember(settle(this.#recall(), done, bounds, Date.now(), Math.random()));
		this.#bounds = bounds;
		this.ctx.waitUntil(this.#call());
	}

	async pause(ms: number, scope?: string): Promise<void> {
		this.#remember(pause(this.#recall(), { ms, ...(scope === undefined ? {} : { scope }) }, Date.now()));
	}

	async resume(): Promise<void> {
		this.#vain = { calls: 0, until: 0 };
		this.#remember(resume(this.#recall(), Date.now()));
		this.ctx.waitUntil(this.#call());
	}

	async state(): Promise<ConnectionState> {
		const paced = look(this.#recall(), { now: Date.now(), parked: this.#parkedSteps().size });
		const token = await this.#tokens().state();
		return token === undefined ? paced : { ...paced, token };
	}

	async authorize(settings: string): Promise<Authorization> {
		return this.#tokens().authorize(settings);
	}

	async refuse(serial: number): Promise<"again" | "auth"> {
		return this.#tokens().refuse(serial);
	}

	override async alarm(): Promise<void> {
		this.#alarmAt = Number.POSITIVE_INFINITY;
		try {
			await this.#call();
		} catch (error) {
			console.error(JSON.stringify({ at: "connection.alarm", connection: this.ctx.id.name, error: String(error) }));
			this.#arm(Date.now() + ALARM_FALLBACK_MS);
		}
	}

	/** Calls as many of those who are parked as there is room for. The alarm comes again for the others, and for a crash. */
	async #call(): Promise<void> {
		const parked = this.#parkedSteps();
		if (parked.size === 0) return;
		if (Date.now() < this.#vain.until) return this.#arm(this.#vain.until);
		const paused = await parked.pausedWorkflows();
		// As long as some have gone in vain there may be room for others.
		for (let [rounds, isGone] = [0, true]; isGone && rounds < MOST_ROUNDS; rounds++) {
			const now = Date.now();
			const { count, again_at } = callsDue(this.#recall(), this.#bounds, now);
			const steps = parked.next(count, paused);
			const isForNobody = count > 0 && steps.length === 0;
			if (parked.size + steps.length > 0) this.#arm(isForNobody ? now + PAUSED_LOOK_MS : again_at);
			if (isForNobody) return;
			this.#called((called) => call(called, steps, now));
			const answers = await Promise.all(steps.map((step) => this.#callOne(step)));
			isGone = answers.includes("gone");
			this.#learn(answers);
		}
		// Who could not be called keeps a place, and perhaps nobody else has.
		if (parked.size > 0) this.#arm(callsDue(this.#recall(), this.#bounds, Date.now()).again_at);
	}

	#learn(answers: readonly CallAnswer[]): void {
		const isVain = answers.every((answer) => answer === "busy");
		const calls = isVain ? this.#vain.calls + answers.length : 0;
		const rest = isVain && answers.length > 0 ? restAfter(calls, this.#parkedSteps().size) : 0;
		this.#vain = { calls, until: Date.now() + rest };
	}

	async #callOne(step: Wanted): Promise<CallAnswer> {
		const answer = await this.#parkedSteps().call(step);
		if (answer !== "coming") this.#called((called) => callOff(called, step));
		return answer;
	}

	#called(change: (called: Pace["called"]) => Pace["called"]): void {
		const pace = this.#recall();
		this.#pace = { ...pace, called: change(pace.called) };
	}

	/** The alarm may come early, never late. One that should have come long ago was lost. */
	#arm(at: number): void {
		if (this.#alarmAt <= at && this.#alarmAt > Date.now() - ALARM_FALLBACK_MS) return;
		this.#alarmAt = at;
		void this.ctx.storage.setAlarm(at);
	}

	#parkedSteps(): ParkedSteps {
		this.#parked ??= new ParkedSteps(this.env, this.ctx.storage, tenantOf(this.ctx.id.name ?? ""));
		return this.#parked;
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
	const long = [...pauses].filter(([, until]) => until > now + LONG_PAUSE_MS);
	const open = breaker.state === "open" ? { ...breaker, probe: null } : null;
	return long.length === 0 && open === null ? null : { pauses: long, breaker: open };
}
