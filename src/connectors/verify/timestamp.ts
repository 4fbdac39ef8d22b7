// When a delivery was signed, and whether that is near enough to now. Times ahead of us are refused like old ones:
// a signature from the future is a capture that stays fresh until its time comes.

import { err, ok, type Result } from "../../model/result";
import type { Delivery, SignatureScheme, TimeUnit } from "../connector";
import { parseTime, valueAt } from "../inbound/read";
import type { VerifyFailure } from "./failure";
import { headerOf } from "./header";
import { fieldValues } from "./signatures";

/** Enough for milliseconds for the next three hundred thousand years, and always an exact number. */
const DIGITS = /^\d{1,16}$/;

/** The timestamp as it was signed, digit for digit. One that stands in the body is not read here: the body is signed. */
export function readTimestamp(delivery: Delivery, scheme: SignatureScheme): Result<string, VerifyFailure> {
	return scheme.timestamp === undefined || scheme.timestamp.from === "body" ? ok("") : readText(delivery, scheme);
}

function readText(delivery: Delivery, scheme: SignatureScheme): Result<string, VerifyFailure> {
	const { timestamp } = scheme;
	if (timestamp === undefined) return ok("");
	const { where, texts } = textsOf(delivery, scheme, timestamp);
	const [text] = texts;
	if (text === undefined) return err({ reason: "missing_timestamp", where });
	if (texts.length > 1 || timeOf(text, timestamp.unit) === undefined) {
		return err({ reason: "malformed_timestamp", where });
	}
	return ok(text);
}

function textsOf(
	delivery: Delivery,
	scheme: SignatureScheme,
	timestamp: NonNullable<SignatureScheme["timestamp"]>,
): { where: string; texts: string[] } {
	switch (timestamp.from) {
		case "signature": {
			const { field } = timestamp;
			return { where: field, texts: fieldValues(headerOf(delivery, scheme.signature.header) ?? "", field) };
		}
		case "header": {
			const text = headerOf(delivery, timestamp.header);
			return { where: timestamp.header, texts: text === undefined ? [] : [text] };
		}
		case "body":
			return { where: timestamp.path, texts: textsInBody(delivery, timestamp.path) };
	}
}

function textsInBody({ body }: Delivery, path: string): string[] {
	try {
		const value = valueAt(JSON.parse(new TextDecoder().decode(body)), path);
		return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
	} catch {
		return [];
	}
}

/** Epoch milliseconds. */
function timeOf(text: string, unit: TimeUnit): number | undefined {
	if (unit === "rfc3339") return parseTime(text);
	return DIGITS.test(text) ? Number(text) * (unit === "s" ? 1_000 : 1) : undefined;
}

/** To be asked once the signature is known to be genuine. */
export function checkTimestamp(delivery: Delivery, scheme: SignatureScheme, now: number): Result<void, VerifyFailure> {
	if (scheme.timestamp === undefined) return ok(undefined);
	const text = readText(delivery, scheme);
	if (!text.ok) return text;
	const { unit, tolerance_s } = scheme.timestamp;
	const age_s = (now - (timeOf(text.value, unit) ?? 0)) / 1_000;
	if (age_s > tolerance_s) return err({ reason: "stale", age_s, tolerance_s });
	if (age_s < -tolerance_s) return err({ reason: "future", ahead_s: -age_s, tolerance_s });
	return ok(undefined);
}
