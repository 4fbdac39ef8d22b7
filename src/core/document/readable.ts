// What can be read of an object that a schema found fault with, so that one mistake does not hide the others.

import type { z } from "zod";

/** The parsed object; if it is wrong, without the keys whose values are wrong or unknown. */
export function readable<S extends z.ZodRawShape>(schema: z.ZodObject<S>, value: unknown) {
	const whole = schema.safeParse(value);
	if (whole.success) return whole.data;
	const bad = new Set<PropertyKey | undefined>();
	for (const issue of whole.error.issues) {
		if (issue.code === "unrecognized_keys" && issue.path.length === 0) for (const key of issue.keys) bad.add(key);
		else bad.add(issue.path[0]);
	}
	const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
	const rest = Object.fromEntries(entries.filter(([key]) => !bad.has(key)));
	const optional = schema.partial();
	const parsed = optional.safeParse(rest);
	const read = parsed.success ? parsed.data : optional.parse({});
	// A default in the place of what is wrong would be judged as if its author had written it.
	for (const key of bad) if (key !== undefined) Reflect.deleteProperty(read, key);
	return read;
}
