// The world outside: one target that answers as its script says, remembers what it was sent, and in which things happen
// or do not, whatever it says. Actions that are called repeatable recognise a key that they have seen; others do not.

import type { Json, JsonObject } from "../../src/model/json";
import type { Outcome } from "../../src/model/outcome";
import type { AttemptPlan } from "../../src/model/plan";
import type { World } from "./world";

export interface Sent {
	run: string;
	/** The step as its run knows it: `tell`, `tell.3`, `tell.undo`. */
	step: string;
	key: string;
	kind: "do" | "undo";
	plan: AttemptPlan;
	reads: boolean;
	/** What the consumer had was no longer a lease: it stalled for too long. */
	isStale: boolean;
}

export interface Request extends Sent {
	at: number;
	outcome: Outcome;
}

/** Something is different now. */
export interface Effect extends Pick<Sent, "run" | "step" | "key" | "kind" | "isStale"> {
	at: number;
	/** The request that did it, counted from 0. */
	request: number;
}

export interface Answered {
	outcome: Outcome;
	after_ms: number;
}

export type Found = { kind: "found"; undo: JsonObject } | { kind: "absent" } | { kind: "unclear"; after_ms?: number };

const PERMANENT = { kind: "permanent", class: "invalid", reason: "the target refuses it" } as const;
const NO_ANSWER = { kind: "unknown", reason: "no answer in time", timed_out: true } as const;
const BROKEN = { kind: "unknown", reason: "502", timed_out: false } as const;

export class Receiver {
	readonly received: Request[] = [];
	readonly effects: Effect[] = [];
	readonly onRequest: ((sent: Sent) => void)[] = [];
	readonly onEffect: ((effect: Effect) => void)[] = [];
	/** What each step was told when it succeeded, as JSON. */
	readonly #told = new Map<string, string[]>();
	/** What reading gives; it changes now and then. */
	#value = 0;

	constructor(readonly world: World) {}

	receive(sent: Sent): Answered {
		const { world } = this;
		for (const judge of this.onRequest) judge(sent);
		const answered = sent.reads ? this.#read(sent) : this.#answer(sent);
		const { outcome } = answered;
		this.received.push({ ...sent, at: world.now, outcome });
		if (outcome.kind === "succeeded") this.#note(`${sent.run} ${sent.step}`, outcome.output);
		world.say("receiver", sent.key, answered.outcome.kind);
		return answered;
	}

	/** Whether what was sent under this key has happened and still stands. */
	probe(run: string, step: string): Found {
		const { world } = this;
		if (world.trouble("target"))
			return world.prng.chance(0.5) ? { kind: "unclear" } : { kind: "unclear", after_ms: 5_000 };
		const isDone = this.hasHappened(run, step);
		world.say("receiver", "probe", run, step, isDone ? "found" : "absent");
		return isDone ? { kind: "found", undo: { of: step } } : { kind: "absent" };
	}

	/** Whether the target said so. */
	hasSucceeded(run: string, step: string): boolean {
		return this.#told.has(`${run} ${step}`);
	}

	/** Whether it said this to a step that succeeded. */
	hasTold(run: string, step: string, output: Json): boolean {
		return this.#told.get(`${run} ${step}`)?.includes(JSON.stringify(output)) === true;
	}

	#note(name: string, output: Json): void {
		this.#told.set(name, [...(this.#told.get(name) ?? []), JSON.stringify(output)]);
	}

	/** What was done and has not been taken back since. */
	standing(run: string, step: string): Effect | undefined {
		const last = this.effects.findLast((effect) => effect.run === run && doneBy(effect) === step);
		return last?.kind === "do" ? last : undefined;
	}

	hasHappened(run: string, step: string): boolean {
		return this.standing(run, step) !== undefined;
	}

	#read({ plan }: Sent): Answered {
		const { world } = this;
		if (world.prng.chance(0.3)) this.#value += 1;
		const after_ms = world.prng.between(5, 500);
		if (!world.trouble("target")) return { outcome: { kind: "succeeded", output: { value: this.#value } }, after_ms };
		return this.#refuse(plan, after_ms);
	}

	#answer(sent: Sent): Answered {
		const { world } = this;
		const after_ms = world.prng.between(5, 500);
		if (!world.trouble("target")) {
			this.#happens(sent);
			const undo = world.prng.chance(0.9) ? { undo: { of: sent.step } } : {};
			return { outcome: { kind: "succeeded", output: { ok: true }, ...undo }, after_ms };
		}
		const answered = this.#refuse(sent.plan, after_ms);
		if (answered.outcome.kind !== "unknown" || world.prng.chance(0.5)) return answered;
		const delay = world.prng.chance(0.5) ? 0 : world.prng.between(0, answered.after_ms);
		world.after(delay, () => this.#happens(sent));
		return answered;
	}

	#refuse({ timeout_ms }: AttemptPlan, after_ms: number): Answered {
		const { world } = this;
		switch (world.prng.between(0, 5)) {
			case 0:
				return { outcome: PERMANENT, after_ms };
			case 1:
				return { outcome: { kind: "transient", reason: "429", after_ms: world.prng.between(0, 300_000) }, after_ms };
			case 2:
				return { outcome: BROKEN, after_ms };
			case 3:
				return { outcome: NO_ANSWER, after_ms: timeout_ms };
			default:
				return { outcome: { kind: "transient", reason: "503" }, after_ms };
		}
	}

	#happens({ run, step, key, kind, plan, isStale }: Sent): void {
		if (plan.repeatable && this.effects.some((effect) => effect.key === key)) return;
		const effect = { run, step, key, kind, isStale, at: this.world.now, request: this.received.length };
		this.effects.push(effect);
		this.world.say("receiver", "it happens:", run, step);
		for (const judge of this.onEffect) judge(effect);
	}
}

/** The step that an effect is about. */
export function doneBy({ step, kind }: Pick<Effect, "step" | "kind">): string {
	return kind === "undo" ? step.slice(0, -".undo".length) : step;
}
