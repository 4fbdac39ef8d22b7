import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isNotOlder } from "../../../src/core/timing/order";

const EARLY = "2026-11-20T09:00:00.000Z";
const LATE = "2026-11-20T09:00:00.001Z";

describe("two events of one entity", () => {
	test.each([
		["the later time", { timestamp: LATE }, { timestamp: EARLY }, true],
		["the earlier time", { timestamp: EARLY }, { timestamp: LATE }, false],
		["the same time: arrival decides", { timestamp: EARLY }, { timestamp: EARLY }, true],
		[
			"a higher sequence, whatever the clock says",
			{ timestamp: EARLY, sequence: "8" },
			{ timestamp: LATE, sequence: "7" },
			true,
		],
		[
			"a lower sequence, whatever the clock says",
			{ timestamp: LATE, sequence: "7" },
			{ timestamp: EARLY, sequence: "8" },
			false,
		],
		[
			"the same sequence: arrival decides",
			{ timestamp: EARLY, sequence: "7" },
			{ timestamp: LATE, sequence: "7" },
			true,
		],
		["numbers by value, not as text", { timestamp: EARLY, sequence: "10" }, { timestamp: EARLY, sequence: "9" }, true],
		["leading zeros", { timestamp: EARLY, sequence: "0010" }, { timestamp: EARLY, sequence: "9" }, true],
		["equal but for zeros", { timestamp: EARLY, sequence: "007" }, { timestamp: EARLY, sequence: "7" }, true],
		[
			"zero against nothing but zeros",
			{ timestamp: EARLY, sequence: "0" },
			{ timestamp: EARLY, sequence: "000" },
			true,
		],
		[
			"beyond 2^53, one apart",
			{ timestamp: EARLY, sequence: "9007199254740993" },
			{ timestamp: EARLY, sequence: "9007199254740992" },
			true,
		],
		[
			"beyond 2^53, the other way",
			{ timestamp: EARLY, sequence: "9007199254740992" },
			{ timestamp: EARLY, sequence: "9007199254740993" },
			false,
		],
		["text as text", { timestamp: EARLY, sequence: "0000b" }, { timestamp: EARLY, sequence: "0000a" }, true],
		[
			"text as text, the other way",
			{ timestamp: EARLY, sequence: "0000a" },
			{ timestamp: EARLY, sequence: "0000b" },
			false,
		],
		["equal text", { timestamp: EARLY, sequence: "a" }, { timestamp: EARLY, sequence: "a" }, true],
		[
			"a number against text, as text",
			{ timestamp: EARLY, sequence: "10" },
			{ timestamp: EARLY, sequence: "9x" },
			false,
		],
		["only the next has a sequence: time decides", { timestamp: EARLY, sequence: "9" }, { timestamp: LATE }, false],
		[
			"only the one before has a sequence: time decides",
			{ timestamp: LATE },
			{ timestamp: EARLY, sequence: "9" },
			true,
		],
	])("%s", (_, next, previous, expected) => {
		expect(isNotOlder(next, previous)).toBe(expected);
	});
});

test("sequences of any length compare as the whole numbers that they are", () => {
	const sequence = fc.bigInt({ min: 0n, max: 10n ** 40n });
	fc.assert(
		fc.property(sequence, sequence, (a, b) => {
			const next = { timestamp: EARLY, sequence: a.toString() };
			expect(isNotOlder(next, { timestamp: EARLY, sequence: b.toString() })).toBe(a >= b);
		}),
	);
});
