// Slack's Events API: one signed event per delivery, and a handshake that is signed like everything else.

import { z } from "zod";
import type { Actor, Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { HmacScheme, Normalized, NormalizedEvent, SourceSide } from "../connector";
import { memberOf } from "../inbound/changes";
import { oneEvent } from "../inbound/normalized";
import { fromSeconds, isObject, objectAt, plausible, textAt, valueAt } from "../inbound/read";
import { actorOf, editorOf, type Known } from "./actor";
import { type EntityPlace, type EventRow, eventRow, HOMES, messageRow, VOCABULARY } from "./events";
import { messageChanges } from "./message-changes";

const Ids = z.array(z.string().min(1).max(64)).max(50).default([]);
const Config = z.strictObject({
	own: Ids.describe(
		"Ids of users, bots and apps that our own writes appear under, besides those of the app that the events are sent to.",
	),
	automations: Ids.describe(
		"Ids of users that are programs: of one that reacts, joins or pins, Slack does not say that it is no person.",
	),
});
const read = configReader(Config);

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "v0:{timestamp}:{body}",
	signature: { header: "x-slack-signature", format: { kind: "prefixed", prefix: "v0=" } },
	timestamp: { from: "header", header: "x-slack-request-timestamp", unit: "s", tolerance_s: 300 },
};

export const slackSource: SourceSide = {
	config: Config,
	trust: () => "signed",
	verification: () => verification,
	identified_by: "The body's `event_id`, which every retry repeats.",
	own_writes:
		"By the app that the event is sent to: its id in what it has written, its bot's user elsewhere; and by the ids in `own`.",
	secrets_in_body: [/"(?:bot_access_)?token"\s*:\s*"([^"]+)"/g],
	vocabulary: VOCABULARY,
	normalize: (_delivery, json, config) => normalize(json, read(config)),
};

/** One event while it is read. */
interface Callback {
	body: JsonObject;
	native: string;
	row: EventRow;
	actor: Actor;
}

function normalize(json: Json, known: Known): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	switch (textAt(json, "type")) {
		case "url_verification":
			return answerHandshake(json);
		case "event_callback":
			return normalizeEvent(json, known);
		case "app_rate_limited":
			return normalizeLimit(json);
		default:
			return err("the body's type is none of event_callback, app_rate_limited and url_verification");
	}
}

/** https://docs.slack.dev/reference/events/url_verification */
function answerHandshake(body: JsonObject): Result<Normalized, string> {
	const challenge = textAt(body, "challenge");
	if (challenge === undefined) return err("the handshake holds no challenge");
	return { ok: true, value: { kind: "answer", body: challenge, content_type: "text/plain" } };
}

function normalizeEvent(body: JsonObject, known: Known): Result<Normalized, string> {
	const id = textAt(body, "event_id");
	const type = textAt(body, "event.type");
	if (id === undefined || type === undefined) return err("the body has no event_id and event.type");
	return eventOf(id, type === "message" ? messageIn(body, known) : otherIn(body, type, known));
}

function otherIn(body: JsonObject, type: string, known: Known): Callback {
	const row = eventRow(type);
	return { body, native: type, row, actor: actorOf(body, row, known) };
}

function messageIn(body: JsonObject, known: Known): Callback {
	const subtype = textAt(body, "event.subtype");
	const native = ["message", placeOf(textAt(body, "event.channel_type")), subtype];
	const isChange = subtype === "message_changed";
	// A message that has been answered leaves a stone behind, by a change that is none.
	const isGone = isChange && textAt(body, "event.message.subtype") === "tombstone";
	const row = messageRow(subtype);
	return {
		body,
		native: native.filter((part) => part !== undefined).join("."),
		row: isGone ? { ...row, event_type: "message.deleted" } : row,
		actor: isChange ? editorOf(body, known) : actorOf(body, row, known),
	};
}

/** As in the names by which messages are subscribed to. */
const PLACES: ReadonlyMap<string, string> = new Map([
	["channel", "channels"],
	["group", "groups"],
]);

function placeOf(channelType: string | undefined): string | undefined {
	return channelType === undefined ? undefined : (PLACES.get(channelType) ?? channelType);
}

/** Sent once per minute in which events were held back: https://docs.slack.dev/reference/events/app_rate_limited */
function normalizeLimit(body: JsonObject): Result<Normalized, string> {
	const team = textAt(body, "team_id");
	const minute = valueAt(body, "minute_rate_limited");
	if (team === undefined || typeof minute !== "number") return err("the body has no team_id and minute_rate_limited");
	const native = "app_rate_limited";
	return eventOf(`${native}:${team}:${minute}`, { body, native, row: eventRow(native), actor: { kind: "system" } });
}

function eventOf(delivery_key: string, { body, native, row, actor }: Callback): Result<Normalized, string> {
	const entity = entityIn(body, [row.entity, ...HOMES]);
	if (entity === undefined) return err(`the ${native} event names nothing that it could be about`);
	const stamp = stampOf(body);
	return oneEvent({
		delivery_key,
		event_type: row.event_type,
		native_type: native,
		entity,
		actor,
		occurred_at: stamp?.at ?? fromSeconds(valueAt(body, "event_time") ?? valueAt(body, "minute_rate_limited")),
		// What happened in one millisecond is in order by the rest of the stamp.
		...(stamp !== undefined && { sequence: stamp.text }),
		changes: changesIn(body, row),
		data: withoutSecrets(body),
	});
}

function entityIn(body: JsonObject, places: EntityPlace[]): NormalizedEvent["entity"] | undefined {
	for (const [type, ...paths] of places) {
		const parts = paths.map((path) => textAt(body, path));
		if (parts.every((part) => part !== undefined)) return { type, id: parts.join(":") };
	}
	return undefined;
}

const STAMP = /^(\d{10})\.(\d{3})\d{3}$/;

function stampOf(body: JsonObject): { text: string; at: number | undefined } | undefined {
	const text = textAt(body, "event.event_ts");
	const [, seconds, milliseconds] = STAMP.exec(text ?? "") ?? [];
	if (text === undefined || seconds === undefined) return undefined;
	return { text, at: plausible(Number(`${seconds}${milliseconds}`)) };
}

function changesIn(body: JsonObject, row: EventRow): Change[] {
	if (row.event_type === "message.updated") {
		return messageChanges(objectAt(body, "event.message"), objectAt(body, "event.previous_message"));
	}
	return (row.changes ?? []).map(([field, to, from]) => ({
		field,
		from: from === undefined ? undefined : valueAt(body, from),
		to: valueAt(body, to),
	}));
}

/** What lets its holder pass for Slack or act as the app: the verification token, and the token of a function's run. */
function withoutSecrets({ token: _, ...body }: JsonObject): JsonObject {
	const event = memberOf(body, "event");
	if (!isObject(event)) return body;
	const { bot_access_token: __, ...rest } = event;
	return { ...body, event: rest };
}
