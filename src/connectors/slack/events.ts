// What each Slack event is called and what it is about. An event that is not here follows its own name, so whatever Slack
// adds tomorrow still has a type and an entity: https://docs.slack.dev/reference/events

import type { VocabularyRow } from "../connector";
import { snakeCase } from "../inbound/snake-case";

/** An entity: its type, and where in the body the parts of its id stand. */
export type EntityPlace = readonly [type: string, ...paths: string[]];

/** How one event is read. Paths lead into the body. */
export interface EventRow {
	event_type: string;
	entity: EntityPlace;
	/** Where the id of who caused it stands; else at one of `ACTORS`. Null: nowhere. */
	actor?: string | null;
	/** True if it names an app's identities as messages do. */
	authored?: true;
	/** Fields that it says to have changed: where their new values stand, and the old ones. */
	changes?: readonly (readonly [field: string, to: string, from?: string])[];
}

const channel = ["channel", "event.channel"] as const;
const channelObject = ["channel", "event.channel.id"] as const;
const file = ["file", "event.file_id"] as const;
const mentioned = ["message", "event.channel", "event.ts"] as const;
const item = ["message", "event.item.channel", "event.item.ts"] as const;
const described = ["message", "event.channel_id", "event.message_ts"] as const;
const pinned = ["message", "event.channel_id", "event.item.message.ts"] as const;
const userObject = ["user", "event.user.id"] as const;
const workspace = ["workspace", "team_id"] as const;
const renamed = [["name", "event.channel.name"]] as const;

/** By `event.type`; messages are below. What befalls an app is about the workspace that it befalls it in. */
export const EVENTS: ReadonlyMap<string, EventRow> = new Map<string, EventRow>([
	["app_home_opened", { event_type: "app_home.viewed", entity: ["user", "event.user"] }],
	["app_mention", { event_type: "mention.created", entity: mentioned, authored: true }],
	["app_rate_limited", { event_type: "app.rate_limited", entity: workspace }],
	["app_uninstalled", { event_type: "app.uninstalled", entity: workspace }],
	["app_uninstalled_team", { event_type: "app.uninstalled", entity: workspace }],
	["channel_archive", { event_type: "channel.archived", entity: channel }],
	["channel_created", { event_type: "channel.created", entity: channelObject, actor: "event.channel.creator" }],
	["channel_deleted", { event_type: "channel.deleted", entity: channel }],
	["channel_rename", { event_type: "channel.updated", entity: channelObject, changes: renamed }],
	["channel_unarchive", { event_type: "channel.unarchived", entity: channel }],
	["file_change", { event_type: "file.updated", entity: file }],
	["file_created", { event_type: "file.created", entity: file }],
	["file_deleted", { event_type: "file.deleted", entity: file }],
	["group_archive", { event_type: "channel.archived", entity: channel }],
	["group_deleted", { event_type: "channel.deleted", entity: channel }],
	["group_rename", { event_type: "channel.updated", entity: channelObject, changes: renamed }],
	["group_unarchive", { event_type: "channel.unarchived", entity: channel }],
	["member_joined_channel", { event_type: "channel_member.created", entity: channel }],
	["member_left_channel", { event_type: "channel_member.deleted", entity: channel }],
	["message_metadata_deleted", { event_type: "message_metadata.deleted", entity: described, actor: null }],
	["message_metadata_posted", { event_type: "message_metadata.created", entity: described, authored: true }],
	[
		"message_metadata_updated",
		{
			event_type: "message_metadata.updated",
			entity: described,
			authored: true,
			changes: [["metadata", "event.metadata", "event.previous_metadata"]],
		},
	],
	["pin_added", { event_type: "pin.created", entity: pinned }],
	["pin_removed", { event_type: "pin.deleted", entity: pinned }],
	["reaction_added", { event_type: "reaction.created", entity: item }],
	["reaction_removed", { event_type: "reaction.deleted", entity: item }],
	["team_domain_change", { event_type: "workspace.updated", entity: workspace, changes: [["domain", "event.domain"]] }],
	["team_join", { event_type: "user.created", entity: userObject, actor: "event.user.id" }],
	["team_rename", { event_type: "workspace.updated", entity: workspace, changes: [["name", "event.name"]] }],
	["tokens_revoked", { event_type: "app.revoked", entity: workspace }],
	["user_change", { event_type: "user.updated", entity: userObject }],
	["user_profile_changed", { event_type: "user.updated", entity: userObject }],
	["user_status_changed", { event_type: "user.updated", entity: userObject }],
]);

const posted: EventRow = { event_type: "message.created", entity: mentioned, authored: true };
const changed = ["message", "event.channel", "event.message.ts"] as const;

/** Of messages by `event.subtype`. With any other, and with none, it was posted. */
const MESSAGES: ReadonlyMap<string, EventRow> = new Map<string, EventRow>([
	["message_changed", { event_type: "message.updated", entity: changed }],
	["message_deleted", { event_type: "message.deleted", entity: ["message", "event.channel", "event.deleted_ts"] }],
	["message_replied", { event_type: "message.updated", entity: changed, actor: null }],
]);

export function messageRow(subtype: string | undefined): EventRow {
	return MESSAGES.get(subtype ?? "") ?? posted;
}

export const VOCABULARY: readonly VocabularyRow[] = [
	wordsOf("message.*", posted),
	...[...MESSAGES].map(([subtype, row]) => wordsOf(`message.*.${subtype}`, row)),
	...[...EVENTS].map(([type, row]) => wordsOf(type, row)),
];

function wordsOf(native: string, { event_type, entity }: EventRow): VocabularyRow {
	return { native, event_type, entity: entity[0] };
}

/** Verbs of canonical event types where Slack has another word for the same; the others stay. */
const VERBS: ReadonlyMap<string, string> = new Map([
	["added", "created"],
	["changed", "updated"],
	["close", "closed"],
	["open", "opened"],
	["public", "published"],
	["removed", "deleted"],
]);

/** The row of an event other than a message. What stands before the last underscore of an unknown one is its noun. */
export function eventRow(type: string): EventRow {
	const known = EVENTS.get(type);
	if (known !== undefined) return known;
	const name = snakeCase(type);
	const [, noun = name, verb = "created"] = /^(.+)_([a-z0-9]+)$/.exec(name) ?? [];
	return { event_type: `${noun}.${VERBS.get(verb) ?? verb}`, entity: [noun, `event.${noun}_id`] };
}

/** Where an event belongs whose entity is not where its row says, the nearest first. */
export const HOMES: readonly EntityPlace[] = [
	["message", "event.channel", "event.message_ts"],
	["file", "event.item.file"],
	file,
	channel,
	channelObject,
	["channel", "event.channel_id"],
	["user", "event.user"],
	userObject,
	["user", "event.user_id"],
	workspace,
	["enterprise", "enterprise_id"],
	["app", "api_app_id"],
];
