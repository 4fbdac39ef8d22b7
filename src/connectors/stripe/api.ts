// Stripe's API, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { answerBy } from "../outbound/statuses";

const API = "https://api.stripe.com";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where Stripe's API lives."),
	account: z
		.string()
		.regex(/^acct_[A-Za-z0-9]{1,100}$/, "write an account's id, like acct_1AbC")
		.optional()
		.describe("The connected account to act for; by default that of the key."),
	api_version: z
		.string()
		.regex(/^\d{4}-\d\d-\d\d(\.[a-z]{1,50})?$/, "write a version, like 2026-10-28.clover")
		.optional()
		.describe("The version to be answered in; by default the account's."),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("A restricted key (rk_…) that may read the objects concerned."),
});

export const stripeConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	// 25 requests per second in sandboxes, 100 with live keys: https://docs.stripe.com/rate-limits
	limits: { rate: { requests: 25, per_ms: 1_000 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

export const stripeApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Stripe",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	// 409: another request holds the object, or has the same key. https://docs.stripe.com/api/errors
	answer: answerBy({ title: "Stripe", classes: { 402: "policy" }, later: [409], code: codeOf }),
};

/** What Stripe says of an error, never its message, which may quote the request. */
function codeOf(response: OutboundResponse): string | undefined {
	const body = parseAnswer(response.body);
	return textAt(body, "error.code") ?? textAt(body, "error.type");
}
