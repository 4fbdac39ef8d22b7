// Notion's API, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide } from "../connector";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { answerBy } from "../outbound/statuses";

const API = "https://api.notion.com";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where Notion's API lives."),
	key_property: z
		.string()
		.min(1)
		.max(255)
		.optional()
		.describe(
			"The name of a text property that you have added to the data sources that pages are created in. It keeps the key by which a page is found whose creation nobody has confirmed; without it such a page has to be looked for by people.",
		),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("The token of a connection that the pages concerned are shared with."),
});

export const notionConnection: ConnectionSide = {
	config: Config,
	// https://developers.notion.com/reference/create-a-token
	credentials: orOAuth(Credentials, { token_url: `${API}/v1/oauth/token`, auth: "basic" }),
	bearer: (token) => ({ token }),
	// "An average of three requests per second", and "some bursts beyond the average rate are allowed":
	// https://developers.notion.com/reference/request-limits
	limits: { rate: { requests: 180, per_ms: 60_000, burst: 9 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

export const notionApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Notion",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	headers: { "notion-version": "2025-09-03" },
	/**
	 * 409: the transaction could not be completed; 529: it is asked too much. Neither has done anything, unlike 500, 503
	 * and 504, after which Notion's own library repeats nothing but reading and deleting. A 404 may also hide what is not
	 * shared with the connection. https://developers.notion.com/reference/status-codes
	 */
	answer: answerBy({
		title: "Notion",
		later: [409, 529],
		code: ({ body }) => /^[a-z_]+$/.exec(textAt(parseAnswer(body), "code") ?? "")?.[0],
	}),
};
