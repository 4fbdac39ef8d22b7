// PagerDuty's two APIs, which live at two hosts: events, which open, take on and close incidents by a key of the sender's
// own and know nobody but an integration; and REST, for everything else, which wants to know who acts.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { countAt, textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import type { Failure } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { boundedWait } from "../outbound/retry-after";
import { answerBy, type PermanentClass } from "../outbound/statuses";

const REST = "https://api.pagerduty.com";
const EVENTS = "https://events.pagerduty.com/v2";

const Config = z.strictObject({
	base_url: BaseUrl.default(REST).describe(
		"Where PagerDuty's REST API lives; for accounts in Europe https://api.eu.pagerduty.com.",
	),
	events_url: BaseUrl.default(EVENTS).describe(
		"Where its events API lives; for accounts in Europe https://events.eu.pagerduty.com/v2.",
	),
	from: z.email().max(254).optional().describe("The address of the user that notes are written by."),
});
type Config = z.infer<typeof Config>;

const Credentials = z.strictObject({
	routing_key: z
		.string()
		.regex(/^[\w-]{1,200}$/, "write an integration key")
		.optional()
		.describe("The key of an integration with events API v2, for opening, taking on and closing incidents."),
	token: z.string().min(1).max(1_000).optional().describe("An API key, for notes and for reading incidents."),
	access_token: z.string().min(1).max(8_192).optional().describe("Or a token of OAuth, in the place of the API key."),
});
export type Credentials = z.infer<typeof Credentials>;

export const pagerdutyConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials, { token_url: "https://identity.pagerduty.com/oauth/token", auth: "body" }).refine(
		(given) => Object.values(given).some((one) => one !== undefined),
		"write a routing_key for events, a token for everything else, or both",
	),
	bearer: (access_token, { routing_key }) => ({ ...(routing_key !== undefined && { routing_key }), access_token }),
	// "Approximately 120 calls/minute per integration key", where REST bears 960: docs/events-API-v2/05-Rate-Limits.md and
	// docs/REST-API/04-Rate-Limits.md of https://github.com/PagerDuty/developer-docs
	limits: { rate: { requests: 120, per_ms: 60_000 } },
	hosts: (config) => bothHosts({ base_url: REST, events_url: EVENTS, ...config }),
};

/** None at all unless both can be read. */
function bothHosts({ base_url, events_url }: { base_url: unknown; events_url: unknown }): string[] {
	const hosts = [base_url, events_url].map((url) => (typeof url === "string" ? hostsOf({ base_url: url }) : []));
	return hosts.some((host) => host.length === 0) ? [] : [...new Set(hosts.flat())];
}

/** 402: the account does not have the feature. `docs/REST-API/14-Errors.md` of PagerDuty/developer-docs. */
const CLASSES: Readonly<Record<number, PermanentClass>> = { 402: "permission" };

/** The limits of the two hosts are apart, so either pauses alone. */
const isLimit = ({ status }: OutboundResponse): boolean => status === 429;

export const restApi: Api<Config, Credentials> = {
	title: "PagerDuty",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: authorizationOf,
	headers: { accept: "application/vnd.pagerduty+json;version=2" },
	answer: answerBy({ title: "PagerDuty", classes: CLASSES, wait: untilReset, code: codeOf }),
	pausesScope: isLimit,
};

function authorizationOf({ token, access_token }: Credentials): Record<string, string> {
	if (access_token !== undefined) return { authorization: `Bearer ${access_token}` };
	return token === undefined ? {} : { authorization: `Token token=${token}` };
}

/** `ratelimit-reset` is in seconds from now. */
function untilReset({ status, headers }: OutboundResponse): number | undefined {
	const reset = headers["ratelimit-reset"] ?? "";
	return status === 429 && /^\d{1,6}$/.test(reset) ? boundedWait(Number(reset) * 1_000) : undefined;
}

/** Numbers that PagerDuty lists with their meanings. */
function codeOf({ body }: OutboundResponse): string | undefined {
	const code = countAt(parseAnswer(body), "error.code");
	return code === undefined ? undefined : `code ${code}`;
}

/** No secret stands in its headers, and no token of REST goes to its host. */
export const eventsApi: Api<Config, Credentials> = {
	title: "PagerDuty",
	config: Config,
	credentials: Credentials,
	base: ({ events_url }) => events_url,
	authorize: () => ({}),
	// "Each request being 30 seconds apart", where nothing says how long to wait.
	answer: answerBy({
		title: "PagerDuty",
		classes: CLASSES,
		first: refusalOf,
		wait: ({ status }) => (status === 429 ? 30_000 : undefined),
	}),
	pausesScope: isLimit,
};

/** Accepted by its status, and not by its body, which then holds "a short error message in case of a failure". */
function refusalOf({ status, body }: OutboundResponse): Failure | undefined {
	const said = textAt(parseAnswer(body), "status");
	if (status >= 300 || said === undefined || said === "success") return undefined;
	return { kind: "permanent", class: "invalid", reason: `PagerDuty answered ${status} and did not accept the event` };
}
