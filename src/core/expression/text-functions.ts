// Functions on text. Lengths and cuts count characters (code points), so that nothing is cut through the middle.

import { type CelInput, type CelValue, isCelList } from "@bufbuild/cel";
import { charge, evaluation, exceed, fail } from "./evaluation";
import { LIST_MAX } from "./limits";
import { builtList, builtText, readText } from "./operators";
import { kindOf } from "./values";

function textOf(value: CelValue, whose: string): string {
	return typeof value === "string" ? readText(value) : fail(`${whose} needs text, and this is ${kindOf(value)}`);
}

export function countCharacters(text: string): number {
	let count = 0;
	charge(text.length / 16);
	for (const _ of readText(text)) count += 1;
	return count;
}

export function contains(text: CelValue, part: CelValue): boolean {
	const [where, what] = [textOf(text, "contains()"), textOf(part, "contains()")];
	charge((where.length * what.length) / 512);
	return where.includes(what);
}

export function startsWith(text: CelValue, part: CelValue): boolean {
	return textOf(text, "startsWith()").startsWith(textOf(part, "startsWith()"));
}

export function endsWith(text: CelValue, part: CelValue): boolean {
	return textOf(text, "endsWith()").endsWith(textOf(part, "endsWith()"));
}

/** `pattern` is the number of a pattern that was compiled with the expression. */
export function matches(text: CelValue, pattern: CelValue): boolean {
	const compiled = evaluation().patterns[Number(pattern)];
	if (compiled === undefined) return fail("the pattern of matches() is missing");
	const subject = textOf(text, "matches()");
	charge((subject.length * compiled.states) / 4);
	return compiled.test(subject);
}

export function lowerAscii(text: CelValue): string {
	return textOf(text, "lowerAscii()").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function upperAscii(text: CelValue): string {
	return textOf(text, "upperAscii()").replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export function trim(text: CelValue): string {
	return textOf(text, "trim()").trim();
}

export function split(text: CelValue, separator: CelValue): CelInput {
	const parts = pieces(textOf(text, "split()"), textOf(separator, "split()"));
	if (parts.length > LIST_MAX) return exceed(`split() makes more than ${LIST_MAX} parts`);
	return builtList(parts.length, () => parts);
}

export function replace(text: CelValue, what: CelValue, by: CelValue): string {
	const searched = textOf(what, "replace()");
	if (searched === "") return fail("replace() needs a text to look for, and this one is empty");
	const parts = pieces(textOf(text, "replace()"), searched);
	return joined(parts, textOf(by, "replace()"));
}

export function join(list: CelValue, separator: CelValue = ""): string {
	if (!isCelList(list)) return fail(`join() needs a list, and this is ${kindOf(list)}`);
	if (list.size > LIST_MAX) return exceed(`join() is given ${list.size} elements; at most ${LIST_MAX} are allowed`);
	const between = textOf(separator, "join()");
	return joined(
		[...list].map((part) => textOf(part, "join()")),
		between,
	);
}

/** From one index up to another, counted from 0; without the other, up to the end. */
export function substring(text: CelValue, start: CelValue, end?: CelValue): string {
	const characters = charactersOf(textOf(text, "substring()"));
	const [from, to] = [start, end ?? characters.length];
	if (typeof from !== "number" || typeof to !== "number" || !Number.isInteger(from) || !Number.isInteger(to))
		return fail("substring() needs whole numbers");
	if (from < 0 || from > to || to > characters.length)
		return fail(`substring() reaches outside of a text of ${characters.length} characters`);
	return characters.slice(from, to).join("");
}

/** Ends with … if something was cut off, and is then `length` characters long. */
export function truncate(text: CelValue, length: CelValue): string {
	if (typeof length !== "number" || !Number.isInteger(length) || length < 1)
		return fail("truncate() needs a length of at least 1");
	const characters = charactersOf(textOf(text, "truncate()"));
	if (characters.length <= length) return characters.join("");
	return `${characters.slice(0, length - 1).join("")}…`;
}

function charactersOf(text: string): string[] {
	charge(text.length / 8);
	return Array.from(text);
}

function pieces(text: string, separator: string): string[] {
	charge((text.length * Math.max(separator.length, 1)) / 512 + text.length / 8);
	return separator === "" ? Array.from(text) : text.split(separator);
}

function joined(parts: string[], separator: string): string {
	const length = parts.reduce((sum, part) => sum + part.length, separator.length * Math.max(parts.length - 1, 0));
	return builtText(length, () => parts.join(separator));
}
