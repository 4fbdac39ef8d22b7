// Settings of a source or connection as their connector reads them: parsed by its schema, once per settings object.
// The registry stores only what the schema accepted, so settings that it refuses are a defect and not a case.

import type { z } from "zod";
import type { JsonObject } from "../model/json";

export function configReader<T>(schema: z.ZodType<T>): (config: JsonObject) => T {
	const read = new WeakMap<JsonObject, T>();
	return (config) => {
		const known = read.get(config);
		if (known !== undefined) return known;
		const parsed = schema.parse(config);
		read.set(config, parsed);
		return parsed;
	};
}
