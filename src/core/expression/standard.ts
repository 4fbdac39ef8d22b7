// The library's own functions, where JSON needs nothing else: time. Their integers come back as numbers.

import { type CelValue, celEnv, isCelError } from "@bufbuild/cel";

const { funcs } = celEnv();

/** Null if the function does not take such values, or fails on them: its own messages would repeat the values. */
export function callStandard(name: string, target: CelValue | undefined, args: CelValue[]): CelValue | null {
	const result = funcs.find(name)?.call(0, target, args);
	if (result === undefined || isCelError(result)) return null;
	return typeof result === "bigint" ? Number(result) : result;
}
