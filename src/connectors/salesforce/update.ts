// Reading a record and setting its fields. Setting is the same however often it is done.

import { z } from "zod";
import type { JsonObject } from "../../model/json";
import { isObject, textAt } from "../inbound/read";
import { type Call, jsonAction } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { type Config, callHeaders, salesforceApi, writeHeaders } from "./api";
import { FieldName, Fields, pathTo, place, placeIn, SCOPES, Target, WRITE } from "./record";

export const getRecord = jsonAction(salesforceApi, {
	about: "Reads fields of a record as they are now.",
	input: Target.extend({ fields: z.array(FieldName).min(1).max(200).describe("The API names of the fields.") }),
	output: { ...place, fields: "The fields by their API names." },
	reads: true,
	repeatable: true,
	scopes: SCOPES,
	call: ({ fields, ...target }, { config }) => ({
		method: "GET",
		path: pathTo(target),
		query: { fields: fields.join(",") },
		headers: callHeaders(config),
	}),
	done: [200],
	result: (record, input) => {
		// What is not a record is no state to act on.
		if (!isObject(record) || textAt(record, "attributes.type") === undefined) return undefined;
		const { attributes: _, ...fields } = record;
		return { output: { ...placeIn(input), fields } };
	},
});

const Restore = Target.extend({ fields: Fields.describe("The values to put back, by the API names of the fields.") });

const Update = Target.extend({
	fields: Fields.describe("The new values, by the API names of the fields."),
	before: Fields.optional().describe(
		"What these fields hold before, as read by get_record; without it the update cannot be undone.",
	),
}).refine(({ fields, before }) => before === undefined || sameNames(fields, before), {
	path: ["before"],
	message: "name the same fields as in `fields`: an update is undone as a whole",
});

function sameNames(a: JsonObject, b: JsonObject): boolean {
	const names = Object.keys(a);
	return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name));
}

export const updateRecord = jsonAction(salesforceApi, {
	about: "Sets fields of a record. It is undone by putting back what `before` says, whoever wrote there since.",
	input: Update,
	output: place,
	undo: "salesforce.restore_record",
	...WRITE,
	call: (input, { config }) => setting(input, config),
	done: [204],
	result: (_answer, input) => {
		const output = placeIn(input);
		return { output, ...undoWith(Restore, { ...output, fields: input.before }) };
	},
});

export const restoreRecord = jsonAction(salesforceApi, {
	about: "Puts old values of a record's fields back.",
	input: Restore,
	output: place,
	...WRITE,
	call: (input, { config }) => setting(input, config),
	done: [204],
	result: (_answer, input) => ({ output: placeIn(input) }),
});

function setting(input: z.infer<typeof Restore>, config: Config): Call {
	return { method: "PATCH", path: pathTo(input), body: input.fields, headers: writeHeaders(config) };
}
