// Zendesk's Ticketing API, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { Json, JsonObject } from "../../model/json";
import type { ConnectionSide, Mark, OutboundResponse } from "../connector";
import { countAt, textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import type { Failure } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { retryAfterMs, transient } from "../outbound/retry-after";
import { answerBy } from "../outbound/statuses";

const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const Config = z
	.strictObject({
		subdomain: z
			.string()
			.regex(SUBDOMAIN, "write what stands before .zendesk.com")
			.optional()
			.describe("What stands before .zendesk.com."),
		base_url: BaseUrl.optional().describe("Where Zendesk lives, if not at its own address."),
	})
	.superRefine(({ subdomain, base_url }, context) => {
		if (subdomain !== undefined || base_url !== undefined) return;
		context.addIssue({ code: "custom", path: ["subdomain"], message: "write what stands before .zendesk.com" });
	});
type Config = z.infer<typeof Config>;

const Credentials = z.strictObject({
	token: z
		.string()
		.min(1)
		.max(1_000)
		.describe("An OAuth access token of a user of its own, so that its writes can be told from people's."),
});

export const zendeskConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials, { auth: "body" }),
	bearer: (token) => ({ token }),
	// "Team: 200" a minute, the least of all plans: https://developer.zendesk.com/api-reference/introduction/rate-limits/
	limits: { rate: { requests: 200, per_ms: 60_000, burst: 20 } },
	hosts: (config) => hostsOf({ base_url: baseOf(config), ...config }),
};

function baseOf({ subdomain, base_url }: JsonObject): string {
	if (typeof base_url === "string") return base_url;
	return typeof subdomain === "string" && SUBDOMAIN.test(subdomain) ? `https://${subdomain}.zendesk.com` : "";
}

export const zendeskApi: Api<Config, z.infer<typeof Credentials>> = {
	title: "Zendesk",
	config: Config,
	credentials: Credentials,
	base: (config) => `${baseOf(config)}/api/v2`,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	// 409: the database was busy with the ticket, or the request of that idempotency key is still under way.
	answer: answerBy({ title: "Zendesk", later: [409], first: downOf, code: codeOf }),
	pausesScope: (response) => response.status === 429 && !isUsedUp(response),
};

/** Whoever says when to come back has done nothing; other failures of a server leave it open. */
function downOf(response: OutboundResponse, now: number): Failure | undefined {
	const isDown = response.status === 503 && retryAfterMs(response, now) !== undefined;
	return isDown ? transient("Zendesk answered 503", response, now) : undefined;
}

/** Like `RecordInvalid`; where it is a sentence it is none. */
function codeOf(response: OutboundResponse): string | undefined {
	const code = textAt(parseAnswer(response.body), "error");
	return code !== undefined && /^\w+$/.test(code) ? code : undefined;
}

/**
 * True if the limit is the account's. A ticket has one of its own, of 30 updates in ten minutes:
 * https://developer.zendesk.com/api-reference/introduction/rate-limits/
 */
function isUsedUp({ headers }: OutboundResponse): boolean {
	const remaining = headers["x-rate-limit-remaining"] ?? headers["ratelimit-remaining"];
	return remaining === undefined || remaining === "0";
}

/** A ticket by the action's input, as what a pause may concern. */
export function ticketScope({ ticket_id }: JsonObject): string | undefined {
	return typeof ticket_id === "string" ? `ticket ${ticket_id}` : undefined;
}

/** An id as events have it, in digits; numbers are as good. None of them is beyond what a double can hold. */
export const Id = z
	.union([z.int().positive(), z.string()])
	.transform(String)
	.refine((text) => /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(Number(text)), "write an id, like 35436");

export function idIn(answer: Json | undefined, path: string): string | null {
	const id = countAt(answer, path);
	return id === undefined ? null : String(id);
}

export const Ticket = z.strictObject({ ticket_id: Id.describe("The ticket's id, as in its URL.") });

/** For the documentation. */
export const MARK = "The metadata of the ticket's audit, and the user whose token is used.";

/** Kept with the audit of an update, where people do not see it: at most a kilobyte. */
export function metadataOf(mark: Mark): JsonObject {
	return { signalbox: mark.idempotency_key, trace: mark.trace_id };
}

export function keyIn(comment: Json): string | undefined {
	return textAt(comment, "metadata.custom.signalbox");
}
