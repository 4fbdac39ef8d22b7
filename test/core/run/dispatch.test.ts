import { describe, expect, test } from "vitest";
import {
	DISPATCH_CHECK_MS,
	dispatch,
	LEASE_MARGIN_MS,
	lease,
	leaseIsDurable,
	markQueued,
	QUEUE_PATIENCE_MS,
} from "../../../src/core/run/dispatch";
import type { StepState } from "../../../src/model/entity";
import { HOUR, NOW, stepPlan } from "./given";

function step(more: Partial<StepState> = {}): StepState {
	return { plan: stepPlan(), status: "ready", attempts: 0, dispatches: 1, resumed: 0, due_at: NOW, ...more };
}

describe("a step that is sent", () => {
	test.each([
		[0, DISPATCH_CHECK_MS],
		[1, 2 * DISPATCH_CHECK_MS],
		[5, 32 * DISPATCH_CHECK_MS],
		[12, HOUR],
		[19, HOUR],
	])("after %i times is looked at again after %i ms", (dispatches, ms) => {
		expect(dispatch(step({ dispatches }), NOW)).toMatchObject({
			status: "ready",
			dispatches: dispatches + 1,
			due_at: NOW + ms,
		});
	});

	test.each([
		[1, QUEUE_PATIENCE_MS],
		[2, 2 * QUEUE_PATIENCE_MS],
		[7, 64 * QUEUE_PATIENCE_MS],
		[8, HOUR],
		[20, HOUR],
	])("for the %i. time is expected to be claimed within %i ms", (dispatches, ms) => {
		expect(markQueued(step({ dispatches }), NOW)).toMatchObject({ status: "queued", due_at: NOW + ms });
	});

	test.each(["queued", "leased", "waiting", "succeeded", "failed"] as const)(
		"and is %s already when the queue confirms it stays as it is",
		(status) => {
			const fast = step({ status });
			expect(markQueued(fast, NOW + 1)).toBe(fast);
		},
	);
});

test("a consumer has the step's time-out and a margin to report", () => {
	const leased = lease(step({ plan: stepPlan({ timeout_ms: 7_000 }) }), NOW);
	expect(leased).toMatchObject({ status: "leased", due_at: NOW + 7_000 + LEASE_MARGIN_MS });
});

test.each([
	[true, false],
	[false, true],
])("where repeating is harmless (%s), the lease is on disk before the attempt: %s", (repeatable, durable) => {
	expect(leaseIsDurable(step({ plan: stepPlan({ repeatable }) }))).toBe(durable);
});
