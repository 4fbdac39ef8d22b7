// Postmark, for the contract tests.

import { mark } from "../actions";
import type { GoodAction } from "../examples";

const message = { MessageID: "b7bc2f4a-e38e-4336-af7d-e6c392c2f817" };

export const actions: Record<string, GoodAction> = {
	send_email: {
		config: {},
		credentials: { token: "s3cret" },
		input: { from: "shop@acme.example", to: ["dana@fern.example"], subject: "Paid", text: "Thank you." },
		done: [200, { ...message, ErrorCode: 0, Message: "OK" }],
		shown: { TotalCount: 1, Messages: [{ ...message, Metadata: { k: mark.idempotency_key } }] },
		knobs: { headers: [{ "X-Ticket": "7" }] },
	},
};
