// Intercom's REST API, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import type { Failure } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { boundedWait, retryAfterMs } from "../outbound/retry-after";
import { answerBy } from "../outbound/statuses";

/** https://developers.intercom.com/docs/build-an-integration/learn-more/rest-apis#regional-endpoints */
const REGIONS = {
	us: "https://api.intercom.io",
	eu: "https://api.eu.intercom.io",
	au: "https://api.au.intercom.io",
} as const;

const Region = z.enum(["us", "eu", "au"]);
const Config = z.strictObject({
	region: Region.default("us").describe("Where the workspace's data are kept."),
	base_url: BaseUrl.optional().describe("Where Intercom's REST API lives, if not at its own address."),
});
type Config = z.infer<typeof Config>;

const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("An access token that may read and write conversations."),
});

export const intercomConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	// "10,000 API calls per minute per app", evenly over stretches of ten seconds:
	// https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
	limits: { rate: { requests: 1_666, per_ms: 10_000 } },
	hosts: ({ region, ...config }) => hostsOf({ base_url: REGIONS[Region.safeParse(region).data ?? "us"], ...config }),
};

export const intercomApi: Api<Config, z.infer<typeof Credentials>> = {
	title: "Intercom",
	config: Config,
	credentials: Credentials,
	base: ({ region, base_url }) => base_url ?? REGIONS[region],
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	headers: { "intercom-version": "2.16" },
	answer: answerBy({ title: "Intercom", first: limitOf, wait: resetMs, code: errorOf }),
};

/** The first error that an answer states: https://developers.intercom.com/docs/references/rest-api/errors/error-codes */
function errorOf(response: OutboundResponse): string | undefined {
	return textAt(parseAnswer(response.body), "errors.0.code");
}

const LIMITS = ["rate_limit_exceeded", "retry_after", "too_many_requests"];

/** A limit by its code, whatever status it comes with. */
function limitOf(response: OutboundResponse, now: number): Failure | undefined {
	const code = errorOf(response);
	if (code === undefined || !LIMITS.includes(code) || response.status < 400) return undefined;
	const after_ms = retryAfterMs(response, now) ?? resetMs(response, now);
	const reason = `Intercom answered ${response.status}, ${code}`;
	return { kind: "transient", reason, ...(after_ms !== undefined && { after_ms }) };
}

/** `X-RateLimit-Reset` is in epoch seconds, and comes with every answer: it matters where nothing remains. */
function resetMs({ status, headers }: OutboundResponse, now: number): number | undefined {
	const reset = headers["x-ratelimit-reset"] ?? "";
	return status === 429 && /^\d{1,12}$/.test(reset) ? boundedWait(Number(reset) * 1_000 - now) : undefined;
}

/** An id in digits: Intercom reads `last` as whatever conversation is the newest. */
export const Id = z.string().regex(/^\d{1,20}$/, "write an id, like 215470001");
