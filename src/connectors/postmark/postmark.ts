// Postmark: sending mail. It recognises no repeated request, so the message carries our key, by which it is looked for.

import { z } from "zod";
import type { Json } from "../../model/json";
import type { Connector, Found, Mark, OutboundResponse } from "../connector";
import { lineOf, type Mailbox, Message, SENDING } from "../email/message";
import { textAt, valueAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { type Failure, unclear } from "../outbound/failure";
import { BaseUrl, hostsOf } from "../outbound/headers";
import { type Api, jsonAction } from "../outbound/json-api";
import { transient } from "../outbound/retry-after";
import { answerBy, type PermanentClass } from "../outbound/statuses";

const API = "https://api.postmarkapp.com";

const Config = z.strictObject({
	base_url: BaseUrl.default(API).describe("Where Postmark's API lives."),
	message_stream: z
		.string()
		.regex(/^[a-z0-9][a-z0-9_-]{0,99}$/, "write the stream's id, like outbound")
		.default("outbound")
		.describe("The message stream that mails are sent through."),
});
const Credentials = z.strictObject({
	token: z.string().min(1).max(1_000).describe("A server's API token."),
});

const api: Api<z.infer<typeof Config>, z.infer<typeof Credentials>> = {
	title: "Postmark",
	config: Config,
	credentials: Credentials,
	base: ({ base_url }) => base_url,
	authorize: ({ token }) => ({ "x-postmark-server-token": token }),
	answer: answerBy({ title: "Postmark", first: refusalOf }),
};

/** By https://postmarkapp.com/developer/api/overview#error-codes. Others are `invalid`, like an inactive recipient's 406. */
const CLASSES: ReadonlyMap<number, PermanentClass> = new Map<number, PermanentClass>([
	[400, "permission"],
	[401, "permission"],
	[405, "permission"],
	[412, "permission"],
	[413, "permission"],
	[1226, "not_found"],
	[1235, "not_found"],
]);

/** Down for maintenance: nothing was taken. */
const MAINTENANCE = 100;

/** An error has a code of its own, whatever the status; 0 stands for none. What a server could not do is left to it. */
function refusalOf(response: OutboundResponse, now: number): Failure | undefined {
	const { status } = response;
	const code = valueAt(parseAnswer(response.body), "ErrorCode");
	if (typeof code !== "number" || !Number.isSafeInteger(code) || code <= 0) return undefined;
	const reason = `Postmark answered ${status}, error ${code}`;
	if (code === MAINTENANCE) return transient(reason, response, now);
	if (status === 429 || status >= 500) return undefined;
	return { kind: "permanent", class: status === 401 ? "auth" : (CLASSES.get(code) ?? "invalid"), reason };
}

/** What a value of metadata holds at most: https://postmarkapp.com/support/article/1125-custom-metadata-faq */
const MAX_METADATA = 80;

/** Keys are longer than that, so they go on in further values. */
function keyParts({ idempotency_key: key }: Mark): Record<string, string> {
	const parts = ["k", "k2", "k3"].map((name, i) => [name, key.slice(i * MAX_METADATA, (i + 1) * MAX_METADATA)]);
	return Object.fromEntries(parts.filter(([, part]) => part !== ""));
}

function listOf(mailboxes: Mailbox[]): string {
	return mailboxes.map(lineOf).join(", ");
}

/** Postmark lists what was sent some time later. It says nowhere how long, so this is generous. */
const SETTLED_MS = 30 * 60_000;
/** As many as are looked at. Steps of one run may have keys that begin alike. */
const PAGE = 100;

const sendEmail = jsonAction(api, {
	about:
		"Sends a mail. Whether a doubtful attempt sent it is looked for in a list that lags behind, so a run waits for half an hour before it tries again.",
	input: Message,
	output: SENDING.output,
	writes: SENDING.writes,
	scopes: [],
	mark: "The metadata `k`, which begins our idempotency key, and `trace`.",
	repeatable: false,
	call: ({ from, to, cc, bcc, reply_to, subject, text, html, headers }, { mark, config }) => ({
		method: "POST",
		path: "/email",
		body: {
			From: lineOf(from),
			To: listOf(to),
			...(cc.length > 0 && { Cc: listOf(cc) }),
			...(bcc.length > 0 && { Bcc: listOf(bcc) }),
			...(reply_to !== undefined && { ReplyTo: lineOf(reply_to) }),
			Subject: subject,
			...(text !== undefined && { TextBody: text }),
			...(html !== undefined && { HtmlBody: html }),
			...(Object.keys(headers).length > 0 && {
				Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
			}),
			MessageStream: config.message_stream,
			Metadata: { ...keyParts(mark), trace: mark.trace_id },
		},
	}),
	done: [200],
	result: (answer) => (valueAt(answer, "ErrorCode") === 0 ? { output: outputOf(answer) } : undefined),
	probe: {
		call: (_input, { mark, config }) => ({
			method: "GET",
			path: "/messages/outbound",
			query: {
				count: String(PAGE),
				offset: "0",
				messagestream: config.message_stream,
				metadata_k: mark.idempotency_key.slice(0, MAX_METADATA),
			},
		}),
		find: (answer, { mark, now }) => look(valueAt(answer, "Messages"), mark, now),
	},
});

function outputOf(message: Json): { id: string | null } {
	return { id: textAt(message, "MessageID") ?? null };
}

/** Absent only if the whole list is there and has had time to catch up with the attempt. */
function look(messages: Json | undefined, mark: Mark, now: number): Found {
	if (!Array.isArray(messages)) return unclear("Postmark answered without messages");
	const parts = Object.entries(keyParts(mark));
	const found = messages.find((message) =>
		parts.every(([name, part]) => valueAt(message, `Metadata.${name}`) === part),
	);
	if (found !== undefined) return { kind: "found", output: outputOf(found) };
	if (messages.length >= PAGE) return unclear("it is not among the mails that Postmark listed first");
	const left = (mark.tried_at ?? now) + SETTLED_MS - now;
	if (left <= 0) return { kind: "absent" };
	return { kind: "unclear", reason: "Postmark does not list it, and may lag behind", after_ms: Math.ceil(left) };
}

export const postmark: Connector = {
	id: "postmark",
	title: "Postmark",
	connection: {
		config: Config,
		credentials: Credentials,
		hosts: (config) => hostsOf({ base_url: API, ...config }),
	},
	actions: { send_email: sendEmail },
};
