// Mistakes that a shell around the core could make. Each can be planted into the simulated shell, to show that the
// simulation would find it; none of them touches the core.

export const PLANTS = {
	ack_before_commit: "a delivery is answered with 200 before it is committed",
	no_receipt_check: "nobody looks whether an event was here before",
	no_outbox: "what was committed is sent once, and forgotten whether it arrived or not",
	random_key: "every attempt carries an idempotency key of its own",
	throwing_alarm: "an alarm that fails is left to the platform, which gives it up",
	arrival_order: "the latest event is the one that arrived last",
} as const;

export type Plant = keyof typeof PLANTS;
