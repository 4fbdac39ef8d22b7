// Resend: sending mail. It knows a request by its idempotency key for 24 hours, and what is sent again after that is sent
// twice: https://resend.com/docs/dashboard/emails/idempotency-keys

import { z } from "zod";
import type { Connector, Mark, OutboundResponse } from "../connector";
import { lineOf, Message, SENDING } from "../email/message";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import type { Failure } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import { type Api, jsonAction } from "../outbound/json-api";
import { retryAfterMs } from "../outbound/retry-after";
import { answerBy, type PermanentClass } from "../outbound/statuses";

const API = "https://api.resend.com";

const Config = z.strictObject({ base_url: BaseUrl.default(API).describe("Where Resend's API lives.") });
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("An API key, best one that may only send, and of one domain."),
});

const api: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Resend",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ authorization: `Bearer ${token}` }),
	answer: answerBy({ title: "Resend", first: refusalOf, code: codeOf }),
};

/** By https://resend.com/docs/api-reference/errors, where they are not what their status says. */
const CLASSES: ReadonlyMap<string, PermanentClass> = new Map<string, PermanentClass>([
	["invalid_access", "permission"],
	["invalid_api_key", "auth"],
	["restricted_api_key", "permission"],
	["security_error", "policy"],
]);

/** Nothing was sent. Quotas fill up again within a day, or once somebody buys more. */
const QUOTAS = new Set(["daily_quota_exceeded", "monthly_quota_exceeded"]);
const QUOTA_WAIT_MS = 3_600_000;
/** The first request with the same key is still under way, and its answer will be that of all. */
const UNDER_WAY = "concurrent_idempotent_requests";

function refusalOf(response: OutboundResponse, now: number): Failure | undefined {
	const code = response.status >= 400 ? codeOf(response) : undefined;
	if (code === undefined) return undefined;
	const reason = `Resend answered ${response.status}, ${code}`;
	const asked = retryAfterMs(response, now);
	if (QUOTAS.has(code)) return { kind: "transient", reason, after_ms: Math.max(asked ?? 0, QUOTA_WAIT_MS) };
	if (code === UNDER_WAY) return { kind: "transient", reason, ...(asked !== undefined && { after_ms: asked }) };
	const known = CLASSES.get(code);
	return known === undefined ? undefined : { kind: "permanent", class: known, reason };
}

function codeOf(response: OutboundResponse): string | undefined {
	return textAt(parseAnswer(response.body), "name");
}

const sendEmail = jsonAction(api, {
	about: "Sends a mail, once within 24 hours: as long Resend recognises its repetitions.",
	input: Message,
	output: SENDING.output,
	writes: SENDING.writes,
	scopes: ["sending_access"],
	mark: "The tags `signalbox_run` and `signalbox_step`.",
	repeatable: true,
	once: "for 24 hours",
	call: ({ from, to, cc, bcc, reply_to, subject, text, html, headers }, { mark }) => ({
		method: "POST",
		path: "/emails",
		headers: { "idempotency-key": mark.idempotency_key },
		body: {
			from: lineOf(from),
			to: to.map(lineOf),
			...(cc.length > 0 && { cc: cc.map(lineOf) }),
			...(bcc.length > 0 && { bcc: bcc.map(lineOf) }),
			...(reply_to !== undefined && { reply_to: lineOf(reply_to) }),
			subject,
			...(text !== undefined && { text }),
			...(html !== undefined && { html }),
			...(Object.keys(headers).length > 0 && { headers }),
			tags: tagsOf(mark),
		},
	}),
	done: [200],
	result: (answer) => ({ output: { id: textAt(answer, "id") ?? null } }),
});

/** Tags hold letters, digits, `_` and `-`. */
function tagsOf({ run, step }: Mark): { name: string; value: string }[] {
	const value = (text: string) => text.replace(/[^\w-]/g, "_").slice(0, 256);
	return [
		{ name: "signalbox_run", value: value(run) },
		{ name: "signalbox_step", value: value(step) },
	];
}

export const resend: Connector = {
	id: "resend",
	title: "Resend",
	connection: {
		config: Config,
		credentials: Credentials,
		// "2 requests per second per team": https://resend.com/docs/api-reference/rate-limit
		limits: { rate: { requests: 2, per_ms: 1_000, burst: 1 } },
		hosts: (config) => hostsOf({ base_url: API, ...config }),
	},
	actions: { send_email: sendEmail },
};
