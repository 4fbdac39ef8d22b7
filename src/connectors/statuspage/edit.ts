// Changing incidents. Every text becomes another update, which subscribers are sent, and an update cannot be marked:
// metadata is the incident's, and may be replaced as a whole. So whether a text that was perhaps written
// is written again is for the workflow to say, and what can be repeated has none.

import type { Json, JsonObject } from "../../model/json";
import { valueAt } from "../inbound/read";
import { jsonAction } from "../outbound/json-api";
import { statuspageApi } from "./api";
import { details, Incident, incidentAt, output, Status, summary } from "./incident";

const { name, components, deliver_notifications } = details;

const Update = Incident.extend({
	...details,
	name: name.optional(),
	status: Status.optional().describe("Its new status."),
}).refine(
	({ page_id: _, incident_id: __, deliver_notifications: ___, ...changed }) =>
		Object.values(changed).some((value) => value !== undefined),
	"say what is to be changed",
);

export const Resolve = Incident.extend({ components, deliver_notifications });

/** For the documentation. */
const UNMARKED = "Nothing in the page; the `update_id` of the answer, as in the event that it causes.";

export const updateIncident = jsonAction(statuspageApi, {
	about:
		"Changes an incident, or writes an update to it. Nobody can tell afterwards whether a doubtful attempt did, so `on_unknown` decides; `stop`: at most once.",
	input: Update,
	output,
	repeatable: false,
	writes: { entity: "incident", fields: ["*"] },
	scopes: [],
	mark: UNMARKED,
	call: ({ page_id, incident_id, ...incident }) => ({
		method: "PATCH",
		path: incidentAt({ page_id, incident_id }),
		body: { incident },
	}),
	done: [200],
	result: changed,
});

export const resolveIncident = jsonAction(statuspageApi, {
	about: "Resolves an incident in Statuspage's own words. One that is resolved already stays so.",
	input: Resolve,
	output,
	repeatable: true,
	writes: { entity: "incident", fields: ["status", "components"] },
	scopes: [],
	mark: UNMARKED,
	call: ({ page_id, incident_id, ...incident }) => ({
		method: "PATCH",
		path: incidentAt({ page_id, incident_id }),
		body: { incident: { status: "resolved", ...incident } },
	}),
	done: [200],
	result: changed,
});

function changed(incident: Json): { output: JsonObject } {
	return { output: summary(incident, valueAt(incident, "incident_updates.0")) };
}
