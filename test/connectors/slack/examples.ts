// Slack, for the contract tests.

import { mark } from "../actions";
import type { GoodAction, GoodDelivery } from "../examples";

const envelope = {
	token: "verification",
	team_id: "T1",
	api_app_id: "A1",
	type: "event_callback",
	event_time: 1_795_168_797,
	authorizations: [{ team_id: "T1", user_id: "U9", is_bot: true }],
};
const stamps = { ts: "1795168797.000200", event_ts: "1795168797.000200" };
const posted = { type: "message", channel: "C1", channel_type: "channel", user: "U1", text: "a", ...stamps };

export const deliveries: GoodDelivery[] = [
	{ body: { ...envelope, event_id: "Ev1", event: posted } },
	{
		body: {
			...envelope,
			event_id: "Ev2",
			event: {
				...{ type: "message", subtype: "message_changed", channel: "C1", channel_type: "group", ...stamps },
				message: { user: "U1", text: "b", ts: "1.2", edited: { user: "U1", ts: "1.3" } },
				previous_message: { user: "U1", text: "a", ts: "1.2" },
			},
		},
	},
	{
		body: {
			...envelope,
			event_id: "Ev3",
			event: {
				...{ type: "reaction_added", user: "U1", reaction: "eyes", event_ts: stamps.event_ts },
				item: { type: "message", channel: "C1", ts: "1.2" },
			},
		},
	},
];

export const knobs = { own: [["U1"]], automations: [["U1"]] };

const connection = { config: {}, credentials: { token: "s3cret" } };
const place = { channel: "C1", ts: "1503435956.000247" };
const message = { ts: place.ts, metadata: { event_type: "signalbox", event_payload: { k: mark.idempotency_key } } };

export const actions: Record<string, GoodAction> = {
	delete_message: { ...connection, input: place, done: [200, { ok: true, ...place }] },
	post_message: {
		...connection,
		input: { channel: "C1", text: "hello" },
		done: [200, { ok: true, ...place }],
		shown: { ok: true, messages: [{ ts: "1.2", text: "a" }, message], has_more: true },
	},
	update_message: { ...connection, input: { ...place, text: "hello" }, done: [200, { ok: true, ...place }] },
};
