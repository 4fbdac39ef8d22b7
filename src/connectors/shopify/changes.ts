// What changed, which only Events say, and without the values.

import type { Change } from "../../model/event";
import type { JsonObject } from "../../model/json";
import { changedPaths } from "./entity";

/** The fields of `product[id: '…'].variants[id: '…'].price`: here `variants.price`, once, whichever variants they are. */
export function changesOf(json: JsonObject): Change[] {
	const fields = changedPaths(json).map((path) =>
		path
			.replace(/\[[^[\]]*\]/g, "")
			.split(".")
			.slice(1)
			.join("."),
	);
	return [...new Set(fields)].filter((field) => field !== "").map((field) => ({ field }));
}
