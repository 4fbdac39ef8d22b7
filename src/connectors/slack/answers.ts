// What Slack's Web API answers. It answers 200 also when it refuses; what happened stands in the body.

import type { Json } from "../../model/json";
import { err, ok } from "../../model/result";
import type { OutboundResponse } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { type Failure, leftOpen } from "../outbound/failure";
import { retryAfterMs, transient } from "../outbound/retry-after";
import type { AnswerReader, PermanentClass } from "../outbound/statuses";

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
export const slackAnswer: AnswerReader = (response, now, repeatable) => {
	const body = parseAnswer(response.body);
	if (body !== undefined && response.status < 300 && valueAt(body, "ok") === true) return ok(body);
	const code = codeOf(body);
	if (code === undefined) return err(withoutCode(response, now, repeatable));
	if (LATER.has(code)) return err(transient(`Slack answered ${code}`, response, now));
	if (UNCLEAR.has(code)) return err(leftOpen(`Slack answered ${code}`, repeatable));
	return err(refused(code, body));
};

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
