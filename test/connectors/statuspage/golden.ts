// Bodies of requests to Statuspage, as the tests expect them and its description allows them.

import type { JsonObject } from "../../../src/model/json";
import { mark } from "../actions";
import type { Judged } from "../examples";

export const created: JsonObject = {
	incident: {
		name: "Checkout latency ✓",
		impact_override: "minor",
		body: "We are looking into it.",
		component_ids: ["c1"],
		components: { c1: "major_outage" },
		deliver_notifications: false,
		status: "identified",
		metadata: {
			jira: { issue_id: "OPS-7" },
			signalbox: { k: mark.idempotency_key, trace: mark.trace_id },
		},
	},
};

export const updated: JsonObject = {
	incident: {
		name: "Checkout down",
		impact_override: "critical",
		body: "We found the cause.",
		component_ids: ["c1", "c2"],
		components: { c1: "partial_outage", c2: "operational" },
		deliver_notifications: true,
		status: "monitoring",
	},
};

export const resolved: JsonObject = {
	incident: { status: "resolved", components: { c1: "operational" }, deliver_notifications: true },
};

function described(name: string, body: JsonObject, schema: string): Judged {
	const repository = "sbecker59/statuspage-api-client-go";
	const commit = "bc4d957c958f5881e11c687068783591c2a58604";
	const path = "api/v1/statuspage/api/openapi.yaml";
	return { name, body, spec: { repository, commit, path, pointer: `/components/schemas/${schema}` } };
}

export const judged: Judged[] = [
	described("create_incident", created, "postPagesPageIdIncidents"),
	described("update_incident", updated, "patchPagesPageIdIncidents"),
	described("resolve_incident", resolved, "patchPagesPageIdIncidents"),
];
