// Senders of CloudEvents 1.0, whose deliveries are protected by HMAC or by a token. Where attributes stand in headers, a
// signature of the body leaves them out: whoever captures such a delivery can change them, so it is trusted less, and
// only the settings say whether headers are read at all.

import { z } from "zod";
import type { Json } from "../../model/json";
import type { Result } from "../../model/result";
import { configReader } from "../config";
import type { Connector, Delivery, Normalized, NormalizedEvent } from "../connector";
import { checkHmac, hmacScheme, hmacShape, isTimed } from "../generic/hmac-settings";
import { checkToken, tokenScheme, tokenShape } from "../generic/token-settings";
import { manyEvents } from "../inbound/batch";
import { eventByMapping, type Mapping, mappingShape } from "../inbound/mapping";
import { fitEvent } from "../inbound/normalized";
import { type CloudEvent, eventsOf, type Reading } from "./read";

const {
	event_id: _id,
	event_type: _type,
	entity_id,
	occurred_at,
	actor_kind,
	actor_id,
	actor_kinds,
	...rest
} = mappingShape;

const Config = z
	.strictObject({
		protection: z
			.enum(["hmac", "token"])
			.default("hmac")
			.describe("What shows who sends: a signature, or a token that comes along."),
		mode: z
			.enum(["structured", "binary"])
			.default("structured")
			.describe("Where events stand: whole in the body, one or a list, or with their attributes in headers."),
		...hmacShape,
		...tokenShape,
		...rest,
		entity_id: entity_id.default(["subject", "data.id", "source"]),
		occurred_at: occurred_at.default(["time"]),
		// https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/authcontext.md
		actor_kind: actor_kind.default(["authtype", "data.actor.kind", "data.actor.type"]),
		actor_id: actor_id.default(["authid", "data.actor.id", "source"]),
		actor_kinds: actor_kinds.default({ app_user: "human" }),
	})
	.superRefine((settings, context) => {
		if (settings.protection === "hmac") checkHmac(settings, context);
		else checkToken(settings, context);
	});
const read = configReader(Config);

export const cloudevents: Connector = {
	id: "cloudevents",
	title: "CloudEvents",
	source: {
		config: Config,
		trust: (config) => {
			const settings = read(config);
			if (settings.protection === "token") return "token";
			if (settings.mode === "binary") return "bearer";
			return isTimed(settings) ? "signed" : "signed_untimed";
		},
		verification: (config) => {
			const settings = read(config);
			return settings.protection === "token" ? tokenScheme(settings) : hmacScheme(settings);
		},
		identified_by: "The event's `source` and `id`, which are unique together.",
		own_writes: "By the actor ids in `own`, like the `source` of what we send.",
		vocabulary: [],
		normalize: (delivery, json, config) => {
			const { protection, mode, signature_header, header, ...settings } = read(config);
			const secret_header = protection === "hmac" ? signature_header : header;
			return normalize(delivery, json, { ...settings, mode, secret_header });
		},
	},
};

function normalize(
	delivery: Delivery,
	json: Json,
	{ mode, secret_header, ...settings }: Reading & Omit<Mapping, "event_id" | "event_type">,
): Result<Normalized, string> {
	const events = eventsOf(delivery, json, { mode, secret_header });
	if (!events.ok) return events;
	const mapping = { ...settings, event_id: ["id"], event_type: ["type"] };
	return manyEvents(events.value.map((event) => (event.ok ? eventBy(event.value, mapping) : event)));
}

/** A `source` holds no blanks, so that this is no other's key. */
function eventBy({ event, alone }: CloudEvent, mapping: Mapping): Result<NormalizedEvent, string> {
	const found = eventByMapping(alone, event, mapping);
	return found.ok ? fitEvent({ ...found.value, delivery_key: `${event.source} ${event.id}` }) : found;
}
