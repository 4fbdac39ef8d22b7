// Statuspage, for the contract tests.

import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

const meta = { unsubscribe: "https://status.example.test/?unsubscribe=1", generated_at: "2026-11-20T09:59:59.000Z" };
const page = { id: "p1", status_indicator: "minor" };

export const deliveries: GoodDelivery[] = [
	{
		body: {
			meta,
			page,
			component_update: {
				created_at: "2026-11-20T09:59:50.120Z",
				new_status: "degraded_performance",
				old_status: "operational",
				id: "cu1",
				component_id: "c1",
			},
			component: { id: "c1", name: "Checkout", status: "degraded_performance" },
		},
	},
	{
		body: {
			meta,
			page,
			incident: {
				id: "i1",
				created_at: "2026-11-20T09:59:50.000Z",
				updated_at: "2026-11-20T09:59:51.000Z",
				scheduled_for: null,
				status: "identified",
				incident_updates: [
					{ id: "u2", status: "identified", created_at: "2026-11-20T09:59:51.000Z" },
					{ id: "u1", status: "investigating", created_at: "2026-11-20T09:59:50.000Z" },
				],
				metadata: { signalbox: { k: "sb_run_1_tell" } },
			},
		},
	},
];

const connection = { config: {}, credentials: { api_key: "s3cret" } };
const place = { page_id: "p1", incident_id: "i1" };
const incident = {
	id: "i1",
	name: "Checkout latency",
	status: "investigating",
	impact: "minor",
	shortlink: "https://stspg.io/fern01",
	created_at: "2026-11-20T09:59:57.100Z",
	updated_at: "2026-11-20T09:59:57.300Z",
	scheduled_for: null,
	components: [{ id: "c1", status: "major_outage" }],
	incident_updates: [
		{
			id: "u1",
			body: "We are looking into it.",
			affected_components: [{ code: "c1", old_status: "operational", new_status: "major_outage" }],
		},
	],
	metadata: { signalbox: { k: mark.idempotency_key, trace: mark.trace_id } },
};
const other = { ...incident, id: "i2", metadata: {} };
const component = { id: "c1", name: "Checkout", status: "operational", updated_at: "2026-11-20T09:59:57.300Z" };

export const actions: Record<string, GoodAction> = {
	create_incident: {
		...connection,
		input: { page_id: "p1", name: "Checkout latency", components: { c1: "major_outage" } },
		done: [201, incident],
		shown: [other, incident],
	},
	get_component: { ...connection, input: { page_id: "p1", component_id: "c1" }, done: [200, component] },
	get_incident: { ...connection, input: place, done: [200, incident] },
	resolve_incident: { ...connection, input: place, done: [200, { ...incident, status: "resolved" }] },
	update_incident: { ...connection, input: { ...place, body: "We found the cause." }, done: [200, incident] },
};

export const neither = ["update_incident"];
