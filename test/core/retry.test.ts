import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RETRY_DEFAULTS } from "../../src/core/document/compile-step";
import {
	ARRIVAL_MS,
	afterAttempt,
	BACKOFF_FACTOR,
	backoffCapMs,
	type Failing,
	failingOf,
	MAX_RETRY_AFTER_MS,
	RETRY_POLICY,
} from "../../src/core/retry";
import type { StepState } from "../../src/model/entity";
import { type FailureClass, type Outcome, PERMANENT_CLASSES } from "../../src/model/outcome";
import type { StepPlan } from "../../src/model/plan";
import {
	DAY,
	HOUR,
	MINUTE,
	NOW,
	PERMANENT,
	SECOND,
	SUCCEEDED,
	stepPlan,
	stepState,
	TRANSIENT,
	UNKNOWN,
} from "./run/given";

function step(attempts: number, more: Partial<StepPlan> = {}): StepState {
	const plan = stepPlan({ attempts: 3, base_ms: 1_000, cap_ms: 60_000, ...more });
	return stepState({ plan, status: "leased", attempts });
}

const WEEK = 7 * DAY;
const TIMED_OUT: Outcome = { kind: "unknown", reason: "no answer", timed_out: true };
const INVALID: Outcome = { kind: "permanent", class: "invalid", reason: "422" };

type Failed = Exclude<Outcome, { kind: "succeeded" }>;
const permanent = (failure: Extract<Outcome, { kind: "permanent" }>["class"]): Failed => ({
	kind: "permanent",
	class: failure,
	reason: failure,
});
const LOST: Failed = { kind: "unknown", reason: "lost", timed_out: false };
const LATE: Failed = { kind: "unknown", reason: "late", timed_out: true };
const LATER: Failed = { kind: "transient", reason: "later", after_ms: 5 * MINUTE };
const DOUBTFUL = { repeatable: false, on_unknown: "retry" } as const;
const STOP = { repeatable: false, on_unknown: "stop" } as const;

/** For each row of the table an outcome that falls under it, and the least that its rule makes the next attempt wait. */
const ROWS: Record<Failing, [Failed, Partial<StepPlan>, number]> = {
	invalid: [permanent("invalid"), {}, Number.NaN],
	auth: [permanent("auth"), {}, Number.NaN],
	permission: [permanent("permission"), {}, Number.NaN],
	not_found: [permanent("not_found"), {}, Number.NaN],
	policy: [permanent("policy"), {}, Number.NaN],
	expression: [permanent("expression"), {}, Number.NaN],
	unknown_outcome: [permanent("unknown_outcome"), {}, Number.NaN],
	refused_for_now: [LATER, {}, 5 * MINUTE],
	timed_out: [LATE, {}, 0],
	lost: [LOST, {}, 0],
	doubtful: [LOST, DOUBTFUL, 30 * SECOND],
	doubtful_stop: [LATE, STOP, Number.NaN],
};

describe("the table", () => {
	const rows = Object.entries(ROWS) as [Failing, [Failed, Partial<StepPlan>, number]][];

	test.each(rows)("%s happens as it says, with attempts left and without", (failing, [outcome, plan, least]) => {
		const { again, ends_as } = RETRY_POLICY[failing];
		const at = (attempts: number) =>
			afterAttempt(step(attempts, { timeout_ms: 30 * SECOND, ...plan }), outcome, { now: NOW, random: 0, left: 9 });
		const failed = { status: "failed", class: ends_as, reason: outcome.reason };
		expect(failingOf(step(0, plan).plan, outcome)).toBe(failing);
		expect(at(0)).toEqual(again === null ? failed : { status: "waiting", due_at: NOW + least });
		expect(at(2)).toEqual(failed);
	});

	test("says of every permanent class that it is not tried again and keeps its name", () => {
		for (const failure of PERMANENT_CLASSES) {
			expect(RETRY_POLICY[failure]).toEqual({ again: null, ends_as: failure });
		}
	});

	test("tries nothing again that could happen twice and was not to be", () => {
		expect(failingOf(STOP, LOST)).toBe("doubtful_stop");
		expect(failingOf(STOP, LATE)).toBe("doubtful_stop");
		expect(RETRY_POLICY.doubtful_stop.again).toBeNull();
	});

	test("waits as long as a target asks only where it asked", () => {
		const silent: Failed = { kind: "transient", reason: "later" };
		expect(afterAttempt(step(0), silent, { now: NOW, random: 0, left: 9 })).toEqual({ status: "waiting", due_at: NOW });
	});

	test.each(rows.filter(([failing]) => RETRY_POLICY[failing].again !== null))(
		"%s: the backoff is the longer pause where it is, and it is drawn anew for each",
		(_, [outcome, plan, least]) => {
			const pause = (random: number) => {
				const long = { timeout_ms: 30 * SECOND, base_ms: HOUR, cap_ms: DAY, ...plan };
				const after = afterAttempt(step(1, long), outcome, { now: NOW, random: random, left: 9 });
				return after.status === "waiting" ? after.due_at - NOW : Number.NaN;
			};
			expect(pause(0.5)).toBe(2 * HOUR);
			expect(pause(0.25)).toBe(HOUR);
			expect(pause(0)).toBe(least);
		},
	);
});

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
			"an unknown outcome that must not be repeated, however harmless that would be",
			UNKNOWN,
			{ ...careful, repeatable: true },
			"unknown_outcome",
			"unknown_outcome",
		],
		["an unknown outcome that must not be repeated", UNKNOWN, careful, "unknown_outcome", "unknown_outcome"],
		["a time-out that must not be repeated", TIMED_OUT, careful, "unknown_outcome", "unknown_outcome"],
		["an unknown outcome that may be repeated all the same", UNKNOWN, insistent, "waiting", "unknown_outcome"],
		["a time-out that may be repeated all the same", TIMED_OUT, insistent, "waiting", "unknown_outcome"],
	])("%s", (_, outcome, plan, first, last) => {
		const nameOf = (attempts: number) => {
			const after = afterAttempt(step(attempts, plan), outcome, { now: NOW, random: 0, left: 9 });
			return after.status === "failed" ? after.class : after.status;
		};
		expect([nameOf(0), nameOf(1), nameOf(2)]).toEqual([first, first, last]);
	});

	test("a failure keeps its reason, the last as well as the first", () => {
		expect(afterAttempt(step(0), INVALID, { now: NOW, random: 0, left: 9 })).toEqual({
			status: "failed",
			class: "invalid",
			reason: "422",
		});
		expect(afterAttempt(step(2), TRANSIENT, { now: NOW, random: 0, left: 9 })).toEqual({
			status: "failed",
			class: "exhausted",
			reason: "503",
		});
		expect(
			afterAttempt(step(0, { repeatable: false, on_unknown: "stop" }), UNKNOWN, { now: NOW, random: 0, left: 9 }),
		).toEqual({
			status: "failed",
			class: "unknown_outcome",
			reason: "the connection was lost",
		});
	});

	test.each([1, 2, 6, 20])("a step that may be tried %i times is tried so often", (attempts) => {
		const statuses = Array.from({ length: attempts }, (_, n) =>
			afterAttempt(step(n, { attempts }), TRANSIENT, { now: NOW, random: 0, left: 9 }),
		);
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
		const dueAt = (random: number) => afterAttempt(step(1), TRANSIENT, { now: NOW, random: random, left: 9 });
		expect(dueAt(0)).toEqual({ status: "waiting", due_at: NOW });
		expect(dueAt(0.5)).toEqual({ status: "waiting", due_at: NOW + 2_000 });
		expect(dueAt(0.999_999)).toEqual({ status: "waiting", due_at: NOW + 3_999 });
	});

	test.each<[string, Outcome, Partial<StepPlan>]>([
		["a transient failure", TRANSIENT, {}],
		["a transient failure of what cannot be repeated", TRANSIENT, { repeatable: false }],
		["an unknown outcome", UNKNOWN, {}],
	])("after %s never leaves its bounds", (_, outcome, plan) => {
		const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
		fc.assert(
			fc.property(random, fc.integer({ min: 0, max: 18 }), (random, finished) => {
				const after = afterAttempt(step(finished, { ...plan, attempts: 20 }), outcome, {
					now: NOW,
					random: random,
					left: 9,
				});
				const dueAt = after.status === "waiting" ? after.due_at : Number.NaN;
				expect(Number.isInteger(dueAt)).toBe(true);
				expect(dueAt).toBeGreaterThanOrEqual(NOW);
				expect(dueAt).toBeLessThan(NOW + Math.min(60_000, 1_000 * 4 ** finished));
			}),
		);
	});
});

describe("the pause after an unknown outcome of what cannot be repeated", () => {
	const pause = (random: number, timeout_ms: number, attempts = 1) => {
		const plan = { repeatable: false, timeout_ms, attempts: 9 } as const;
		const after = afterAttempt(step(attempts, plan), UNKNOWN, { now: NOW, random: random, left: 9 });
		return after.status === "waiting" ? after.due_at - NOW : Number.NaN;
	};

	test("is long enough for what is still on its way to arrive: at least the step's time-out", () => {
		expect([pause(0, 30_000), pause(0.999, 30_000)]).toEqual([30_000, 30_000]);
	});

	test("is never so short that it may still be there, however short its time-out is", () => {
		expect([pause(0, 100), pause(0.999, 9_999)]).toEqual([ARRIVAL_MS, ARRIVAL_MS]);
	});

	test("is longer where the backoff is", () => {
		expect([pause(0.5, 100, 2), pause(0.9, 100, 2), pause(0.9, 30_000, 2)]).toEqual([ARRIVAL_MS, 14_400, 30_000]);
	});

	test("needs no such care where repeating is harmless", () => {
		expect(afterAttempt(step(1, { timeout_ms: 30_000 }), UNKNOWN, { now: NOW, random: 0, left: 9 })).toEqual({
			status: "waiting",
			due_at: NOW,
		});
	});
});

describe("a stated Retry-After", () => {
	const after = (after_ms: number, random: number, attempts = 0) =>
		afterAttempt(step(attempts), { kind: "transient", reason: "429", after_ms }, { now: NOW, random: random, left: 9 });

	test.each([
		["is honoured in full", 30 * MINUTE, 0, 30 * MINUTE],
		["is honoured in full, though it is longer than any pause of the step's own", 6 * HOUR, 0, 6 * HOUR],
		["is spread, so that not all come back at once", 10 * SECOND, 0.5, 10_500],
		["is spread by a tenth at most", 10 * SECOND, 0.999_999, 10_999],
		["is honoured beyond what a queue could hold", 3 * DAY, 0, 3 * DAY],
		["is honoured up to a week", WEEK, 0, WEEK],
		["is cut at a week", 31 * DAY, 0, WEEK],
		["is spread also where it was cut", 31 * DAY, 0.5, WEEK + WEEK / 20],
	])("%s", (_, afterMs, random, pause) => {
		expect(after(afterMs, random)).toEqual({ status: "waiting", due_at: NOW + pause });
	});

	test("a week is the most", () => {
		expect(MAX_RETRY_AFTER_MS).toBe(WEEK);
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

describe("the budget of a run", () => {
	test("ends a step that could be tried again, and says why", () => {
		expect(afterAttempt(step(0), TRANSIENT, { now: NOW, random: 0, left: 1 })).toMatchObject({ status: "waiting" });
		expect(afterAttempt(step(0), TRANSIENT, { now: NOW, random: 0, left: 0 })).toEqual({
			status: "failed",
			class: "exhausted",
			reason: "503; the run has no retries left",
		});
	});

	test("is nothing to a step that is over anyhow", () => {
		expect(afterAttempt(step(0), INVALID, { now: NOW, random: 0, left: 0 })).toMatchObject({ reason: "422" });
	});
});
