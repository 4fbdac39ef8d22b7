// DocuSign's eSignature REST API, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import type { Failure } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import { type Api, pathOf } from "../outbound/json-api";
import { retryAfterMs } from "../outbound/retry-after";
import { answerBy, type PermanentClass } from "../outbound/statuses";

const Config = z.strictObject({
	account_id: z
		.string()
		.regex(/^[0-9A-Za-z-]{1,64}$/, "write the account's API account id")
		.describe("The account whose envelopes these are."),
	base_uri: z
		.string()
		.regex(
			/^https:\/\/([a-z0-9-]{1,63}\.){1,4}docusign\.net$/,
			"write the account's base URI, like https://na3.docusign.net",
		)
		.describe("The account's base URI, as its user information names it: not every host knows every account."),
	base_url: BaseUrl.optional().describe("Where the REST API lives; by default /restapi at the base URI."),
});
type Config = z.infer<typeof Config>;
const Credentials = z.strictObject({
	token: z.string().min(1).max(8_192).describe("An access token with the scope signature."),
});

export const docusignConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	// For all apps of an account together, with at most 500 in 30 seconds, in the developers' environment 200:
	// https://developers.docusign.com/platform/resource-limits
	limits: { rate: { requests: 3_000, per_ms: 3_600_000, burst: 100 } },
	hosts: (config) => hostsOf({ base_url: config.base_uri ?? null, ...config }),
};

export const docusignApi: Api<Config, z.infer<typeof Credentials>> = {
	title: "DocuSign",
	config: Config,
	credentials: Credentials,
	base: ({ base_uri, base_url }) => base_url ?? `${base_uri}/restapi`,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	answer: answerBy({ title: "DocuSign", first: refusalOf, code: codeOf }),
	pausesScope: (response) => /_POLLING_/.test(codeOf(response) ?? ""),
};

export function envelopePath({ account_id }: Config, envelopeId: string): string {
	return pathOf`/v2.1/accounts/${account_id}/envelopes/${envelopeId}`;
}

/** Codes are compared in capitals: the documentation writes some of them in mixed case. */
function codeOf({ body }: OutboundResponse): string | undefined {
	return textAt(parseAnswer(body), "errorCode")?.toUpperCase();
}

const CLASSES: ReadonlyMap<string, PermanentClass> = new Map<string, PermanentClass>([
	["AUTHORIZATION_INVALID_TOKEN", "auth"],
	["PARTNER_AUTHENTICATION_FAILED", "auth"],
	["USER_AUTHENTICATION_FAILED", "auth"],
	["ACCOUNT_LACKS_PERMISSIONS", "permission"],
	["USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT", "permission"],
	["USER_LACKS_MEMBERSHIP", "permission"],
	["USER_LACKS_PERMISSIONS", "permission"],
	["USER_NOT_ENVELOPE_SENDER_OR_RECIPIENT", "permission"],
	["ENVELOPE_DOES_NOT_EXIST", "not_found"],
	["ENVELOPE_NOT_FOUND", "not_found"],
]);

/** Most refusals come as 400, limits too: what is wrong is told by a code. */
function refusalOf(response: OutboundResponse, now: number): Failure | undefined {
	const code = response.status >= 500 ? undefined : codeOf(response);
	if (code === undefined) return undefined;
	const reason = `DocuSign answered ${response.status}, ${code}`;
	if (LIMIT.test(code)) return { kind: "transient", reason, after_ms: waitMs(code, response, now) };
	const known = CLASSES.get(code);
	return known === undefined ? undefined : { kind: "permanent", class: known, reason };
}

const LIMIT = /^(HOURLY|BURST)_[A-Z_]{1,60}_LIMIT_EXCEEDED$/;
const BURST_MS = 30_000;
const HOUR_MS = 3_600_000;

/** "Hourly API usage refreshes at the top of each hour". */
function waitMs(code: string, response: OutboundResponse, now: number): number {
	const fallback = code.startsWith("BURST_") ? BURST_MS : HOUR_MS - (now % HOUR_MS);
	return retryAfterMs(response, now) ?? fallback;
}
