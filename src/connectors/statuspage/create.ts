// Creating an incident. Statuspage recognises no repeated request, so an incident that may have been created is looked
// for by the key in its metadata.

import { z } from "zod";
import { Json, type JsonObject } from "../../model/json";
import type { Mark } from "../connector";
import { objectAt, parseTime, valueAt } from "../inbound/read";
import { earliestOf } from "../outbound/earliest";
import { unclear } from "../outbound/failure";
import { jsonAction } from "../outbound/json-api";
import { goesBackBefore } from "../outbound/newest-first";
import { undoWith } from "../outbound/undo";
import { statuspageApi } from "./api";
import { Resolve } from "./edit";
import { details, incidentsOf, output, Page, Status, summary } from "./incident";
import { keyOf, MARK, metadataOf } from "./mark";

const Create = Page.extend({
	...details,
	status: Status.default("investigating").describe("Its status."),
	metadata: z
		.record(z.string().min(1).max(100), z.record(z.string().max(100), Json))
		.optional()
		.describe("Objects by names, which pages do not show."),
});

/** "The default and maximum limit is 100." */
const PAGE = 100;

export const createIncident = jsonAction(statuspageApi, {
	about: "Creates an incident on a page. Undone, it is resolved, and its components stay as they are.",
	input: Create,
	output,
	repeatable: false,
	undo: "statuspage.resolve_incident",
	writes: { entity: "incident", fields: ["*"] },
	scopes: [],
	mark: MARK,
	call: ({ page_id, ...incident }, { mark }) => ({
		method: "POST",
		path: incidentsOf({ page_id }),
		body: { incident: { ...incident, metadata: { ...incident.metadata, ...metadataOf(mark) } } },
	}),
	done: [201],
	result: (incident, input) => created(incident, input),
	probe: {
		// All incidents, because somebody may have resolved it meanwhile.
		call: (input) => ({ method: "GET", path: incidentsOf(input), query: { limit: String(PAGE) } }),
		find: (list, { input, mark }) => {
			if (!Array.isArray(list)) return unclear("Statuspage answered without a list that can be read");
			const found = list.find((incident) => keyOf(incident) === mark.idempotency_key);
			if (found !== undefined) return { kind: "found", ...created(found, input) };
			if (isWithheld(list, mark)) return unclear("Statuspage withholds the metadata of incidents");
			if (list.length < PAGE || goesBackBefore(earliestOf(mark), list)) return { kind: "absent" };
			return unclear(`it is not among the ${list.length} that Statuspage listed, and there may be more`);
		},
	},
});

/** Of an incident that may be ours nobody can see whether it is. */
function isWithheld(list: Json[], mark: Mark): boolean {
	return list.some((incident) => {
		const at = parseTime(valueAt(incident, "created_at")) ?? Number.POSITIVE_INFINITY;
		return at >= earliestOf(mark) && objectAt(incident, "metadata") === undefined;
	});
}

function created(incident: Json, input: JsonObject): { output: JsonObject; undo?: JsonObject } {
	const updates = valueAt(incident, "incident_updates");
	const first = Array.isArray(updates) ? updates.at(-1) : undefined;
	const output = summary(incident, first);
	const { page_id, deliver_notifications } = input;
	// Components stay as they are: what they were before may since be wrong, if another incident concerns them too.
	return { output, ...undoWith(Resolve, { page_id, incident_id: output.id, deliver_notifications }) };
}
