// Twilio, for the contract tests.

import type { Json } from "../../../src/model/json";
import type { GoodDelivery } from "../examples";

export const deliveries: GoodDelivery[] = [
	{
		headers: { "i-twilio-idempotency-token": "t1" },
		body: { CallSid: `CA${"1".repeat(32)}`, CallStatus: "ringing", Direction: "inbound", From: "+447700900001" },
	},
	{
		headers: { "i-twilio-idempotency-token": "t1" },
		body: {
			MessageSid: `SM${"1".repeat(32)}`,
			MessageStatus: "delivered",
			From: "+447700900002",
			Timestamp: "2026-11-20T09:59:56Z",
		},
	},
];

export const knobs: Record<string, Json[]> = {
	own: [["+447700900002"]],
	public_url: ["https://hooks.acme.example/in/twilio"],
};
