// HubSpot's webhooks. One delivery holds up to a hundred events of any origin, each judged alone. The same client secret
// signs in three ways, of which the newest comes along with an older one: which of them counts is a setting, because
// taking whatever is there would let a capture without a time pass where one with a time was asked for.

import { z } from "zod";
import type { Actor, Change } from "../../model/event";
import type { Json } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Delivery, Normalized, NormalizedEvent, SignatureScheme, SourceSide, UrlReading } from "../connector";
import { manyEvents } from "../inbound/batch";
import { fitEvent } from "../inbound/normalized";
import { PublicUrl } from "../inbound/public-url";
import { idAt, isObject, plausible, textAt, valueAt } from "../inbound/read";
import { namesOf, VOCABULARY } from "./events";

const Config = z.strictObject({
	signature: z
		.enum(["v3", "v2", "v1"])
		.default("v3")
		.describe("Which of HubSpot's signatures must be right. Only v3 has a time, so only it ends a replay."),
	public_url: PublicUrl.optional().describe(
		"The address as it is set in HubSpot, which signs it; by default the one that a delivery came to.",
	),
	own: z
		.array(z.string().regex(/^\d{1,20}$/, "write an app's id, like 5150001"))
		.max(50)
		.default([])
		.describe("Ids of further apps that our own writes come from; the app that sends the events is always one."),
});
type Config = z.infer<typeof Config>;
const read = configReader(Config);

export const hubspotSource: SourceSide = {
	config: Config,
	trust: (config) => (read(config).signature === "v3" ? "signed" : "signed_untimed"),
	verification: (config) => schemeOf(read(config)),
	identified_by:
		"`portalId`, `subscriptionId`, `eventId`, `objectId` and `occurredAt` together, with the `messageId` or `associationType` where there is one: none is unique alone.",
	own_writes: "`changeSource` is `INTEGRATION`, and `sourceId` the app that sends the event, or one of those in `own`.",
	vocabulary: VOCABULARY,
	normalize: (delivery, json, config) => normalize(delivery, json, read(config).own),
};

/** https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation */
function schemeOf({ signature, public_url }: Config): SignatureScheme {
	const url: UrlReading = public_url === undefined ? {} : { address: public_url };
	switch (signature) {
		case "v3":
			return {
				kind: "hmac",
				hash: "SHA-256",
				encoding: "base64",
				key: { encoding: "text" },
				signed: "{method}{url}{body}{timestamp}",
				signature: { header: "x-hubspot-signature-v3", format: { kind: "prefixed", prefix: "" } },
				timestamp: { from: "header", header: "x-hubspot-request-timestamp", unit: "ms", tolerance_s: 300 },
				url: { ...url, decoded: ":/?@!$'()*,;" },
			};
		case "v2":
			return { ...digestOf("v2"), signed: "{secret}{method}{url}{body}", url };
		case "v1":
			return { ...digestOf("v1"), signed: "{secret}{body}" };
	}
}

function digestOf(version: string) {
	return {
		kind: "digest",
		hash: "SHA-256",
		encoding: "hex",
		version: { header: "x-hubspot-signature-version", value: version },
		signature: { header: "x-hubspot-signature", format: { kind: "prefixed", prefix: "" } },
	} as const;
}

function normalize(delivery: Delivery, json: Json, own: string[]): Result<Normalized, string> {
	if (!Array.isArray(json)) return err("the body is not a list of events");
	return manyEvents(
		json.map((event, at) => eventIn({ event, own, idOf: (name) => idAt(delivery, json, `${at}.${name}`) })),
	);
}

/** One event of a delivery while it is read. `idOf` reads ids, and times as they identify, digit for digit. */
interface Reading {
	event: Json;
	own: string[];
	idOf: (name: string) => string | undefined;
}

function eventIn(reading: Reading): Result<NormalizedEvent, string> {
	const { event, idOf } = reading;
	const native = textAt(event, "subscriptionType");
	if (!isObject(event) || native === undefined) return err("it has no subscriptionType");
	const names = namesOf(native, textAt(event, "objectTypeId") ?? textAt(event, "fromObjectTypeId"));
	if (names === undefined) return err("its subscriptionType is none");
	// Merges and associations may leave out `objectId` and name their sides instead.
	const id = idOf("objectId") ?? idOf("primaryObjectId") ?? idOf("fromObjectId");
	if (id === undefined) return err("it has no objectId");
	const [eventId, occurredAt] = [idOf("eventId"), idOf("occurredAt")];
	if (eventId === undefined || occurredAt === undefined) return err("it has no eventId or no occurredAt");
	const other = idOf("toObjectId");
	const object = other === undefined ? id : `${id}>${other}`;
	// Messages of one conversation and associations of one pair may have all else in common.
	const link = other === undefined ? undefined : textAt(event, "associationType");
	const which = native === "conversation.newMessage" ? idOf("messageId") : link;
	return fitEvent({
		delivery_key: [idOf("portalId"), idOf("subscriptionId"), eventId, object, occurredAt].concat(which ?? []).join(":"),
		event_type: names.event_type,
		native_type: native,
		entity: { type: names.entity, id },
		actor: actorOf(reading),
		occurred_at: timeOf(valueAt(event, "occurredAt")),
		changes: changesOf(reading),
		data: event,
	});
}

function timeOf(value: Json | undefined): number | undefined {
	return typeof value === "number" ? plausible(value) : undefined;
}

/** People, by HubSpot's pages and apps. Associations that they make come as `USER`. */
const BY_PEOPLE = /^(USER|(CRM_UI|MOBILE)(_[A-Z_]+)?)$/;

function actorOf({ event, own, idOf }: Reading): Actor {
	const source = textAt(event, "changeSource");
	const id = idOf("sourceId");
	if (source === undefined) return { kind: "unknown", id };
	const isOurs = source === "INTEGRATION" && id !== undefined && (id === idOf("appId") || own.includes(id));
	return { kind: isOurs ? "self" : BY_PEOPLE.test(source) ? "human" : "automation", id };
}

/** Only what is there now: HubSpot does not tell what was there before. */
function changesOf({ event, idOf }: Reading): Change[] {
	const field = textAt(event, "propertyName");
	const isProperty = textAt(event, "subscriptionType")?.endsWith(".propertyChange");
	if (isProperty && field !== undefined) return [{ field, to: valueAt(event, "propertyValue") }];
	const other = idOf("toObjectId");
	if (other === undefined) return [];
	const link = `associations.${textAt(event, "associationType") ?? textAt(event, "toObjectTypeId") ?? "other"}`;
	return [valueAt(event, "associationRemoved") === true ? { field: link, from: other } : { field: link, to: other }];
}
