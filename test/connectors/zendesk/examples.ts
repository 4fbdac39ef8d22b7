// Zendesk, for the contract tests.

import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

export const deliveries: GoodDelivery[] = [
	{
		body: {
			id: "e1",
			type: "zen:event-type:ticket.tags_changed",
			subject: "zen:ticket:48213",
			time: "2026-11-20T09:59:57.412907151Z",
			detail: { id: "48213", actor_id: "402200113", external_id: null, tags: ["a", "b"] },
			event: { tags_added: ["b"], tags_removed: ["c"], meta: { sequence: { id: "8F", position: 1 } } },
		},
	},
	{
		body: {
			id: "e2",
			type: "zen:event-type:ticket.created",
			subject: "zen:ticket:48213",
			time: "2026-11-20T09:59:57.412907151Z",
			detail: { id: "48213", actor_id: "402200113", external_id: "sb_run_1_open" },
			event: { meta: { sequence: { id: "8F", position: 1 } } },
		},
	},
	{
		headers: { "x-zendesk-webhook-invocation-id": "i1" },
		config: { kind: "trigger" },
		body: { type: "ticket.updated", ticket_id: "48213", updated_at: "2026-11-20T09:59:57Z", actor_id: "402200113" },
	},
];

const connection = { config: { subdomain: "acme" }, credentials: { token: "s3cret" } };
const ticket_id = "35436";
const ticket = {
	id: 35436,
	url: "https://acme.zendesk.com/api/v2/tickets/35436.json",
	external_id: mark.idempotency_key,
	status: "open",
	subject: "a",
	tags: ["vip"],
	assignee_id: 402200113,
	custom_fields: [{ id: 360001, value: "x" }],
	updated_at: "2026-11-20T09:59:57Z",
};
const comment = {
	id: 1564245,
	type: "Comment",
	public: true,
	created_at: "2026-11-20T09:59:57Z",
	metadata: { custom: { signalbox: mark.idempotency_key }, system: {} },
};
const event = { id: 1564245, type: "Comment", public: true };

export const actions: Record<string, GoodAction> = {
	add_comment: {
		...connection,
		input: { ticket_id, body: "a", public: true },
		done: [200, { ticket, audit: { id: 9, events: [{ id: 1, type: "Change" }, event] } }],
		shown: { comments: [comment, { ...comment, id: 1, metadata: { custom: {} } }], meta: { has_more: false } },
	},
	add_tags: { ...connection, input: { ticket_id, tags: ["vip"] }, done: [200, { tags: ["a", "vip"] }] },
	create_ticket: {
		...connection,
		input: { subject: "a", body: "b" },
		done: [201, { ticket }],
		shown: { tickets: [ticket], next_page: null, count: 1 },
		knobs: { custom_fields: [{ 7: "a" }], requester: [{ name: "Dana", email: "dana@example.com" }] },
	},
	delete_ticket: { ...connection, input: { ticket_id }, done: [204, ""] },
	get_ticket: { ...connection, input: { ticket_id }, done: [200, { ticket }] },
	hide_comment: { ...connection, input: { ticket_id, comment_id: "1564245" }, done: [200, ""] },
	remove_tags: { ...connection, input: { ticket_id, tags: ["vip"] }, done: [200, { tags: ["a"] }] },
	update_ticket: {
		...connection,
		input: { ticket_id, status: "pending" },
		done: [200, { ticket }],
		knobs: { custom_fields: [{ 7: "a" }] },
	},
};

export const knobs = {
	kind: ["trigger"],
	own: [["402200113"]],
	automations: [["402200113"]],
	own_key_prefix: ["k"],
	template: [{ entity_type: "value:request" }],
	subdomain: ["umbra"],
};
