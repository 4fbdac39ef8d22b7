// SendGrid, for the contract tests.

import type { GoodAction, GoodDelivery } from "../examples";

export const deliveries: GoodDelivery[] = [
	{
		body: [
			{
				email: "dana@fern.example",
				timestamp: 1_795_168_780,
				event: "delivered",
				sg_event_id: "e1",
				sg_message_id: "m1.filter1",
				signalbox_run: "run_1",
			},
			{ email: "dana@fern.example", timestamp: 1_795_168_781, event: "open", sg_event_id: "e2", sg_message_id: "m1" },
		],
	},
];

export const actions: Record<string, GoodAction> = {
	send_email: {
		config: {},
		credentials: { token: "s3cret" },
		input: { from: "shop@acme.example", to: ["dana@fern.example"], subject: "Paid", text: "Thank you." },
		done: [202, ""],
		knobs: { headers: [{ "X-Ticket": "7" }] },
	},
};

export const neither = ["send_email"];
