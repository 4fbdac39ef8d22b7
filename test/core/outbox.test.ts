import { describe, expect, test } from "vitest";
import { eventReceived } from "../../src/core/facts";
import {
	addBatch,
	type Batch,
	emptyOutbox,
	factsLeft,
	handOnLeft,
	JOURNAL_DELAY_MS,
	JOURNAL_MANY,
	JOURNAL_PASSING_MS,
	OUTBOX_RETRY_MAX_MS,
	OUTBOX_RETRY_MS,
	type Outbox,
	outboxDueAt,
	sendingFailed,
	sentThrough,
	shouldSendFacts,
	unsentFacts,
	unsentHandOns,
} from "../../src/core/outbox";
import type { Fact } from "../../src/model/fact";
import type { Plan } from "../../src/model/plan";
import { event, NOW, plan } from "./run/given";

function fact(n: number): Fact {
	return eventReceived({ tenant: "acme", key: "e:x" }, { event: event(n), plans: [], unmatched: [] }, [], NOW);
}

function batch(n: number, more: Partial<Batch> = {}): Batch {
	return { n, at: NOW, carrier: `c${n}`, facts: [fact(n)], hand_ons: [], ...more };
}

function toGroup(value: string): Plan {
	return plan({ kind: "immediate" }, { entity_key: `g:deal-watch:${value}` });
}

function outboxOf(...batches: Batch[]): Outbox {
	const outbox = emptyOutbox();
	for (const one of batches) addBatch(outbox, one);
	return outbox;
}

describe("what is in it", () => {
	test("is nothing of a commit that tells nothing", () => {
		expect(outboxOf(batch(1, { facts: [] }))).toEqual({ batches: [], failures: 0, failed_at: 0 });
	});

	test("is facts until they have left", () => {
		const first = batch(1);
		const outbox = outboxOf(first, batch(2));
		factsLeft(outbox, [first]);
		expect(outbox.batches.map(({ n }) => n)).toEqual([2]);
	});

	test("is hand-ons until each of them has left", () => {
		const [a, b] = [toGroup("a"), toGroup("b")];
		const both = batch(1, { facts: [], hand_ons: [a, b] });
		const outbox = outboxOf(both);
		handOnLeft(outbox, both, a);
		expect(unsentHandOns(outbox, "c1")).toEqual([b]);
		handOnLeft(outbox, both, b);
		expect(outbox.batches).toEqual([]);
	});

	test("is a batch as long as either its facts or its hand-ons have not left", () => {
		const plan = toGroup("a");
		const one = batch(1, { hand_ons: [plan] });
		const outbox = outboxOf(one);
		factsLeft(outbox, [one]);
		expect(unsentFacts(outbox, "c1")).toEqual([]);
		expect(unsentHandOns(outbox, "c1")).toEqual([plan]);
		handOnLeft(outbox, one, plan);
		expect(outbox.batches).toEqual([]);
	});

	test("a row that is rewritten goes on carrying what has not left of it, and nothing of other rows", () => {
		const plan = toGroup("a");
		const outbox = outboxOf(batch(1, { carrier: "run" }), batch(2), batch(3, { carrier: "run", hand_ons: [plan] }));
		expect(unsentFacts(outbox, "run")).toEqual([fact(1), fact(3)]);
		expect(unsentHandOns(outbox, "run")).toEqual([plan]);
		expect(unsentHandOns(outbox, "c2")).toEqual([]);
	});
});

describe("everything has left", () => {
	test("up to the last commit, if nothing waits", () => {
		expect(sentThrough(emptyOutbox(), 7)).toBe(7);
	});

	test("up to the commit before the first that waits", () => {
		expect(sentThrough(outboxOf(batch(5), batch(3), batch(7)), 9)).toBe(2);
	});

	test("never beyond the last commit", () => {
		expect(sentThrough(outboxOf(batch(12)), 9)).toBe(9);
	});
});

describe("the outbox needs the alarm", () => {
	test("never, if it is empty", () => {
		expect(outboxDueAt(emptyOutbox())).toBeNull();
	});

	test("when its facts have waited long enough for company", () => {
		expect(outboxDueAt(outboxOf(batch(1)))).toBe(NOW + JOURNAL_DELAY_MS);
	});

	test("sooner where an event waits to be handed on", () => {
		expect(outboxDueAt(outboxOf(batch(1), batch(2, { hand_ons: [toGroup("a")] })))).toBe(NOW + OUTBOX_RETRY_MS);
	});

	test("for the oldest, in whatever order they stand", () => {
		const outbox = outboxOf(batch(1, { at: NOW + 500 }), batch(2, { at: NOW - 500 }), batch(3));
		expect(outboxDueAt(outbox)).toBe(NOW - 500 + JOURNAL_DELAY_MS);
	});

	test("at once, if it is overdue", () => {
		expect(outboxDueAt(outboxOf(batch(1, { at: 0 })))).toBe(JOURNAL_DELAY_MS);
	});
});

describe("when sending fails", () => {
	/** Fails at each alarm, so often. */
	function failing(times: number): { outbox: Outbox; at: number } {
		const outbox = outboxOf(batch(1, { at: NOW - JOURNAL_DELAY_MS }));
		let at = NOW;
		for (let n = 0; n < times; n++) {
			at = Math.max(at, outboxDueAt(outbox) ?? 0);
			sendingFailed(outbox, at);
		}
		return { outbox, at };
	}

	test.each([
		[1, OUTBOX_RETRY_MS],
		[2, 2 * OUTBOX_RETRY_MS],
		[5, 16 * OUTBOX_RETRY_MS],
		[9, 256 * OUTBOX_RETRY_MS],
		[10, OUTBOX_RETRY_MAX_MS],
		[2_000, OUTBOX_RETRY_MAX_MS],
	])("for the %i. time, the next try comes after %i ms", (times, pause) => {
		const { outbox, at } = failing(times);
		expect((outboxDueAt(outbox) ?? 0) - at).toBe(pause);
	});

	test("what fails together is one failure", () => {
		const outbox = outboxOf(batch(1, { at: NOW - JOURNAL_DELAY_MS }));
		for (let n = 0; n < 10; n++) sendingFailed(outbox, NOW + n);
		expect(outboxDueAt(outbox)).toBe(NOW + 9 + OUTBOX_RETRY_MS);
	});

	test("it is no reason to be due sooner than without", () => {
		const outbox = outboxOf(batch(1));
		sendingFailed(outbox, NOW + 10);
		expect(outboxDueAt(outbox)).toBe(NOW + JOURNAL_DELAY_MS);
	});

	test("what was committed after that does not wait for it", () => {
		const { outbox, at } = failing(9);
		addBatch(outbox, batch(2, { at: at + 1, hand_ons: [toGroup("a")] }));
		expect(outboxDueAt(outbox)).toBe(at + 1 + OUTBOX_RETRY_MS);
	});

	test("the success of what came later does not end its pause", () => {
		const { outbox, at } = failing(9);
		const later = batch(2, { at: at + 1 });
		addBatch(outbox, later);
		factsLeft(outbox, [later]);
		expect(outboxDueAt(outbox)).toBe(at + 256 * OUTBOX_RETRY_MS);
	});

	test("what was committed at the very moment of a failure waits with the others", () => {
		const { outbox, at } = failing(9);
		addBatch(outbox, batch(2, { at, hand_ons: [toGroup("a")] }));
		expect(outboxDueAt(outbox)).toBe(at + 256 * OUTBOX_RETRY_MS);
	});

	test("the pause goes on while one of those that failed is left, whatever else is there", () => {
		const { outbox, at } = failing(9);
		const [later, last] = [batch(2, { at: at + 1 }), batch(3, { at: at + 2 })];
		addBatch(outbox, later);
		addBatch(outbox, last);
		factsLeft(outbox, [later]);
		factsLeft(outbox, [last]);
		expect(outboxDueAt(outbox)).toBe(at + 256 * OUTBOX_RETRY_MS);
	});

	test("its own success ends the pause, and the next failure is the first again", () => {
		const { outbox, at } = failing(9);
		const later = batch(2, { at: at + 1 });
		addBatch(outbox, later);
		const [failed] = outbox.batches;
		if (failed !== undefined) factsLeft(outbox, [failed]);
		expect(outboxDueAt(outbox)).toBe(at + 1 + JOURNAL_DELAY_MS);
		sendingFailed(outbox, at + JOURNAL_DELAY_MS + 1);
		expect(outboxDueAt(outbox)).toBe(at + JOURNAL_DELAY_MS + 1 + OUTBOX_RETRY_MS);
	});
});

describe("facts leave in passing", () => {
	test("not if there are none", () => {
		const outbox = outboxOf(batch(1, { at: 0, facts: [], hand_ons: [toGroup("a")] }));
		expect(shouldSendFacts(outbox, NOW, false)).toBe(false);
	});

	test("not as long as they are few and fresh", () => {
		expect(shouldSendFacts(outboxOf(batch(1)), NOW + JOURNAL_PASSING_MS - 1, false)).toBe(false);
	});

	test("once the oldest has waited long enough, wherever it stands", () => {
		const outbox = outboxOf(batch(1, { at: NOW + 1 }), batch(2), batch(3, { at: NOW + 1 }));
		expect(shouldSendFacts(outbox, NOW + JOURNAL_PASSING_MS, false)).toBe(true);
		// Steps that were just sent will have more to tell in a moment.
		expect(shouldSendFacts(outbox, NOW + JOURNAL_PASSING_MS, true)).toBe(false);
	});

	test("once there are many", () => {
		const many = Array.from({ length: JOURNAL_MANY }, (_, n) => batch(n));
		expect(shouldSendFacts(outboxOf(...many), NOW, false)).toBe(true);
		expect(shouldSendFacts(outboxOf(...many.slice(1)), NOW, false)).toBe(false);
	});

	test("whenever they are due: otherwise the alarm would ring for nothing, over and over", () => {
		const outbox = outboxOf(batch(1), batch(2, { at: NOW - 400 }));
		sendingFailed(outbox, NOW - 300);
		expect(shouldSendFacts(outbox, outboxDueAt(outbox) ?? 0, false)).toBe(true);
		expect(shouldSendFacts(outbox, outboxDueAt(outbox) ?? 0, true)).toBe(true);
	});
});
