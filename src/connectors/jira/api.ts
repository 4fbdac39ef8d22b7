// Jira Cloud's REST API: where a site's lives, who calls it, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import { Json, type JsonObject } from "../../model/json";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { objectAt, parseTime } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { boundedWait } from "../outbound/retry-after";
import { answerBy } from "../outbound/statuses";

const Config = z
	.strictObject({
		cloud_id: z
			.string()
			.regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "write the site's cloud id, a UUID")
			.optional()
			.describe("The site's cloud id: how OAuth 2.0 apps, service accounts and tokens with scopes reach it."),
		site: z
			.string()
			.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "write acme for https://acme.atlassian.net")
			.optional()
			.describe("The site's name, like acme for https://acme.atlassian.net: how other API tokens reach it."),
		base_url: BaseUrl.optional().describe(
			"Another address of the site, like that of a proxy; it comes before the others.",
		),
	})
	.refine((config) => baseOf(config) !== undefined, "give cloud_id, site or base_url");
const Credentials = z.strictObject({
	email: z
		.string()
		.min(1)
		.max(320)
		.regex(/^[^:\s]+$/, "write the address without a colon")
		.optional()
		.describe("The address of the account that the API token belongs to. Without one, the token is sent by itself."),
	token: z.string().min(1).max(8_192).describe("An API token, or an access token."),
});
type Config = z.infer<typeof Config>;
type Credentials = z.infer<typeof Credentials>;

function baseOf({ base_url, cloud_id, site }: JsonObject): string | undefined {
	if (typeof base_url === "string") return base_url;
	if (typeof cloud_id === "string") return `https://api.atlassian.com/ex/jira/${cloud_id}`;
	return typeof site === "string" ? `https://${site}.atlassian.net` : undefined;
}

export const jiraConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	// 65,000 points an hour for an app, of which reading an issue costs two, and 50 PUT or DELETE requests in a second of
	// one kind: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
	limits: { rate: { requests: 32_500, per_ms: 3_600_000, burst: 50 } },
	hosts: (config) => hostsOf({ base_url: baseOf(config) ?? null }),
};

export const jiraApi: Api<Config, Credentials> = {
	title: "Jira",
	config: Config,
	credentials: Credentials,
	base: (config) => `${baseOf(config) ?? ""}/rest/api/3`,
	authorize: ({ email, token }) => ({
		authorization: email === undefined ? `Bearer ${token}` : `Basic ${inBase64(`${email}:${token}`)}`,
	}),
	answer: answerBy({
		title: "Jira",
		// It came into conflict with another change, and nothing of it was done.
		later: [409],
		wait: resetMs,
		code: codeOf,
	}),
	pausesScope: (response) => limitOf(response) === "jira-per-issue-on-write",
};

function inBase64(text: string): string {
	return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Which of its limits a 429 is about: one issue's, one endpoint's, or the app's by the hour. */
function limitOf({ headers }: OutboundResponse): string | undefined {
	return headers["ratelimit-reason"];
}

function resetMs({ headers }: OutboundResponse, now: number): number | undefined {
	const at = parseTime(headers["x-ratelimit-reset"]);
	return at === undefined ? undefined : boundedWait(at - now);
}

/** The limit; or of a request that is not as it should be, the first field that Jira objects to. */
function codeOf(response: OutboundResponse): string | undefined {
	const limit = limitOf(response);
	if (limit !== undefined) return /^jira-[a-z-]{1,60}$/.test(limit) ? limit : undefined;
	const [field] = Object.keys(objectAt(parseAnswer(response.body), "errors") ?? {});
	return field !== undefined && /^[a-z][A-Za-z0-9_]{0,79}$/.test(field) ? field : undefined;
}

export const IssueId = z
	.string()
	.regex(/^(\d{1,20}|[A-Za-z][A-Za-z0-9_]{0,99}-\d{1,18})$/, "write an issue's id or key, like 10412 or ACME-12")
	.describe("The issue's id or key.");

export const FieldId = z.string().regex(/^[a-z][A-Za-z0-9_]{0,99}$/, "write a field's id, like customfield_10010");

/** Fields by their ids, as Jira's REST API takes them. */
export const Fields = z.record(FieldId, Json);

/** The part that Jira pauses by itself: "Per-issue rate limiting on write operations". */
export function issueScope({ issue }: JsonObject): string | undefined {
	return typeof issue === "string" ? `issue ${issue}` : undefined;
}
