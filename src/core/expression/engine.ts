// The library's evaluator, with our functions and no others that a rewritten expression could name.

import { type CelFunc, type CelInput, CelScalar, type CelValue, celEnv, celFunc, plan } from "@bufbuild/cel";
import * as building from "./building";
import { FUNCTIONS } from "./functions";
import * as loops from "./loops";
import * as operators from "./operators";
import type { Expr } from "./syntax";

const env = celEnv({ funcs: [...internal(), ...callable()] });

export type Plan = ReturnType<typeof planExpression>;

export function planExpression(rewritten: Expr) {
	return plan(env, rewritten);
}

function internal(): CelFunc[] {
	const { compare } = operators;
	return [
		define("@add", 2, operators.add),
		define("@subtract", 2, operators.subtract),
		define("@multiply", 2, operators.multiply),
		define("@divide", 2, operators.divide),
		define("@remainder", 2, operators.remainder),
		define("@negate", 1, operators.negate),
		define("@not", 1, operators.not),
		define("@truth", 1, operators.truth),
		define("@equal", 2, (left, right) => operators.equal(left, right)),
		define("@different", 2, (left, right) => !operators.equal(left, right)),
		define("@less", 2, (left, right) => compare(left, right) < 0),
		define("@less_or_equal", 2, (left, right) => compare(left, right) <= 0),
		define("@greater", 2, (left, right) => compare(left, right) > 0),
		define("@greater_or_equal", 2, (left, right) => compare(left, right) >= 0),
		define("@is_in", 2, operators.isIn),
		define("@field", 3, operators.field),
		define("@index", 3, operators.index),
		define("@has", 2, operators.hasField),
		define("@object", 0, building.emptyObject),
		define("@put", 3, building.put),
		define("@each", 2, loops.each),
		define("@goes_on", 1, loops.goesOn),
		define("@list", 0, building.emptyList),
		define("@push", 2, building.push),
	];
}

function callable(): CelFunc[] {
	return [...FUNCTIONS].flatMap(([name, { counts, run }]) => counts.map((count) => define(`@${name}`, count, run)));
}

/** Functions see values of any kind and say themselves what they cannot take. */
function define(name: string, count: number, run: (...values: CelValue[]) => CelInput): CelFunc {
	return celFunc(name, Array<typeof CelScalar.DYN>(count).fill(CelScalar.DYN), CelScalar.DYN, run);
}
