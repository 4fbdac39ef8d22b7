// What is sent to Resend, held to the types of its library and to its published description.

import type { EmailApiOptions } from "resend";
import type { Judged } from "../examples";

export const full = {
	from: '"Acme, Inc." <shop@acme.example>',
	to: ["dana@fern.example", "Eli Ñandú <eli@fern.example>"],
	cc: ["finn@fern.example"],
	bcc: ["audit@acme.example"],
	reply_to: "Help <help@acme.example>",
	subject: "Paid ✓",
	text: "Thank you.",
	html: "<p>Thank you.</p>",
	headers: { "X-Ticket": "7", "List-Unsubscribe": "<https://acme.example/u/7>" },
	tags: [
		{ name: "signalbox_run", value: "run_1" },
		{ name: "signalbox_step", value: "tell" },
	],
} satisfies EmailApiOptions;

export const least = {
	from: "shop@acme.example",
	to: ["dana@fern.example"],
	subject: "Paid",
	html: "<p>Thank you.</p>",
	tags: full.tags,
} satisfies EmailApiOptions;

const spec = {
	repository: "resend/resend-openapi",
	commit: "fd6f395f2114e13806025f0c330921c901d62bb1",
	path: "resend.yaml",
	pointer: "/components/schemas/SendEmailRequest",
};
export const judged: Judged[] = [
	{ name: "a mail with everything", body: full, spec },
	{ name: "the least mail", body: least, spec },
];
