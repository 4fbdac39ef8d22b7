// Between JSON and the values of the CEL library. JSON objects are shown, not copied: a view reads own properties
// when they are asked for. There is one kind of number, the JSON number; the library's integers never appear.

import { type CelInput, type CelList, type CelMap, type CelValue, celEnv, celList, celMap, isCelList, isCelMap } from "@bufbuild/cel";
import { charge, exceed, fail } from "./evaluation";
import { LIST_MAX, TEXT_MAX } from "./limits";

/** What is not JSON (a function, undefined) reads as absent. */
export function toCel(value: unknown): CelInput | undefined {
	if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
	if (typeof value === "bigint") return Number(value);
	if (Array.isArray(value)) {
		charge(value.length / 8);
		return celList(value.map((element) => toCel(element) ?? null));
	}
	return typeof value === "object" ? celMap(new ObjectView(value)) : undefined;
}
