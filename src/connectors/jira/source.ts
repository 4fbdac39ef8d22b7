// Jira's webhooks: those that an administrator makes are signed over the body, those that an OAuth app registers carry a
// web token that says nothing of it. The id of a delivery stands in a header, which neither covers.

import { z } from "zod";
import type { Actor, Change } from "../../model/event";
import type { Json, JsonObject } from "../../model/json";
import { err, type Result } from "../../model/result";
import { configReader } from "../config";
import type { Delivery, HmacScheme, JwtScheme, Normalized, NormalizedEvent, SourceSide } from "../connector";
import { oneEvent } from "../inbound/normalized";
import { idAt, isObject, listAt, plausible, textAt, valueAt } from "../inbound/read";
import { headerOf } from "../verify/header";
import { type EventRow, rowOf, VOCABULARY } from "./events";
import { LABEL_PREFIX, OWN } from "./marker";

const Config = z.strictObject({
	webhook: z
		.enum(["admin", "oauth"])
		.default("admin")
		.describe(
			"Whether an administrator made the webhook, with a secret, or an OAuth 2.0 app registered it, whose client secret is then the secret.",
		),
	own: z
		.array(z.string().min(1).max(256))
		.max(50)
		.default([])
		.describe("Account ids that our own writes appear under, like that of a service account."),
	own_properties: z
		.array(z.string().min(1).max(255))
		.max(50)
		.default([OWN])
		.describe("Keys of entity properties that only we set."),
	own_label_prefix: z
		.string()
		.min(1)
		.max(100)
		.default(LABEL_PREFIX)
		.describe("What the labels begin with that issues of ours are created with."),
});
type Config = z.infer<typeof Config>;
const read = configReader(Config);

const signed: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{body}",
	// The header names its method; no other is accepted.
	signature: { header: "x-hub-signature", format: { kind: "prefixed", prefix: "sha256=" } },
};
const token: JwtScheme = { kind: "jwt", tolerance_s: 60 };

export const jiraSource: SourceSide = {
	config: Config,
	trust: (config) => (read(config).webhook === "admin" ? "signed_untimed" : "bearer"),
	verification: (config) => (read(config).webhook === "admin" ? signed : token),
	identified_by: "The header `X-Atlassian-Webhook-Identifier`, which retries repeat.",
	own_writes:
		"By the account ids in `own`, and by the marks of what we write: the property, the label of an issue that is created (copies of it keep the label), the cause in the history.",
	vocabulary: VOCABULARY,
	normalize: (delivery, json, config) => normalize(delivery, json, read(config)),
};

/** One payload while it is read. */
interface Payload {
	delivery: Delivery;
	json: JsonObject;
	/** The value of `webhookEvent`. */
	native: string;
	row: EventRow;
}

function normalize(delivery: Delivery, json: Json, config: Config): Result<Normalized, string> {
	const deliveryKey = headerOf(delivery, "x-atlassian-webhook-identifier");
	if (deliveryKey === undefined) return err("the X-Atlassian-Webhook-Identifier header is missing");
	if (!isObject(json)) return err("the body is not a JSON object");
	const native = textAt(json, "webhookEvent");
	if (native === undefined) return err("the body has no webhookEvent, so it is no Jira event");
	const payload = { delivery, json, native, row: rowOf(native) };
	const entity = entityOf(payload);
	if (entity === undefined) return err(`the event names no ${payload.row.entity} that it could be about`);
	const time = valueAt(json, "timestamp");
	return oneEvent({
		delivery_key: deliveryKey,
		event_type: payload.row.event_type,
		native_type: native,
		entity,
		actor: actorOf(payload, config),
		occurred_at: typeof time === "number" ? plausible(time) : undefined,
		changes: changesOf(payload),
		data: json,
	});
}

/** Settings are the site's, and a source has one. */
const OWN_SITE = { type: "site", id: "own_site" };

function entityOf(payload: Payload): NormalizedEvent["entity"] | undefined {
	const { delivery, json, row } = payload;
	const id = row.ids.map((path) => idAt(delivery, json, path)).find((found) => found !== undefined);
	const named = id ?? issueIn(row.address === undefined ? undefined : textAt(json, row.address));
	if (named !== undefined) return { type: row.entity, id: named };
	const [type, path] = row.otherwise ?? [];
	const other = path === undefined ? undefined : idAt(delivery, json, path);
	if (type !== undefined && other !== undefined) return { type, id: other };
	return row.homely === true ? homeOf(payload) : undefined;
}

/** The nearest first. */
function homeOf({ delivery, json }: Payload): NormalizedEvent["entity"] {
	for (const type of ["issue", "project"]) {
		const id = idAt(delivery, json, `${type}.id`);
		if (id !== undefined) return { type, id };
	}
	return OWN_SITE;
}

/** `10027` of `https://acme.atlassian.net/rest/api/2/issue/10027/comment/10000`. */
function issueIn(address: string | undefined): string | undefined {
	return /\/rest\/api\/[^/]+\/issue\/(\d{1,20})(?:\/|$)/.exec(address ?? "")?.[1];
}

function actorOf(payload: Payload, config: Config): Actor {
	const { json, row } = payload;
	const path = (row.by ?? ["user"]).find((place) => isObject(valueAt(json, place)));
	const account = path === undefined ? undefined : valueAt(json, path);
	const id = textAt(account, "accountId");
	const isOwn = (id !== undefined && config.own.includes(id)) || isMarked(payload, config);
	return {
		kind: isOwn ? "self" : kindOf(textAt(account, "accountType")),
		...(id !== undefined && { id }),
		name: textAt(account, "displayName"),
	};
}

/** `customer`: of a portal of Jira Service Management. */
function kindOf(accountType: string | undefined): Actor["kind"] {
	if (accountType === "atlassian" || accountType === "customer") return "human";
	return accountType === "app" ? "automation" : "unknown";
}

/**
 * Writes by a person's grant appear under that person, so that only what they leave tells them. A mark stays where it is,
 * so it speaks for the event alone that it arrived with.
 */
function isMarked({ json, native }: Payload, config: Config): boolean {
	if (textAt(json, "changelog.historyMetadata.generator.id") === OWN) return true;
	switch (native) {
		case "issue_property_set":
		case "issue_property_deleted":
			return config.own_properties.includes(propertyKey(json) ?? "");
		case "comment_created":
			return listAt(json, "comment.properties").some((one) => config.own_properties.includes(textAt(one, "key") ?? ""));
		case "jira:issue_created":
			return listAt(json, "issue.fields.labels").some(
				(label) => typeof label === "string" && label.startsWith(config.own_label_prefix),
			);
		default:
			return false;
	}
}

function propertyKey(json: JsonObject): string | undefined {
	return textAt(json, "property.key");
}

function changesOf({ json, native }: Payload): Change[] {
	const key = native === "issue_property_set" ? propertyKey(json) : undefined;
	if (key !== undefined) return [{ field: key, to: valueAt(json, "property.value") }];
	return listAt(json, "changelog.items").flatMap((item): Change[] => {
		const field = textAt(item, "fieldId") ?? textAt(item, "field");
		if (field === undefined) return [];
		return [{ field, from: told(item, "fromString", "from"), to: told(item, "toString", "to") }];
	});
}

/** As people read it, like a status by its name. Its id stands in `data`. */
function told(item: Json, text: string, id: string): Json | undefined {
	return valueAt(item, text) ?? valueAt(item, id);
}
