// What the tables have in common: columns that hold JSON, revisions, and writes that depend on a revision.

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

/** A revision that was never there before. A statement later in a batch sees by it that an earlier one took effect. */
export function newRevision(): string {
	return crypto.randomUUID().replaceAll("-", "").slice(0, 16);
}

/** Whom a write is about, and under which condition. */
export interface Target {
	tenant: string;
	name: string;
	/** Write only over this revision; any if absent. */
	over?: string;
	now: number;
}

/** Why a row was not written. `missing`: it does not exist, and this write does not create it. */
export type WriteRefusal =
	| { reason: "missing" }
	| { reason: "revision" }
	| { reason: "other_connector"; connector: string };

/** Says why a write left this row as it is. */
export function refusalOf(row: { connector: string } | undefined, connector: string): WriteRefusal {
	if (row === undefined) return { reason: "missing" };
	if (row.connector !== connector) return { reason: "other_connector", connector: row.connector };
	return { reason: "revision" };
}
