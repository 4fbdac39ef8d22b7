// How Slack's deliveries become events.

import type { SlackEvent } from "@slack/types";
import { describe, expect, test } from "vitest";
import { EVENTS } from "../../../src/connectors/slack/events";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const stamps = { ts: "1795168797.000200", event_ts: "1795168797.000200" };
const inChannel = { channel: "C1", channel_type: "channel" };
const envelope = {
	type: "event_callback",
	team_id: "T1",
	api_app_id: "A1",
	event_id: "Ev1",
	event_time: 1_795_168_797,
	authorizations: [
		{ team_id: "T1", user_id: "U8", is_bot: false },
		{ team_id: "T1", user_id: "U9", is_bot: true },
	],
};

function callback(event: JsonObject, settings: JsonObject = {}, more: JsonObject = {}) {
	return eventOf("slack", deliveryOf(JSON.stringify({ ...envelope, event, ...more })), settings);
}

function posted(more: JsonObject = {}): JsonObject {
	return { type: "message", user: "U1", text: "a", ...inChannel, ...stamps, ...more };
}

function changed(now: JsonObject, before: JsonObject | null = { user: "U1", text: "a", ts: "1.2" }): JsonObject {
	const message = { user: "U1", text: "a", ts: "1.2", ...now };
	const event = { type: "message", subtype: "message_changed", hidden: true, ...inChannel, ...stamps, message };
	return before === null ? event : { ...event, previous_message: before };
}

describe("a message", () => {
	test("is this event", () => {
		const event = posted();
		expect(callback(event)).toEqual({
			delivery_key: "Ev1",
			event_type: "message.created",
			native_type: "message.channels",
			entity: { type: "message", id: "C1:1795168797.000200" },
			actor: { kind: "human", id: "U1" },
			occurred_at: Date.parse("2026-11-20T09:59:57.000Z"),
			sequence: "1795168797.000200",
			changes: [],
			data: { ...envelope, event },
		});
	});

	test.each([
		["channel", "message.channels"],
		["group", "message.groups"],
		["im", "message.im"],
		["mpim", "message.mpim"],
		["app_home", "message.app_home"],
		["constructor", "message.constructor"],
		[undefined, "message"],
	])("in a place of the type %s is native %s", (channel_type, native) => {
		const { channel_type: _, ...message } = posted();
		expect(callback({ ...message, ...(channel_type && { channel_type }) }).native_type).toBe(native);
	});

	test.each(["bot_message", "channel_join", "file_share", "me_message", "thread_broadcast", "from_tomorrow"])(
		"with the subtype %s has been posted too",
		(subtype) => {
			const event = callback(posted({ subtype }));
			expect([event.event_type, event.native_type]).toEqual(["message.created", `message.channels.${subtype}`]);
			expect(event.entity).toEqual({ type: "message", id: "C1:1795168797.000200" });
		},
	);

	test("in a thread is about itself", () => {
		expect(callback(posted({ thread_ts: "1.2" })).entity.id).toBe("C1:1795168797.000200");
	});

	test("that has changed is the same message", () => {
		const event = callback(changed({ text: "b" }));
		expect([event.event_type, event.native_type]).toEqual(["message.updated", "message.channels.message_changed"]);
		expect(event.entity).toEqual({ type: "message", id: "C1:1.2" });
	});

	test("that has been deleted is the same message, and nobody is said to have done it", () => {
		const place = { ...inChannel, ...stamps, deleted_ts: "1.2" };
		const own = { ts: "1.2", user: "U9", bot_id: "B1", app_id: "A1" };
		const event = callback({ type: "message", subtype: "message_deleted", ...place, previous_message: own });
		expect([event.event_type, event.native_type]).toEqual(["message.deleted", "message.channels.message_deleted"]);
		expect(event.entity).toEqual({ type: "message", id: "C1:1.2" });
		expect(event.actor).toEqual({ kind: "unknown" });
	});

	test("that has been deleted and has answers shows as a change to a tombstone", () => {
		const event = callback(changed({ subtype: "tombstone", user: "USLACKBOT", text: "This message was deleted." }));
		expect([event.event_type, event.native_type]).toEqual(["message.deleted", "message.channels.message_changed"]);
		expect(event).toMatchObject({ entity: { id: "C1:1.2" }, actor: { kind: "unknown" }, changes: [] });
	});

	test("that has been answered is the one that was answered", () => {
		const event = callback({
			...{ type: "message", subtype: "message_replied", user: "U1", ...inChannel, ...stamps },
			message: { user: "U2", ts: "1.2", reply_count: 1 },
		});
		expect(event).toMatchObject({ event_type: "message.updated", entity: { id: "C1:1.2" }, changes: [] });
		expect(event.actor).toEqual({ kind: "unknown" });
	});
});

describe("the changes of a message", () => {
	test("are all fields that hold something else, but for the note of the edit", () => {
		const before = { user: "U1", text: "a", ts: "1.2", blocks: [{ a: 1, b: 2 }], files: [] };
		const now = { text: "b", edited: { user: "U1", ts: "1.3" }, blocks: [{ b: 2, a: 1 }], attachments: [{ id: 1 }] };
		expect(callback(changed(now, before)).changes).toEqual([
			{ field: "text", from: "a", to: "b" },
			{ field: "attachments", from: undefined, to: [{ id: 1 }] },
			{ field: "files", from: [], to: undefined },
		]);
	});

	test("with names like built-in ones or with dots are what the message itself holds", () => {
		const now = { toString: "x", "a.b": 1 };
		expect(callback(changed(now)).changes).toEqual([
			{ field: "toString", from: undefined, to: "x" },
			{ field: "a.b", from: undefined, to: 1 },
		]);
	});

	test("are none where the old one is missing", () => {
		expect(callback(changed({ text: "b" }, null)).changes).toEqual([]);
	});
});

describe("the author of a message", () => {
	const bot = { user: "U7", bot_id: "B7", app_id: "A7", bot_profile: { id: "B7", app_id: "A7", name: "deploys" } };

	test.each([
		["a person", { user: "U1" }, { kind: "human", id: "U1" }],
		["nobody", { user: null }, { kind: "unknown" }],
		["Slack itself", { user: "USLACKBOT" }, { kind: "system", id: "USLACKBOT" }],
		["a bot", bot, { kind: "automation", id: "B7", name: "deploys" }],
		["a bot of old", { user: null, bot_id: "B7", username: "ci" }, { kind: "automation", id: "B7", name: "ci" }],
		["a bot known by its profile only", { bot_profile: { id: "B7" } }, { kind: "automation", id: "B7" }],
		["a bot without an id", { user: null, subtype: "bot_message" }, { kind: "automation" }],
		["an app with a person's token", { user: "U1", app_id: "A7" }, { kind: "automation", id: "U1" }],
		["our app", { user: "U9", bot_id: "B1", app_id: "A1" }, { kind: "self", id: "B1" }],
		["our app by its profile", { bot_id: "B1", bot_profile: { app_id: "A1" } }, { kind: "self", id: "B1" }],
		["our bot's user", { user: "U9", bot_id: "B1" }, { kind: "self", id: "B1" }],
		["our app with a person's token", { user: "U1", bot_id: "B2", app_id: "A1" }, { kind: "self", id: "B2" }],
		["who let our app in", { user: "U8" }, { kind: "human", id: "U8" }],
		["a name like a built-in one", { user: "constructor" }, { kind: "human", id: "constructor" }],
	])("is %s", (_, identity, actor) => {
		expect(callback(posted(identity)).actor).toEqual(actor);
	});

	test.each(["U7", "B7", "A7"])("is us by %s in the settings", (own) => {
		expect(callback(posted(bot), { own: [own] }).actor).toEqual({ kind: "self", id: "B7", name: "deploys" });
	});

	test("is us under a person's name if the settings say so, and a program if they say that", () => {
		expect(callback(posted(), { own: ["U1"] }).actor).toEqual({ kind: "self", id: "U1" });
		expect(callback(posted(), { automations: ["U1"] }).actor).toEqual({ kind: "automation", id: "U1" });
	});

	test("is not our app where the body names none", () => {
		const { api_app_id: _, ...others } = envelope;
		const body = JSON.stringify({ ...others, event: posted({ app_id: "A1", bot_id: "B1" }) });
		expect(eventOf("slack", deliveryOf(body)).actor.kind).toBe("automation");
	});
});

describe("who changed a message", () => {
	const ours = { user: "U9", bot_id: "B1", app_id: "A1" };
	const theirs = { user: "U7", bot_id: "B7", app_id: "A7" };
	const was = { ts: "1.2", text: "a" };

	test.each<[string, JsonObject, JsonObject, JsonObject]>([
		["is who edited it", { edited: { user: "U1", ts: "1.3" } }, was, { kind: "human", id: "U1" }],
		[
			"is who edited it again",
			{ edited: { user: "U1", ts: "1.4" } },
			{ ...was, edited: { user: "U1", ts: "1.3" } },
			{ kind: "human", id: "U1" },
		],
		[
			"is not who edited it earlier",
			{ edited: { user: "U1", ts: "1.3" }, attachments: [1] },
			{ ...was, edited: { user: "U1", ts: "1.3" } },
			{ kind: "unknown" },
		],
		["is not told of an unfurled link", { attachments: [{ from_url: "https://a.b" }] }, was, { kind: "unknown" }],
		["is our app if its text is other", { ...ours, text: "b" }, { ...ours, ...was }, { kind: "self", id: "B1" }],
		["is our app if its blocks are other", { ...ours, blocks: [1] }, { ...ours, ...was }, { kind: "self", id: "B1" }],
		["is another app likewise", { ...theirs, text: "b" }, { ...theirs, ...was }, { kind: "automation", id: "B7" }],
		["is not our app if it was answered", { ...ours, reply_count: 1 }, { ...ours, ...was }, { kind: "unknown" }],
	])("%s", (_, now, before, actor) => {
		expect(callback(changed(now, before)).actor).toEqual(actor);
	});
});

const item = { type: "message", channel: "C1", ts: "1.2" };
const named = { id: "C1", name: "new", creator: "U1" };
const message = { type: "message", id: "C1:1.2" };
const channel = { type: "channel", id: "C1" };
const workspace = { type: "workspace", id: "T1" };
const described = { channel_id: "C1", message_ts: "1.2", app_id: "A1", bot_id: "B1", user_id: "U9" };
const human = { kind: "human", id: "U1" };
const unknown = { kind: "unknown" };

describe("of other events", () => {
	test.each<[string, JsonObject, string, JsonObject, JsonObject]>([
		["app_home_opened", { user: "U1", channel: "D1" }, "app_home.viewed", { type: "user", id: "U1" }, human],
		["app_mention", { user: "U1", channel: "C1", ts: "1.2" }, "mention.created", message, human],
		["app_uninstalled", {}, "app.uninstalled", workspace, unknown],
		["app_uninstalled_team", { app_id: "A1", user_id: "U1" }, "app.uninstalled", workspace, human],
		["channel_archive", { channel: "C1", user: "U1" }, "channel.archived", channel, human],
		["channel_created", { channel: named }, "channel.created", channel, human],
		["channel_deleted", { channel: "C1" }, "channel.deleted", channel, unknown],
		["channel_rename", { channel: named }, "channel.updated", channel, unknown],
		["channel_unarchive", { channel: "C1", user: "U1" }, "channel.unarchived", channel, human],
		["file_change", { file_id: "F1", file: { id: "F1" } }, "file.updated", { type: "file", id: "F1" }, unknown],
		["file_created", { file_id: "F1", user_id: "U1" }, "file.created", { type: "file", id: "F1" }, human],
		["file_deleted", { file_id: "F1" }, "file.deleted", { type: "file", id: "F1" }, unknown],
		["group_archive", { channel: "C1", user: "U1" }, "channel.archived", channel, human],
		["group_deleted", { channel: "C1", actor_id: "U1" }, "channel.deleted", channel, human],
		["group_rename", { channel: named }, "channel.updated", channel, unknown],
		["group_unarchive", { channel: "C1", actor_id: "U1" }, "channel.unarchived", channel, human],
		["member_joined_channel", { user: "U1", channel: "C1" }, "channel_member.created", channel, human],
		["member_joined_channel", { user: "U9", inviter: "U1", channel: "C1" }, "channel_member.created", channel, human],
		["member_left_channel", { user: "U1", channel: "C1" }, "channel_member.deleted", channel, human],
		["message_metadata_deleted", described, "message_metadata.deleted", message, unknown],
		["message_metadata_posted", described, "message_metadata.created", message, { kind: "self", id: "B1" }],
		["message_metadata_updated", described, "message_metadata.updated", message, { kind: "self", id: "B1" }],
		["pin_added", { user: "U1", channel_id: "C1", item: { message: { ts: "1.2" } } }, "pin.created", message, human],
		["pin_removed", { user: "U1", channel_id: "C1", item: { file: { id: "F1" } } }, "pin.deleted", channel, human],
		["reaction_added", { user: "U1", item }, "reaction.created", message, human],
		["reaction_removed", { user: "U1", item }, "reaction.deleted", message, human],
		["team_domain_change", { domain: "new" }, "workspace.updated", workspace, unknown],
		["team_join", { user: { id: "U1" } }, "user.created", { type: "user", id: "U1" }, human],
		["team_rename", { name: "new" }, "workspace.updated", workspace, unknown],
		["tokens_revoked", { tokens: { oauth: ["U1"] } }, "app.revoked", workspace, unknown],
		["user_change", { user: { id: "U1" } }, "user.updated", { type: "user", id: "U1" }, unknown],
		["user_profile_changed", { user: { id: "U1" } }, "user.updated", { type: "user", id: "U1" }, unknown],
		["user_status_changed", { user: { id: "U1" } }, "user.updated", { type: "user", id: "U1" }, unknown],
	])("%s with %j is %s", (type, event, event_type, entity, actor) => {
		expect(callback({ type, ...event })).toMatchObject({ event_type, native_type: type, entity, actor });
	});

	test("every one of the table is one that Slack knows", () => {
		const natives: readonly string[] = [...EVENTS.keys()];
		const known: readonly SlackEvent["type"][] = [
			...(["app_home_opened", "app_mention", "app_rate_limited", "app_uninstalled"] as const),
			...(["app_uninstalled_team", "channel_archive"] as const),
			...(["channel_created", "channel_deleted", "channel_rename", "channel_unarchive", "file_change"] as const),
			...(["file_created", "file_deleted", "group_archive", "group_deleted", "group_rename"] as const),
			...(["group_unarchive", "member_joined_channel", "member_left_channel", "message_metadata_deleted"] as const),
			...(["message_metadata_posted", "message_metadata_updated", "pin_added", "pin_removed"] as const),
			...(["reaction_added", "reaction_removed", "team_domain_change", "team_join", "team_rename"] as const),
			...(["tokens_revoked", "user_change", "user_profile_changed", "user_status_changed"] as const),
		];
		expect(natives).toEqual(known);
	});

	test.each<[string, JsonObject, string, JsonObject]>([
		["subteam_updated", { subteam: { id: "S1" } }, "subteam.updated", workspace],
		["subteam_members_changed", { subteam_id: "S1" }, "subteam_members.updated", workspace],
		["workflow_published", { workflow_id: "W1" }, "workflow.published", { type: "workflow", id: "W1" }],
		["link_shared", { channel: "C1", message_ts: "1.2", user: "U1" }, "link.shared", message],
		["file_shared", { file_id: "F1", user_id: "U1", channel_id: "C1" }, "file.shared", { type: "file", id: "F1" }],
		["star_added", { user: "U1", item: { type: "file", file: "F1" } }, "star.created", { type: "file", id: "F1" }],
		["star_removed", { user: "U1", item: {} }, "star.deleted", { type: "user", id: "U1" }],
		["file_public", { file_id: "F1", user_id: "U1" }, "file.published", { type: "file", id: "F1" }],
		["group_close", { user: "U1", channel: "G1" }, "group.closed", { type: "channel", id: "G1" }],
		["im_open", { user: "U1", channel: "D1" }, "im.opened", { type: "channel", id: "D1" }],
		["im_created", { user: "U1", channel: { id: "D1" } }, "im.created", { type: "channel", id: "D1" }],
		["channel_left", { channel: "C1", actor_id: "U1" }, "channel.left", channel],
		["shared_channel_invite_requested", { channel_id: "C1" }, "shared_channel_invite.requested", channel],
		["emoji_changed", { subtype: "add" }, "emoji.updated", workspace],
		["dnd_updated", { user: "U1" }, "dnd.updated", { type: "user", id: "U1" }],
		["user_huddle_changed", { user: { id: "U1" } }, "user_huddle.updated", { type: "user", id: "U1" }],
		["call_rejected", { call_id: "R1" }, "call.rejected", { type: "call", id: "R1" }],
		["hello", { user_id: "U1" }, "hello.created", { type: "user", id: "U1" }],
		["From-Tomorrow invented", {}, "from_tomorrow.invented", workspace],
		["constructor", {}, "constructor.created", workspace],
	])("%s, which has no row, follows its name", (type, event, event_type, entity) => {
		expect(callback({ type, ...event })).toMatchObject({ event_type, native_type: type, entity });
	});

	test("of no workspace, it is about its organisation, and else about the app", () => {
		const team_id = null;
		expect(callback({ type: "a_b" }, {}, { team_id, enterprise_id: "E1" }).entity).toEqual({
			type: "enterprise",
			id: "E1",
		});
		expect(callback({ type: "a_b" }, {}, { team_id }).entity).toEqual({ type: "app", id: "A1" });
	});

	test("those who only join, react or pin are us by our bot's user, and programs if the settings say so", () => {
		const reaction = (user: string) => ({ type: "reaction_added", user, item });
		expect(callback(reaction("U9")).actor).toEqual({ kind: "self", id: "U9" });
		expect(callback(reaction("U1"), { own: ["U1"] }).actor).toEqual({ kind: "self", id: "U1" });
		expect(callback(reaction("U1"), { automations: ["U1"] }).actor).toEqual({ kind: "automation", id: "U1" });
		const joined = { type: "team_join", user: { id: "U2", is_bot: true } };
		expect(callback(joined).actor).toEqual({ kind: "automation", id: "U2" });
	});

	test("that is about an app's message, the app is told by its id", () => {
		const mention = { type: "app_mention", user: "U7", bot_id: "B7", app_id: "A7", channel: "C1", ts: "1.2" };
		expect(callback(mention).actor).toEqual({ kind: "automation", id: "B7" });
		expect(callback({ ...mention, app_id: "A1" }).actor).toEqual({ kind: "self", id: "B7" });
		const posted = {
			type: "message_metadata_posted",
			app_id: "A7",
			user_id: "U7",
			channel_id: "C1",
			message_ts: "1.2",
		};
		expect(callback(posted).actor).toEqual({ kind: "automation", id: "U7" });
		// Whose app was let in is not who let it in.
		expect(callback({ type: "app_installed", app_id: "A1", user_id: "U1" }).actor).toEqual(human);
	});

	test.each<[JsonObject, JsonObject[]]>([
		[{ type: "channel_rename", channel: named }, [{ field: "name", to: "new" }]],
		[{ type: "team_rename", name: "new" }, [{ field: "name", to: "new" }]],
		[{ type: "team_domain_change", domain: "new" }, [{ field: "domain", to: "new" }]],
		[
			{ type: "message_metadata_updated", ...described, metadata: { a: 1 }, previous_metadata: { a: 0 } },
			[{ field: "metadata", from: { a: 0 }, to: { a: 1 } }],
		],
		[{ type: "user_change", user: { id: "U1" } }, []],
	])("the changes of %j are told", (event, changes) => {
		expect(callback(event).changes).toEqual(changes);
	});
});

describe("the time", () => {
	test.each<[string, JsonObject, string | undefined]>([
		["is the event's own", { event_ts: "1795168797.123456" }, "2026-11-20T09:59:57.123Z"],
		["is that of its envelope otherwise", {}, "2026-11-20T09:59:57.000Z"],
		["is not what only looks like one", { event_ts: "1795168797.12" }, "2026-11-20T09:59:57.000Z"],
		["is not a number that has lost digits", { event_ts: 1795168797.5 }, "2026-11-20T09:59:57.000Z"],
	])("%s", (_, event, expected) => {
		expect(callback({ type: "a_b", ...event }).occurred_at).toBe(Date.parse(expected ?? ""));
	});

	test("is none where nothing says it", () => {
		const event = callback({ type: "a_b" }, {}, { event_time: "soon" });
		expect([event.occurred_at, Object.hasOwn(event, "sequence")]).toEqual([undefined, false]);
	});

	test("within a millisecond is told by the sequence", () => {
		const [first, second] = ["1795168797.000200", "1795168797.000300"].map((event_ts) =>
			callback({ type: "a_b", event_ts }),
		);
		expect(first?.occurred_at).toBe(second?.occurred_at);
		expect((first?.sequence ?? "") < (second?.sequence ?? "")).toBe(true);
	});
});

describe("what is held back for its rate", () => {
	const limited = { type: "app_rate_limited", token: "t", team_id: "T1", api_app_id: "A1" };

	test("is told once a minute, by Slack", () => {
		const body = { ...limited, minute_rate_limited: 1_795_168_740 };
		expect(eventOf("slack", deliveryOf(JSON.stringify(body)))).toEqual({
			delivery_key: "app_rate_limited:T1:1795168740",
			event_type: "app.rate_limited",
			native_type: "app_rate_limited",
			entity: workspace,
			actor: { kind: "system" },
			occurred_at: Date.parse("2026-11-20T09:59:00Z"),
			changes: [],
			data: { type: "app_rate_limited", team_id: "T1", api_app_id: "A1", minute_rate_limited: 1_795_168_740 },
		});
	});

	test("is not told without its minute", () => {
		const reason = "the body has no team_id and minute_rate_limited";
		expect(refusalOf("slack", deliveryOf(JSON.stringify(limited)))).toBe(reason);
	});
});

test("tokens do not become part of an event", () => {
	const event = { type: "function_executed", function: { id: "Fn1" }, bot_access_token: "xwfp-1", inputs: {} };
	expect(callback(event, {}, { token: "verification" }).data).toEqual({
		...envelope,
		event: { type: "function_executed", function: { id: "Fn1" }, inputs: {} },
	});
});

test.each([
	["an array", "[]", "the body is not a JSON object"],
	["no type", "{}", "the body's type is none of event_callback, app_rate_limited and url_verification"],
	["another type", '{"type":"block_actions"}', "the body's type is none of event_callback, app_rate_limited and"],
	["no event id", '{"type":"event_callback","event":{"type":"a"}}', "the body has no event_id and event.type"],
	["no event", '{"type":"event_callback","event_id":"Ev1"}', "the body has no event_id and event.type"],
	[
		"an event about nothing",
		'{"type":"event_callback","event_id":"Ev1","event":{"type":"a_b"}}',
		"the a_b event names nothing that it could be about",
	],
	["a handshake without a challenge", '{"type":"url_verification"}', "the handshake holds no challenge"],
	["a handshake with an empty one", '{"type":"url_verification","challenge":""}', "the handshake holds no challenge"],
])("a body with %s is refused with the reason", (_, body, reason) => {
	expect(refusalOf("slack", deliveryOf(body))).toContain(reason);
});

test("what is signed says when", () => {
	const { side, config } = sourceOf("slack");
	expect(side.trust(config)).toBe("signed");
});

test("the headers of a retry change nothing", () => {
	const body = JSON.stringify({ ...envelope, event: posted() });
	const retry = { "x-slack-retry-num": "2", "x-slack-retry-reason": "http_timeout" };
	expect(eventOf("slack", deliveryOf(body, retry))).toEqual(eventOf("slack", deliveryOf(body)));
});

test("the vocabulary is what events are called by", () => {
	const { vocabulary } = sourceOf("slack").side;
	expect(vocabulary.slice(0, 5)).toEqual([
		{ native: "message.*", event_type: "message.created", entity: "message" },
		{ native: "message.*.message_changed", event_type: "message.updated", entity: "message" },
		{ native: "message.*.message_deleted", event_type: "message.deleted", entity: "message" },
		{ native: "message.*.message_replied", event_type: "message.updated", entity: "message" },
		{ native: "app_home_opened", event_type: "app_home.viewed", entity: "user" },
	]);
	expect(vocabulary.length).toBe(4 + EVENTS.size);
});
