// One mail with everything in it, as each system's own golden request is made from it.

import type { JsonObject } from "../../../src/model/json";

export const mail: JsonObject = {
	from: { email: "shop@acme.example", name: "Acme, Inc." },
	to: ["dana@fern.example", { email: "eli@fern.example", name: "Eli Ñandú" }],
	cc: ["finn@fern.example"],
	bcc: ["audit@acme.example"],
	reply_to: { email: "help@acme.example", name: "Help" },
	subject: "Paid ✓",
	text: "Thank you.",
	html: "<p>Thank you.</p>",
	headers: { "X-Ticket": "7", "List-Unsubscribe": "<https://acme.example/u/7>" },
};

/** The least that is a mail. */
export const least: JsonObject = {
	from: "shop@acme.example",
	to: ["dana@fern.example"],
	subject: "Paid",
	html: "<p>Thank you.</p>",
};
