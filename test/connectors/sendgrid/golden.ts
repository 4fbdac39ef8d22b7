// What is sent to SendGrid, held to the types of its library and to its published description.

import type { MailJSON } from "@sendgrid/helpers/classes/mail";
import type { Judged } from "../examples";

const custom_args = { signalbox_run: "run_1", signalbox_key: "sb_run_1_tell" };

export const full = {
	personalizations: [
		{
			to: [{ email: "dana@fern.example" }, { email: "eli@fern.example", name: "Eli Ñandú" }],
			cc: [{ email: "finn@fern.example" }],
			bcc: [{ email: "audit@acme.example" }],
			custom_args,
		},
	],
	from: { email: "shop@acme.example", name: "Acme, Inc." },
	reply_to: { email: "help@acme.example", name: "Help" },
	subject: "Paid ✓",
	content: [
		{ type: "text/plain", value: "Thank you." },
		{ type: "text/html", value: "<p>Thank you.</p>" },
	],
	headers: { "X-Ticket": "7", "List-Unsubscribe": "<https://acme.example/u/7>" },
} satisfies MailJSON;

export const least = {
	personalizations: [{ to: [{ email: "dana@fern.example" }], custom_args }],
	from: { email: "shop@acme.example" },
	subject: "Paid",
	content: [{ type: "text/html", value: "<p>Thank you.</p>" }],
} satisfies MailJSON;

const spec = {
	repository: "twilio/sendgrid-oai",
	commit: "dbe0e0d2e67a0c3c55b222d54df2acda2b9027a7",
	path: "spec/json/tsg_mail_v3.json",
	pointer: "/components/requestBodies/PostMailSend/content/application~1json/schema",
};
export const judged: Judged[] = [
	{ name: "a mail with everything", body: full, spec },
	{ name: "the least mail", body: least, spec },
];
