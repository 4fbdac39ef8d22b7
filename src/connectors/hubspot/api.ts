// HubSpot's CRM API, and what its refusals mean.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { BaseUrl, hostsOf } from "../outbound/headers";
import { type Api, PathPart } from "../outbound/json-api";
import { answerBy } from "../outbound/statuses";

const API = "https://api.hubapi.com";

/** The internal name of a property. */
export const Property = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_]{0,99}$/, "write a property's internal name");

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where HubSpot's API lives."),
	key_property: Property.default("signalbox_key").describe(
		"A property of notes that the administrator has made, of single-line text with unique values: what is created carries its key there.",
	),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("The access token of an app."),
});

export const hubspotConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (token) => ({ token }),
	// Per app and account, what the smallest subscription has; larger ones have 190:
	// https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
	limits: { rate: { requests: 100, per_ms: 10_000 } },
	hosts: (config) => hostsOf({ base_url: API, ...config }),
};

export const hubspotApi: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "HubSpot",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	// 423: too much at once; 477: the account is being moved. https://developers.hubspot.com/docs/api-reference/error-handling
	answer: answerBy({ title: "HubSpot", later: [423, 477], wait: waitMs, code: codeOf }),
};

/** Which limit was hit, or what kind of error it is. */
function codeOf({ body }: OutboundResponse): string | undefined {
	const answer = parseAnswer(body);
	return textAt(answer, "policyName") ?? textAt(answer, "category");
}

/**
 * How long the limits last: "Locks will last for 2 seconds"; a day's limit until midnight in the account's time zone,
 * which nothing tells, so it is asked once an hour.
 */
const WAITS_MS: ReadonlyMap<string, number> = new Map([
	["SECONDLY", 1_000],
	["TEN_SECONDLY_ROLLING", 10_000],
	["DAILY", 3_600_000],
]);
const LOCK_MS = 2_000;

function waitMs(response: OutboundResponse): number | undefined {
	if (response.status === 423) return LOCK_MS;
	return response.status === 429 ? WAITS_MS.get(codeOf(response) ?? "") : undefined;
}

/** The kinds of record that actions know: their name in paths, and HubSpot's association from a note to one. */
export const KINDS = {
	contact: { path: "contacts", note_association: 202 },
	company: { path: "companies", note_association: 190 },
	deal: { path: "deals", note_association: 214 },
	ticket: { path: "tickets", note_association: 228 },
} as const;

export const Kind = z.enum(["contact", "company", "deal", "ticket"]);

/** A record, by its id or by another property whose values are unique. */
export const RecordRef = z.strictObject({
	object: Kind.describe("What kind of record it is."),
	id: PathPart.describe("The record's id, or its value of id_property."),
	id_property: Property.optional().describe("A property with unique values, like email, if the record is named by it."),
});

/** Of these the ones of the kinds concerned: https://github.com/HubSpot/HubSpot-public-api-spec-collection */
export const READ_SCOPES = [
	"crm.objects.contacts.read",
	"crm.objects.companies.read",
	"crm.objects.deals.read",
	"tickets",
];
export const WRITE_SCOPES = [
	"crm.objects.contacts.write",
	"crm.objects.companies.write",
	"crm.objects.deals.write",
	"tickets",
];

export const MARK = "The app whose token is used: HubSpot names it in the `sourceId` of its events.";
