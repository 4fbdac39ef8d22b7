import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isNotOlder } from "../../../src/core/timing/order";

const EARLY = "2026-11-20T09:00:00.000Z";
const LATE = "2026-11-20T09:00:00.001Z";

describe("without sequences, time at the source decides", () => {
	test.each([
		["a later time", LATE, EARLY, true],
		["an earlier time", EARLY, LATE, false],
		["the same time: arrival decides", EARLY, EARLY, true],
	])("%s", (_, next, previous, expected) => {
		expect(isNotOlder({ timestamp: next }, { timestamp: previous })).toBe(expected);
	});

	test.each([
		["the next", { timestamp: EARLY, sequence: "9" }, { timestamp: LATE }, false],
		["the next, which is later", { timestamp: LATE, sequence: "9" }, { timestamp: EARLY }, true],
		["the one before", { timestamp: LATE }, { timestamp: EARLY, sequence: "9" }, true],
		["the one before, which is later", { timestamp: EARLY }, { timestamp: LATE, sequence: "9" }, false],
	])("where only one has a sequence too: %s", (_, next, previous, expected) => {
		expect(isNotOlder(next, previous)).toBe(expected);
	});
});

describe("sequences decide, whatever the clocks say", () => {
	test.each([
		["higher", "8", "7", true],
		["lower", "7", "8", false],
		["the same: arrival decides", "7", "7", true],
		["numbers by value, not as text", "10", "9", true],
		["numbers by value, the other way", "9", "10", false],
		["leading zeros", "0010", "9", true],
		["many leading zeros", "0009", "10", false],
		["equal but for zeros", "007", "7", true],
		["zero against nothing but zeros", "0", "000", true],
		["beyond 2^53, one apart", "9007199254740993", "9007199254740992", true],
		["beyond 2^53, the other way", "9007199254740992", "9007199254740993", false],
		["text as text", "0000b", "0000a", true],
		["text as text, the other way", "0000a", "0000b", false],
		["text by its letters, not by its length", "b", "aa", true],
		["equal text", "a", "a", true],
		["a number against text", "10", "9x", false],
		["text that begins like a number", "10x", "9", false],
		["a number against text that begins like one", "9", "10x", true],
		["text that ends like a number", "x9", "100", true],
		["a number against text that ends like one", "100", "x9", false],
	])("%s", (_, next, previous, expected) => {
		const times = [
			[EARLY, EARLY],
			[EARLY, LATE],
			[LATE, EARLY],
		] as const;
		for (const [a, b] of times) {
			expect(isNotOlder({ timestamp: a, sequence: next }, { timestamp: b, sequence: previous })).toBe(expected);
		}
	});

	test("numbers of any length compare as the whole numbers that they are", () => {
		const sequence = fc.bigInt({ min: 0n, max: 10n ** 40n });
		fc.assert(
			fc.property(sequence, sequence, (a, b) => {
				const next = { timestamp: EARLY, sequence: a.toString() };
				expect(isNotOlder(next, { timestamp: LATE, sequence: b.toString() })).toBe(a >= b);
			}),
		);
	});
});
