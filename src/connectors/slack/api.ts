// Calls of Slack's Web API. It answers 200 also when it refuses; what happened stands in the body.

import { z } from "zod";
import type { Json, JsonObject } from "../../model/json";
import type { PERMANENT_CLASSES } from "../../model/outcome";
import { err, ok, type Result } from "../../model/result";
import { parseAs } from "../config";
import type { ConnectionSide, Mark, OutboundRequest, OutboundResponse } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { type Failure, leftOpen } from "../outbound/failure";
import { BaseUrl, hostsOf, markHeaders, mergeHeaders } from "../outbound/headers";
import { retryAfterMs, transient } from "../outbound/retry-after";

const API = "https://slack.com/api";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where Slack's Web API lives."),
});
const Credentials = z.strictObject({
	token: z
		.string()
		.min(1)
		.max(1_000)
		.describe(
			"A bot token with the scope chat:write, and channels:history to find out whether a doubtful message was posted.",
		),
});

export const slackConnection: ConnectionSide = {
	config: Config,
	credentials: Credentials,
	// "several hundred messages per minute" for a workspace: https://docs.slack.dev/apis/web-api/rate-limits. Besides, one
	// message per second and channel; whoever exceeds that is told to wait, and that channel waits alone.
	limits: { rate: { requests: 200, per_ms: 60_000 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

/** A method with what it is given: a body if it writes, a query if it reads. */
export interface Call {
	method: string;
	body?: JsonObject;
	query?: Record<string, string>;
}

export function requestOf(
	call: Call,
	connection: { config: JsonObject; credentials: JsonObject },
	mark: Mark,
): Result<OutboundRequest, string> {
	const config = parseAs(Config, connection.config, "config");
	if (!config.ok) return config;
	const credentials = parseAs(Credentials, connection.credentials, "credentials");
	if (!credentials.ok) return credentials;
	const headers = mergeHeaders(
		call.body === undefined ? {} : { "content-type": "application/json; charset=utf-8" },
		{ authorization: `Bearer ${credentials.value.token}` },
		markHeaders(mark),
	);
	if (!headers.ok) return headers;
	const query = call.query === undefined ? "" : `?${new URLSearchParams(call.query)}`;
	return ok({
		method: call.body === undefined ? "GET" : "POST",
		url: `${config.value.base_url}/${call.method}${query}`,
		headers: headers.value,
		secret_headers: ["authorization"],
		body: call.body === undefined ? null : JSON.stringify(call.body),
	});
}

type PermanentClass = (typeof PERMANENT_CLASSES)[number];

/**
 * By https://docs.slack.dev/reference/methods/chat.postMessage#errors, and the same page of chat.update and chat.delete.
 * Codes that are not here are `invalid`.
 */
const CLASSES: ReadonlyMap<string, PermanentClass> = new Map<string, PermanentClass>([
	["account_inactive", "auth"],
	["invalid_auth", "auth"],
	["not_authed", "auth"],
	["token_expired", "auth"],
	["token_revoked", "auth"],
	["access_denied", "permission"],
	["cannot_reply_to_message", "permission"],
	["cant_delete_message", "permission"],
	["cant_update_message", "permission"],
	["compliance_exports_prevent_deletion", "permission"],
	["edit_window_closed", "permission"],
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
	["is_inactive", "not_found"],
	["message_not_found", "not_found"],
	["thread_not_found", "not_found"],
	["user_not_found", "not_found"],
]);

/** Slack did not take the call, and will later. `request_timeout`: it never saw the whole request. */
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

/** What Slack says that it has done, or why it has not, or that it left this open. */
export function answerOf(response: OutboundResponse, now: number, repeatable: boolean): Result<Json, Failure> {
	const body = parseAnswer(response.body);
	if (body !== undefined && response.status < 300 && valueAt(body, "ok") === true) return ok(body);
	const code = codeOf(body);
	if (code === undefined) return err(withoutCode(response, now, repeatable));
	if (LATER.has(code)) return err(transient(`Slack answered ${code}`, response, now));
	if (UNCLEAR.has(code)) return err(leftOpen(`Slack answered ${code}`, repeatable));
	return err(refused(code, body));
}

/** The error code that an answer states. */
export function errorOf(response: OutboundResponse): string | undefined {
	return codeOf(parseAnswer(response.body));
}

/** An error code, if it looks like one: it goes into reasons, where nothing else of an answer belongs. */
function codeOf(body: Json | undefined): string | undefined {
	const code = valueAt(body, "ok") === false ? textAt(body, "error") : undefined;
	return code !== undefined && /^[a-z0-9_:]{1,80}$/.test(code) ? code : undefined;
}

function withoutCode(response: OutboundResponse, now: number, repeatable: boolean): Failure {
	const { status } = response;
	const reason = `Slack answered ${status}`;
	if (status === 429) return transient(reason, response, now);
	// Whoever says when to come back has not taken the message; other failures of a server leave it open.
	if (status === 503 && retryAfterMs(response, now) !== undefined) return transient(reason, response, now);
	if (status >= 500) return leftOpen(reason, repeatable);
	if (status >= 400) return { kind: "permanent", class: status === 401 ? "auth" : "invalid", reason };
	if (status >= 300) return { kind: "permanent", class: "policy", reason: `${reason}; redirects are not followed` };
	return leftOpen(`${reason} and did not say what it did`, repeatable);
}

function refused(code: string, body: Json | undefined): Failure {
	const needed = code === "missing_scope" ? textAt(body, "needed") : undefined;
	const scopes = needed !== undefined && /^[a-z0-9:_.,]{1,200}$/.test(needed) ? `, needs ${needed}` : "";
	return { kind: "permanent", class: CLASSES.get(code) ?? "invalid", reason: `Slack answered ${code}${scopes}` };
}
