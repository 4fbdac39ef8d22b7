// What Zendesk's actions send. Zendesk publishes no types; a third party's description of its API was asked.

import type { Judged } from "../examples";

export const CREATED = {
	ticket: {
		subject: "Export fails ✓",
		status: "open",
		tags: ["export", "vip"],
		type: "incident",
		priority: "high",
		assignee_id: 402200113,
		group_id: 9001,
		organization_id: 6600,
		due_at: "2026-11-21T09:00:00Z",
		brand_id: 360001,
		ticket_form_id: 7701,
		custom_fields: [
			{ id: 360002, value: "eu-1" },
			{ id: 360003, value: ["a", "b"] },
		],
		requester: { name: "Dana", email: "dana@example.com" },
		comment: { body: "The export button returns an error", public: true },
		external_id: "sb_run_1_tell",
		metadata: { signalbox: "sb_run_1_tell", trace: "0af7651916cd43dd8448eb211c80319c" },
	},
};

export const UPDATED = {
	ticket: {
		status: "solved",
		priority: "low",
		assignee_id: 402200113,
		custom_fields: [{ id: 360002, value: "us-1" }],
		metadata: { signalbox: "sb_run_1_tell", trace: "0af7651916cd43dd8448eb211c80319c" },
	},
};

export const COMMENTED = {
	ticket: {
		comment: { body: "We are on it", public: false },
		metadata: { signalbox: "sb_run_1_tell", trace: "0af7651916cd43dd8448eb211c80319c" },
	},
};

const spec = {
	repository: "api-evangelist/zendesk",
	commit: "aaa548006c2a565214393c59f5efd043897d839b",
	path: "openapi/zendesk-tickets-api-openapi.yml",
};
const CREATE = "/paths/~1tickets/post/requestBody/content/application~1json/schema";
const UPDATE = "/paths/~1tickets~1{ticket_id}/put/requestBody/content/application~1json/schema";

export const judged: Judged[] = [
	{ name: "create_ticket", body: CREATED, spec: { ...spec, pointer: CREATE } },
	{ name: "update_ticket", body: UPDATED, spec: { ...spec, pointer: UPDATE } },
	{ name: "add_comment", body: COMMENTED, spec: { ...spec, pointer: UPDATE } },
];
