// From JSON to the values of the CEL library. Objects are shown, not copied: a view reads own properties when they are
// asked for. There is one kind of number, the JSON number; the library's integers never appear.

import {
	type CelInput,
	type CelList,
	type CelUint,
	type CelValue,
	celList,
	celMap,
	celType,
	isCelList,
	isCelMap,
} from "@bufbuild/cel";
import { charge, evaluation, exceed } from "./evaluation";
import { DEPTH_MAX } from "./limits";

/** What is not JSON, like a function or undefined, is absent. */
export function toCel(value: unknown, depth = 0): CelInput | undefined {
	switch (typeof value) {
		case "string":
		case "boolean":
		case "number":
			return value;
		case "object":
			if (value === null) return null;
			return Array.isArray(value) ? listView(value, depth) : celMap(new ObjectView(value));
		default:
			return undefined;
	}
}

/** Lists of lists are shown at once, so that they stay within the depth and are paid for. */
function listView(list: unknown[], depth: number): CelList {
	const { lists } = evaluation();
	const known = lists.get(list);
	if (known !== undefined) return known;
	if (depth > DEPTH_MAX) exceed(`a list of the event is nested more than ${DEPTH_MAX} deep`);
	charge(list.length / 4);
	const view = celList(list.map((element) => toCel(element, depth + 1) ?? null));
	lists.set(list, view);
	return view;
}

type Key = bigint | string | boolean | CelUint;

class ObjectView implements ReadonlyMap<Key, CelInput> {
	readonly #object: object;

	constructor(object: object) {
		this.#object = object;
	}

	get size(): number {
		return this.#names().length;
	}

	get(key: Key): CelInput | undefined {
		if (typeof key !== "string" || !Object.hasOwn(this.#object, key)) return undefined;
		return toCel(Reflect.get(this.#object, key));
	}

	has(key: Key): boolean {
		return typeof key === "string" && Object.hasOwn(this.#object, key) && isShown(Reflect.get(this.#object, key));
	}

	keys() {
		return this.#names().values();
	}

	values() {
		return this.#entries()
			.map(([, value]) => value)
			[Symbol.iterator]();
	}

	entries() {
		return this.#entries()[Symbol.iterator]();
	}

	[Symbol.iterator]() {
		return this.entries();
	}

	forEach(visit: (value: CelInput, key: Key, map: ReadonlyMap<Key, CelInput>) => void): void {
		for (const [key, value] of this.#entries()) visit(value, key, this);
	}

	#names(): string[] {
		const names = Object.keys(this.#object);
		charge(names.length);
		return names.filter((name) => isShown(Reflect.get(this.#object, name)));
	}

	#entries(): [string, CelInput][] {
		return this.#names().map((name) => [name, this.get(name) ?? null]);
	}
}

/** Of what is not JSON, nothing is shown. */
function isShown(value: unknown): boolean {
	return value !== undefined && typeof value !== "function" && typeof value !== "symbol" && typeof value !== "bigint";
}

/** What an author calls the kind of a value. */
export function kindOf(value: CelValue): string {
	if (value === null) return "null";
	if (typeof value === "string") return "text";
	if (typeof value === "number") return Number.isFinite(value) ? "a number" : "not a finite number";
	if (typeof value === "boolean") return String(value);
	if (isCelList(value)) return "a list";
	if (isCelMap(value)) return "an object";
	if (isTimestamp(value)) return "a timestamp";
	if (isDuration(value)) return "a duration";
	return `a value of type ${celType(value).name}`;
}

export function isTimestamp(value: CelValue): boolean {
	return isMessage(value) && celType(value).name === "google.protobuf.Timestamp";
}

export function isDuration(value: CelValue): boolean {
	return isMessage(value) && celType(value).name === "google.protobuf.Duration";
}

/** Timestamps and durations are the only values that are neither scalars nor lists nor objects. */
function isMessage(value: CelValue): boolean {
	return typeof value === "object" && value !== null && !isCelList(value) && !isCelMap(value);
}
