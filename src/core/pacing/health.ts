// Which outcomes say that a target is unwell.

import type { Outcome } from "../../model/outcome";

/**
 * Time-outs, broken connections and errors of the server do. Refusals do not, and neither does a target that says when
 * to come back: it is well enough to say so, and has its pause. `status`: what it answered, if it did.
 */
export function isFailure(outcome: Outcome, status: number | undefined): boolean {
	switch (outcome.kind) {
		case "succeeded":
		case "permanent":
			return false;
		case "unknown":
			return true;
		case "transient":
			return outcome.after_ms === undefined && (status === undefined || status >= 500);
	}
}
