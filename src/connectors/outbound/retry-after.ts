// How long a target asks us to wait: `Retry-After` in seconds or as an HTTP date (RFC 9110, section 10.2.3).

import type { OutboundResponse } from "../connector";

/** Longer than any run waits, and small enough to stay a time when it is added to one. */
const MAX_MS = 31 * 86_400_000;

const SECONDS = /^\d+(\.\d+)?$/;
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** Milliseconds from `now`; undefined where the header is missing or says nothing that can be understood. */
export function retryAfterMs(response: OutboundResponse, now: number): number | undefined {
	const value = Object.hasOwn(response.headers, "retry-after") ? response.headers["retry-after"]?.trim() : undefined;
	if (value === undefined) return undefined;
	if (SECONDS.test(value)) return boundedWait(Number(value) * 1_000);
	if (!IMF_FIXDATE.test(value)) return undefined;
	const at = Date.parse(value);
	return Number.isNaN(at) ? undefined : boundedWait(at - now);
}

/** A stated wait as whole milliseconds that can be waited. */
export function boundedWait(ms: number): number {
	return Math.min(Math.max(Math.ceil(ms), 0), MAX_MS);
}

/** A transient outcome that waits as long as the target asks. */
export function transient(
	reason: string,
	response: OutboundResponse,
	now: number,
): { kind: "transient"; reason: string; after_ms?: number } {
	const after_ms = retryAfterMs(response, now);
	return { kind: "transient", reason, ...(after_ms !== undefined && { after_ms }) };
}
