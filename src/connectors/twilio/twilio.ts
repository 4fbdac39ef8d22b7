// Twilio: messages, calls, conversations and what becomes of them. What is signed is the address and the form, without a
// time, so a capture can be replayed for ever; of a JSON body the address holds the hash.

import { z } from "zod";
import type { Actor } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Connector, Delivery, HmacScheme, Normalized } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { PublicUrl } from "../inbound/public-url";
import { isObject, parseTime, plausible, textAt } from "../inbound/read";
import { murmur128 } from "../murmur128";
import { headerOf } from "../verify/header";
import { eventTypeOf, KINDS, type Kind, noSidIn, vocabulary } from "./kinds";

const Config = z.strictObject({
	public_url: PublicUrl.optional().describe(
		"The address exactly as it was given to Twilio, which signs it; without one, that of the delivery.",
	),
	own: z
		.array(z.string().min(1).max(256))
		.max(50)
		.default([])
		.describe("What we send and call from: numbers like +447700900002, messaging service sids, or names of authors."),
});
type Config = z.infer<typeof Config>;
const read = configReader(Config);

function scheme({ public_url }: Config): HmacScheme {
	return {
		kind: "hmac",
		hash: "SHA-1",
		encoding: "base64",
		// The account's primary auth token.
		key: { encoding: "text" },
		signed: "{url}{form}",
		signature: { header: "x-twilio-signature", format: { kind: "prefixed", prefix: "" } },
		url: { address: public_url, any_port: true, body_hash: "bodySHA256" },
	};
}

/** No instructions: nothing is answered to a message, and a call that waits for some ends. */
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

export const twilio: Connector = {
	id: "twilio",
	title: "Twilio",
	source: {
		config: Config,
		trust: () => "signed_untimed",
		verification: (config) => scheme(read(config)),
		identified_by:
			"The sid of the message or call with its status, and what numbers callbacks of the same status, or a hash of the form.",
		own_writes: "By the numbers and services in `own`; what else is told of a message's way is of some automation.",
		vocabulary,
		body: () => "form",
		acknowledgement: () => ({ content_type: "text/xml", body: EMPTY_TWIML }),
		normalize: (delivery, json, config) => normalize(delivery, json, read(config).own),
	},
};

/** One callback while it is read. */
interface Callback {
	delivery: Delivery;
	json: JsonObject;
	kind: Kind;
	/** What names the thing that it is about. */
	sid: string;
	/** What happened; absent where a message comes in. */
	status: string | undefined;
}

function normalize(delivery: Delivery, json: Json, own: string[]): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is neither a form nor a JSON object");
	const noSid = noSidIn(json);
	if (noSid !== undefined) return err(`what stands in ${noSid} is no sid`);
	const callback = KINDS.map((kind) => callbackOf(delivery, json, kind)).find((one) => one !== undefined);
	if (callback === undefined) return err("the body names no message, call, room or conversation");
	const { kind, sid, status = kind.unstated ?? "" } = callback;
	return oneEvent({
		delivery_key: keyOf(callback),
		event_type: eventTypeOf(kind, status),
		native_type: `${kind.noun}.${status}`,
		entity: { type: kind.entity ?? kind.noun, id: sid },
		actor: actorOf(callback, own),
		occurred_at: timeOf(json),
		changes: [],
		data: json,
	});
}

function callbackOf(delivery: Delivery, json: JsonObject, kind: Kind): Callback | undefined {
	const [sid] = textsAt(json, kind.sid);
	const status = statusIn(json, kind);
	if (sid === undefined || (status ?? kind.unstated) === undefined) return undefined;
	return { delivery, json, kind, sid, status };
}

function statusIn(json: JsonObject, { status, legacy }: Kind): string | undefined {
	const old = legacy === undefined ? undefined : textAt(json, legacy);
	return textAt(json, status) ?? (old === "received" ? undefined : old);
}

function textsAt(json: JsonObject, names: readonly string[]): string[] {
	return names.map((name) => textAt(json, name)).filter((text) => text !== undefined);
}

/**
 * A message has every status once. A call is asked about more often with the same one, and a conversation tells of many
 * changes. Where nothing numbers these, all that is signed tells them apart; what a call asks twice in the same words
 * differs only by a header, which the signature leaves out.
 */
function keyOf({ delivery, json, kind, sid, status }: Callback): string {
	const told = textsAt(json, kind.also);
	const token =
		kind.noun === "message" || told.length > 0 ? undefined : headerOf(delivery, "i-twilio-idempotency-token");
	const isNumbered = kind.numbered === null || textsAt(json, [kind.numbered ?? ""]).length > 0;
	return [sid, status, ...told, token, isNumbered ? undefined : digestOf(json)]
		.filter((part) => part !== undefined)
		.join(":");
}

/** Of what is signed, as it is signed, but for the number of the attempt. */
function digestOf(json: JsonObject): string {
	const fields = Object.entries(json).filter(([name]) => name !== "RetryCount");
	const sorted = fields.sort(([one], [other]) => (one < other ? -1 : 1));
	const text = sorted.flatMap(([name, value]) => valuesOf(value).map((each) => name + each)).join("");
	return murmur128(new TextEncoder().encode(text));
}

/** The several values of a name count once each, whatever their order. */
function valuesOf(value: Json): string[] {
	if (!Array.isArray(value)) return [textOf(value)];
	return [...new Set(value.map(textOf))].sort();
}

function textOf(value: Json): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * A message that comes in, and a call that rings here, are of whoever sent or dialled. What is told of their way is of
 * no person; who acts in a conversation or a room its callbacks do not say.
 */
function actorOf(callback: Callback, own: string[]): Actor {
	const { json, kind } = callback;
	const [id] = textsAt(json, ["From", "Author", "ClientIdentity"]);
	const senders = comesIn(callback) ? ["From"] : ["From", "MessagingServiceSid", "Author", "ClientIdentity"];
	if (textsAt(json, senders).some((sender) => own.includes(sender))) return { kind: "self", id };
	if (comesIn(callback)) return { kind: "human", id };
	return { kind: kind.noun === "conversation" || kind.noun === "room" ? "unknown" : "automation", id };
}

/** The first word of something that somebody else began, and not what became of it. */
function comesIn({ json, kind, status }: Callback): boolean {
	if (kind.noun === "message") return status === undefined;
	const isCall = kind.noun === "call" && status === "ringing";
	return isCall && textAt(json, "Direction") === "inbound" && textAt(json, "SequenceNumber") === undefined;
}

const RFC_2822 = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|UTC|[+-]\d{4})$/;

/** Callbacks of messages carry no time. */
function timeOf(json: JsonObject): number | undefined {
	for (const text of textsAt(json, ["Timestamp", "DateUpdated", "DateCreated"])) {
		const time = RFC_2822.test(text) ? plausible(Date.parse(text)) : parseTime(text);
		if (time !== undefined) return time;
	}
	return undefined;
}
