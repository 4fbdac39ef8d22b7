// Reading envelopes. Connect tells that something happened; how an envelope stands is asked here.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import { listAt, objectAt, textAt, valueAt } from "../inbound/read";
import { jsonAction } from "../outbound/json-api";
import { docusignApi, envelopePath } from "./api";

const Get = z.strictObject({
	id: z
		.string()
		.regex(/^[0-9A-Za-z-]{1,64}$/, "write an envelope's id")
		.describe("The envelope's id."),
});

export const getEnvelope = jsonAction(docusignApi, {
	about: "Reads an envelope as it is now, with its custom fields and its recipients.",
	input: Get,
	output: {
		id: "The envelope's id.",
		status: "Like sent, delivered, completed, declined or voided.",
		subject: "The subject of its mails.",
		sender: "The name, the mail address and the user id of who sent it.",
		created_at: "When it was created, like 2026-11-20T09:59:54.5230000Z.",
		sent_at: "When it was sent.",
		delivered_at: "When everybody had seen it.",
		completed_at: "When all of it was done.",
		declined_at: "When somebody declined it.",
		voided_at: "When it was voided.",
		voided_reason: "Why it was voided.",
		changed_at: "When its status changed last.",
		custom_fields: "The values of its text fields by their names.",
		recipients: "Of each recipient the id, the kind, the name, the mail address, the status and when it signed.",
	},
	reads: true,
	repeatable: true,
	scopes: ["signature"],
	// How often one envelope may be read in an hour is limited by itself.
	scope: ({ id }) => (typeof id === "string" ? `envelope ${id}` : undefined),
	call: ({ id }, { config }) => ({
		method: "GET",
		path: envelopePath(config, id),
		query: { include: "custom_fields,recipients" },
	}),
	done: [200],
	result: (envelope) => (textAt(envelope, "status") === undefined ? undefined : { output: detail(envelope) }),
});

function detail(envelope: Json): JsonObject {
	const text = (path: string) => textAt(envelope, path) ?? null;
	return {
		id: text("envelopeId"),
		status: text("status"),
		subject: text("emailSubject"),
		sender: { name: text("sender.userName"), email: text("sender.email"), user_id: text("sender.userId") },
		created_at: text("createdDateTime"),
		sent_at: text("sentDateTime"),
		delivered_at: text("deliveredDateTime"),
		completed_at: text("completedDateTime"),
		declined_at: text("declinedDateTime"),
		voided_at: text("voidedDateTime"),
		voided_reason: text("voidedReason"),
		changed_at: text("statusChangedDateTime"),
		custom_fields: fieldsOf(envelope),
		recipients: recipientsOf(envelope),
	};
}

function fieldsOf(envelope: Json): JsonObject {
	const fields = listAt(envelope, "customFields.textCustomFields");
	return Object.fromEntries(
		fields.flatMap((field) => {
			const name = textAt(field, "name");
			return name === undefined ? [] : [[name, textAt(field, "value") ?? null]];
		}),
	);
}

/** They are listed by their kind, like `signers` and `carbonCopies`. */
function recipientsOf(envelope: Json): JsonObject[] {
	const kinds = Object.keys(objectAt(envelope, "recipients") ?? {});
	return kinds.flatMap((kind) =>
		listAt(valueAt(envelope, "recipients"), kind).map((recipient) => ({
			id: textAt(recipient, "recipientId") ?? null,
			kind,
			name: textAt(recipient, "name") ?? null,
			email: textAt(recipient, "email") ?? null,
			status: textAt(recipient, "status") ?? null,
			signed_at: textAt(recipient, "signedDateTime") ?? null,
		})),
	);
}
