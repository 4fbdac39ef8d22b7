// SendGrid's API, and what its refusals mean.

import { z } from "zod";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { boundedWait } from "../outbound/retry-after";
import { answerBy } from "../outbound/statuses";

const API = "https://api.sendgrid.com/v3";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where SendGrid's API lives; in Europe https://api.eu.sendgrid.com/v3."),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("An API key with the permission mail.send and no other."),
});

export const sendgridConnection: ConnectionSide = {
	config: Config,
	credentials: Credentials,
	// No numbers are published, only headers:
	// https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

export const sendgridApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "SendGrid",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	answer: answerBy({ title: "SendGrid", wait: resetMs }),
};

/** `x-ratelimit-reset` is in epoch seconds. It is asked for only where nothing was done for now. */
function resetMs({ headers }: OutboundResponse, now: number): number | undefined {
	const reset = headers["x-ratelimit-reset"] ?? "";
	return /^\d{1,12}$/.test(reset) ? boundedWait(Number(reset) * 1_000 - now) : undefined;
}
