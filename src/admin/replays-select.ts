// How dead letters are chosen: by filters, in a query or in a body, or by their ids.

import { z } from "@hono/zod-openapi";
import { canonicalText } from "../model/json";
import type { LetterFilter, LetterSelection } from "../model/letter";
import { FailureClass } from "../model/outcome";
import { PageParams } from "./schema";

/** How many letters can be named one by one. */
const MOST_IDS = 500;

const words = (most: number) => z.string().min(1).max(most).optional();

/** `int`: of a query it is read from text. */
function filters(int: z.ZodType<number>) {
	const time = (about: string) => int.optional().describe(`${about}, in epoch milliseconds.`);
	return {
		class: FailureClass.optional(),
		workflow: words(63),
		version: int.optional().describe("The version that the run was on when it failed."),
		step: words(80).describe("The step of the document; its items and its undo are meant too."),
		connection: words(63),
		source: words(63),
		source_system: words(63).describe("The connector of the source, like hubspot."),
		entity: words(700).describe("What the event is about, like hubspot/deal/991, or a run's entity_key."),
		trace_id: words(64),
		run: words(400),
		opened_before: time("Opened before this time"),
		opened_after: time("Opened after this time"),
		text: words(200).describe("A part of the reason, in any case of letters."),
		group: words(64).describe("The id of a group."),
	};
}

export const LetterParams = PageParams.extend(filters(z.coerce.number().int()));

/** Only letters that are open are ever selected. */
export const Select = z
	.strictObject({ ids: z.array(z.string().min(1).max(400)).min(1).max(MOST_IDS).optional(), ...filters(z.int()) })
	.refine(({ ids, ...rest }) => ids === undefined || Object.values(rest).every((value) => value === undefined), {
		message: "name letters by ids, or choose them by filters, and not both",
		path: ["ids"],
	})
	.describe("Open letters: those named by ids, or all that every given filter takes.");

export const Expect = z
	.int()
	.min(0)
	.describe("How many letters the selection holds, as a preview counts them. Nothing is done if it is another number.");

export const BulkName = z
	.string()
	.regex(/^[a-z0-9-]{1,64}$/, "use 1 to 64 lower-case letters, digits and hyphens")
	.optional()
	.describe("Starting twice under one name is starting once. Without a name every request starts one.");

export function selectionOf({ ids, ...filter }: z.infer<typeof Select>): LetterSelection {
	return ids === undefined ? filter : { ids };
}

/** A cursor is good for the list with the same filters only. */
export function listOf(tenant: string, list: string, filter: LetterFilter | Record<string, unknown>): string {
	return `${tenant}/${list}?${canonicalText(filter)}`;
}
