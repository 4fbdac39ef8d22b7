// PagerDuty's webhooks, of the third version. The signature covers the body alone, so a capture can be replayed for ever.
// There is one event in each delivery, and those about one incident arrive in order.

import { z } from "zod";
import type { Actor } from "../../model/event";
import type { Json } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { HmacScheme, Normalized, SourceSide } from "../connector";
import { vocabularyOf } from "../inbound/event-table";
import { oneEvent } from "../inbound/normalized";
import { isObject, objectAt, parseTime, textAt, valueAt } from "../inbound/read";
import { CLIENT } from "./client";
import { EVENTS, PING, rowOf } from "./events";

const Config = z.strictObject({
	own: z
		.array(z.string().min(1).max(64))
		.max(50)
		.default([])
		.describe("Ids of agents that our own writes appear under: the user in the header From, the integration's."),
	own_client: z.string().min(1).max(100).default(CLIENT).describe("The client that our own events name."),
	own_key_prefix: z
		.string()
		.min(1)
		.max(100)
		.default("sb_")
		.describe("What the keys of incidents begin with that our own events have opened."),
});
type Config = z.infer<typeof Config>;
const read = configReader(Config);

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{body}",
	// One signature for each live secret: https://developer.pagerduty.com/docs/verifying-signatures
	signature: { header: "x-pagerduty-signature", format: { kind: "list", separator: ",", prefix: "v1=" } },
};

export const pagerdutySource: SourceSide = {
	config: Config,
	trust: () => "signed_untimed",
	verification: () => verification,
	identified_by: "The event's `id`; the header `X-Webhook-Id` is not signed.",
	own_writes:
		"By the client's name or the incident's key where no person acted, and by the agents in `own`. Notes of ours are of the user in the header From.",
	vocabulary: vocabularyOf(EVENTS),
	normalize: (_delivery, json, config) => normalize(json, read(config)),
};

function normalize(json: Json, config: Config): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	const id = textAt(json, "event.id");
	const type = textAt(json, "event.event_type");
	if (id === undefined || type === undefined) {
		return err("the body has no event with an id and a type, so it is no PagerDuty webhook of version 3");
	}
	const data = objectAt(json, "event.data");
	if (data === undefined) return err("the event has no data");
	const row = rowOf(type, textAt(json, "event.resource_type"));
	const entityId = row?.id(data);
	if (row === undefined || entityId === undefined) return err("the event names nothing that it could be about");
	return oneEvent({
		delivery_key: id,
		event_type: row.event_type,
		native_type: type,
		entity: { type: row.entity, id: entityId },
		actor: actorOf(valueAt(json, "event"), type, config),
		occurred_at: parseTime(valueAt(json, "event.occurred_at")),
		changes: row.changes(data),
		data: json,
	});
}

function actorOf(event: Json | undefined, native: string, config: Config): Actor {
	if (native === PING) return { kind: "system" };
	const id = textAt(event, "agent.id");
	const isOwn = id !== undefined && config.own.includes(id);
	const kind = isOwn || isOurs(event, native, config) ? "self" : kindOf(valueAt(event, "agent"));
	return { kind, id, name: textAt(event, "agent.summary") };
}

/** Null where PagerDuty itself did it: a time-out, an escalation, a workflow. */
function kindOf(agent: Json | undefined): Actor["kind"] {
	if (agent === null) return "automation";
	const type = textAt(agent, "type");
	if (type === undefined) return "unknown";
	return type === PERSON ? "human" : "automation";
}

const PERSON = "user_reference";

/** What events can do: `docs/events-API-v2/02-Trigger-Events.md` of https://github.com/PagerDuty/developer-docs */
const BY_EVENTS = ["incident.triggered", "incident.acknowledged", "incident.resolved"];

/** An incident that we have opened stays known by its key, so what others do to it must not be taken for ours. */
function isOurs(event: Json | undefined, native: string, { own_client, own_key_prefix }: Config): boolean {
	const agent = textAt(event, "agent.type");
	if (!BY_EVENTS.includes(native) || agent === PERSON) return false;
	const isByEvent = agent !== undefined && /(^|_)(integration|service)_reference$/.test(agent);
	const key = textAt(event, "data.incident_key");
	return textAt(event, "client.name") === own_client || (isByEvent && key?.startsWith(own_key_prefix) === true);
}
