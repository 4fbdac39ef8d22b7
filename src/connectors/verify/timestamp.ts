// When a delivery was signed, and whether that is near enough to now. Times ahead of us are refused like old ones:
// a signature from the future is a capture that stays fresh until its time comes.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, HmacScheme } from "../connector";
import type { VerifyFailure } from "./failure";
import { headerOf } from "./header";
import { fieldValues } from "./signatures";

type TimestampScheme = NonNullable<HmacScheme["timestamp"]>;

/** Enough for milliseconds for the next three hundred thousand years, and always an exact number. */
const DIGITS = /^\d{1,16}$/;

/** The timestamp as it was signed, digit for digit. */
export function readTimestamp(delivery: Delivery, scheme: HmacScheme): Result<string, VerifyFailure> {
	if (scheme.timestamp === undefined) return ok("");
	const values = timestampTexts(delivery, scheme, scheme.timestamp);
	const where = scheme.timestamp.from === "header" ? scheme.timestamp.header : scheme.timestamp.field;
	const [text] = values;
	if (text === undefined) return err({ reason: "missing_timestamp", where });
	if (values.length > 1 || !DIGITS.test(text)) return err({ reason: "malformed_timestamp", where });
	return ok(text);
}

function timestampTexts(delivery: Delivery, scheme: HmacScheme, timestamp: TimestampScheme): string[] {
	if (timestamp.from === "signature") {
		return fieldValues(headerOf(delivery, scheme.signature.header) ?? "", timestamp.field);
	}
	const text = headerOf(delivery, timestamp.header);
	return text === undefined ? [] : [text];
}

/** `text` is what `readTimestamp` found. */
export function checkTimestamp(text: string, scheme: HmacScheme, now: number): Result<void, VerifyFailure> {
	if (scheme.timestamp === undefined) return ok(undefined);
	const { unit, tolerance_s } = scheme.timestamp;
	const age_s = (now - Number(text) * (unit === "s" ? 1_000 : 1)) / 1_000;
	if (age_s > tolerance_s) return err({ reason: "stale", age_s, tolerance_s });
	if (age_s < -tolerance_s) return err({ reason: "future", ahead_s: -age_s, tolerance_s });
	return ok(undefined);
}
