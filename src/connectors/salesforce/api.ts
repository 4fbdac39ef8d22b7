// Salesforce's REST API, and what its refusals mean: its codes say more than the statuses that they come with.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import type { ConnectionSide, OutboundResponse } from "../connector";
import { textAt, valueAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import type { Failure } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import type { Api } from "../outbound/json-api";
import { retryAfterMs, transient } from "../outbound/retry-after";
import { answerBy, type PermanentClass } from "../outbound/statuses";

const Config = z
	.strictObject({
		instance_url: z
			.string()
			.regex(
				/^https:\/\/[a-z0-9][a-z0-9-]{0,62}(\.[a-z]{1,20})?\.my\.salesforce\.com$/,
				"write the address of My Domain, like https://acme.my.salesforce.com",
			)
			.optional()
			.describe("The organization's own address, like https://acme.my.salesforce.com."),
		base_url: BaseUrl.optional().describe("Where requests go instead, like a proxy."),
		api_version: z
			.string()
			.regex(/^\d{2,3}\.0$/, "write a version, like 64.0")
			.default("64.0")
			.describe("The version of the API."),
		client: z
			.string()
			.regex(/^[\w./-]{1,64}$/, "write a word without blanks")
			.default("signalbox")
			.describe("What change events name as the origin of our writes; the source's `own_client`."),
		auto_assign: z.boolean().default(false).describe("Whether assignment rules act on what is written."),
		allow_duplicates: z
			.boolean()
			.default(false)
			.describe("Whether a record is saved where duplicate rules only warn of it."),
	})
	.refine(({ instance_url, base_url }) => instance_url !== undefined || base_url !== undefined, {
		path: ["instance_url"],
		message: "say where the organization is",
	});
export type Config = z.infer<typeof Config>;
const Credentials = z.strictObject({
	access_token: z
		.string()
		.min(1)
		.max(2_000)
		.describe("A token of an integration user who may do no more than the workflows need."),
});

export const salesforceConnection: ConnectionSide = {
	config: Config,
	credentials: orOAuth(Credentials),
	bearer: (access_token) => ({ access_token }),
	// In 24 hours 100,000 and more by licenses, and 25 requests of 20 seconds or longer at once; in a Developer Edition
	// 15,000 and five:
	// https://developer.salesforce.com/docs/platform/salesforce-app-limits-cheatsheet/guide/salesforce-app-limits-platform-api.html
	limits: { rate: { requests: 100_000, per_ms: 86_400_000, burst: 1_000 }, concurrency: 25 },
	hosts: (config) => hostsOf({ base_url: config.instance_url ?? null, ...config }),
};

export const salesforceApi: Api<Config, z.infer<typeof Credentials>> = {
	title: "Salesforce",
	config: Config,
	credentials: Credentials,
	base: ({ instance_url, base_url, api_version }) => `${base_url ?? instance_url}/services/data/v${api_version}`,
	authorize: ({ access_token }) => ({ authorization: `Bearer ${access_token}` }),
	answer: answerBy({ title: "Salesforce", first: failureOf, code: codeOf }),
};

/** https://developer.salesforce.com/docs/platform/api-rest/guide/headers-calloptions.html */
export function callHeaders({ client }: Config): Record<string, string> {
	return { "sforce-call-options": `client=${client}` };
}

/** https://developer.salesforce.com/docs/platform/api-rest/guide/headers.html */
export function writeHeaders(config: Config): Record<string, string> {
	return {
		...callHeaders(config),
		"sforce-auto-assign": String(config.auto_assign),
		...(config.allow_duplicates && { "sforce-duplicate-rule-header": "allowSave=true" }),
	};
}

/**
 * What goes wrong is a list of errors, and of an upsert a member of its result:
 * https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes.html
 */
export function codeOf(response: OutboundResponse): string | undefined {
	const body = parseAnswer(response.body);
	const code = textAt(body, "0.errorCode") ?? (isRefused(body) ? textAt(body, "errors.0.statusCode") : undefined);
	return code !== undefined && /^[A-Z][A-Z0-9_]{1,79}$/.test(code) ? code : undefined;
}

function isRefused(body: ReturnType<typeof parseAnswer>): boolean {
	return valueAt(body, "success") === false;
}

/** Codes that say more than their status, which mostly is 400. */
const CLASSES: ReadonlyMap<string, PermanentClass> = new Map<string, PermanentClass>([
	["ENTITY_IS_DELETED", "not_found"],
	["INVALID_SESSION_ID", "auth"],
]);

function failureOf(response: OutboundResponse, now: number): Failure | undefined {
	const { status } = response;
	const code = codeOf(response);
	const reason = `Salesforce answered ${status}${code === undefined ? "" : `, ${code}`}`;
	if (status === 300) return { kind: "permanent", class: "invalid", reason: `${reason}: several records have that id` };
	if (code === "REQUEST_LIMIT_EXCEEDED") return { kind: "transient", reason, after_ms: limitMs(response, now) };
	// Somebody else was writing to the record, or to what it belongs to.
	if (code === "UNABLE_TO_LOCK_ROW") return transient(reason, response, now);
	const known = classOf(code);
	if (known !== undefined) return { kind: "permanent", class: known, reason };
	const isError = status < 300 && (code !== undefined || isRefused(parseAnswer(response.body)));
	return isError ? { kind: "permanent", class: "invalid", reason } : undefined;
}

function classOf(code: string | undefined): PermanentClass | undefined {
	if (code === undefined) return undefined;
	return code.startsWith("INSUFFICIENT_ACCESS") ? "permission" : CLASSES.get(code);
}

const AT_ONCE_MS = 60_000;
/** The allocation is that of the last 24 hours, so some of it may be free again long before they are over. */
const ALLOCATION_MS = 3_600_000;

/** One code for two limits: what is under way at once, which passes soon, and the day's allocation. */
function limitMs(response: OutboundResponse, now: number): number {
	return retryAfterMs(response, now) ?? (isAtOnce(response) ? AT_ONCE_MS : ALLOCATION_MS);
}

function isAtOnce({ headers, body }: OutboundResponse): boolean {
	const limit = /^(Concurrent|Total)Requests\b/.exec(textAt(parseAnswer(body), "0.message") ?? "")?.[1];
	if (limit !== undefined) return limit === "Concurrent";
	// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
	const usage = /(?:^|[;,\s])api-usage=(\d{1,12})\/(\d{1,12})/.exec(headers["sforce-limit-info"] ?? "");
	return usage !== null && Number(usage[1]) < Number(usage[2]);
}
