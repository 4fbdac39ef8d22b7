// Linear's webhooks: one signed event per delivery. The time of sending is part of the signed body, so a retry is signed
// anew; what tells the delivery from others stands in a header, which is not signed.

import { z } from "zod";
import type { Actor, Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Delivery, HmacScheme, Normalized, SourceSide } from "../connector";
import { changesOf } from "../inbound/changes";
import { oneEvent } from "../inbound/normalized";
import { isObject, objectAt, parseTime, textAt, valueAt } from "../inbound/read";
import { headerOf } from "../verify/header";
import { placesOf, VOCABULARY, verbOf } from "./events";

const Config = z.strictObject({
	own: z
		.array(z.string().min(1).max(64))
		.max(50)
		.default([])
		.describe("Ids (actor.id) that our own writes appear under: that of our OAuth client, or of a user of ours."),
});
const read = configReader(Config);

/** "To guard against replay attacks": one minute, by https://linear.app/developers/webhooks#securing-webhooks */
const TOLERANCE_S = 60;

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{body}",
	signature: { header: "linear-signature", format: { kind: "prefixed", prefix: "" } },
	timestamp: { from: "body", path: "webhookTimestamp", unit: "ms", tolerance_s: TOLERANCE_S },
};

export const linearSource: SourceSide = {
	config: Config,
	trust: () => "signed",
	verification: () => verification,
	identified_by: "The header `Linear-Delivery`, which a retry repeats.",
	own_writes: "By the ids in `own`: exactly for a token with `actor=app`, while others write under a person's name.",
	vocabulary: VOCABULARY,
	normalize: (delivery, json, config) => normalize(delivery, json, read(config).own),
};

function normalize(delivery: Delivery, json: Json, own: string[]): Result<Normalized, string> {
	const deliveryKey = headerOf(delivery, "linear-delivery");
	if (deliveryKey === undefined) return err("the Linear-Delivery header is missing");
	if (!isObject(json)) return err("the body is not a JSON object");
	const type = textAt(json, "type");
	const action = textAt(json, "action");
	if (type === undefined || action === undefined) return err("the body has no type and action");
	const place = placesOf(type).find(([, , path]) => textAt(json, path) !== undefined);
	if (place === undefined) return err(`the ${type} event names nothing that it could be about`);
	const [noun, entity, path] = place;
	const verb = verbOf(type, action);
	if (noun === "" || verb === "") return err("the body's type and action are no names");
	return oneEvent({
		delivery_key: deliveryKey,
		event_type: `${noun}.${verb}`,
		native_type: `${type}.${action}`,
		entity: { type: entity, id: textAt(json, path) ?? "" },
		actor: actorOf(json, type, own),
		occurred_at: parseTime(valueAt(json, "createdAt")),
		changes: changesIn(json),
		data: json,
	});
}

/** By https://linear.app/developers/webhooks#data-change-events-payload, whatever the case and the spaces. */
const KINDS: ReadonlyMap<string, Actor["kind"]> = new Map([
	["user", "human"],
	["externaluser", "human"],
	["oauthclient", "automation"],
	["integration", "automation"],
]);

function actorOf(json: JsonObject, type: string, own: string[]): Actor {
	const actor = objectAt(json, "actor");
	if (actor === undefined) return unnamedActor(json, type);
	const id = textAt(actor, "id");
	const kind = KINDS.get((textAt(actor, "type") ?? "").toLowerCase().replace(/[^a-z]/g, "")) ?? "unknown";
	const isOwn = id !== undefined && own.includes(id);
	return { kind: isOwn ? "self" : kind, id, name: textAt(actor, "name") ?? textAt(actor, "service") };
}

/** A deadline passes by itself; what a bot has created names it, also later, when others change it. */
function unnamedActor(json: JsonObject, type: string): Actor {
	if (type === "IssueSLA") return { kind: "system" };
	const bot = textAt(json, "action") === "create" ? (valueAt(json, "data.botActor") ?? undefined) : undefined;
	return bot === undefined
		? { kind: "unknown" }
		: { kind: "automation", id: textAt(bot, "id"), name: textAt(bot, "name") };
}

/** `updatedAt` changes with everything, so it says nothing. */
function changesIn(json: JsonObject): Change[] {
	const before = objectAt(json, "updatedFrom") ?? {};
	const fields = Object.keys(before).filter((field) => field !== "updatedAt");
	return changesOf(fields, { before, now: objectAt(json, "data") ?? {} });
}
