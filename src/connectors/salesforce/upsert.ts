// Writing a record that is known by an id of ours, and deleting one. With an external id Salesforce itself sees to it
// that a repeated request makes no second record.

import { z } from "zod";
import { textAt, valueAt } from "../inbound/read";
import { isGone } from "../outbound/gone";
import { jsonAction, PathPart, pathOf } from "../outbound/json-api";
import { undoWith } from "../outbound/undo";
import { codeOf, salesforceApi, writeHeaders } from "./api";
import { FieldName, Fields, ObjectName, pathTo, place, placeIn, Target, WRITE } from "./record";

const Upsert = z.strictObject({
	object: ObjectName,
	external_id_field: FieldName.describe("The API name of a field that is an external id, and unique."),
	external_id: PathPart.optional().describe(
		"Its value. Without one it is this step's own key, so that the step creates a record, and never a second one.",
	),
	fields: Fields.describe("The values, by the API names of the other fields."),
});

/** https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html */
export const upsertRecord = jsonAction(salesforceApi, {
	about:
		"Creates the record that has an external id, or sets its fields if it is there. Only a creation can be undone.",
	input: Upsert,
	output: { ...place, created: "True if the step has created it." },
	undo: "salesforce.delete_record",
	...WRITE,
	call: ({ object, external_id_field, external_id, fields }, { config, mark }) => ({
		method: "PATCH",
		path: pathOf`/sobjects/${object}/${external_id_field}/${external_id ?? mark.idempotency_key}`,
		body: fields,
		headers: writeHeaders(config),
	}),
	done: [200, 201, 204],
	result: (answer, input, { status }) => {
		if (status !== 204 && valueAt(answer, "success") !== true) return undefined;
		// Nothing but this step gives a record its key: if it was there, an earlier attempt has created it.
		const isOwn = input.external_id === undefined;
		const created = isOwn || status === 201;
		const target = placeIn({ object: input.object ?? null, id: textAt(answer, "id") ?? null });
		return { output: { ...target, created }, ...(created && undoWith(Target, target)) };
	},
});

export const deleteRecord = jsonAction(salesforceApi, {
	about: "Moves a record to the recycle bin. One that is gone already stays so.",
	input: Target,
	output: place,
	...WRITE,
	call: (target, { config }) => ({ method: "DELETE", path: pathTo(target), headers: writeHeaders(config) }),
	done: [204],
	result: (_answer, input) => ({ output: placeIn(input) }),
	// Whoever deleted it, it is gone.
	otherwise: (response, _now, input) =>
		isGone(response) || codeOf(response) === "ENTITY_IS_DELETED"
			? { kind: "succeeded", output: placeIn(input) }
			: undefined,
});
