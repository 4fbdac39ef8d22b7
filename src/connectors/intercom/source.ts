// Intercom's webhooks. The signature covers the body alone, so a capture can be replayed for ever. A redelivery has
// another body, because attempts are counted in it.

import { z } from "zod";
import type { Actor, Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Delivery, HmacScheme, Normalized, SourceSide } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { fromSeconds, idAt, isObject, objectAt, textAt, valueAt } from "../inbound/read";
import { rowOf, type TopicRow, vocabulary } from "./topics";

const Config = z.strictObject({
	own: z
		.array(z.string().min(1).max(64))
		.max(50)
		.default([])
		.describe(
			"Ids of the admins and bots that our own writes appear under. Once they are known, other admins are taken for people.",
		),
});
const read = configReader(Config);

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-1",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{body}",
	signature: { header: "x-hub-signature", format: { kind: "prefixed", prefix: "sha1=" } },
};

export const intercomSource: SourceSide = {
	config: Config,
	trust: () => "signed_untimed",
	verification: () => verification,
	identified_by: "The notification's `id`.",
	own_writes: "By the admin and bot ids in `own`.",
	vocabulary,
	checked_by_head: true,
	normalize: (delivery, json, config) => normalize(delivery, json, read(config).own),
};

function normalize(delivery: Delivery, json: Json, own: string[]): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	const topic = textAt(json, "topic");
	// A try by hand, which may lack an id and is about nothing.
	if (topic === "ping") return ok({ kind: "answer", body: "{}", content_type: "application/json" });
	const id = textAt(json, "id");
	if (id === undefined || topic === undefined || !/^[a-z]/i.test(topic)) {
		return err("the body has no id and topic, so it is no notification");
	}
	const row = rowOf(topic);
	const item = objectAt(json, "data.item");
	const entityId = idAt(delivery, json, `data.item.${row.id}`);
	if (item === undefined || entityId === undefined) return err(`the notification of ${row.event_type} names no item`);
	return oneEvent({
		delivery_key: id,
		event_type: row.event_type,
		native_type: topic,
		entity: { type: row.entity, id: entityId },
		actor: actorOf(item, row, own),
		occurred_at: fromSeconds(valueAt(json, "created_at")),
		changes: changesOf(item, row),
		data: json,
	});
}

function changesOf(item: JsonObject, { field }: TopicRow): Change[] {
	return field === undefined ? [] : [{ field, to: valueAt(item, field) }];
}

function actorOf(item: JsonObject, row: TopicRow, own: string[]): Actor {
	const part = partOf(item, row);
	const id = textAt(part, "author.id");
	return { kind: kindOf(part, id, own), id, name: textAt(part, "author.name") };
}

/** What was said or done: of a new conversation how it began, else its newest part. Contacts and companies have none. */
function partOf(item: JsonObject, { event_type }: TopicRow): Json | undefined {
	const source = event_type === "conversation.created" ? objectAt(item, "source") : undefined;
	const lists = [valueAt(item, "conversation_parts.conversation_parts"), valueAt(item, "ticket_parts.ticket_parts")];
	return source ?? lists.find((list) => Array.isArray(list))?.at(-1);
}

const PEOPLE = ["contact", "lead", "user"];

function kindOf(part: Json | undefined, id: string | undefined, own: string[]): Actor["kind"] {
	const type = textAt(part, "author.type");
	if (type !== undefined && PEOPLE.includes(type)) return "human";
	if (type !== "admin" && type !== "bot") return "unknown";
	if (id !== undefined && own.includes(id)) return "self";
	// An app's code stands there if the part came through the API.
	const isByProgram = textAt(part, "app_package_code") !== undefined || valueAt(part, "author.from_ai_agent") === true;
	if (type === "bot" || isByProgram) return "automation";
	// Programs act as admins, too. Who is a person can be told only once it is known who is not.
	return own.length > 0 ? "human" : "unknown";
}
