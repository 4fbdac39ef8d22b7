// How Notion's events become events. The payloads are typed by Notion's own library.

import type {
	BaseWebhookPayload,
	CommentCreatedWebhookPayload,
	CommentDeletedWebhookPayload,
	CommentUpdatedWebhookPayload,
	DatabaseContentUpdatedWebhookPayload,
	DatabaseCreatedWebhookPayload,
	DatabaseDeletedWebhookPayload,
	DatabaseMovedWebhookPayload,
	DatabaseSchemaUpdatedWebhookPayload,
	DatabaseUndeletedWebhookPayload,
	DataSourceContentUpdatedWebhookPayload,
	DataSourceCreatedWebhookPayload,
	DataSourceDeletedWebhookPayload,
	DataSourceMovedWebhookPayload,
	DataSourceSchemaUpdatedWebhookPayload,
	DataSourceUndeletedWebhookPayload,
	FileUploadExpiredWebhookPayload,
	PageContentUpdatedWebhookPayload,
	PageCreatedWebhookPayload,
	PageDeletedWebhookPayload,
	PageLockedWebhookPayload,
	PageMovedWebhookPayload,
	PagePropertiesUpdatedWebhookPayload,
	PageTranscriptionBlockTranscriptDeletedWebhookPayload,
	PageUndeletedWebhookPayload,
	PageUnlockedWebhookPayload,
	ViewUpdatedWebhookPayload,
} from "@notionhq/client";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const BOT = "b07b0700-0001-4b07-8b07-000000000001";
const OTHER_BOT = "b07b0700-0002-4b07-8b07-000000000002";
const DANA = "d11e0c1c-0001-4a3b-8a53-000000000001";

const base: BaseWebhookPayload = {
	id: "c0a1f1de-1111-4a11-8a11-000000000001",
	timestamp: "2026-11-20T09:59:31.285Z",
	workspace_id: "5d2f0a10-7b3e-4c2f-9a77-0f1e2d3c4b5a",
	workspace_name: "Fernhollow",
	subscription_id: "aa0c1b54-2d63-4a7e-9a4d-51d0f4a8c001",
	integration_id: "bb77f1de-0e2f-4c0c-8f2e-9d4e9b1c0001",
	authors: [{ id: DANA, type: "person" }],
	attempt_number: 1,
	api_version: "2025-09-03",
};

const page = { id: "p1", type: "page" } as const;
const database = { id: "d1", type: "database" } as const;
const dataSource = { id: "s1", type: "data_source" } as const;
const comment = { id: "c1", type: "comment" } as const;
const parent = { id: "s0", type: "space" } as const;
const updated_blocks = [{ id: "k1", type: "block" as const }];
const schema = [
	{ id: "kqLW", name: "Created at", action: "created" as const },
	{ id: "wX%7Bd", name: null, action: "deleted" as const },
];

type Payload =
	| CommentCreatedWebhookPayload
	| CommentDeletedWebhookPayload
	| CommentUpdatedWebhookPayload
	| DatabaseContentUpdatedWebhookPayload
	| DatabaseCreatedWebhookPayload
	| DatabaseDeletedWebhookPayload
	| DatabaseMovedWebhookPayload
	| DatabaseSchemaUpdatedWebhookPayload
	| DatabaseUndeletedWebhookPayload
	| DataSourceContentUpdatedWebhookPayload
	| DataSourceCreatedWebhookPayload
	| DataSourceDeletedWebhookPayload
	| DataSourceMovedWebhookPayload
	| DataSourceSchemaUpdatedWebhookPayload
	| DataSourceUndeletedWebhookPayload
	| FileUploadExpiredWebhookPayload
	| PageContentUpdatedWebhookPayload
	| PageCreatedWebhookPayload
	| PageDeletedWebhookPayload
	| PageLockedWebhookPayload
	| PageMovedWebhookPayload
	| PagePropertiesUpdatedWebhookPayload
	| PageTranscriptionBlockTranscriptDeletedWebhookPayload
	| PageUndeletedWebhookPayload
	| PageUnlockedWebhookPayload
	| ViewUpdatedWebhookPayload;

type Case = [payload: Payload, event_type: string, entity: string, changes: JsonObject[]];

const known: Case[] = [
	[{ ...base, type: "page.created", entity: page, data: { parent } }, "page.created", "page p1", []],
	[
		{ ...base, type: "page.content_updated", entity: page, data: { parent, updated_blocks } },
		"page.updated",
		"page p1",
		[{ field: "content" }],
	],
	[
		{
			...base,
			type: "page.properties_updated",
			entity: page,
			data: { parent, updated_properties: ["XGe%40", "title"] },
		},
		"page.updated",
		"page p1",
		[{ field: "XGe%40" }, { field: "title" }],
	],
	[{ ...base, type: "page.moved", entity: page, data: { parent } }, "page.updated", "page p1", [{ field: "parent" }]],
	[
		{ ...base, type: "page.locked", entity: page, data: { parent } },
		"page.updated",
		"page p1",
		[{ field: "is_locked", to: true }],
	],
	[
		{ ...base, type: "page.unlocked", entity: page, data: { parent } },
		"page.updated",
		"page p1",
		[{ field: "is_locked", to: false }],
	],
	[
		{ ...base, type: "page.deleted", entity: page, data: { parent } },
		"page.deleted",
		"page p1",
		[{ field: "in_trash", to: true }],
	],
	[
		{ ...base, type: "page.undeleted", entity: page, data: { parent } },
		"page.restored",
		"page p1",
		[{ field: "in_trash", to: false }],
	],
	[{ ...base, type: "database.created", entity: database, data: { parent } }, "database.created", "database d1", []],
	[
		{ ...base, type: "database.content_updated", entity: database, data: { parent, updated_blocks } },
		"database.updated",
		"database d1",
		[{ field: "content" }],
	],
	[
		{ ...base, type: "database.schema_updated", entity: database, data: { parent, updated_properties: schema } },
		"database.updated",
		"database d1",
		[{ field: "kqLW" }, { field: "wX%7Bd" }],
	],
	[
		{ ...base, type: "database.moved", entity: database, data: { parent } },
		"database.updated",
		"database d1",
		[{ field: "parent" }],
	],
	[
		{ ...base, type: "database.deleted", entity: database, data: { parent } },
		"database.deleted",
		"database d1",
		[{ field: "in_trash", to: true }],
	],
	[
		{ ...base, type: "database.undeleted", entity: { id: "d1", type: "block" }, data: { parent } },
		"database.restored",
		"database d1",
		[{ field: "in_trash", to: false }],
	],
	[
		{ ...base, type: "data_source.created", entity: dataSource, data: { parent } },
		"data_source.created",
		"data_source s1",
		[],
	],
	[
		{ ...base, type: "data_source.content_updated", entity: dataSource, data: { parent, updated_blocks } },
		"data_source.updated",
		"data_source s1",
		[{ field: "content" }],
	],
	[
		{ ...base, type: "data_source.schema_updated", entity: dataSource, data: { parent, updated_properties: schema } },
		"data_source.updated",
		"data_source s1",
		[{ field: "kqLW" }, { field: "wX%7Bd" }],
	],
	[
		{ ...base, type: "data_source.moved", entity: dataSource, data: { parent } },
		"data_source.updated",
		"data_source s1",
		[{ field: "parent" }],
	],
	[
		{ ...base, type: "data_source.deleted", entity: dataSource, data: { parent } },
		"data_source.deleted",
		"data_source s1",
		[{ field: "in_trash", to: true }],
	],
	[
		{ ...base, type: "data_source.undeleted", entity: dataSource, data: { parent } },
		"data_source.restored",
		"data_source s1",
		[{ field: "in_trash", to: false }],
	],
	[
		{ ...base, type: "comment.created", entity: comment, data: { parent: { id: "k1", type: "block" }, page_id: "p1" } },
		"page_comment.created",
		"page p1",
		[],
	],
	[
		{ ...base, type: "comment.updated", entity: comment, data: { parent: page, page_id: "p1" } },
		"page_comment.updated",
		"page p1",
		[],
	],
	[
		{ ...base, type: "comment.deleted", entity: comment, data: { parent: page, page_id: "p1" } },
		"page_comment.deleted",
		"page p1",
		[],
	],
];

const unknown: Case[] = [
	[
		{ ...base, type: "view.updated", entity: { id: "v1", type: "view" }, data: { parent, updated_fields: ["filter"] } },
		"view.updated",
		"view v1",
		[],
	],
	[
		{ ...base, type: "file_upload.expired", entity: { id: "f1", type: "file_upload" } },
		"file_upload.expired",
		"file_upload f1",
		[],
	],
	[
		{
			...base,
			type: "page.transcription_block.transcript_deleted",
			entity: page,
			data: { target: { id: "k1", type: "block" }, transcript_id: null },
		},
		"page_transcription_block.transcript_deleted",
		"page p1",
		[],
	],
];

function event(payload: object, settings: JsonObject = {}) {
	return eventOf("notion", deliveryOf(JSON.stringify(payload)), settings);
}

test.each([...known, ...unknown])("$0.type becomes $1 of $2", (payload, event_type, entity, changes) => {
	const [type = "", id = ""] = entity.split(" ");
	expect(event(payload)).toEqual({
		delivery_key: base.id,
		event_type,
		native_type: payload.type,
		entity: { type, id },
		actor: { kind: "human", id: DANA },
		occurred_at: Date.parse(base.timestamp),
		changes,
		data: JSON.parse(JSON.stringify(payload)),
	});
});

test("the vocabulary is the events that are known, with what they become", () => {
	const { side } = sourceOf("notion");
	expect(side.vocabulary).toEqual(
		known.map(([{ type }, event_type, entity]) => ({ native: type, event_type, entity: entity.split(" ")[0] })),
	);
});

const created = { ...base, type: "page.created", entity: page, data: { parent } };

test("every attempt is the same event, though its body differs", () => {
	const [first, last] = [1, 8].map((attempt_number) => event({ ...created, attempt_number }));
	expect(first?.delivery_key).toBe(last?.delivery_key);
});

describe("the actor", () => {
	const person = { id: DANA, type: "person" };
	const bot = { id: OTHER_BOT, type: "bot" };
	const agent = { id: "a9", type: "agent" };
	const ours = { id: BOT, type: "bot" };

	test.each([
		["a person", [person], { kind: "human", id: DANA }],
		["several persons", [person, { id: "d2", type: "person" }], { kind: "human" }],
		["one person twice", [person, person], { kind: "human", id: DANA }],
		["another bot", [bot], { kind: "automation", id: OTHER_BOT }],
		["an agent", [agent], { kind: "automation", id: "a9" }],
		["a bot and an agent", [bot, agent], { kind: "automation" }],
		["a person and a bot", [bot, person], { kind: "human" }],
		["a person and somebody of a new kind", [{ id: "n1", type: "robot" }, person], { kind: "human" }],
		["a bot and somebody of a new kind", [bot, { id: "n1", type: "robot" }], { kind: "unknown" }],
		["our bot", [ours], { kind: "self", id: BOT }],
		["our bot twice", [ours, ours], { kind: "self", id: BOT }],
		["our bot and a person", [ours, person], { kind: "mixed" }],
		["our bot and another", [bot, ours], { kind: "mixed" }],
		["our bot and somebody of a new kind", [ours, { id: "n1", type: "robot" }], { kind: "mixed" }],
		["somebody of a new kind", [{ id: "n1", type: "robot" }], { kind: "unknown", id: "n1" }],
		["somebody without an id", [{ type: "person" }], { kind: "human" }],
		["nobody who can be read", [null], { kind: "unknown" }],
		["no authors", [], { kind: "unknown" }],
		["authors that are no list", { id: BOT, type: "bot" }, { kind: "unknown" }],
	])("of %s", (_, authors, actor) => {
		expect(event({ ...created, authors }, { own: [BOT] }).actor).toEqual(actor);
	});

	test("is us by any of our bots, however its id is written", () => {
		const own = ["11111111-0000-4000-8000-000000000000", BOT.replaceAll("-", "").toUpperCase()];
		expect(event({ ...created, authors: [ours] }, { own }).actor.kind).toBe("self");
	});

	test("is not us for want of an id", () => {
		expect(event({ ...created, authors: [{ type: "bot" }] }, { own: ["-"] }).actor.kind).toBe("automation");
	});

	test("is not us because the subscription is", () => {
		const own = [base.integration_id, base.subscription_id];
		expect(event(created, { own }).actor.kind).toBe("human");
	});
});

test.each([
	["one that says the page", { page_id: "p1", parent: { id: "p2", type: "page" } }, "p1"],
	["one that says only its parent, which is a page", { parent: { id: "p2", type: "page" } }, "p2"],
])("a comment is about its page: %s", (_, data, id) => {
	expect(event({ ...base, type: "comment.deleted", entity: comment, data }).entity).toEqual({ type: "page", id });
});

test("what cannot be read of the changes is left out", () => {
	const updated_properties = ["a", "", 1, null, { id: "b" }, { id: 2 }, { name: "c" }, "x".repeat(257)];
	const { changes } = event({ ...created, type: "page.properties_updated", data: { updated_properties } });
	expect(changes).toEqual([{ field: "a" }, { field: "b" }]);
	expect(event({ ...created, type: "page.properties_updated", data: { updated_properties: "a" } }).changes).toEqual([]);
});

test("the time is missing where the event does not say it", () => {
	expect(event({ ...created, timestamp: 1_795_168_796 }).occurred_at).toBeUndefined();
});

test("the handshake of a source that has its secret is answered, and not kept", () => {
	const { side, config } = sourceOf("notion");
	const body = { verification_token: "secret_1" };
	expect(side.normalize(deliveryOf(JSON.stringify(body)), body, config)).toEqual({
		ok: true,
		value: { kind: "answer", body: "{}", content_type: "application/json" },
	});
});

const NO_EVENT = "the body has no id and type, so it is no Notion event";
const NOTHING = "the event names nothing that it could be about";

test.each([
	["no object", [], "the body is not a JSON object"],
	["no id", { ...created, id: undefined }, NO_EVENT],
	["no type", { ...created, type: "" }, NO_EVENT],
	["no entity", { ...created, entity: undefined }, NOTHING],
	["an entity without an id", { ...created, entity: { type: "page" } }, NOTHING],
	["a type without a word", { ...created, type: "..." }, NOTHING],
	["a new type and no entity type", { ...created, type: "form.submitted", entity: { id: "f1" } }, NOTHING],
	["a comment on no page", { ...base, type: "comment.created", entity: comment, data: { parent } }, NOTHING],
	["a type like a built-in name", { ...created, type: "constructor", entity: { id: "f1" } }, NOTHING],
])("a body with %s is refused with the reason", (_, body, reason) => {
	expect(refusalOf("notion", deliveryOf(JSON.stringify(body)))).toBe(reason);
});
