// When what was not found is certainly not there.

import { expect, test } from "vitest";
import { absentOnceSettled } from "../../../src/connectors/outbound/settled";
import { mark } from "../actions";

const reason = "it is not there yet";

test.each([
	[1_000, { kind: "unclear", reason, after_ms: 60_000 }],
	[60_999, { kind: "unclear", reason, after_ms: 1 }],
	[61_000, { kind: "absent" }],
	[90_000, { kind: "absent" }],
])("at %d ms, of an attempt that ended at 1,000 ms and settles in a minute: %j", (now, found) => {
	expect(absentOnceSettled(60_000, { mark: { ...mark, since: 0, tried_at: 1_000 }, now, reason })).toEqual(found);
});

test("counts from the run's begin where nobody wrote down when the attempt ended", () => {
	const found = absentOnceSettled(60_000, { mark: { ...mark, since: 500 }, now: 1_000, reason });
	expect(found).toEqual({ kind: "unclear", reason, after_ms: 59_500 });
});
