// Slack. Its Web API answers 200 also when it refuses; what happened stands in the body. Posting has no idempotency of
// its own, so wherever Slack leaves open whether it posted, the outcome is unknown.

import { z } from "zod";
import { Json, type JsonObject } from "../model/json";
import type { Outcome, PERMANENT_CLASSES } from "../model/outcome";
import { ok, type Result } from "../model/result";
import { parseAnswer } from "./answer";
import { parseAs } from "./config";
import type { Action, Connector, Mark, OutboundRequest, OutboundResponse } from "./connector";
import { BaseUrl, hostsOf, markHeaders, mergeHeaders } from "./outbound";
import { textAt, valueAt } from "./read";
import { retryAfterMs, transient } from "./retry-after";

const API = "https://slack.com/api";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where Slack's Web API lives."),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("A bot token with the scope chat:write."),
});
const Message = z.strictObject({
	channel: z.string().min(1).max(200).describe("A channel's id, or its name."),
	text: z.string().min(1).max(40_000).describe("The message; with blocks, what notifications show."),
	blocks: z.array(Json).max(50).optional().describe("Block Kit blocks."),
	thread_ts: z.string().min(1).max(50).optional().describe("The ts of the message to answer in its thread."),
});

const postMessage: Action = {
	about: "Posts a message to a channel.",
	input: Message,
	repeatable: false,
	timeout_ms: 10_000,
	build,
	read: judge,
};

export const slack: Connector = {
	id: "slack",
	title: "Slack",
	connection: {
		config: Config,
		credentials: Credentials,
		hosts: (config) => hostsOf({ base_url: API, ...config }),
	},
	actions: { post_message: postMessage },
};

function build(
	input: JsonObject,
	connection: { config: JsonObject; credentials: JsonObject },
	mark: Mark,
): Result<OutboundRequest, string> {
	const message = parseAs(Message, input, "with");
	if (!message.ok) return message;
	const config = parseAs(Config, connection.config, "config");
	if (!config.ok) return config;
	const credentials = parseAs(Credentials, connection.credentials, "credentials");
	if (!credentials.ok) return credentials;
	const headers = mergeHeaders(
		{ "content-type": "application/json; charset=utf-8" },
		{ authorization: `Bearer ${credentials.value.token}` },
		markHeaders(mark),
	);
	if (!headers.ok) return headers;
	const metadata = { event_type: "signalbox", event_payload: { k: mark.idempotency_key, trace: mark.trace_id } };
	return ok({
		method: "POST",
		url: `${config.value.base_url}/chat.postMessage`,
		headers: headers.value,
		secret_headers: ["authorization"],
		body: JSON.stringify({ ...message.value, metadata }),
	});
}

type PermanentClass = (typeof PERMANENT_CLASSES)[number];

/** By https://docs.slack.dev/reference/methods/chat.postMessage/#errors. Codes that are not here are `invalid`. */
const CLASSES: ReadonlyMap<string, PermanentClass> = new Map<string, PermanentClass>([
	["account_inactive", "auth"],
	["invalid_auth", "auth"],
	["not_authed", "auth"],
	["token_expired", "auth"],
	["token_revoked", "auth"],
	["access_denied", "permission"],
	["cannot_reply_to_message", "permission"],
	["ekm_access_denied", "permission"],
	["enterprise_is_restricted", "permission"],
	["missing_scope", "permission"],
	["no_permission", "permission"],
	["not_allowed_token_type", "permission"],
	["not_in_channel", "permission"],
	["restricted_action", "permission"],
	["restricted_action_non_threadable_channel", "permission"],
	["restricted_action_read_only_channel", "permission"],
	["restricted_action_thread_locked", "permission"],
	["restricted_action_thread_only_channel", "permission"],
	["team_access_not_granted", "permission"],
	["channel_not_found", "not_found"],
	["is_archived", "not_found"],
	["message_not_found", "not_found"],
	["thread_not_found", "not_found"],
	["user_not_found", "not_found"],
]);

/** Slack did not take the message, and will later. `request_timeout`: it never saw the whole request. */
const LATER = new Set([
	"message_limit_exceeded",
	"rate_limited",
	"ratelimited",
	"request_timeout",
	"service_unavailable",
	"team_added_to_org",
]);

/** "It's possible some aspect of the operation succeeded before the error was raised." */
const UNCLEAR = new Set(["fatal_error", "internal_error"]);

function judge(response: OutboundResponse, now: number): Outcome {
	const { status } = response;
	const body = parseAnswer(response.body);
	if (status < 300 && valueAt(body, "ok") === true) return { kind: "succeeded", output: posted(body) };
	const code = codeOf(body);
	return code === undefined ? withoutCode(response, now) : refused(code, body, response, now);
}

function withoutCode(response: OutboundResponse, now: number): Outcome {
	const { status } = response;
	const reason = `Slack answered ${status}`;
	if (status === 429) return transient(reason, response, now);
	// Whoever says when to come back has not taken the message; other failures of a server leave it open.
	if (status === 503 && retryAfterMs(response, now) !== undefined) return transient(reason, response, now);
	if (status >= 500) return unknown(reason);
	if (status >= 400) return { kind: "permanent", class: status === 401 ? "auth" : "invalid", reason };
	if (status >= 300) return { kind: "permanent", class: "policy", reason: `${reason}; redirects are not followed` };
	return unknown(`${reason} and did not say whether it posted`);
}

function posted(body: Json | undefined): JsonObject {
	return { channel: textAt(body, "channel") ?? null, ts: textAt(body, "ts") ?? null };
}

/** An error code, if it looks like one: it goes into reasons, where nothing else of an answer belongs. */
function codeOf(body: Json | undefined): string | undefined {
	const code = valueAt(body, "ok") === false ? textAt(body, "error") : undefined;
	return code !== undefined && /^[a-z0-9_:]{1,80}$/.test(code) ? code : undefined;
}

function refused(code: string, body: Json | undefined, response: OutboundResponse, now: number): Outcome {
	if (LATER.has(code)) return transient(`Slack answered ${code}`, response, now);
	if (UNCLEAR.has(code)) return unknown(`Slack answered ${code}`);
	const needed = code === "missing_scope" ? textAt(body, "needed") : undefined;
	const scopes = needed !== undefined && /^[a-z0-9:_.,]{1,200}$/.test(needed) ? `, needs ${needed}` : "";
	return { kind: "permanent", class: CLASSES.get(code) ?? "invalid", reason: `Slack answered ${code}${scopes}` };
}

function unknown(reason: string): Outcome {
	return { kind: "unknown", reason, timed_out: false };
}
