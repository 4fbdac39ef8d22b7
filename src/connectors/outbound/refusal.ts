// Why a step cannot leave: an outcome that comes before any request.

import type { Outcome } from "../../model/outcome";
import { err, type Result } from "../../model/result";

export type Refusal = Extract<Outcome, { kind: "permanent" | "transient" }>;

export function refuse(
	failure: Extract<Outcome, { kind: "permanent" }>["class"],
	reason: string,
): Result<never, Refusal> {
	return err({ kind: "permanent", class: failure, reason });
}
