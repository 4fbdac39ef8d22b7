import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { available, fitting, intervalMs, nextTokenAt, putBack, take } from "../../../src/core/pacing/bucket";
import { boundsOf, DEFAULT_CONCURRENCY } from "../../../src/core/pacing/limits";
import type { Rate } from "../../../src/model/connection";

const NOW = 1_000_000;
const rate: Rate = { requests: 10, per_ms: 9_000, burst: 2 };

test.each<[string, number, number]>([
	["never used", 0, 2],
	["full since long", NOW - 1, 2],
	["one token short", NOW + 1_000, 1],
	["half a token short of one", NOW + 500, 1],
	["empty", NOW + 2_000, 0],
	["more than empty", NOW + 9_000, 0],
])("a bucket that is %s", (_, bucket, tokens) => {
	expect(available(bucket, rate, NOW)).toBe(tokens);
});

test("a token comes every interval", () => {
	expect(intervalMs(rate)).toBe(1_000);
	const empty = take(0, rate, 2, NOW);
	expect(nextTokenAt(empty, rate, NOW)).toBe(NOW + 1_000);
	expect(available(empty, rate, NOW + 999)).toBe(0);
	expect(available(empty, rate, NOW + 1_000)).toBe(1);
	expect(nextTokenAt(0, rate, NOW)).toBe(NOW);
});

test("what was taken and not used is there again", () => {
	const empty = take(0, rate, 2, NOW);
	expect(available(putBack(empty, rate, 1), rate, NOW)).toBe(1);
	expect(available(putBack(empty, rate, 2), rate, NOW)).toBe(2);
});

test("a bucket that was emptied under a slower rate is only empty under a faster one", () => {
	const slow: Rate = { requests: 1, per_ms: 86_400_000, burst: 1 };
	const bucket = take(0, slow, 1, NOW);
	expect(available(fitting(bucket, rate, NOW), rate, NOW)).toBe(0);
	expect(nextTokenAt(fitting(bucket, rate, NOW), rate, NOW)).toBe(NOW + 1_000);
});

const rates = fc
	.record({ requests: fc.integer({ min: 1, max: 200 }), per_ms: fc.integer({ min: 1_000, max: 100_000 }) })
	.chain(({ requests, per_ms }) =>
		fc.integer({ min: 1, max: requests }).map((burst): Rate => ({ requests, per_ms, burst })),
	);
const asks = fc.array(fc.record({ after: fc.nat(20_000), wants: fc.nat(40), back: fc.nat(5) }), { maxLength: 80 });

test("no stretch of the stated time ever sees more than the stated requests", () => {
	fc.assert(
		fc.property(rates, asks, (rate, asks) => {
			let [bucket, now] = [0, NOW];
			const taken: number[] = [];
			for (const { after, wants, back } of asks) {
				now += after;
				const granted = Math.min(wants, available(bucket, rate, now));
				const unused = Math.min(back, granted);
				bucket = putBack(take(bucket, rate, granted, now), rate, unused);
				for (let n = 0; n < granted - unused; n++) taken.push(now);
			}
			for (const from of taken) {
				const inStretch = taken.filter((at) => at >= from && at < from + rate.per_ms).length;
				expect(inStretch).toBeLessThanOrEqual(rate.requests);
			}
			for (const at of taken) expect(taken.filter((other) => other === at).length).toBeLessThanOrEqual(rate.burst);
		}),
	);
});

test("who comes when a token is said to be there finds one", () => {
	fc.assert(
		fc.property(rates, fc.nat(300), fc.nat(100_000), (rate, taken, later) => {
			const bucket = fitting(take(0, rate, taken, NOW), rate, NOW);
			const at = nextTokenAt(bucket, rate, NOW + later);
			expect(at).toBeGreaterThanOrEqual(NOW + later);
			expect(available(bucket, rate, at)).toBeGreaterThanOrEqual(1);
		}),
	);
});

describe("what a target bears", () => {
	const published = { rate: { requests: 80, per_ms: 60_000 }, concurrency: 25 };

	test("is what its vendor publishes, with a burst of a tenth", () => {
		expect(boundsOf(published, undefined)).toEqual({
			...{ rate: { requests: 80, per_ms: 60_000, burst: 8 }, concurrency: 25 },
		});
	});

	test("is what the connection says, part by part", () => {
		expect(boundsOf(published, { concurrency: 3 })).toEqual({
			...{ rate: { requests: 80, per_ms: 60_000, burst: 8 }, concurrency: 3 },
		});
		expect(boundsOf(published, { requests: 5, per: "10s" })).toEqual({
			...{ rate: { requests: 5, per_ms: 10_000, burst: 1 }, concurrency: 25 },
		});
		expect(boundsOf(undefined, { requests: 5, per: "10s", burst: 4 }).rate).toEqual({
			...{ requests: 5, per_ms: 10_000, burst: 4 },
		});
	});

	test("is unknown where nobody says it", () => {
		expect(boundsOf(undefined, undefined)).toEqual({ rate: null, concurrency: DEFAULT_CONCURRENCY });
	});
});
