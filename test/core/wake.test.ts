import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dues, nextWake } from "../../src/core/wake";
import { DAY, debounce, event, Given, NOW, plan, stepPlan, TRANSIENT } from "./run/given";

const NOTHING: Dues = { windows: [], runs: [], outbox_due_at: null, expires_at: null };

function duesOf(given: Given, more: Partial<Dues> = {}): Dues {
	return { ...NOTHING, windows: given.state.windows.values(), runs: given.state.runs.values(), ...more };
}

describe("an Entity is woken", () => {
	test("never, if nothing is left to do", () => {
		expect(nextWake(NOTHING)).toBeNull();
	});

	test("when a window is due", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce()), 0);
		expect(nextWake(duesOf(given))).toBe(NOW + 10_000);
	});

	test("when the first of its windows is due", () => {
		const given = new Given();
		const late = plan(debounce({ quiet: 50_000 }), { workflow: "late" });
		given.arrives(event(1), [late, plan(debounce())], 0);
		expect(nextWake(duesOf(given))).toBe(NOW + 10_000);
	});

	test("when a step is due, the first of any run", () => {
		const given = new Given();
		const steps = [stepPlan({ id: "a", base_ms: 90_000, cap_ms: 90_000 }), stepPlan({ id: "b" })];
		given.arrives(event(1), plan({ kind: "immediate" }, { steps }), 0);
		given.attempts(TRANSIENT, 100, "a");
		expect(nextWake(duesOf(given))).toBe(NOW + 1_000);
	});

	test("when the outbox is due", () => {
		expect(nextWake({ ...NOTHING, outbox_due_at: NOW + 5 })).toBe(NOW + 5);
	});

	test("when what it still keeps expires", () => {
		expect(nextWake({ ...NOTHING, expires_at: NOW + DAY })).toBe(NOW + DAY);
	});

	test("for what is overdue, at its time: nothing is skipped for lying in the past", () => {
		const given = new Given();
		given.arrives(event(1), plan(debounce()), -DAY);
		expect(nextWake(duesOf(given))).toBe(NOW - DAY + 10_000);
	});
});

describe("what has expired waits until all else is over, so that nobody is woken for it over and over", () => {
	const expired = { expires_at: NOW - 1 };

	test.each<[string, (given: Given) => void]>([
		["while a window is open", (given) => given.arrives(event(1), plan(debounce()), 0)],
		["while a run is under way", (given) => given.arrives(event(1), plan(), 0)],
	])("%s", (_, work) => {
		const given = new Given();
		work(given);
		expect(nextWake(duesOf(given, expired))).toBeGreaterThan(NOW);
	});

	test("while something has not been sent", () => {
		expect(nextWake({ ...NOTHING, ...expired, outbox_due_at: NOW + 5 })).toBe(NOW + 5);
	});

	test("and then it is overdue", () => {
		expect(nextWake({ ...NOTHING, ...expired })).toBe(NOW - 1);
	});
});

test("nothing is ever due before the Entity is woken", () => {
	const input = fc.record({
		kind: fc.constantFrom("immediate", "debounce", "claim", "report", "pass"),
		gap: fc.nat(40_000),
	});
	fc.assert(
		fc.property(fc.array(input, { maxLength: 25 }), (inputs) => {
			const given = new Given();
			let at = 0;
			for (const [n, { kind, gap }] of inputs.entries()) {
				at += gap;
				const running = [...given.state.runs.values()].find((run) => run.status === "running");
				if (kind === "immediate") given.arrives(event(n), plan(), at);
				else if (kind === "debounce") given.arrives(event(n), plan(debounce(), { workflow: "other" }), at);
				else if (kind === "pass") given.passes(at);
				else if (running !== undefined && kind === "claim") given.claims(at, "tell", running.id);
				else if (running !== undefined) given.reports(TRANSIENT, at, { run: running.id });
				const dues = [
					...[...given.state.windows.values()].map((window) => window.due_at),
					...[...given.state.runs.values()].flatMap((run) =>
						run.steps.map((step) => step.due_at ?? Number.POSITIVE_INFINITY),
					),
				];
				expect(nextWake(duesOf(given)) ?? Number.POSITIVE_INFINITY).toBe(Math.min(...dues, Number.POSITIVE_INFINITY));
			}
		}),
	);
});
