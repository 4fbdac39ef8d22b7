// Functions on time. Times of events are RFC 3339 texts: `timestamp(event.timestamp)` makes one that can be compared
// and subtracted. Time zones are IANA names or offsets like "+02:00"; without one, parts are in UTC.

import type { CelInput, CelValue } from "@bufbuild/cel";
import { charge, fail } from "./evaluation";
import { callStandard } from "./standard";
import { isDuration, isTimestamp, kindOf } from "./values";

/** From an RFC 3339 text, or seconds since 1970. */
export function timestamp(value: CelValue): CelInput {
	if (isTimestamp(value)) return value;
	const text = typeof value === "number" ? fromSeconds(value) : value;
	if (typeof text !== "string") return fail(`timestamp() reads texts and numbers, and this is ${kindOf(value)}`);
	const time = text.length <= 64 ? callStandard("timestamp", undefined, [text]) : null;
	return time ?? fail("timestamp() reads times like 2026-11-20T09:59:56Z, and this is another text");
}

function fromSeconds(seconds: number): string {
	const date = new Date(seconds * 1_000);
	return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

const PART = /^(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})(ns|us|µs|ms|s|m|h|d)/;

/** From texts like "90s", "1h30m" or "7d". */
export function duration(value: CelValue): CelInput {
	if (isDuration(value)) return value;
	if (typeof value !== "string" || !isDurationText(value))
		return fail(`duration() reads texts like "90s", "1h30m" or "7d", and this is ${shown(value)}`);
	const withoutDays = value.replace(/([\d.]+)d/g, (_, days) => `${Math.round(Number(days) * 86_400_000)}ms`);
	return callStandard("duration", undefined, [withoutDays]) ?? fail("the duration is too long");
}

function isDurationText(text: string): boolean {
	if (text.length > 64) return false;
	let rest = text.replace(/^[+-]/, "");
	do {
		const part = PART.exec(rest)?.[0];
		if (part === undefined) return false;
		rest = rest.slice(part.length);
	} while (rest !== "");
	return true;
}

function shown(value: CelValue): string {
	return typeof value === "string" ? "another text" : kindOf(value);
}

export const TIME_PARTS = [
	"getFullYear",
	"getMonth",
	"getDate",
	"getDayOfMonth",
	"getDayOfWeek",
	"getDayOfYear",
	"getHours",
	"getMinutes",
	"getSeconds",
	"getMilliseconds",
] as const;

/** A part of a timestamp in a time zone, or of a duration: months, days of the week and of the year count from 0. */
export function timePart(name: (typeof TIME_PARTS)[number]) {
	return (time: CelValue, ...zone: CelValue[]): CelInput => {
		if (!isTimestamp(time) && !isDuration(time))
			return fail(`${name}() needs a timestamp, and this is ${kindOf(time)}; write timestamp(…) around it`);
		charge(zone.length === 0 ? 10 : 1_000);
		return callStandard(name, time, zone) ?? fail(`${name}() takes a time zone like "Europe/Berlin", or nothing`);
	};
}
