import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RETRY_DEFAULTS } from "../../src/core/document/compile-step";
import { afterAttempt, BACKOFF_FACTOR, backoffCapMs, MAX_RETRY_AFTER_MS } from "../../src/core/retry";
import type { StepState } from "../../src/model/entity";
import type { FailureClass, Outcome } from "../../src/model/outcome";
import type { StepPlan } from "../../src/model/plan";
import { DAY, HOUR, MINUTE, NOW, PERMANENT, SECOND, SUCCEEDED, stepPlan, TRANSIENT, UNKNOWN } from "./run/given";

function step(attempts: number, more: Partial<StepPlan> = {}): StepState {
	const plan = stepPlan({ attempts: 3, base_ms: 1_000, cap_ms: 60_000, ...more });
	return { plan, status: "leased", attempts, dispatches: 1, resumed: 0, due_at: NOW };
}

const TIMED_OUT: Outcome = { kind: "unknown", reason: "no answer", timed_out: true };
const INVALID: Outcome = { kind: "permanent", class: "invalid", reason: "422" };

describe("what an outcome means", () => {
	const careless = { repeatable: true };
	const careful = { repeatable: false, on_unknown: "stop" } as const;
	const insistent = { repeatable: false, on_unknown: "retry" } as const;

	test.each<[string, Outcome, Partial<StepPlan>, "succeeded" | "waiting" | FailureClass, FailureClass | "succeeded"]>([
		["success", SUCCEEDED, careless, "succeeded", "succeeded"],
		["success of what cannot be repeated", SUCCEEDED, careful, "succeeded", "succeeded"],
		["a permanent failure", INVALID, careless, "invalid", "invalid"],
		["a permanent failure of another class", PERMANENT, careful, "not_found", "not_found"],
		["a transient failure", TRANSIENT, careless, "waiting", "exhausted"],
		["a transient failure of what cannot be repeated: it did not happen", TRANSIENT, careful, "waiting", "exhausted"],
		["an unknown outcome of what can be repeated", UNKNOWN, careless, "waiting", "exhausted"],
		["a time-out of what can be repeated", TIMED_OUT, careless, "waiting", "timeout"],
		[
			"an unknown outcome, whatever on_unknown says where repeating is harmless",
			UNKNOWN,
			{ ...careful, repeatable: true },
			"waiting",
			"exhausted",
		],
		["an unknown outcome that must not be repeated", UNKNOWN, careful, "unknown_outcome", "unknown_outcome"],
		["a time-out that must not be repeated", TIMED_OUT, careful, "unknown_outcome", "unknown_outcome"],
		["an unknown outcome that may be repeated all the same", UNKNOWN, insistent, "waiting", "unknown_outcome"],
		["a time-out that may be repeated all the same", TIMED_OUT, insistent, "waiting", "unknown_outcome"],
	])("%s", (_, outcome, plan, first, last) => {
		const nameOf = (attempts: number) => {
			const after = afterAttempt(step(attempts, plan), outcome, NOW, 0);
			return after.status === "failed" ? after.class : after.status;
		};
		expect([nameOf(0), nameOf(1), nameOf(2)]).toEqual([first, first, last]);
	});

	test("a failure keeps its reason, the last as well as the first", () => {
		expect(afterAttempt(step(0), INVALID, NOW, 0)).toEqual({ status: "failed", class: "invalid", reason: "422" });
		expect(afterAttempt(step(2), TRANSIENT, NOW, 0)).toEqual({ status: "failed", class: "exhausted", reason: "503" });
		expect(afterAttempt(step(0, { repeatable: false, on_unknown: "stop" }), UNKNOWN, NOW, 0)).toEqual({
			status: "failed",
			class: "unknown_outcome",
			reason: "the connection was lost",
		});
	});

	test.each([1, 2, 6, 20])("a step that may be tried %i times is tried so often", (attempts) => {
		const statuses = Array.from({ length: attempts }, (_, n) => afterAttempt(step(n, { attempts }), TRANSIENT, NOW, 0));
		expect(statuses.map(({ status }) => status)).toEqual([...Array(attempts - 1).fill("waiting"), "failed"]);
	});
});

describe("the pause before the next attempt", () => {
	test.each([
		[0, 1 * SECOND],
		[1, 4 * SECOND],
		[2, 16 * SECOND],
		[3, MINUTE],
		[19, MINUTE],
	])("is at most this after %i attempts: %i ms", (finished, cap) => {
		expect(backoffCapMs({ base_ms: 1_000, cap_ms: 60_000 }, finished)).toBe(cap);
	});

	test("grows by a factor", () => {
		expect(backoffCapMs({ base_ms: 1, cap_ms: DAY }, 3)).toBe(BACKOFF_FACTOR ** 3);
	});

	test("is anything up to there: full jitter", () => {
		const dueAt = (random: number) => afterAttempt(step(1), TRANSIENT, NOW, random);
		expect(dueAt(0)).toEqual({ status: "waiting", due_at: NOW });
		expect(dueAt(0.5)).toEqual({ status: "waiting", due_at: NOW + 2_000 });
		expect(dueAt(0.999_999)).toEqual({ status: "waiting", due_at: NOW + 3_999 });
	});

	test.each<[string, Outcome, Partial<StepPlan>]>([
		["a transient failure", TRANSIENT, {}],
		["an unknown outcome", UNKNOWN, {}],
		["an unknown outcome that may be repeated all the same", UNKNOWN, { repeatable: false }],
	])("after %s never leaves its bounds", (_, outcome, plan) => {
		const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
		fc.assert(
			fc.property(random, fc.integer({ min: 0, max: 18 }), (random, finished) => {
				const after = afterAttempt(step(finished, { ...plan, attempts: 20 }), outcome, NOW, random);
				const dueAt = after.status === "waiting" ? after.due_at : Number.NaN;
				expect(Number.isInteger(dueAt)).toBe(true);
				expect(dueAt).toBeGreaterThanOrEqual(NOW);
				expect(dueAt).toBeLessThan(NOW + Math.min(60_000, 1_000 * 4 ** finished));
			}),
		);
	});
});

describe("a stated Retry-After", () => {
	const after = (after_ms: number, random: number, attempts = 0) =>
		afterAttempt(step(attempts), { kind: "transient", reason: "429", after_ms }, NOW, random);

	test.each([
		["is honoured in full", 30 * MINUTE, 0, 30 * MINUTE],
		["is honoured in full, though it is longer than any pause of the step's own", 6 * HOUR, 0, 6 * HOUR],
		["is spread, so that not all come back at once", 10 * SECOND, 0.5, 10_500],
		["is spread by a tenth at most", 10 * SECOND, 0.999_999, 10_999],
		["is honoured up to a day", DAY, 0, DAY],
		["is cut at a day", 3 * DAY, 0, DAY],
	])("%s", (_, afterMs, random, pause) => {
		expect(after(afterMs, random)).toEqual({ status: "waiting", due_at: NOW + pause });
	});

	test("a day is the most", () => {
		expect(MAX_RETRY_AFTER_MS).toBe(DAY);
	});

	test("does not add attempts", () => {
		expect(after(1_000, 0, 2)).toEqual({ status: "failed", class: "exhausted", reason: "429" });
	});
});

test("with the defaults, six attempts are spread over about an hour", () => {
	const pauses = Array.from({ length: RETRY_DEFAULTS.attempts - 1 }, (_, n) => backoffCapMs(RETRY_DEFAULTS, n));
	const longest = pauses.reduce((total, pause) => total + pause, 0);
	expect(longest).toBeGreaterThan(50 * MINUTE);
	expect(longest).toBeLessThan(70 * MINUTE);
});
