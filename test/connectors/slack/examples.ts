// Slack, for the contract tests.

import { mark } from "../actions";
import type { GoodAction } from "../examples";

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
