// Stripe: snapshot events, which carry the object, and thin events (`v2.core.event`), which only name it. Stripe's own
// check accepts times ahead of us; ours does not. Ids are strings throughout.

import { z } from "zod";
import type { Actor, Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Connector, HmacScheme, Normalized, NormalizedEvent } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { fromSeconds, isObject, objectAt, parseTime, textAt, valueAt } from "../inbound/read";
import { withoutMembers } from "../inbound/without";
import { stripeConnection } from "./api";
import { eventTypeOf, nounOf, vocabulary } from "./events";
import { getObject } from "./objects";

const Config = z.strictObject({
	own_key_prefix: z
		.string()
		.min(1)
		.max(100)
		.default("sb_")
		.describe("What the idempotency keys of our own writes begin with; Stripe gives them back in the event."),
});
const read = configReader(Config);

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	// The `whsec_` of Stripe's secrets is part of the key.
	key: { encoding: "text" },
	signed: "{timestamp}.{body}",
	signature: { header: "stripe-signature", format: { kind: "fields", field: "v1" } },
	timestamp: { from: "signature", field: "t", unit: "s", tolerance_s: 300 },
};

export const stripe: Connector = {
	id: "stripe",
	title: "Stripe",
	source: {
		config: Config,
		trust: () => "signed",
		verification: () => verification,
		identified_by: "The event's `id`.",
		own_writes: "By our own idempotency key, which Stripe gives back in the event.",
		vocabulary,
		normalize: (_delivery, json, config) => normalize(json, read(config).own_key_prefix),
	},
	connection: stripeConnection,
	actions: { get_object: getObject },
};

function normalize(json: Json, ownKeyPrefix: string): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	const id = textAt(json, "id");
	const type = textAt(json, "type");
	if (id === undefined || type === undefined) return err("the body has no id and type, so it is no Stripe event");
	const thin = textAt(json, "object") === "v2.core.event";
	const entity = thin ? thinEntity(json) : snapshotEntity(json);
	if (entity === undefined) return err("the body has no data.object, so it is no Stripe event");
	const data = withoutMembers(json, SECRETS);
	return oneEvent({
		delivery_key: id,
		event_type: eventTypeOf(type),
		native_type: type,
		entity,
		actor: actorOf(valueAt(json, thin ? "reason.request" : "request"), ownKeyPrefix),
		occurred_at: thin ? parseTime(valueAt(json, "created")) : fromSeconds(valueAt(json, "created")),
		changes: differences(objectAt(data, "data.previous_attributes"), objectAt(data, "data.object"), []),
		data,
	});
}

/** What lets its holder confirm a payment, or sign as Stripe. */
const SECRETS = new Set(["client_secret", "secret"]);

/**
 * Previews and balances have no id of their own: `invoice.upcoming` is then about its customer, and what belongs to
 * the account as a whole is about the one that the event came from.
 */
function snapshotEntity(json: JsonObject): NormalizedEvent["entity"] | undefined {
	const object = objectAt(json, "data.object");
	if (object === undefined) return undefined;
	const type = nounOf(textAt(object, "object") ?? "object");
	const id = textAt(object, "id");
	if (id !== undefined) return { type, id };
	const customer = textAt(object, "customer");
	return customer === undefined
		? { type, id: textAt(json, "account") ?? "own_account" }
		: { type: "customer", id: customer };
}

function thinEntity(json: JsonObject): NormalizedEvent["entity"] {
	const type = textAt(json, "related_object.type");
	const id = textAt(json, "related_object.id");
	if (type !== undefined && id !== undefined) return { type: nounOf(type), id };
	return { type: "account", id: textAt(json, "context") ?? "own_account" };
}

/**
 * Without a request Stripe acted by itself. Everybody else's requests look alike, the dashboard's too, so only our own
 * keys tell something. `request` is an object, or in old API versions its id.
 */
function actorOf(request: Json | undefined, ownKeyPrefix: string): Actor {
	if (textAt(request, "idempotency_key")?.startsWith(ownKeyPrefix)) return { kind: "self" };
	const requestId = isObject(request) ? valueAt(request, "id") : request;
	return { kind: requestId === null || requestId === undefined ? "system" : "unknown" };
}

/** Stripe nests a few levels; beyond that a value is compared whole. */
const MAX_NESTING = 8;

/** `previous` holds of nested objects only the members that changed, so these are told one by one, by their path. */
function differences(previous: JsonObject | undefined, current: JsonObject | undefined, path: string[]): Change[] {
	if (previous === undefined) return [];
	return Object.entries(previous).flatMap(([key, from]): Change[] => {
		const here = [...path, key];
		const to = current !== undefined && Object.hasOwn(current, key) ? current[key] : undefined;
		const nested = isObject(from) && isObject(to) && here.length < MAX_NESTING && Object.keys(from).length > 0;
		return nested ? differences(from, to, here) : [{ field: here.join("."), from, to }];
	});
}
