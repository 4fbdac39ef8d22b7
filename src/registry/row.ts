// Columns of D1 rows that hold JSON.

import { z } from "zod";
import { JsonObject } from "../model/json";

/** A text column that holds JSON of this shape. A row that does not is damaged: parsing throws. */
export function jsonColumn<T>(schema: z.ZodType<T>) {
	return z
		.string()
		.transform((text): unknown => JSON.parse(text))
		.pipe(schema);
}

export const JsonObjectColumn = jsonColumn(JsonObject);
export const NamesColumn = jsonColumn(z.array(z.string()));

/** SQL for a revision that was never there before. */
export const NEW_REVISION = "lower(hex(randomblob(8)))";
