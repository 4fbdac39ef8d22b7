// What operators, fields and indexes mean in JSON: one kind of number, so `1 / 2` is 0.5 and `3 == 3.0`; objects whose
// keys are texts, so `{1: x}` and `{"1": x}` are the same; own properties only. What fails says kinds and sizes, never
// values: messages are kept in the journal, and values can be personal.

import { type CelInput, type CelList, type CelMap, type CelValue, celList, isCelList, isCelMap } from "@bufbuild/cel";
import { charge, exceed, fail } from "./evaluation";
import { DEPTH_MAX, LIST_MAX, TEXT_MAX } from "./limits";
import { callStandard } from "./standard";
import { isDuration, isTimestamp, kindOf } from "./values";

/** Of every text that is computed with. */
export function readText(text: string): string {
	if (text.length > TEXT_MAX)
		exceed(`a text of ${text.length} characters is too long to compute with; at most ${TEXT_MAX} are allowed`);
	charge(text.length / 64);
	return text;
}

/** Of every text that is built. */
export function builtText(length: number, build: () => string): string {
	if (length > TEXT_MAX)
		exceed(`the expression builds a text of ${length} characters; at most ${TEXT_MAX} are allowed`);
	charge(length / 64);
	return build();
}

/** Of every list that is built. */
export function builtList(length: number, build: () => CelInput[]): CelList {
	if (length > LIST_MAX) exceed(`the expression builds a list of ${length} elements; at most ${LIST_MAX} are allowed`);
	charge(length);
	return celList(build());
}

export function add(left: CelValue, right: CelValue): CelInput {
	if (typeof left === "number" && typeof right === "number") return finite(left + right, "+");
	if (typeof left === "string" && typeof right === "string")
		return builtText(left.length + right.length, () => left + right);
	if (isCelList(left) && isCelList(right)) return builtList(left.size + right.size, () => [...left, ...right]);
	const hint = typeof left === "string" || typeof right === "string" ? "; write string(…) around what is not text" : "";
	return timeOr("_+_", left, right) ?? fail(`+ cannot add ${kindOf(left)} and ${kindOf(right)}${hint}`);
}

export function subtract(left: CelValue, right: CelValue): CelInput {
	if (typeof left === "number" && typeof right === "number") return finite(left - right, "-");
	return timeOr("_-_", left, right) ?? fail(`- cannot subtract ${kindOf(right)} from ${kindOf(left)}`);
}

export function multiply(left: CelValue, right: CelValue): number {
	if (typeof left === "number" && typeof right === "number") return finite(left * right, "*");
	return fail(`* cannot multiply ${kindOf(left)} and ${kindOf(right)}`);
}

export function divide(left: CelValue, right: CelValue): number {
	if (typeof left !== "number" || typeof right !== "number")
		return fail(`/ cannot divide ${kindOf(left)} by ${kindOf(right)}`);
	return right === 0 ? fail("/ divides by zero") : finite(left / right, "/");
}

export function remainder(left: CelValue, right: CelValue): number {
	if (typeof left !== "number" || typeof right !== "number")
		return fail(`% cannot divide ${kindOf(left)} by ${kindOf(right)}`);
	return right === 0 ? fail("% divides by zero") : finite(left % right, "%");
}

export function negate(value: CelValue): number {
	return typeof value === "number" ? -value : fail(`- cannot negate ${kindOf(value)}`);
}

export function not(value: CelValue): boolean {
	return typeof value === "boolean" ? !value : fail(`! needs true or false, and this is ${kindOf(value)}`);
}

/** Of what stands where only true or false can. */
export function truth(value: CelValue): boolean {
	return typeof value === "boolean" ? value : fail(`true or false is needed here, and this is ${kindOf(value)}`);
}

/** Negative, zero or positive. */
export function compare(left: CelValue, right: CelValue): number {
	if (typeof left === "number" && typeof right === "number") return left - right;
	if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
	if (typeof left === "string" && typeof right === "string") {
		charge(Math.min(left.length, right.length) / 64);
		return left < right ? -1 : Number(left > right);
	}
	if (timeOr("_<_", left, right) === true) return -1;
	const greater = timeOr("_>_", left, right) ?? fail(`${kindOf(left)} and ${kindOf(right)} cannot be compared by size`);
	return greater === true ? 1 : 0;
}

/** Deep; values of different kinds are different, never an error. */
export function equal(left: CelValue, right: CelValue, depth = 0): boolean {
	charge(1);
	if (depth > DEPTH_MAX) return exceed(`== compares values that are nested more than ${DEPTH_MAX} deep`);
	if (typeof left === "string" && typeof right === "string") {
		charge(Math.min(left.length, right.length) / 64);
		return left === right;
	}
	if (isCelList(left)) return isCelList(right) && equalLists(left, right, depth);
	if (isCelMap(left)) return isCelMap(right) && equalMaps(left, right, depth);
	return left === right || timeOr("_==_", left, right) === true;
}

function equalLists(left: CelList, right: CelList, depth: number): boolean {
	if (left.size !== right.size) return false;
	const others = right.values();
	for (const element of left) {
		const other = others.next();
		if (other.done === true || !equal(element, other.value, depth + 1)) return false;
	}
	return true;
}

function equalMaps(left: CelMap, right: CelMap, depth: number): boolean {
	if (left.size !== right.size) return false;
	for (const [key, value] of left) {
		const other = right.get(key);
		if (other === undefined || !equal(value, other, depth + 1)) return false;
	}
	return true;
}

export function isIn(value: CelValue, container: CelValue): boolean {
	if (isCelMap(container)) return container.get(keyText(value)) !== undefined;
	if (!isCelList(container))
		return fail(`in looks into lists and objects, and this is ${kindOf(container)}${insteadOfIn(container)}`);
	for (const element of container) if (equal(element, value)) return true;
	return false;
}

function insteadOfIn(container: CelValue): string {
	return typeof container === "string" ? "; write text.contains(part)" : "";
}

/** `path` is how the author wrote the target, or empty. */
export function field(target: CelValue, name: CelValue, path: CelValue): CelValue {
	const value = isCelMap(target) ? target.get(keyText(name)) : undefined;
	if (value !== undefined) return value;
	if (!isCelMap(target)) return fail(`${path || "the value"} is ${kindOf(target)} and has no field ${name}`);
	const hint = path === "" ? "" : `; where it can be missing, test has(${path}.${name}) first`;
	return fail(`${path || "the object"} has no field ${name}${hint}`);
}

export function index(target: CelValue, key: CelValue, path: CelValue): CelValue {
	if (isCelMap(target)) {
		const value = target.get(keyText(key));
		return value === undefined ? fail(`${path || "the object"} has no field of that name`) : value;
	}
	if (!isCelList(target)) return fail(`${path || "the value"} is ${kindOf(target)} and has no elements`);
	if (typeof key !== "number" || !Number.isInteger(key))
		return fail(
			`a list is indexed by a whole number, and this is ${typeof key === "number" ? "not whole" : kindOf(key)}`,
		);
	const element = target.get(key);
	if (element !== undefined) return element;
	return fail(`${path || "the list"} has ${target.size} elements, so there is none at this index`);
}

/** False where the object is something else, like null: what has no fields does not have this one. */
export function hasField(target: CelValue, name: CelValue): boolean {
	return isCelMap(target) && target.get(keyText(name)) !== undefined;
}

export function keyText(key: CelValue): string {
	if (typeof key === "string") return key;
	if (typeof key === "boolean" || typeof key === "number") return String(key);
	return fail(`an object's key is text, and this is ${kindOf(key)}`);
}

function finite(result: number, operator: string): number {
	return Number.isFinite(result) ? result : fail(`the result of ${operator} is too large for a number`);
}

function timeOr(operator: string, left: CelValue, right: CelValue): CelValue | null {
	const isTime = isTimestamp(left) || isDuration(left);
	return isTime ? callStandard(operator, undefined, [left, right]) : null;
}
