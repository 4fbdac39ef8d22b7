// Comprehensions, metered: what a loop will cost is paid before its first step.

import { type CelValue, isCelList, isCelMap } from "@bufbuild/cel";
import { charge, evaluation, exceed, fail } from "./evaluation";
import { LIST_MAX } from "./limits";
import { kindOf } from "./values";

/** What a comprehension walks; `nodes` is the size of its body. */
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
