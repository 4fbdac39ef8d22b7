// The world outside: one target that answers as its script says and remembers what it was sent. It recognises nothing
// again; that the same key always comes with the same step is for the invariants to see.

import type { Outcome } from "../../src/model/outcome";
import type { World } from "./world";

export interface Sent {
	run: string;
	step: string;
	key: string;
	at: number;
}

export interface Answered {
	outcome: Outcome;
	after_ms: number;
}

const PERMANENT = { kind: "permanent", class: "invalid", reason: "the target refuses it" } as const;
const NO_ANSWER = { kind: "unknown", reason: "no answer in time", timed_out: true } as const;

export class Receiver {
	readonly received: Sent[] = [];

	constructor(readonly world: World) {}

	receive(sent: Omit<Sent, "at">, timeoutMs: number): Answered {
		const { world } = this;
		this.received.push({ ...sent, at: world.now });
		const answered = this.#answer(timeoutMs);
		world.say("receiver", sent.key, answered.outcome.kind);
		return answered;
	}

	#answer(timeoutMs: number): Answered {
		const { world } = this;
		const after_ms = world.prng.between(5, 500);
		if (!world.trouble("target")) return { outcome: { kind: "succeeded", output: { ok: true } }, after_ms };
		switch (world.prng.between(0, 5)) {
			case 0:
				return { outcome: PERMANENT, after_ms };
			case 1:
				return { outcome: { kind: "transient", reason: "429", after_ms: world.prng.between(0, 300_000) }, after_ms };
			case 2:
				return { outcome: { kind: "unknown", reason: "502", timed_out: false }, after_ms };
			case 3:
				return { outcome: NO_ANSWER, after_ms: timeoutMs };
			default:
				return { outcome: { kind: "transient", reason: "503" }, after_ms };
		}
	}
}
