// Functions on any value: size, conversions, JSON text, and what an event says that has changed.

import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import { charge, evaluation, exceed, fail } from "./evaluation";
import { TEXT_MAX } from "./limits";
import { equal } from "./operators";
import { callStandard } from "./standard";
import { countCharacters } from "./text-functions";
import { toJson } from "./to-json";
import { isDuration, isTimestamp, kindOf } from "./values";

export function size(value: CelValue): number {
	if (typeof value === "string") return countCharacters(value);
	if (isCelList(value)) return value.size;
	if (isCelMap(value)) return value.size;
	return fail(`size() measures texts, lists and objects, and this is ${kindOf(value)}`);
}

export function string(value: CelValue): string {
	if (typeof value === "string") return value;
	if (typeof value === "number" || typeof value === "boolean") return String(value);
	const time = isTimestamp(value) || isDuration(value) ? callStandard("string", undefined, [value]) : null;
	if (typeof time === "string") return time;
	const hint = value === null ? "" : "; json() writes it as text";
	return fail(`string() cannot write ${kindOf(value)}${hint}`);
}

/** A number without its fraction, a text of digits, or the seconds of a time. */
export function int(value: CelValue): number {
	const number = typeof value === "string" && !/^[+-]?\d{1,30}$/.test(value) ? Number.NaN : numeric(value);
	const whole = Math.trunc(number);
	return Number.isSafeInteger(whole) ? whole : fail(`int() cannot make a whole number of ${shown(value)}`);
}

export function double(value: CelValue): number {
	const number = numeric(value);
	return Number.isFinite(number) ? number : fail(`double() cannot make a number of ${shown(value)}`);
}

const DECIMAL = /^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?$/;

function numeric(value: CelValue): number {
	if (typeof value === "number") return value;
	if (typeof value === "string") return DECIMAL.test(value) ? Number(value) : Number.NaN;
	const seconds = isTimestamp(value) || isDuration(value) ? callStandard("int", undefined, [value]) : null;
	return typeof seconds === "number" ? seconds : Number.NaN;
}

export function bool(value: CelValue): boolean {
	const truth = typeof value === "boolean" ? value : typeof value === "string" ? TRUTHS.get(value) : undefined;
	return truth ?? fail(`bool() cannot make true or false of ${shown(value)}`);
}

const TRUTHS = new Map([
	...["true", "True", "TRUE", "t", "1"].map((text) => [text, true] as const),
	...["false", "False", "FALSE", "f", "0"].map((text) => [text, false] as const),
]);

/** The value itself: here every value's type is known only when it is there. */
export function dyn(value: CelValue): CelValue {
	return value;
}

function shown(value: CelValue): string {
	return typeof value === "string" ? "this text" : kindOf(value);
}

export function json(value: CelValue): string {
	const converted = toJson(value, TEXT_MAX);
	const text = converted.ok ? JSON.stringify(converted.value) : "";
	charge((converted.ok ? text.length : TEXT_MAX) / 16);
	if (converted.ok) return text;
	const message = `json() cannot write this: ${converted.error.message}`;
	return converted.error.reason === "limit" ? exceed(message) : fail(message);
}

/** True if the event says that the field has changed. */
export function changed(name: CelValue): boolean {
	return changesOf(name, "changed()").length > 0;
}

/** True if the event says that the field has changed, and to what. */
export function changedTo(name: CelValue, value: CelValue): boolean {
	return changesOf(name, "changed_to()").some((change) => {
		const to = change.get("to");
		return to !== undefined && equal(to, value);
	});
}

function changesOf(name: CelValue, whose: string) {
	if (typeof name !== "string") return fail(`${whose} needs the name of a field, and this is ${kindOf(name)}`);
	const { event } = evaluation().scope;
	const changes = isCelMap(event) ? event.get("changes") : undefined;
	if (!isCelList(changes)) return [];
	charge(changes.size);
	return [...changes].filter(isCelMap).filter((change) => change.get("field") === name);
}
