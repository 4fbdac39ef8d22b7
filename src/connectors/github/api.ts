// GitHub's REST API, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import type { Failure } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import { type Api, pathOf } from "../outbound/json-api";
import { boundedWait, retryAfterMs } from "../outbound/retry-after";
import { answerBy } from "../outbound/statuses";

const API = "https://api.github.com";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where GitHub's REST API lives."),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("A token that may write issues of the repositories concerned."),
});

export const githubConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
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

/** Where a repository's resources are. */
export function pathIn({ owner, repo }: z.infer<typeof Repository>): string {
	return pathOf`/repos/${owner}/${repo}`;
}

export const githubApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "GitHub",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	headers: { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
	// A 404 may also hide what the token must not see; 410: issues are off. https://docs.github.com/en/rest/issues
	answer: answerBy({ title: "GitHub", first: limitOf }),
};

/**
 * Rate limits come as 403 or 429; a 403 that is none says so by nothing but its message, like "You have exceeded a
 * secondary rate limit": https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api. What was
 * written too fast is refused as if it were invalid, with 422, and "was submitted too quickly" among the errors.
 */
function limitOf(response: OutboundResponse, now: number): Failure | undefined {
	if (!isLimit(response)) return undefined;
	const reason = `GitHub answered ${response.status}: a rate limit`;
	return { kind: "transient", reason, after_ms: waitMs(response, now) };
}

function isLimit(response: OutboundResponse): boolean {
	if (response.status === 429) return true;
	if (isTooQuick(response)) return true;
	if (response.status !== 403) return false;
	if (response.headers["retry-after"] !== undefined || isUsedUp(response)) return true;
	return /\b(secondary rate|abuse detection)\b/i.test(textAt(parseAnswer(response.body), "message") ?? "");
}

function isTooQuick({ status, body }: OutboundResponse): boolean {
	if (status !== 422) return false;
	const answer = parseAnswer(body);
	const errors = valueAt(answer, "errors");
	const said = [answer, ...(Array.isArray(errors) ? errors : [])].map((one) => textAt(one, "message") ?? one);
	return said.some((text) => typeof text === "string" && /\bwas submitted too quickly\b/i.test(text));
}

function isUsedUp({ headers }: OutboundResponse): boolean {
	return headers["x-ratelimit-remaining"] === "0";
}

/** "Otherwise, wait for at least one minute before retrying." */
const AT_LEAST_MS = 60_000;

function waitMs(response: OutboundResponse, now: number): number {
	if (isTooQuick(response)) return Math.max(retryAfterMs(response, now) ?? 0, AT_LEAST_MS);
	return retryAfterMs(response, now) ?? (isUsedUp(response) ? resetMs(response, now) : undefined) ?? AT_LEAST_MS;
}

/** `x-ratelimit-reset` is in epoch seconds. */
function resetMs({ headers }: OutboundResponse, now: number): number | undefined {
	const reset = headers["x-ratelimit-reset"] ?? "";
	return /^\d{1,12}$/.test(reset) ? boundedWait(Number(reset) * 1_000 - now) : undefined;
}
