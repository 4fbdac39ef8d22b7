// A bucket of tokens, as the one time at which it is full again. It holds `burst` tokens and gains one every interval,
// which is chosen so that no stretch of `per_ms` ever sees more than `requests` of them taken.

import type { Rate } from "../../model/connection";

/** Epoch milliseconds; a time in the past is a full bucket. */
export type Bucket = number;

/** Sums of intervals are no whole numbers; this much of a token is a rounding error. */
const ROUNDING = 1e-6;

/** In any half-open stretch of `per_ms` at most `burst` tokens were there before and `requests - burst` came. */
export function intervalMs({ requests, per_ms, burst }: Rate): number {
	return per_ms / (requests - burst + 1);
}

/** How many tokens there are. */
export function available(bucket: Bucket, rate: Rate, now: number): number {
	const missing = Math.max(0, bucket - now) / intervalMs(rate);
	return Math.max(0, Math.floor(rate.burst - missing + ROUNDING));
}

/** The bucket without so many tokens, which it must hold. */
export function take(bucket: Bucket, rate: Rate, tokens: number, now: number): Bucket {
	return Math.max(bucket, now) + tokens * intervalMs(rate);
}

/** Tokens that were taken and not used. */
export function putBack(bucket: Bucket, rate: Rate, tokens: number): Bucket {
	return bucket - tokens * intervalMs(rate);
}

/** When there is a token. */
export function nextTokenAt(bucket: Bucket, rate: Rate, now: number): number {
	return Math.max(now, Math.ceil(bucket - (rate.burst - 1) * intervalMs(rate)));
}

/** A bucket that was emptied under a slower rate is at most empty under this one. */
export function fitting(bucket: Bucket, rate: Rate, now: number): Bucket {
	return Math.min(bucket, now + rate.burst * intervalMs(rate));
}
