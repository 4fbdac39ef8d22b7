// Reading what is on a page now. Webhooks are not signed, so what they say is worth asking for before it is acted on.

import type { Json, JsonObject } from "../../model/json";
import { textAt, valueAt } from "../inbound/read";
import { jsonAction, PathPart, pathOf } from "../outbound/json-api";
import { statuspageApi } from "./api";
import { Incident, incidentAt, output, Page, summary } from "./incident";

const Component = Page.extend({ component_id: PathPart.describe("The component's id.") });

export const getIncident = jsonAction(statuspageApi, {
	about: "Reads an incident as it is now.",
	input: Incident,
	output: {
		...output,
		update_id: "The id of its newest update.",
		name: "Its title.",
		body: "The text of its newest update.",
		components: "The ids of its components.",
		scheduled_for: "When a maintenance is to begin; null for incidents.",
		updated_at: "When it was last changed.",
	},
	reads: true,
	repeatable: true,
	scopes: [],
	call: (input) => ({ method: "GET", path: incidentAt(input) }),
	done: [200],
	// What is not the incident is no final state to act on.
	result: (incident) => (textAt(incident, "id") === undefined ? undefined : { output: detail(incident) }),
});

function detail(incident: Json): JsonObject {
	const newest = valueAt(incident, "incident_updates.0");
	const components = valueAt(incident, "components");
	return {
		...summary(incident, newest),
		name: textAt(incident, "name") ?? null,
		body: textAt(newest, "body") ?? null,
		components: Array.isArray(components) ? components.map((component) => textAt(component, "id") ?? null) : [],
		scheduled_for: textAt(incident, "scheduled_for") ?? null,
		updated_at: textAt(incident, "updated_at") ?? null,
	};
}

export const getComponent = jsonAction(statuspageApi, {
	about: "Reads a component as it is now.",
	input: Component,
	output: {
		id: "The component's id.",
		name: "Its name.",
		status: "Its status, like operational.",
		updated_at: "When it was last changed.",
	},
	reads: true,
	repeatable: true,
	scopes: [],
	call: ({ page_id, component_id }) => ({ method: "GET", path: pathOf`/pages/${page_id}/components/${component_id}` }),
	done: [200],
	result: (component) => {
		const id = textAt(component, "id");
		if (id === undefined) return undefined;
		const name = textAt(component, "name") ?? null;
		const status = textAt(component, "status") ?? null;
		return { output: { id, name, status, updated_at: textAt(component, "updated_at") ?? null } };
	},
});
