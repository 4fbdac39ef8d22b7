import { describe, expect, test } from "vitest";
import {
	DISPATCH_CHECK_MS,
	dispatch,
	LEASE_MARGIN_MS,
	lease,
	leaseIsDurable,
	markQueued,
	QUEUE_PATIENCE_MS,
	withoutMemory,
} from "../../../src/core/run/dispatch";
import { event, Given, HOUR, NOW, plan, stepState as step, stepPlan } from "./given";

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

test("after a restart a step that was sent may be under way, where its lease was only remembered", () => {
	const sent = { status: "queued" as const, dispatches: 1 };
	const steps = [
		step({ id: "a", ...sent }),
		step({ id: "b", ...sent, plan: stepPlan({ repeatable: false }) }),
		step({ id: "c", ...sent, plan: stepPlan({ reads: true }) }),
		step({ id: "d", status: "pending" }),
	];
	const given = new Given();
	given.arrives(event(1), plan(), 0);
	const run = { ...given.run(), steps };
	expect(withoutMemory(run).steps.map(({ doubtful }) => doubtful)).toEqual([true, undefined, undefined, undefined]);
});

const UNDO = { ...stepPlan(), natural: true };

test.each([
	{ repeatable: true, durable: false },
	{ repeatable: false, durable: true },
	{ repeatable: true, undo: UNDO, durable: false },
	{ repeatable: true, compensate: true as const, durable: false },
	{ repeatable: true, undo: UNDO, compensate: true as const, durable: true },
])("the lease is on disk before the attempt where repeating or forgetting it would do harm: %o", (given) => {
	const { repeatable, undo, compensate, durable } = given;
	const plan = stepPlan({ repeatable, ...(undo === undefined ? {} : { undo }) });
	expect(leaseIsDurable(compensate === undefined ? {} : { compensate }, step({ plan }))).toBe(durable);
});
