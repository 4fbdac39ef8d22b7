// Who caused a Slack event. What apps write carries their ids; posts of bots have had no subtype of their own for years,
// so none is asked for: https://docs.slack.dev/reference/events/message

import type { Actor } from "../../model/event";
import type { JsonObject } from "../../model/json";
import { objectAt, textAt, valueAt } from "../inbound/read";
import type { EventRow } from "./events";
import { differs } from "./message-changes";

/** Ids of users, bots and apps, from the settings. */
export interface Known {
	/** Those that our own writes appear under. */
	own: readonly string[];
	/** Those of programs whom Slack shows as it shows people. */
	automations: readonly string[];
}

/** Who joined a channel by invitation has done nothing: the one who invited did. */
const ACTORS = ["event.inviter", "event.user", "event.user_id", "event.actor_id"];

export function actorOf(body: JsonObject, row: EventRow, known: Known): Actor {
	const event = objectAt(body, "event") ?? {};
	if (row.authored) return authorOf(body, event, known);
	if (row.actor !== undefined) return row.actor === null ? UNKNOWN : userOf(body, textAt(body, row.actor), known);
	const paths = ACTORS.map((path) => textAt(body, path));
	return userOf(
		body,
		paths.find((id) => id !== undefined),
		known,
	);
}

const UNKNOWN: Actor = { kind: "unknown" };

/** Who wrote a message: an app if it carries any identity of one, else its user. */
export function authorOf(body: JsonObject, message: JsonObject, known: Known): Actor {
	const user = textAt(message, "user") ?? textAt(message, "user_id");
	if (!isByApp(message)) return userOf(body, user, known);
	const bot = textAt(message, "bot_id") ?? textAt(message, "bot_profile.id");
	const app = textAt(message, "app_id") ?? textAt(message, "bot_profile.app_id");
	const isOwnApp = app !== undefined && app === textAt(body, "api_app_id");
	const isOwn = isOwnApp || [bot, app, user].some((id) => isOurs(body, id, known));
	const name = textAt(message, "bot_profile.name") ?? textAt(message, "username");
	return { kind: isOwn ? "self" : "automation", id: bot ?? user ?? app, name };
}

function isByApp(message: JsonObject): boolean {
	const isApps = ["bot_id", "app_id", "bot_profile.id"].some((path) => textAt(message, path) !== undefined);
	return isApps || textAt(message, "subtype") === "bot_message";
}

/**
 * Who changed a message. Nobody but its author can edit it; only a person's edit says that it is one, as an update with
 * blocks shows no edit. Whatever else changes a message, like an unfurled link, is told without who did it.
 */
export function editorOf(body: JsonObject, known: Known): Actor {
	const now = objectAt(body, "event.message") ?? {};
	const before = objectAt(body, "event.previous_message");
	if (isByApp(now)) {
		const isRewritten = ["text", "blocks"].some((field) => differs(field, { now, before }));
		return isRewritten ? authorOf(body, now, known) : UNKNOWN;
	}
	const editedAt = textAt(now, "edited.ts");
	if (editedAt === undefined || editedAt === textAt(before, "edited.ts")) return UNKNOWN;
	return userOf(body, textAt(now, "edited.user"), known);
}

/** As whom Slack itself writes: https://docs.slack.dev/reference/methods/users.info */
const SLACKBOT = "USLACKBOT";

function userOf(body: JsonObject, id: string | undefined, known: Known): Actor {
	if (id === undefined) return UNKNOWN;
	if (isOurs(body, id, known)) return { kind: "self", id };
	if (id === SLACKBOT) return { kind: "system", id };
	const isBot = known.automations.includes(id) || valueAt(body, "event.user.is_bot") === true;
	return { kind: isBot ? "automation" : "human", id };
}

/** `authorizations` shows an installation of the app that the event was sent to, with its bot's user. */
function isOurs(body: JsonObject, id: string | undefined, { own }: Known): boolean {
	if (id === undefined) return false;
	const list = valueAt(body, "authorizations");
	const bots = Array.isArray(list) ? list.filter((one) => valueAt(one, "is_bot") === true) : [];
	return own.includes(id) || bots.some((bot) => textAt(bot, "user_id") === id);
}
