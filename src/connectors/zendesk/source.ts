// Zendesk's webhooks, of two kinds: subscriptions to events, whose body is Zendesk's, and triggers and automations,
// whose body is a template that an administrator wrote. Time and body are signed; the header that carries the id of a
// trigger's delivery is not, so whoever captures one can pass it off as others for as long as its time is near enough.

import { z } from "zod";
import type { Actor } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Delivery, HmacScheme, Normalized, NormalizedEvent, SourceSide } from "../connector";
import { mappingShape, normalizeByMapping } from "../inbound/mapping";
import { oneEvent } from "../inbound/normalized";
import { idAt, isObject, objectAt, parseTime, textAt, valueAt } from "../inbound/read";
import { changesOf } from "./changes";
import { rowOf, vocabulary } from "./events";

const { event_id: _id, own: _own, event_type, entity_type, entity_id, occurred_at, actor_id, ...others } = mappingShape;

const Template = z.strictObject({
	...others,
	event_type: event_type.describe("Where the event's type stands, like ticket.updated."),
	entity_type: entity_type.unwrap().default(["value:ticket"]).describe("Where the kind of thing stands."),
	entity_id: entity_id.unwrap().default(["ticket_id", "ticket.id"]).describe("Where the ticket's id stands."),
	occurred_at: occurred_at
		.unwrap()
		.default(["updated_at", "ticket.updated_at"])
		.describe("Where the time stands, like {{ticket.updated_at_with_timestamp}}."),
	actor_id: actor_id
		.unwrap()
		.default(["actor_id", "current_user.id"])
		.describe("Where the id of the user stands who changed the ticket, like {{current_user.id}}."),
});
const DEFAULT_TEMPLATE = Template.parse({});

const UserIds = z.array(z.string().min(1).max(64)).max(50);

const Config = z
	.strictObject({
		kind: z
			.enum(["event", "trigger"])
			.default("event")
			.describe("What the webhook is connected to: Zendesk events, or a trigger or automation with its own template."),
		own: UserIds.default([]).describe(
			"Ids of the users that our own writes appear under. Once they are known, other agents are taken for people.",
		),
		automations: UserIds.default([]).describe("Ids of other agents that are no people."),
		own_key_prefix: z
			.string()
			.min(1)
			.max(100)
			.default("sb_")
			.describe("What the external ids of tickets begin with that we have created."),
		template: Template.optional().describe("Where to find things in the template of a trigger or automation."),
	})
	.superRefine(({ kind, template }, context) => {
		if (kind !== "event" || template === undefined) return;
		context.addIssue({ code: "custom", path: ["template"], message: "only a trigger or automation has a template" });
	});
type Config = z.infer<typeof Config>;
const read = configReader(Config);

const INVOCATION = "x-zendesk-webhook-invocation-id";

/** https://developer.zendesk.com/documentation/webhooks/verifying/; how far the time may be from now is our own rule. */
const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "base64",
	key: { encoding: "text" },
	signed: "{timestamp}{body}",
	signature: { header: "x-zendesk-webhook-signature", format: { kind: "prefixed", prefix: "" } },
	timestamp: {
		from: "header",
		header: "x-zendesk-webhook-signature-timestamp",
		unit: "rfc3339",
		tolerance_s: 300,
	},
};

export const zendeskSource: SourceSide = {
	config: Config,
	trust: () => "signed",
	verification: () => verification,
	// Signs what is sent to try a webhook that does not exist yet; it is the same for everybody.
	refused_secrets: ["dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="],
	identified_by: "The event's `id`; for triggers and automations the header `X-Zendesk-Webhook-Invocation-Id`.",
	own_writes: "By the user ids in `own`, and new tickets by their external id.",
	vocabulary,
	normalize: (delivery, json, config) => normalize(delivery, json, read(config)),
};

function normalize(delivery: Delivery, json: Json, settings: Config): Result<Normalized, string> {
	if (settings.kind === "event") return normalizeEvent(delivery, json, settings);
	const { own, template = DEFAULT_TEMPLATE } = settings;
	return normalizeByMapping(delivery, json, { ...template, own, event_id: [`header:${INVOCATION}`] });
}

function normalizeEvent(delivery: Delivery, json: Json, settings: Config): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	const id = textAt(json, "id");
	const native = textAt(json, "type");
	const row = native === undefined ? undefined : rowOf(native);
	if (id === undefined || native === undefined || row === undefined) {
		return err("the body has no id and type, so it is no Zendesk event; a trigger's needs the setting kind: trigger");
	}
	const entityId = entityIdOf(delivery, json);
	if (entityId === undefined) return err(`the event ${row.event_type} names nothing that it could be about`);
	return oneEvent({
		delivery_key: id,
		event_type: row.event_type,
		native_type: native,
		entity: { type: row.entity, id: entityId },
		actor: actorOf({ delivery, json }, row.event_type, settings),
		...timeOf(json),
		changes: changesOf({ delivery, json }, row.field),
		data: json,
	});
}

/** Some events have no more of it than `zen:agent:12` as their subject. */
function entityIdOf(delivery: Delivery, json: JsonObject): string | undefined {
	return idAt(delivery, json, "detail.id") ?? /^zen:\w+:(.+)$/.exec(textAt(json, "subject") ?? "")?.[1];
}

/**
 * The position orders the events of one update and begins anew with the next, so the time goes before it:
 * https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
 */
function timeOf(json: JsonObject): Pick<NormalizedEvent, "occurred_at" | "sequence"> {
	const at = parseTime(valueAt(json, "time"));
	if (at === undefined) return {};
	const position = valueAt(json, "event.meta.sequence.position");
	const isPosition = typeof position === "number" && Number.isInteger(position) && position >= 0 && position < 1e6;
	return { occurred_at: at, ...(isPosition && { sequence: `${at}${String(position).padStart(6, "0")}` }) };
}

/** What Zendesk does by itself. */
const SYSTEM = "-1";

/** `detail.via` is no help: it says how the ticket was created, not who did this to it. */
function actorOf(
	{ delivery, json }: { delivery: Delivery; json: JsonObject },
	eventType: string,
	settings: Config,
): Actor {
	const place = describedAt({ delivery, json });
	const actor = place === undefined ? undefined : objectAt(json, place);
	const id = idAt(delivery, json, place === undefined ? "detail.actor_id" : `${place}.id`);
	const name = textAt(actor, "name");
	if (isOwn(json, id, { eventType, settings })) return { kind: "self", id, name };
	const type = textAt(actor, "type");
	if (id === SYSTEM || type === "system") return { kind: "system", id, name };
	const isCustomer = type === "end_user" || valueAt(actor, "is_staff") === false;
	return { kind: isCustomer ? "human" : kindOfAgent(id, settings), id, name };
}

/** Where somebody is described: who sent a message, or the author of a comment if no other has added it. */
function describedAt({ delivery, json }: { delivery: Delivery; json: JsonObject }): string | undefined {
	if (objectAt(json, "event.actor") !== undefined) return "event.actor";
	const author = "event.comment.author";
	const [id, by] = [`${author}.id`, "detail.actor_id"].map((path) => idAt(delivery, json, path));
	return id !== undefined && (by === undefined || by === id) ? author : undefined;
}

function isOwn(
	json: JsonObject,
	id: string | undefined,
	{ eventType, settings }: { eventType: string; settings: Config },
): boolean {
	if (id !== undefined && settings.own.includes(id)) return true;
	const key = eventType === "ticket.created" ? textAt(json, "detail.external_id") : undefined;
	return key?.startsWith(settings.own_key_prefix) === true;
}

/** People and programs are both users. Who is a person can be told only once it is known who is not. */
function kindOfAgent(id: string | undefined, { own, automations }: Config): Actor["kind"] {
	if (id === undefined) return "unknown";
	if (automations.includes(id)) return "automation";
	return own.length > 0 ? "human" : "unknown";
}
