// The library's own functions, where JSON needs nothing else: time. Their integers come back as numbers.

import { type CelValue, celEnv, isCelError } from "@bufbuild/cel";
import { fail } from "./evaluation";

const { funcs } = celEnv();

/** Null if the function does not take such values; it fails if it takes them and cannot answer. */
export function callStandard(name: string, target: CelValue | undefined, args: CelValue[]): CelValue | null {
	const result = funcs.find(name)?.call(0, target, args);
	if (result === undefined) return null;
	if (isCelError(result)) return fail(result.message);
	return typeof result === "bigint" ? Number(result) : result;
}
