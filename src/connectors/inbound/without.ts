// Leaving out of an event's data what nobody who reads events may have.

import type { Json, JsonObject } from "../../model/json";
import { isObject } from "./read";

/** The object without members of these names, at any depth. */
export function withoutMembers(json: JsonObject, names: ReadonlySet<string>): JsonObject {
	return Object.fromEntries(
		Object.entries(json)
			.filter(([name]) => !names.has(name))
			.map(([name, value]) => [name, cleaned(value, names)]),
	);
}

function cleaned(value: Json, names: ReadonlySet<string>): Json {
	if (Array.isArray(value)) return value.map((item) => cleaned(item, names));
	return isObject(value) ? withoutMembers(value, names) : value;
}
