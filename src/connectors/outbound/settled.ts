// Whether what a look has not found is certainly not there. A target may still work on a request that we have given up,
// and may list late what it has done.

import type { Found, Mark } from "../connector";

/** Absent once the doubtful attempt has been over for `settled_ms`; until then nobody knows, and it is looked for again. */
export function absentOnceSettled(
	settled_ms: number,
	{ mark, now, reason }: { mark: Mark; now: number; reason: string },
): Found {
	const left = Math.ceil((mark.tried_at ?? mark.since) + settled_ms - now);
	return left <= 0 ? { kind: "absent" } : { kind: "unclear", reason, after_ms: left };
}
