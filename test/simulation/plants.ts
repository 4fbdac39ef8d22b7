// Mistakes that a shell around the core could make. Each can be planted into the simulated shell, to show that the
// simulation would find it; none of them touches the core.

import type { Turn } from "../../src/core/turn";
import type { CanonicalEvent } from "../../src/model/event";

export const PLANTS = {
	ack_before_commit: "a delivery is answered with 200 before it is committed",
	no_receipt_check: "nobody looks whether an event was here before",
	no_outbox: "what was committed is sent once, and forgotten whether it arrived or not",
	random_key: "every attempt carries an idempotency key of its own",
	throwing_alarm: "an alarm that fails is left to the platform, which gives it up",
	arrival_order: "the latest event is the one that arrived last",
	skips_overdue: "the alarm is set for what lies ahead, and not for what is overdue",
	early_mark: "what was committed counts as sent before it was",
} as const;

export type Plant = keyof typeof PLANTS;

/** The event as it looks to whoever takes the last one for the latest. */
export function asItArrived(event: CanonicalEvent, now: number): CanonicalEvent {
	return { ...event, timestamp: new Date(now).toISOString(), sequence: undefined };
}

/** The turn as it is written by whoever keeps no outbox. */
export function withoutOutbox(turn: Turn): Turn {
	const { receipt, duplicate, runs } = turn;
	return {
		...turn,
		receipt: receipt === null ? null : { receipt: { ...receipt.receipt, hand_ons: [] }, facts: [] },
		duplicate: duplicate === null ? null : { ...duplicate, facts: [] },
		runs: new Map([...runs].map(([id, { run }]) => [id, { run, facts: [] }])),
	};
}
