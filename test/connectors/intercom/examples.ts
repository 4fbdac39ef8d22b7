// Intercom, for the contract tests.

import type { Json } from "../../../src/model/json";
import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

const author = { type: "admin", id: "814860", name: "Flow" };

export const deliveries: GoodDelivery[] = [
	{
		body: {
			id: "notif_1",
			topic: "conversation.admin.closed",
			created_at: 1_795_168_795,
			delivery_attempts: 1,
			data: {
				item: {
					type: "conversation",
					id: "215470001",
					state: "closed",
					conversation_parts: { conversation_parts: [{ id: "9001", part_type: "close", author }] },
				},
			},
		},
	},
	{
		body: {
			id: "notif_2",
			topic: "conversation.user.created",
			created_at: 1_795_168_795,
			data: { item: { type: "conversation", id: "215470001", source: { author: { type: "user", id: "66f0" } } } },
		},
	},
];

const connection = { config: {}, credentials: { token: "s3cret" } };
const input = { conversation_id: "215470001", admin_id: "814860", body: "a" };
const note = {
	type: "conversation_part",
	id: "9002",
	part_type: "note",
	body: `<p>a</p>\n<p>[signalbox:${mark.idempotency_key}]</p>`,
	created_at: 1_795_168_795,
	author,
};

function conversation(...parts: Json[]): Json {
	return { type: "conversation", id: "215470001", conversation_parts: { conversation_parts: parts } };
}

const before = { type: "conversation_part", id: "9001", part_type: "comment", body: "<p>b</p>", created_at: 1, author };

export const actions: Record<string, GoodAction> = {
	add_note: {
		...connection,
		input,
		done: [200, conversation(before, note)],
		shown: conversation(before, note, { ...before, id: "9003" }),
	},
	reply: { ...connection, input, done: [200, conversation(note, { ...before, id: "9003" })] },
};

/** A reply shows the customer all that it says, so it has no place for a key. */
export const neither = ["reply"];

export const knobs = { own: [["814860"]] };
