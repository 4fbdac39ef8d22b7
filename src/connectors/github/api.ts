// Calls of GitHub's REST API, and what its refusals mean.

import { z } from "zod";
import type { JsonObject } from "../../model/json";
import { ok, type Result } from "../../model/result";
import { parseAs } from "../config";
import type { ConnectionSide, Mark, OutboundRequest, OutboundResponse } from "../connector";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { type Failure, leftOpen } from "../outbound/failure";
import { BaseUrl, hostsOf, markHeaders, mergeHeaders } from "../outbound/headers";
import { boundedWait, retryAfterMs, transient } from "../outbound/retry-after";

const API = "https://api.github.com";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where GitHub's REST API lives."),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("A token that may write issues of the repositories concerned."),
});

export const githubConnection: ConnectionSide = {
	config: Config,
	credentials: Credentials,
	// "No more than 80 content-generating requests per minute" and "no more than 100 concurrent requests", of which a
	// quarter is ours since a token is shared: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
	limits: { rate: { requests: 80, per_ms: 60_000, burst: 10 }, concurrency: 25 },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

/** A repository. Both parts become parts of a path, so neither may hold what leads elsewhere. */
export const Repository = z.strictObject({
	owner: z
		.string()
		.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, "write the login of a user or an organisation")
		.describe("Who the repository belongs to."),
	repo: z
		.string()
		.regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/, "write the repository's name without its owner")
		.describe("The repository's name."),
});
export const Id = z.int().positive();

/** A method, and a path under the repository like `/issues/7`. */
export interface Call {
	method: OutboundRequest["method"];
	in: { owner: string; repo: string };
	path: string;
	body?: JsonObject;
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
		{ accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28", "user-agent": "signalbox" },
		call.body === undefined ? {} : { "content-type": "application/json" },
		{ authorization: `Bearer ${credentials.value.token}` },
		markHeaders(mark),
	);
	if (!headers.ok) return headers;
	return ok({
		method: call.method,
		url: `${config.value.base_url}/repos/${call.in.owner}/${call.in.repo}${call.path}`,
		headers: headers.value,
		secret_headers: ["authorization"],
		body: call.body === undefined ? null : JSON.stringify(call.body),
	});
}

/** By https://docs.github.com/en/rest/issues. A 404 may also hide what the token must not see; 410: issues are off. */
const CLASSES: ReadonlyMap<number, "auth" | "permission" | "not_found"> = new Map([
	[401, "auth"],
	[403, "permission"],
	[404, "not_found"],
	[410, "not_found"],
]);

/** Judges every answer but the one that was asked for. */
export function failureOf(response: OutboundResponse, now: number, repeatable: boolean): Failure {
	const { status } = response;
	const reason = `GitHub answered ${status}`;
	if (isLimit(response))
		return { kind: "transient", reason: `${reason}: a rate limit`, after_ms: waitMs(response, now) };
	if (status >= 500 || status === 408) {
		return repeatable ? transient(reason, response, now) : leftOpen(reason, repeatable);
	}
	if (status >= 400) return { kind: "permanent", class: CLASSES.get(status) ?? "invalid", reason };
	if (status >= 300) return { kind: "permanent", class: "policy", reason: `${reason}; redirects are not followed` };
	return leftOpen(`${reason} and did not say what it did`, repeatable);
}

/**
 * Rate limits come as 403 or 429; a 403 that is none says so by nothing but its message, like "You have exceeded a
 * secondary rate limit": https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
function isLimit(response: OutboundResponse): boolean {
	if (response.status === 429) return true;
	if (response.status !== 403) return false;
	if (response.headers["retry-after"] !== undefined || isUsedUp(response)) return true;
	return /\b(secondary rate|abuse detection)\b/i.test(textAt(parseAnswer(response.body), "message") ?? "");
}

function isUsedUp({ headers }: OutboundResponse): boolean {
	return headers["x-ratelimit-remaining"] === "0";
}

/** "Otherwise, wait for at least one minute before retrying." */
const AT_LEAST_MS = 60_000;

function waitMs(response: OutboundResponse, now: number): number {
	return retryAfterMs(response, now) ?? (isUsedUp(response) ? resetMs(response, now) : undefined) ?? AT_LEAST_MS;
}

/** `x-ratelimit-reset` is in epoch seconds. */
function resetMs({ headers }: OutboundResponse, now: number): number | undefined {
	const reset = headers["x-ratelimit-reset"] ?? "";
	return /^\d{1,12}$/.test(reset) ? boundedWait(Number(reset) * 1_000 - now) : undefined;
}
