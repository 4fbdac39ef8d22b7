// Slack's Web API.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { JsonObject } from "../../model/json";
import type { ConnectionSide } from "../connector";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api, Call } from "../outbound/json-api";
import { slackAnswer } from "./answers";

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
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	// "several hundred messages per minute" for a workspace: https://docs.slack.dev/apis/web-api/rate-limits. Besides, one
	// message per second and channel; whoever exceeds that is told to wait, and that channel waits alone.
	limits: { rate: { requests: 200, per_ms: 60_000 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

export const slackApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Slack",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	answer: slackAnswer,
	// Other pauses, like that of a service that is down, are everybody's.
	pausesScope: ({ status }) => status === 429,
};

/** A call of a method that writes. Slack warns of a body without a charset. */
export function posting(method: string, body: JsonObject): Call {
	return { method: "POST", path: `/${method}`, body, headers: { "content-type": "application/json; charset=utf-8" } };
}

/** A call of a method that reads. */
export function asking(method: string, query: Record<string, string>): Call {
	return { method: "GET", path: `/${method}`, query };
}
