// What is sent to Postmark, held to the types of its library.

import type { Message } from "postmark/dist/client/models/message/Message";

export const full = {
	From: '"Acme, Inc." <shop@acme.example>',
	To: "dana@fern.example, Eli Ñandú <eli@fern.example>",
	Cc: "finn@fern.example",
	Bcc: "audit@acme.example",
	ReplyTo: "Help <help@acme.example>",
	Subject: "Paid ✓",
	TextBody: "Thank you.",
	HtmlBody: "<p>Thank you.</p>",
	Headers: [
		{ Name: "X-Ticket", Value: "7" },
		{ Name: "List-Unsubscribe", Value: "<https://acme.example/u/7>" },
	],
	MessageStream: "outbound",
	Metadata: { k: "sb_run_1_tell", trace: "0af7651916cd43dd8448eb211c80319c" },
} satisfies Message;

export const least = {
	From: "shop@acme.example",
	To: "dana@fern.example",
	Subject: "Paid",
	HtmlBody: "<p>Thank you.</p>",
	MessageStream: "outbound",
	Metadata: full.Metadata,
} satisfies Message;
