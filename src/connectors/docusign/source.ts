// DocuSign Connect, in its format JSON SIM (https://developers.docusign.com/platform/webhooks/connect/json-sim-event-model):
// one event a message. The signature covers the body alone, without a time that would end a replay, and a repetition
// counts its attempts within the body, so it is signed anew. Which of several keys signed stands in numbered headers.

import { z } from "zod";
import type { Actor } from "../../model/event";
import type { Json } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Delivery, HmacScheme, Normalized, NormalizedEvent, SourceSide } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { idAt, isObject, parseTime, textAt, valueAt } from "../inbound/read";
import { withoutMembers } from "../inbound/without";
import { namesOf, VOCABULARY } from "./events";

const Config = z.strictObject({
	own_field: z
		.string()
		.min(1)
		.max(100)
		.default("signalbox_run")
		.describe(
			"The envelope custom field that envelopes of our own carry; Connect must be set to include custom fields.",
		),
});
const read = configReader(Config);

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "base64",
	// Connect keys look like base64, and are used as they are.
	key: { encoding: "text" },
	signed: "{body}",
	signature: { header: "x-docusign-signature-", format: { kind: "numbered" } },
};

export const docusignSource: SourceSide = {
	config: Config,
	trust: () => "signed_untimed",
	verification: () => verification,
	identified_by:
		"`configurationId`, the envelope or template, `recipientId`, `event` and `generatedDateTime` together: there is no id.",
	own_writes:
		"By the custom field `own_field` where envelopes are created or sent: who caused an event is not in it otherwise.",
	secrets_in_body: [/"(?:accessCode|lockToken|oneTimePassword)"\s*:\s*"([^"]+)"/gi],
	vocabulary: VOCABULARY,
	normalize: (delivery, json, config) => normalize(delivery, json, read(config).own_field),
};

function normalize(delivery: Delivery, json: Json, ownField: string): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	const native = textAt(json, "event");
	const names = native === undefined ? undefined : namesOf(native);
	if (native === undefined || names === undefined) return err("the body names no event, so it is no JSON SIM message");
	const generated = textAt(json, "generatedDateTime");
	if (generated === undefined) return err("the body has no generatedDateTime");
	const entity = entityOf(delivery, json);
	if (entity === undefined) return err("the event names nothing that it could be about");
	const configuration = idAt(delivery, json, "configurationId");
	const recipient = idAt(delivery, json, "data.recipientId");
	return oneEvent({
		delivery_key: [configuration, entity.id, recipient, native, generated].join(":"),
		event_type: names.event_type,
		native_type: native,
		entity,
		actor: { kind: actorKind(json, names.by, { recipient, ownField }) },
		occurred_at: parseTime(generated),
		changes: [],
		data: withoutMembers(json, SECRETS),
	});
}

/** The nearest first. */
const ENTITIES: readonly (readonly [type: string, path: string])[] = [
	["envelope", "data.envelopeId"],
	["template", "data.templateId"],
	["account", "data.accountId"],
];

function entityOf(delivery: Delivery, json: Json): NormalizedEvent["entity"] | undefined {
	for (const [type, path] of ENTITIES) {
		const id = idAt(delivery, json, path);
		if (id !== undefined) return { type, id };
	}
	return undefined;
}

/** `data.userId` is no help: it is whose envelope or configuration it is. */
function actorKind(
	json: Json,
	by: "sender" | "recipient" | undefined,
	{ recipient, ownField }: { recipient: string | undefined; ownField: string },
): Actor["kind"] {
	if (by === "recipient") return isSeal(json, recipient) ? "automation" : "human";
	return by === "sender" && hasField(json, ownField) ? "self" : "unknown";
}

/** Seals are recipients too, and sign without anybody. */
function isSeal(json: Json, recipient: string | undefined): boolean {
	const seals = valueAt(json, "data.envelopeSummary.recipients.seals");
	return (
		Array.isArray(seals) && seals.some((seal) => recipient !== undefined && textAt(seal, "recipientId") === recipient)
	);
}

/** The mark says who made the envelope, which is no proof of who did something with it later. */
function hasField(json: Json, name: string): boolean {
	const fields = valueAt(json, "data.envelopeSummary.customFields.textCustomFields");
	return Array.isArray(fields) && fields.some((field) => textAt(field, "name") === name && textAt(field, "value"));
}

/** What recipients prove themselves by, and what opens a locked envelope. */
const SECRETS = new Set([
	"accessCode",
	"activationAccessCode",
	"lockToken",
	"oneTimePassword",
	"ssn4",
	"ssn9",
	"ssnTabs",
]);
