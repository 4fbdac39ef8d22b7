// What an outcome says of its undoing.

import type { z } from "zod";
import type { JsonObject } from "../../model/json";

/** The input of the undoing action, unless an answer left out or spoilt a part of it: then nothing can be undone. */
export function undoWith(input: z.ZodType<JsonObject>, value: Record<string, unknown>): { undo?: JsonObject } {
	const parsed = input.safeParse(value);
	return parsed.success ? { undo: parsed.data } : {};
}
