// What a target bears: what its vendor publishes, and over it what the connection itself says.

import type { Bounds, ConnectionLimits, Limits, Rate } from "../../model/connection";
import { Duration } from "../../model/duration";

/** Of a target that says nothing. Enough for hundreds of requests a second, few enough to wait for while it hangs. */
export const DEFAULT_CONCURRENCY = 24;

/** A burst that is not stated is this part of the requests: the rest of them comes evenly. */
const BURST_PART = 10;

export function boundsOf(published: Limits | undefined, own: ConnectionLimits | undefined): Bounds {
	return {
		rate: ownRate(own) ?? withBurst(published?.rate),
		concurrency: own?.concurrency ?? published?.concurrency ?? DEFAULT_CONCURRENCY,
	};
}

function ownRate(own: ConnectionLimits | undefined): Rate | null {
	const per = Duration.safeParse(own?.per);
	if (own?.requests === undefined || !per.success) return null;
	return withBurst({ requests: own.requests, per_ms: per.data, burst: own.burst });
}

function withBurst(rate: Limits["rate"]): Rate | null {
	if (rate === undefined) return null;
	const { requests, per_ms, burst = Math.ceil(requests / BURST_PART) } = rate;
	return { requests, per_ms, burst: Math.min(burst, requests) };
}
