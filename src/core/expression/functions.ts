// The functions that an author can call. Nothing else can be called: each operation of an expression becomes a call of
// a function of ours (see `rewrite.ts`), and what is not in this table is refused before anything is evaluated.
//
// Beyond CEL's own: `changed("field")` and `changed_to("field", value)` ask the event's list of changes,
// `json(value)` writes JSON text, `truncate(text, length)` cuts, `duration("7d")` knows days.

import type { CelInput, CelValue } from "@bufbuild/cel";
import * as text from "./text-functions";
import * as time from "./time-functions";
import * as value from "./value-functions";

export interface CelFunction {
	/** How an author writes it. */
	usage: string;
	form: "function" | "method" | "either";
	/** How many values it takes, with the one before the dot. */
	counts: readonly number[];
	run: (...values: CelValue[]) => CelInput;
}

const ONE = [1];
const TWO = [2];

export const FUNCTIONS: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
	["size", { usage: "size(value)", form: "either", counts: ONE, run: value.size }],
	["string", { usage: "string(value)", form: "function", counts: ONE, run: value.string }],
	["int", { usage: "int(value)", form: "function", counts: ONE, run: value.int }],
	["double", { usage: "double(value)", form: "function", counts: ONE, run: value.double }],
	["bool", { usage: "bool(value)", form: "function", counts: ONE, run: value.bool }],
	["dyn", { usage: "dyn(value)", form: "function", counts: ONE, run: value.dyn }],
	["json", { usage: "json(value)", form: "function", counts: ONE, run: value.json }],
	["changed", { usage: 'changed("field")', form: "function", counts: ONE, run: value.changed }],
	["changed_to", { usage: 'changed_to("field", value)', form: "function", counts: TWO, run: value.changedTo }],
	["contains", { usage: "text.contains(part)", form: "method", counts: TWO, run: text.contains }],
	["startsWith", { usage: "text.startsWith(part)", form: "method", counts: TWO, run: text.startsWith }],
	["endsWith", { usage: "text.endsWith(part)", form: "method", counts: TWO, run: text.endsWith }],
	["matches", { usage: "text.matches('pattern')", form: "either", counts: TWO, run: text.matches }],
	["lowerAscii", { usage: "text.lowerAscii()", form: "method", counts: ONE, run: text.lowerAscii }],
	["upperAscii", { usage: "text.upperAscii()", form: "method", counts: ONE, run: text.upperAscii }],
	["trim", { usage: "text.trim()", form: "method", counts: ONE, run: text.trim }],
	["split", { usage: "text.split(separator)", form: "method", counts: TWO, run: text.split }],
	["replace", { usage: "text.replace(part, by)", form: "method", counts: [3], run: text.replace }],
	["substring", { usage: "text.substring(start, end)", form: "method", counts: [2, 3], run: text.substring }],
	["join", { usage: "list.join(separator)", form: "method", counts: [1, 2], run: text.join }],
	["truncate", { usage: "truncate(text, length)", form: "function", counts: TWO, run: text.truncate }],
	["timestamp", { usage: "timestamp(text)", form: "function", counts: ONE, run: time.timestamp }],
	["duration", { usage: 'duration("90s")', form: "function", counts: ONE, run: time.duration }],
	...time.TIME_PARTS.map((name): [string, CelFunction] => [
		name,
		{ usage: `timestamp(text).${name}("Europe/Berlin")`, form: "method", counts: [1, 2], run: time.timePart(name) },
	]),
]);

/** Written like methods, but expanded by the parser; what is left of them was written wrongly. */
export const MACROS: ReadonlyMap<string, string> = new Map([
	["has", "has(event.data.field)"],
	["all", "list.all(item, condition)"],
	["exists", "list.exists(item, condition)"],
	["exists_one", "list.exists_one(item, condition)"],
	["existsOne", "list.existsOne(item, condition)"],
	["filter", "list.filter(item, condition)"],
	["map", "list.map(item, value)"],
]);
