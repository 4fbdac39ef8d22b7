import { describe, expect, test } from "vitest";
import { nextTick } from "../../../src/core/timing/cron";
import { DAY, MINUTE } from "../run/given";

function after(expression: string, tz: string | undefined, from: string): string {
	return new Date(nextTick(expression, tz, Date.parse(from))).toISOString();
}

describe("the next tick", () => {
	test.each([
		["is in UTC without a zone", "0 9 * * *", undefined, "2026-11-20T08:59:59.999Z", "2026-11-20T09:00:00.000Z"],
		[
			"is strictly later: not the tick of this very moment",
			"0 9 * * *",
			undefined,
			"2026-11-20T09:00:00.000Z",
			"2026-11-21T09:00:00.000Z",
		],
		[
			"follows its zone in winter",
			"0 9 * * *",
			"Europe/Berlin",
			"2026-11-20T00:00:00.000Z",
			"2026-11-20T08:00:00.000Z",
		],
		[
			"follows its zone in summer",
			"0 9 * * *",
			"Europe/Berlin",
			"2026-07-20T00:00:00.000Z",
			"2026-07-20T07:00:00.000Z",
		],
		["knows weekdays", "30 17 * * 1-5", "UTC", "2026-11-20T18:00:00.000Z", "2026-11-23T17:30:00.000Z"],
		["knows the end of a month", "0 0 1 * *", "UTC", "2026-11-20T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
		["waits for a leap day", "0 0 29 2 *", "UTC", "2026-11-20T00:00:00.000Z", "2028-02-29T00:00:00.000Z"],
		[
			"knows zones that are off by half hours",
			"0 9 * * *",
			"Asia/Kolkata",
			"2026-11-20T00:00:00.000Z",
			"2026-11-20T03:30:00.000Z",
		],
	])("%s", (_, expression, tz, from, expected) => {
		expect(after(expression, tz, from)).toBe(expected);
	});

	test("of an expression that never ticks is an error that names it", () => {
		expect(() => nextTick("0 0 30 2 *", "UTC", Date.UTC(2026, 10, 20))).toThrow(
			'"0 0 30 2 *" has no tick after 2026-11-20',
		);
	});
});

describe("when Berlin puts its clocks forward, 29 March 2026 at 2:00", () => {
	test.each([
		["nine o'clock stays nine o'clock", "0 9 * * *", "2026-03-28T12:00:00.000Z", "2026-03-29T07:00:00.000Z"],
		["every half hour goes from 1:30 to 3:00", "*/30 * * * *", "2026-03-29T00:30:00.000Z", "2026-03-29T01:00:00.000Z"],
		[
			"half past two, which is not there, is the moment after the gap",
			"30 2 * * *",
			"2026-03-28T12:00:00.000Z",
			"2026-03-29T01:00:00.000Z",
		],
		["half past two is back the day after", "30 2 * * *", "2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"],
	])("%s", (_, expression, from, expected) => {
		expect(after(expression, "Europe/Berlin", from)).toBe(expected);
	});
});

describe("when Berlin puts its clocks back, 25 October 2026 at 3:00", () => {
	test.each([
		["nine o'clock stays nine o'clock", "0 9 * * *", "2026-10-24T12:00:00.000Z", "2026-10-25T08:00:00.000Z"],
		["half past two comes once, the first time", "30 2 * * *", "2026-10-24T12:00:00.000Z", "2026-10-25T00:30:00.000Z"],
		[
			"half past two does not come again an hour later",
			"30 2 * * *",
			"2026-10-25T00:30:00.000Z",
			"2026-10-26T01:30:00.000Z",
		],
		[
			"every half hour goes on in the hour that comes twice",
			"*/30 * * * *",
			"2026-10-25T00:30:00.000Z",
			"2026-10-25T01:00:00.000Z",
		],
	])("%s", (_, expression, from, expected) => {
		expect(after(expression, "Europe/Berlin", from)).toBe(expected);
	});
});

test.each(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])(
	"a daily tick comes once a day all year in %s, and every tick is later than the one before",
	(tz) => {
		let at = Date.UTC(2026, 0, 1);
		for (let day = 0; day < 365; day++) {
			const next = nextTick("30 2 * * *", tz, at);
			if (day > 0) expect(Math.abs(next - at - DAY)).toBeLessThanOrEqual(90 * MINUTE);
			at = next;
		}
	},
);
