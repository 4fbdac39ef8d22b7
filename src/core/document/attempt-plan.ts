// How one action is tried: what its author wrote, and where nothing was written, what the action and the defaults say.

import type { AttemptPlan } from "../../model/plan";
import type { Undo } from "../../model/workflow";
import type { Path } from "../expression/path";
import type { CatalogueAction } from "./compile";
import type { Report } from "./schema-issues";

/** In all about an hour at most, so that an outage of minutes is outlived. Pauses grow, with jitter. */
export const RETRY_DEFAULTS = { attempts: 6, base_ms: 10_000, cap_ms: 3_600_000 };

export function attemptPlanOf(
	written: Partial<Undo> & { use: string },
	action: CatalogueAction | undefined,
): AttemptPlan {
	return {
		use: written.use,
		connection: written.connection ?? null,
		timeout_ms: written.timeout ?? action?.timeout_ms ?? 0,
		repeatable: action === undefined || action.repeatable || action.reads === true,
		on_unknown: written.on_unknown ?? "retry",
		...retryOf(written),
	};
}

export function checkRetry(written: Partial<Undo>, path: Path, report: Report): void {
	const { base_ms, cap_ms } = retryOf(written);
	if (base_ms > cap_ms)
		report([...path, "retry"], "base is longer than cap: the first pause cannot be longer than the longest");
}

function retryOf({ retry = {} }: Partial<Undo>) {
	return {
		attempts: retry.attempts ?? RETRY_DEFAULTS.attempts,
		base_ms: retry.base ?? RETRY_DEFAULTS.base_ms,
		cap_ms: retry.cap ?? RETRY_DEFAULTS.cap_ms,
	};
}
