// Shopify: webhooks of the Admin API, and Events, its next generation, whose headers begin without `X-`. The signature
// covers the body alone: neither a time, so a capture can be replayed for ever, nor the headers that name the event.

import { z } from "zod";
import type { Json } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Connector, Delivery, HmacScheme, Normalized } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { isObject, parseTime, valueAt } from "../inbound/read";
import { headerOf } from "../verify/header";
import { changesOf } from "./changes";
import { entityOf, type Found } from "./entity";
import { isMarked } from "./marker";
import { topicOf, vocabulary } from "./topics";

const Config = z.strictObject({
	generation: z
		.enum(["webhooks", "events"])
		.default("webhooks")
		.describe("What sends: webhooks of the Admin API, or Events."),
	own: z
		.array(z.string().min(1).max(255))
		.max(50)
		.default([])
		.describe(
			"What only our own writes carry: tags, names of note attributes, or namespaces of metafields. Whatever is changed of a thing that carries one counts as ours.",
		),
});
type Config = z.infer<typeof Config>;
const read = configReader(Config);

/** What the names of headers begin with. */
const PREFIX = { webhooks: "x-shopify", events: "shopify" };
const SCHEMES = { webhooks: scheme(PREFIX.webhooks), events: scheme(PREFIX.events) };

function scheme(prefix: string): HmacScheme {
	return {
		kind: "hmac",
		hash: "SHA-256",
		encoding: "base64",
		// The app's client secret. For a while after it was rotated deliveries are signed with the old one.
		key: { encoding: "text" },
		signed: "{body}",
		signature: { header: `${prefix}-hmac-sha256`, format: { kind: "prefixed", prefix: "" } },
	};
}

export const shopify: Connector = {
	id: "shopify",
	title: "Shopify",
	source: {
		config: Config,
		trust: () => "signed_untimed",
		verification: (config) => SCHEMES[read(config).generation],
		identified_by:
			"The headers `X-Shopify-Event-Id` and `X-Shopify-Topic` with the thing that it is about, or where nothing names it `X-Shopify-Webhook-Id`; of Events `shopify-webhook-id`.",
		own_writes: "By the tags, note attributes or metafields in `own`: Shopify names no actor.",
		vocabulary,
		normalize: (delivery, json, config) => normalize(delivery, json, read(config)),
	},
};

function normalize(delivery: Delivery, json: Json, { generation, own }: Config): Result<Normalized, string> {
	const header = (name: string) => headerOf(delivery, `${PREFIX[generation]}-${name}`);
	const native = nativeType(json, generation, header);
	if (native === undefined) return err(`the header ${PREFIX[generation]}-topic names no topic`);
	if (!isObject(json)) return err("the body is not a JSON object");
	const topic = topicOf(native);
	const stated = generation === "events" ? header("resource-id") : undefined;
	const found = entityOf(delivery, json, { ...topic, stated, shop: header("shop-domain") });
	if (!found.ok) return err(`${native}: ${found.error}`);
	const { entity } = found.value;
	const deliveryKey = keyOf(header, native, found.value);
	if (deliveryKey === undefined) return err(`the header ${PREFIX[generation]}-webhook-id is missing`);
	return oneEvent({
		delivery_key: deliveryKey,
		event_type: topic.event_type,
		native_type: native,
		entity,
		actor: { kind: isMarked(json, own) ? "self" : "unknown" },
		occurred_at: timeOf(json, header),
		changes: changesOf(json),
		data: json,
	});
}

type Header = (name: string) => string | undefined;

/** Like `orders/updated`; of Events like `Product/update`, whose action stands in a header of its own. */
function nativeType(json: Json, generation: Config["generation"], header: Header): string | undefined {
	const topic = header("topic");
	if (topic === undefined || !/^[A-Za-z]\w*([/.][a-z]\w*)*$/.test(topic)) return undefined;
	if (generation === "webhooks") return topic;
	const action = header("action") ?? valueAt(json, "action");
	return typeof action === "string" && /^[a-z_]{1,50}$/.test(action) ? `${topic}/${action}` : undefined;
}

/**
 * One action of a merchant has one event id, whatever topics and things it concerns. Events carry none since 2026-09,
 * and there every delivery's own id is the same in all its attempts:
 * https://shopify.dev/changelog/updates-to-events-payloads-and-subscription-configuration
 */
function keyOf(header: Header, native: string, { entity, isNamed }: Found): string | undefined {
	const [event, webhook] = [header("event-id"), header("webhook-id")];
	if (event === undefined) return webhook;
	const key = `${event}:${native}:${entity.id}`;
	// The things of one action that nothing names would all have the shop's key.
	if (isNamed) return key;
	return webhook === undefined ? undefined : `${key}:${webhook}`;
}

/** The body's time is signed. The header's has parts of a second too, and counts for them where it is the same. */
function timeOf(json: Json, header: Header): number | undefined {
	const signed = parseTime(valueAt(json, "updated_at"));
	const triggered = parseTime(header("triggered-at"));
	if (signed === undefined || triggered === undefined) return signed ?? triggered;
	return Math.trunc(triggered / 1_000) === Math.trunc(signed / 1_000) ? triggered : signed;
}
