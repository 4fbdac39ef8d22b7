// Notion's webhooks. The signature covers the body alone, so a capture can be replayed for ever. Events only say what has
// changed: whoever wants to know to what reads the page. Many are gathered for a while, and may have several authors.

import { z } from "zod";
import type { Actor } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, ok, type Result } from "../../model/result";
import { configReader } from "../config";
import type { HmacScheme, Normalized, SourceSide } from "../connector";
import { vocabularyOf } from "../inbound/event-table";
import { oneEvent } from "../inbound/normalized";
import { isObject, parseTime, textAt, valueAt } from "../inbound/read";
import { EVENTS, rowOf } from "./events";

const Config = z.strictObject({
	own: z
		.array(z.string().min(1).max(64))
		.max(50)
		.default([])
		.describe("Ids of the bot users that our own writes appear under, as GET /v1/users/me tells them."),
});
const read = configReader(Config);

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	// The verification token of the handshake, the `secret_` at its beginning included.
	key: { encoding: "text" },
	signed: "{body}",
	signature: { header: "x-notion-signature", format: { kind: "prefixed", prefix: "sha256=" } },
};

const TOKEN = "verification_token";

export const notionSource: SourceSide = {
	config: Config,
	trust: () => "signed_untimed",
	verification: () => verification,
	identified_by: "The event's `id`, which all eight attempts repeat; `attempt_number` in the body does not.",
	own_writes: "By the bot users in `own`: an event is our own if all of its authors are, and mixed if some are.",
	vocabulary: vocabularyOf(EVENTS),
	hands_over_secret: TOKEN,
	normalize: (_delivery, json, config) => normalize(json, read(config).own),
};

function normalize(json: Json, own: string[]): Result<Normalized, string> {
	if (!isObject(json)) return err("the body is not a JSON object");
	// The handshake once more, from who knows the secret already. It must not be kept as something that nobody can read.
	if (textAt(json, TOKEN) !== undefined) return ok({ kind: "answer", body: "{}", content_type: "application/json" });
	const id = textAt(json, "id");
	const type = textAt(json, "type");
	if (id === undefined || type === undefined) return err("the body has no id and type, so it is no Notion event");
	const row = rowOf(type, json);
	const entityId = row?.id(json);
	if (row === undefined || entityId === undefined) return err("the event names nothing that it could be about");
	return oneEvent({
		delivery_key: id,
		event_type: row.event_type,
		native_type: type,
		entity: { type: row.entity, id: entityId },
		actor: actorOf(json, own),
		occurred_at: parseTime(valueAt(json, "timestamp")),
		changes: row.changes(json),
		data: json,
	});
}

/** Several authors make one actor, who has an id only if they are all the same. */
function actorOf(json: JsonObject, own: string[]): Actor {
	const authors = valueAt(json, "authors");
	if (!Array.isArray(authors)) return { kind: "unknown" };
	const ours = new Set(own.map(undashed));
	const kinds = new Set(authors.map((author) => kindOf(author, ours)));
	const [id, ...others] = new Set(authors.map((author) => textAt(author, "id")));
	return { kind: together(kinds), ...(others.length === 0 && id !== undefined && { id }) };
}

/** Mixed are we and others. Of others alone, a person among bots is what counts. */
function together(kinds: ReadonlySet<Actor["kind"]>): Actor["kind"] {
	if (kinds.has("self")) return kinds.size > 1 ? "mixed" : "self";
	if (kinds.has("human")) return "human";
	return kinds.has("automation") && kinds.size === 1 ? "automation" : "unknown";
}

function kindOf(author: Json, ours: ReadonlySet<string>): Actor["kind"] {
	const id = textAt(author, "id");
	if (id !== undefined && ours.has(undashed(id))) return "self";
	switch (textAt(author, "type")) {
		case "person":
			return "human";
		case "bot":
		case "agent":
			return "automation";
		default:
			return "unknown";
	}
}

/** Notion writes ids with hyphens and takes them without. */
function undashed(id: string): string {
	return id.replaceAll("-", "").toLowerCase();
}
