// The consumers of the actions queue: src/delivery/consumer.ts without configuration and HTTP. One may die after any of
// its steps, stall for longer than its lease, and tell the Entity what it did twice or never.

import type { ActionMessage, AttemptReport, Lease } from "../../src/model/message";
import type { Outcome } from "../../src/model/outcome";
import { carryOut } from "./attempt";
import { call } from "./call";
import type { History } from "./history";
import type { Shell } from "./shell";

export type Action = Omit<ActionMessage, "tenant">;

interface End {
	ack: () => void;
	retry: () => void;
}

/** How long the platform takes to notice that a consumer died. */
const NOTICED_MS = 30_000;
const REPORTS = 4;
/** What is held is looked at again after this. */
const HOLD_MS = 900_000;
/** Who could not be called is called again after this. */
const CALL_EVERY_MS = 1_000;

export class Consumers {
	/** The target asked for a pause until then. */
	#pausedUntil = 0;

	constructor(readonly history: History) {}

	readonly consume = (message: Action, end: End): void => {
		if (this.#dies("before its claim", end)) return;
		if (this.history.pauses.isPaused(message.run) && this.history.plant !== "pause_unasked") {
			const until = this.history.world.now + HOLD_MS;
			this.#call(message, (entity) => entity.hold(message.run, message.step, until), end, end.ack);
			return;
		}
		this.#call(
			message,
			(entity) => entity.claim(message.run, message.step),
			end,
			(claim) => {
				this.history.world.say("consumer", "claims", message.run, message.step, claim.state);
				if (claim.state !== "go") return end.ack();
				if (!this.#dies("after its claim", end)) this.#deliver(message, claim, end);
			},
		);
	};

	/** What no consumer survived. */
	readonly bury = (message: Action): void => {
		call(
			this.history.world,
			() => this.history.entity(message.entity_key).crashed(message.run, message.step),
			(answer) => {
				if (!answer.ok) this.history.world.after(60_000, () => this.bury(message));
			},
		);
	};

	#deliver(message: Action, lease: Lease, end: End): void {
		const { world } = this.history;
		if (world.now < this.#pausedUntil) {
			const until = this.#pausedUntil;
			const isParked = world.prng.chance(0.5);
			if (isParked) world.at(until, () => this.#comeNow(message));
			this.#call(
				message,
				(entity) =>
					isParked
						? entity.park(message.run, message.step, lease)
						: entity.postpone(message.run, message.step, lease, until),
				end,
				end.ack,
			);
			return;
		}
		world.after(world.latency(), () => {
			const isStale = !this.history.witness.holdsLease(lease);
			const { outcome, after_ms } = carryOut(this.history, { message, lease, isStale });
			world.after(after_ms, () => this.#report(message, lease, outcome, end));
		});
	}

	/** Its Connection has room for the parked step, and tells its Entity until that has heard it. */
	#comeNow(message: Action): void {
		const { world } = this.history;
		call(
			world,
			() => this.history.entity(message.entity_key).call(message.run, message.step),
			(answer) => {
				if (!answer.ok || answer.value === "busy") world.after(CALL_EVERY_MS, () => this.#comeNow(message));
			},
		);
	}

	#report(message: Action, lease: Lease, outcome: Outcome, end: End): void {
		const { world } = this.history;
		if (this.#dies("before its report", end)) return;
		if (outcome.kind === "transient" && outcome.after_ms !== undefined) {
			this.#pausedUntil = Math.max(this.#pausedUntil, world.now + outcome.after_ms);
		}
		const report: AttemptReport = {
			run: message.run,
			step: message.step,
			attempt: lease.attempt,
			outcome,
			exchange: {},
			started_at: world.now,
			duration_ms: 1,
		};
		this.#tell(message, report, end, 1);
	}

	/** A few times over: what happened must not be forgotten because an Entity was restarting. */
	#tell(message: Action, report: AttemptReport, end: End, tries: number): void {
		const { world } = this.history;
		call(
			world,
			() => this.history.entity(message.entity_key).report(report),
			(answer) => {
				if (answer.ok) {
					this.history.witness.told(report);
					end.ack();
				} else if (tries === REPORTS) end.retry();
				else world.after(250 * 2 ** tries, () => this.#tell(message, report, end, tries + 1));
			},
		);
	}

	#call<T>({ entity_key }: Action, ask: (entity: Shell) => T | Promise<T>, end: End, then: (value: T) => void): void {
		call(
			this.history.world,
			() => ask(this.history.entity(entity_key)),
			(answer) => {
				if (answer.ok) then(answer.value);
				else end.retry();
			},
		);
	}

	#dies(when: string, end: End): boolean {
		const { world } = this.history;
		if (!world.trouble("consumer")) return false;
		world.say("consumer", `dies ${when}`);
		world.after(NOTICED_MS, end.retry);
		return true;
	}
}
