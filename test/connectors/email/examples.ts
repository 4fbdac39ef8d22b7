// Mail by the binding, for the contract tests.

import type { GoodAction } from "../examples";

export const actions: Record<string, GoodAction> = {
	send: {
		config: { senders: ["desk@example.com", "other@example.com"] },
		credentials: {},
		input: { from: "desk@example.com", to: ["dana@example.com"], subject: "Hello", text: "Hi." },
		done: [200, { messageId: "m-1" }],
		knobs: { headers: [{ "X-Ticket": "7" }] },
	},
};

export const neither = ["send"];

export const knobs = { senders: [["other@example.com"]] };
