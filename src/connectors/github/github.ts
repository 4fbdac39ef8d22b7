// GitHub. The signature covers the body alone: neither the time, so a capture can be replayed for ever, nor the headers
// that name the event and the delivery. Ids of GitHub lie far below 2^53 and are read exactly all the same.

import { z } from "zod";
import type { Actor, Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Connector, Delivery, HmacScheme, Normalized, NormalizedEvent, VocabularyRow } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { fromSeconds, idAt, isObject, objectAt, parseTime, textAt, valueAt } from "../inbound/read";
import { headerOf } from "../verify/header";
import { githubConnection } from "./api";
import { createComment, deleteComment } from "./comments";
import { COMMON, EVENTS, type EventRow, FIELDS, HOMES, VERBS } from "./events";
import { closeIssue, createIssue, getIssue } from "./issues";

const Config = z.strictObject({
	own: z
		.array(z.string().min(1).max(64))
		.max(50)
		.default([])
		.describe("User ids (sender.id) that our own writes appear under, like that of our app's bot user."),
});
const read = configReader(Config);

const verification: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{body}",
	signature: { header: "x-hub-signature-256", format: { kind: "prefixed", prefix: "sha256=" } },
};

export const github: Connector = {
	id: "github",
	title: "GitHub",
	source: {
		config: Config,
		trust: () => "signed_untimed",
		verification: () => verification,
		identified_by: "The header `X-GitHub-Delivery`, which a redelivery by hand repeats.",
		own_writes: "By the user ids in `own`.",
		vocabulary: COMMON.map(wordsFor),
		normalize: (delivery, json, config) => normalize(delivery, json, read(config).own),
	},
	connection: githubConnection,
	actions: {
		close_issue: closeIssue,
		create_comment: createComment,
		create_issue: createIssue,
		delete_comment: deleteComment,
		get_issue: getIssue,
	},
};

/** One payload while it is read. */
interface Payload {
	delivery: Delivery;
	json: JsonObject;
	/** The value of `X-GitHub-Event`. */
	name: string;
	action: string | undefined;
	row: EventRow;
	/** Path of what was changed. */
	subject: string;
}

function normalize(delivery: Delivery, json: Json, own: string[]): Result<Normalized, string> {
	const name = headerOf(delivery, "x-github-event");
	if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) return err("the X-GitHub-Event header names no event");
	const deliveryKey = headerOf(delivery, "x-github-delivery");
	if (deliveryKey === undefined) return err("the X-GitHub-Delivery header is missing");
	if (!isObject(json)) return err("the body is not a JSON object");
	const row = EVENTS.get(name) ?? {};
	const payload = { delivery, json, name, action: textAt(json, "action"), row, subject: row.subject ?? name };
	const entity = entityOf(payload);
	if (entity === undefined) return err(`the ${name} event names nothing that it could be about`);
	return oneEvent({
		delivery_key: deliveryKey,
		event_type: eventType(payload),
		native_type: payload.action === undefined ? name : `${name}.${payload.action}`,
		entity,
		actor: actorOf(payload, own),
		occurred_at: timeOf(payload),
		changes: changesOf(payload),
		data: json,
	});
}

function eventType({ name, action, row }: Pick<Payload, "name" | "action" | "row">): string {
	return `${row.noun ?? name}.${verbOf(name, action, row)}`;
}

function verbOf(name: string, action: string | undefined, row: EventRow): string {
	if (action === undefined) return row.verb ?? "created";
	return fieldOf(name, action) === undefined ? (VERBS.get(action) ?? action) : "updated";
}

function fieldOf(name: string, action: string | undefined): string | undefined {
	return name === "issues" || name === "pull_request" ? FIELDS.get(action ?? "") : undefined;
}

function wordsFor(native: string): VocabularyRow {
	const [name = "", action] = native.split(".");
	const row = EVENTS.get(name) ?? {};
	return { native, event_type: eventType({ name, action, row }), entity: row.entity?.[0] ?? name };
}

function entityOf(payload: Payload): NormalizedEvent["entity"] | undefined {
	const { delivery, json, name, row } = payload;
	const [type, path] = row.entity ?? [name, `${name}.id`];
	const id = idAt(delivery, json, path);
	if (row.scoped) {
		const scope = idAt(delivery, json, "repository.id");
		if (id !== undefined && scope !== undefined) return { type, id: `${scope}:${id}` };
	} else if (id !== undefined) {
		return { type, id };
	}
	return homeOf(payload);
}

function homeOf({ delivery, json }: Payload): NormalizedEvent["entity"] | undefined {
	for (const [type, path] of HOMES) {
		const id = idAt(delivery, json, path);
		if (id !== undefined) return { type, id };
	}
	return undefined;
}

/** Who caused the event. `performed_via_github_app` is no help: it says how the object was created. */
function actorOf({ delivery, json, name }: Payload, own: string[]): Actor {
	const id = idAt(delivery, json, "sender.id");
	if (name === "ping" || id === undefined) return { kind: "system" };
	const kind = own.includes(id) ? "self" : kindOf(textAt(json, "sender.type"));
	return { kind, id, name: textAt(json, "sender.login") };
}

function kindOf(senderType: string | undefined): Actor["kind"] {
	if (senderType === "User") return "human";
	return senderType === "Bot" ? "automation" : "unknown";
}

/** The latest of the times that the payload gives: each of them had passed when the event happened. */
function timeOf({ json, row, subject, action }: Payload): number | undefined {
	const created = action === "created" || action === "opened" ? [`${subject}.created_at`] : [];
	const times = [`${subject}.updated_at`, ...created, ...(row.at ?? [])]
		.map((path) => valueAt(json, path))
		.map((value) => parseTime(value) ?? fromSeconds(value))
		.filter((time) => time !== undefined);
	return times.length === 0 ? undefined : Math.max(...times);
}

function changesOf({ json, name, action, subject }: Payload): Change[] {
	const field = fieldOf(name, action);
	if (field !== undefined) return [{ field, to: valueAt(json, `${subject}.${field}`) }];
	const changes = objectAt(json, "changes");
	if (changes === undefined) return [];
	return leaves(changes, [], (path) => {
		const value = valueAt(json, `${subject}.${path}`);
		return value === undefined ? valueAt(json, path) : value;
	});
}

/** GitHub nests as deep as `changes.repository.permissions.from`. */
const MAX_NESTING = 3;

/** Every `{from, to}` in `changes`, by its path. Where there is no `to`, it is what the payload now holds there. */
function leaves(changes: JsonObject, path: string[], now: (path: string) => Json | undefined): Change[] {
	return Object.entries(changes).flatMap(([key, change]): Change[] => {
		if (!isObject(change)) return [];
		const here = [...path, key];
		const field = here.join(".");
		if (Object.hasOwn(change, "to")) return [{ field, from: valueAt(change, "from"), to: valueAt(change, "to") }];
		if (Object.hasOwn(change, "from")) return [{ field, from: valueAt(change, "from"), to: now(field) }];
		return here.length < MAX_NESTING ? leaves(change, here, now) : [];
	});
}
