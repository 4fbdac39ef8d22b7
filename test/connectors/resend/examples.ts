// Resend, for the contract tests.

import type { GoodAction } from "../examples";

export const actions: Record<string, GoodAction> = {
	send_email: {
		config: {},
		credentials: { token: "s3cret" },
		input: { from: "shop@acme.example", to: ["dana@fern.example"], subject: "Paid", text: "Thank you." },
		done: [200, { id: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" }],
		knobs: { headers: [{ "X-Ticket": "7" }] },
	},
};
