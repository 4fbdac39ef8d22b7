// Lists of `map` and `filter`, and object literals, built in place. The library would chain one list per element, which
// takes quadratic time to read. Only the operation that makes a list or an object can see it while it grows.

import {
	type CelInput,
	type CelList,
	type CelMap,
	type CelValue,
	celList,
	celMap,
	isCelList,
	isCelMap,
} from "@bufbuild/cel";
import { fail } from "./evaluation";
import { keyText } from "./operators";

const lists = new WeakMap<CelList, CelInput[]>();
const objects = new WeakMap<CelMap, Map<string, CelInput>>();

export function emptyList(): CelList {
	const elements: CelInput[] = [];
	const list = celList(elements);
	lists.set(list, elements);
	return list;
}

export function push(list: CelValue, element: CelValue): CelValue {
	if (isCelList(list)) lists.get(list)?.push(element);
	return list;
}

export function emptyObject(): CelMap {
	const entries = new Map<string, CelInput>();
	const object = celMap(entries);
	objects.set(object, entries);
	return object;
}

export function put(object: CelValue, key: CelValue, value: CelValue): CelValue {
	const name = keyText(key);
	const entries = isCelMap(object) ? objects.get(object) : undefined;
	if (entries?.has(name) === true) return fail("an object is given the same key twice");
	entries?.set(name, value);
	return object;
}
