import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	answersPerSecond,
	type Breaker,
	CLOSED,
	countFinished,
	countStarted,
	FIRST_PAUSE_MS,
	gateOf,
	halfOpen,
	LONGEST_PAUSE_MS,
	MIN_REQUESTS,
	startProbe,
	WINDOW_MS,
} from "../../../src/core/pacing/breaker";
import { isFailure } from "../../../src/core/pacing/health";
import type { Outcome } from "../../../src/model/outcome";

const NOW = 1_000_000;

/** A batch of so many requests, of which so many failed. */
function batch(breaker: Breaker, requests: number, failed: number, at = NOW, name = "b"): Breaker {
	const done = { batch: name, finished: requests, failed, unused: 0 };
	return countFinished(countStarted(breaker, requests, at), done, { underWay: 0, now: at, random: 0 });
}

function openedAt(at = NOW): Breaker {
	return batch(CLOSED, MIN_REQUESTS, MIN_REQUESTS, at);
}

function probed(breaker: Breaker, at: number, failed: 0 | 1, random = 0): Breaker {
	const done = { batch: "probe", finished: 1, failed, unused: 0 };
	return countFinished(startProbe(breaker, "probe", at + 1_000), done, { underWay: 0, now: at, random });
}

test.each<[string, [number, number][], Breaker["state"]]>([
	["nothing failed", [[100, 0]], "closed"],
	["fewer failed than it takes", [[9, 9]], "closed"],
	["ten failed", [[10, 10]], "open"],
	["ten failed one by one", Array.from({ length: 10 }, () => [1, 1] as [number, number]), "open"],
	["seven of ten failed", [[10, 7]], "open"],
	["six of ten failed", [[10, 6]], "closed"],
	[
		"many failed among many more",
		[
			[100, 0],
			[60, 60],
		],
		"closed",
	],
	[
		"most failed in the end",
		[
			[10, 0],
			[30, 30],
		],
		"open",
	],
])("%s", (_, batches, state) => {
	expect(batches.reduce((breaker, [requests, failed]) => batch(breaker, requests, failed), CLOSED).state).toBe(state);
});

test("what was long ago does not count", () => {
	const before = batch(CLOSED, 1_000, 0);
	expect(batch(before, 10, 10, NOW + WINDOW_MS - 1).state).toBe("closed");
	expect(batch(before, 10, 10, NOW + WINDOW_MS).state).toBe("open");
	expect(batch(batch(CLOSED, 9, 9), 9, 9, NOW + WINDOW_MS).state).toBe("closed");
});

test.each<[string, number, number, Breaker["state"]]>([
	["so many more went well", 0, 0, "closed"],
	["did not go", 20, 0, "open"],
	["are still under way", 0, 20, "open"],
])("ten requests failed, and twenty more %s", (_, unused, underWay, state) => {
	const started = countStarted(CLOSED, 30, NOW);
	const done = { batch: "b", finished: 10, failed: 10, unused };
	expect(countFinished(started, done, { underWay, now: NOW, random: 0 }).state).toBe(state);
});

test("requests that take longer than the window count when they end", () => {
	const later = NOW + 2 * WINDOW_MS;
	const done = (batch: string) => ({ batch, finished: 6, failed: 6, unused: 0 });
	const first = countFinished(countStarted(CLOSED, 24, NOW), done("a"), { underWay: 18, now: later, random: 0 });
	expect(first.state).toBe("closed");
	// Others have begun in their place.
	const refilled = countStarted(first, 6, later);
	expect(countFinished(refilled, done("b"), { underWay: 18, now: later, random: 0 }).state).toBe("open");
});

describe("an open breaker", () => {
	test("lets nothing pass before its pause is over, then one probe, and no other while that is under way", () => {
		const open = openedAt();
		expect(gateOf(open, NOW)).toEqual({ pass: "none", until: NOW + FIRST_PAUSE_MS });
		expect(gateOf(open, NOW + FIRST_PAUSE_MS - 1)).toMatchObject({ pass: "none" });
		const then = NOW + FIRST_PAUSE_MS;
		expect(gateOf(open, then)).toEqual({ pass: "probe" });
		const probing = startProbe(open, "probe", then + 1_000);
		expect(gateOf(probing, then)).toEqual({ pass: "none", until: then + 1_000 });
		expect(gateOf(probing, then + 1_000)).toEqual({ pass: "probe" });
	});

	test("lets a probe pass when an operator says so, whatever another probe is at; if it fails the pause is longer", () => {
		const probing = startProbe(openedAt(), "slow", NOW + 90_000);
		const tried = halfOpen(probing, NOW + 1);
		expect(gateOf(tried, NOW + 1)).toEqual({ pass: "probe" });
		expect(batch(tried, 1, 0, NOW + 2, "slow")).toEqual(tried);
		expect(probed(tried, NOW + 1, 1)).toMatchObject({ openings: 2, until: NOW + 1 + 2 * FIRST_PAUSE_MS });
		expect(halfOpen(CLOSED, NOW)).toBe(CLOSED);
	});

	test("closes on a probe that was answered, and has forgotten what was before", () => {
		const closed = probed(openedAt(), NOW + FIRST_PAUSE_MS, 0);
		expect(closed).toEqual(CLOSED);
		expect(batch(closed, 9, 9, NOW + FIRST_PAUSE_MS).state).toBe("closed");
	});

	test("pauses twice as long after every probe that failed, up to a longest pause, with jitter", () => {
		let [breaker, at] = [openedAt(), NOW];
		const pauses: number[] = [];
		for (let n = 0; n < 8; n++) {
			at = breaker.state === "open" ? breaker.until : 0;
			breaker = probed(breaker, at, 1);
			pauses.push(breaker.state === "open" ? breaker.until - at : 0);
		}
		expect(pauses.slice(0, 4)).toEqual([60_000, 120_000, 240_000, 480_000]);
		expect(new Set(pauses.slice(4))).toEqual(new Set([LONGEST_PAUSE_MS]));
		expect(probed(openedAt(), NOW, 1, 0.5)).toMatchObject({ until: NOW + 66_000 });
	});

	test("is told nothing by attempts that began before", () => {
		const open = openedAt();
		expect(batch(open, 5, 0, NOW + 1, "older")).toEqual(open);
		expect(batch(open, 5, 5, NOW + 1, "older")).toEqual(open);
	});

	test("lets another probe pass if one did not go", () => {
		const probing = startProbe(openedAt(), "probe", NOW + 90_000);
		const freed = countFinished(
			probing,
			{ batch: "probe", finished: 0, failed: 0, unused: 1 },
			{ underWay: 0, now: NOW + 31_000, random: 0 },
		);
		expect(gateOf(freed, NOW + 31_000)).toEqual({ pass: "probe" });
	});
});

test("it opens only where most of at least ten recent requests failed", () => {
	const batches = fc.array(fc.record({ after: fc.nat(30_000), ok: fc.nat(8), failed: fc.nat(8) }), { maxLength: 40 });
	fc.assert(
		fc.property(batches, (batches) => {
			let [breaker, now]: [Breaker, number] = [CLOSED, NOW];
			const seen: { at: number; ok: number; failed: number }[] = [];
			for (const { after, ok, failed } of batches) {
				now += after;
				seen.push({ at: now, ok, failed });
				breaker = batch(breaker, ok + failed, failed, now);
				if (breaker.state === "closed") continue;
				// Slices blur the window's edge by their own width.
				const recent = seen.filter(({ at }) => at > now - WINDOW_MS - 10_000);
				const bad = recent.reduce((sum, { failed }) => sum + failed, 0);
				expect(bad).toBeGreaterThanOrEqual(0.7 * MIN_REQUESTS);
				return;
			}
		}),
	);
});

test("how fast a target answers is seen by what it answered lately", () => {
	expect(answersPerSecond(CLOSED, NOW)).toBe(0);
	expect(answersPerSecond(openedAt(), NOW)).toBe(0);
	expect(answersPerSecond(countStarted(CLOSED, 50, NOW), NOW + 5_000)).toBe(0);
	expect(answersPerSecond(batch(CLOSED, 50, 10), NOW + 5_000)).toBe(8);
	expect(answersPerSecond(batch(CLOSED, 50, 10), NOW + 30_000)).toBe(0);
});

test.each<[string, Outcome, number | undefined, boolean]>([
	["a success", { kind: "succeeded", output: null }, 200, false],
	["a refusal", { kind: "permanent", class: "invalid", reason: "" }, 422, false],
	["a policy", { kind: "permanent", class: "policy", reason: "" }, undefined, false],
	["a rate limit", { kind: "transient", reason: "", after_ms: 1_000 }, 429, false],
	["a rate limit that says no time", { kind: "transient", reason: "" }, 429, false],
	["a server that says when to come back", { kind: "transient", reason: "", after_ms: 1_000 }, 503, false],
	["a server that fails", { kind: "transient", reason: "" }, 503, true],
	["a connection that breaks", { kind: "transient", reason: "" }, undefined, true],
	["a time-out", { kind: "unknown", reason: "", timed_out: true }, undefined, true],
	["an answer that makes no sense", { kind: "unknown", reason: "", timed_out: false }, 200, true],
])("%s is a failure of the target, or not", (_, outcome, status, failure) => {
	expect(isFailure(outcome, status)).toBe(failure);
});
