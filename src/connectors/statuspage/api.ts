// Statuspage's REST API. Its keys are those of a user, and can do all that the user can.

import { z } from "zod";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { answerBy } from "../outbound/statuses";

const API = "https://api.statuspage.io/v1";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where Statuspage's API lives."),
});
const Credentials = z.strictObject({
	api_key: z.string().min(1).max(1_000).describe("The API key of a user who may write to the pages concerned."),
});

/** "1 request / second as measured on a 60 second rolling window": https://developer.statuspage.io */
const WINDOW_MS = 60_000;

export const statuspageConnection: ConnectionSide = {
	config: Config,
	credentials: Credentials,
	limits: { rate: { requests: 60, per_ms: WINDOW_MS, burst: 5 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

export const statuspageApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Statuspage",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ api_key }) => ({ authorization: `OAuth ${api_key}` }),
	answer: answerBy({ title: "Statuspage", later: [420], wait: waitMs }),
};

/** Either of both "indicate that you have exceeded the rate limit", and neither is said to come with a time. */
function waitMs({ status }: OutboundResponse): number | undefined {
	return status === 420 || status === 429 ? WINDOW_MS : undefined;
}
