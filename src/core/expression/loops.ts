// Comprehensions, metered. A list that `map` or `filter` builds grows in place: the library would chain one list per
// element, which takes quadratic time to read.

import { type CelInput, type CelList, type CelValue, celList, isCelList, isCelMap } from "@bufbuild/cel";
import { charge, evaluation, exceed, fail } from "./evaluation";
import { LIST_MAX } from "./limits";
import { kindOf } from "./values";

/** What a comprehension walks, paid for before the first step: `nodes` is the size of its body. */
export function each(range: CelValue, nodes: CelValue): CelValue {
	if (!isCelList(range) && !isCelMap(range))
		return fail(`only lists and objects can be walked through, and this is ${kindOf(range)}`);
	const size = range.size;
	if (size > LIST_MAX)
		exceed(`a list of ${size} elements is too long to walk through; at most ${LIST_MAX} are allowed`);
	charge(size * Number(nodes));
	return range;
}

/** Ends every loop at once when a limit is reached; the error alone would not, where `||` or `exists` swallow it. */
export function goesOn(condition: CelValue): boolean {
	return condition === true && evaluation().exceeded === null;
}

const growing = new WeakMap<CelList, CelInput[]>();

export function emptyList(): CelList {
	const elements: CelInput[] = [];
	const list = celList(elements);
	growing.set(list, elements);
	return list;
}

/** Only the loop that made the list can see it while it grows. */
export function push(list: CelValue, element: CelValue): CelValue {
	if (isCelList(list)) growing.get(list)?.push(element);
	return list;
}
