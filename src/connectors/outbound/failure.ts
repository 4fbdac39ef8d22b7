// How calls of an API fail, and what a failed look for an earlier call means.

import type { Outcome } from "../../model/outcome";
import type { Found } from "../connector";

export type Failure = Exclude<Outcome, { kind: "succeeded" }>;

/** Nobody knows whether it took effect. Where a repetition changes nothing, that is a reason to repeat it. */
export function leftOpen(reason: string, repeatable: boolean): Failure {
	return repeatable ? { kind: "transient", reason } : { kind: "unknown", reason, timed_out: false };
}

export function unclear(reason: string): Found {
	return { kind: "unclear", reason };
}

/** A look that was refused says nothing of what was looked for, but perhaps when to look again. */
export function unclearAfter(failure: Failure): Found {
	const { reason } = failure;
	if (failure.kind === "permanent" && failure.class === "auth") {
		return { kind: "unclear", reason, refused: { why: "unauthorized" } };
	}
	if (failure.kind !== "transient" || failure.after_ms === undefined) return unclear(reason);
	const { after_ms, scope } = failure;
	return { kind: "unclear", reason, after_ms, refused: { why: "limited", ...(scope !== undefined && { scope }) } };
}
