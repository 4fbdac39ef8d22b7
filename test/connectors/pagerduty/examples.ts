// PagerDuty, for the contract tests.

import type { JsonObject } from "../../../src/model/json";
import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

function delivery(event_type: string, data: JsonObject, config: JsonObject = {}): GoodDelivery {
	const agent = { id: "PXMQRWJ", summary: "Events API V2", type: "inbound_integration_reference" };
	const client = { name: "shop" };
	const occurred_at = "2026-11-20T09:59:55.169Z";
	const event = { id: "01J", event_type, resource_type: "incident", occurred_at, agent, client, data };
	return { body: { event }, config };
}

const incident = { id: "QFERN12INC", type: "incident_reference" };

export const deliveries: GoodDelivery[] = [
	delivery(
		"incident.resolved",
		{ id: "QFERN12INC", type: "incident", incident_key: "db01/disk" },
		{ own: ["PXMQRWJ"] },
	),
	delivery("incident.annotated", { incident, id: "P2LA89X", type: "incident_note" }, { own_client: "shop" }),
	delivery("incident.reassigned", { id: "Q1", type: "incident", assignees: [] }, { own_key_prefix: "db01/" }),
	delivery("incident.custom_field_values.updated", {
		incident,
		custom_fields: [{ name: "region", value: "EU" }],
		changed_custom_fields: [{ name: "region", value: "US" }],
	}),
	delivery("incident.role.assigned", { incident_role_assignments: [{ incident }] }),
	delivery("incident.workflow.started", { incident, id: "P3SNKQS" }),
	delivery("pagey.ping", { message: "Hello from your friend Pagey!", type: "ping" }),
];

const rest = { config: { from: "flow@example.com" }, credentials: { token: "s3cret" } };
const events = { config: {}, credentials: { routing_key: "s3cret" } };
const accepted: GoodAction["done"] = [202, { status: "success", message: "Event processed", dedup_key: "db01/disk" }];
const note = {
	id: "PWL7QXS",
	content: `Restarted.\n\n[signalbox ${mark.idempotency_key}]`,
	created_at: "2026-11-20T09:59:57Z",
};

export const actions: Record<string, GoodAction> = {
	acknowledge: { ...events, input: { dedup_key: "db01/disk" }, done: accepted },
	add_note: {
		...rest,
		input: { incident_id: "QFERN12INC", content: "Restarted." },
		done: [200, { note }],
		shown: { notes: [{ id: "P1", content: "a", created_at: "2026-11-20T09:59:56Z" }, note] },
	},
	delete_note: { ...rest, input: { incident_id: "QFERN12INC", note_id: "PWL7QXS" }, done: [204, ""] },
	get_incident: {
		...rest,
		input: { incident_id: "QFERN12INC" },
		done: [
			200,
			{
				incident: {
					id: "QFERN12INC",
					incident_number: 812,
					title: "Checkout latency above 2 s",
					status: "acknowledged",
					urgency: "high",
					priority: { summary: "P1" },
					incident_key: "db01/disk",
					service: { id: "PFERNSVC", summary: "Checkout" },
					assignments: [{ assignee: { id: "PDANA01" } }],
					html_url: "https://fern.pagerduty.com/incidents/QFERN12INC",
					created_at: "2026-11-20T09:50:12Z",
					updated_at: "2026-11-20T09:59:55Z",
				},
			},
		],
	},
	resolve: { ...events, input: { dedup_key: "db01/disk" }, done: accepted },
	trigger: { ...events, input: { summary: "Disk is full", source: "db01" }, done: accepted },
};
