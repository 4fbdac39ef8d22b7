// Incidents as actions name, describe and report them.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { textAt } from "../inbound/read";
import { PathPart, pathOf } from "../outbound/json-api";

export const Page = z.strictObject({ page_id: PathPart.describe("The page's id.") });
export const Incident = Page.extend({ incident_id: PathPart.describe("The incident's id.") });

export function incidentsOf({ page_id }: z.infer<typeof Page>): string {
	return pathOf`/pages/${page_id}/incidents`;
}

export function incidentAt({ page_id, incident_id }: z.infer<typeof Incident>): string {
	return pathOf`/pages/${page_id}/incidents/${incident_id}`;
}

const ComponentStatus = z.enum([
	"operational",
	"under_maintenance",
	"degraded_performance",
	"partial_outage",
	"major_outage",
]);

/** What can be said of an incident, when it begins and later. */
export const details = {
	name: z.string().min(1).max(255).describe("Its title."),
	impact_override: z
		.enum(["none", "minor", "major", "critical"])
		.optional()
		.describe("How grave it is; by default Statuspage reckons that from its components."),
	body: z.string().min(1).max(25_000).optional().describe("What people read of it."),
	component_ids: z.array(PathPart).max(100).optional().describe("Ids of the components that are affected."),
	components: z.record(PathPart, ComponentStatus).optional().describe("The new status of components, by their ids."),
	deliver_notifications: z.boolean().default(true).describe("Whether the page's subscribers are told."),
};
export const Status = z.enum(["investigating", "identified", "monitoring", "resolved"]);

export const output = {
	id: "The incident's id.",
	status: "Its status, like investigating.",
	impact: "How grave it is, like minor.",
	url: "Where people see the incident.",
	update_id: "The id of the update that was written, as in the event that it causes.",
};

/** `update`: the one of its updates that is meant. */
export function summary(incident: Json | undefined, update: Json | undefined): JsonObject {
	return {
		id: textAt(incident, "id") ?? null,
		status: textAt(incident, "status") ?? null,
		impact: textAt(incident, "impact") ?? null,
		url: textAt(incident, "shortlink") ?? null,
		update_id: textAt(update, "id") ?? null,
	};
}
