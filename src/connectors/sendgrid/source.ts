// SendGrid's Event Webhook: what becomes of mails, many of them in one delivery. Signed with a key of its own per account,
// of which we have the public half; the time is signed too.

import { z } from "zod";
import type { Actor } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { NormalizedEvent, PublicKeyScheme, SourceSide } from "../connector";
import { manyEvents } from "../inbound/batch";
import { fitEvent } from "../inbound/normalized";
import { fromSeconds, isObject, textAt, valueAt } from "../inbound/read";
import { eventTypeOf, isByReader, vocabulary } from "./events";
import { ARGUMENT } from "./mark";

const Config = z.strictObject({
	own: z
		.array(z.string().min(1).max(256))
		.max(50)
		.default([ARGUMENT])
		.describe("Names of custom arguments that only mails of ours carry; SendGrid gives them back in every event."),
});
const read = configReader(Config);

const verification: PublicKeyScheme = {
	kind: "ecdsa-p256",
	signed: "{timestamp}{body}",
	signature: { header: "x-twilio-email-event-webhook-signature", format: { kind: "prefixed", prefix: "" } },
	// SendGrid asks for no tolerance of its own.
	timestamp: { from: "header", header: "x-twilio-email-event-webhook-timestamp", unit: "s", tolerance_s: 600 },
};

export const sendgridSource: SourceSide = {
	config: Config,
	trust: () => "signed",
	verification: () => verification,
	identified_by: "The `sg_event_id` of each event of the delivery.",
	own_writes: "By the custom arguments in `own`; what readers do with our mails is not our writing.",
	vocabulary,
	normalize: (_delivery, json, config) => {
		if (!Array.isArray(json)) return err("the body is not a list of events");
		return manyEvents(json.map((event) => normalize(event, read(config).own)));
	},
};

function normalize(json: Json, own: string[]): Result<NormalizedEvent, string> {
	if (!isObject(json)) return err("it is not a JSON object");
	const id = textAt(json, "sg_event_id");
	const native = textAt(json, "event");
	if (id === undefined || native === undefined) return err("it has no sg_event_id and event");
	return fitEvent({
		delivery_key: id,
		event_type: eventTypeOf(native),
		native_type: native,
		entity: entityOf(json),
		actor: actorOf(json, native, own),
		occurred_at: fromSeconds(valueAt(json, "timestamp")),
		changes: [],
		data: json,
	});
}

/** What happens to no mail in particular happens to the account. */
function entityOf(json: JsonObject): NormalizedEvent["entity"] {
	const message = textAt(json, "sg_message_id") ?? textAt(json, "smtp-id");
	return message === undefined ? { type: "account", id: "own_account" } : { type: "email", id: message };
}

/** Mail programs open mails by themselves, and filters follow links, so a reader is a person only perhaps. */
function actorOf(json: JsonObject, native: string, own: string[]): Actor {
	if (isByReader(native)) return { kind: valueAt(json, "sg_machine_open") === true ? "automation" : "unknown" };
	return { kind: own.some((name) => Object.hasOwn(json, name)) ? "self" : "automation" };
}
