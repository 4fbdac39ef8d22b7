// Settings as their connector reads them: parsed by its schema, so that defaults are filled in and types are known.

import type { z } from "zod";
import type { JsonObject } from "../model/json";
import { err, ok, type Result } from "../model/result";

/**
 * Reads a source's settings, once per settings object: this is on the way of every delivery. The registry stores only
 * what the schema accepted, so settings that it refuses are a defect, and thrown.
 */
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

/** Reads what an action was given. The reason names fields and never values, which may be secret. */
export function parseAs<T>(schema: z.ZodType<T>, value: JsonObject, what: string): Result<T, string> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return ok(parsed.data);
	const { path = [], message = "" } = parsed.error.issues[0] ?? {};
	return err(`${[what, ...path].join(".")}: ${message}`);
}
