// Mail by Cloudflare's own service, through the Worker's binding: https://developers.cloudflare.com/email-service/. The
// binding is the deployment's, so whose mail it is stands in the connection: who it may be from.

import { z } from "zod";
import type { Outcome } from "../../model/outcome";
import { ok } from "../../model/result";
import { parseAs } from "../config";
import type { Action, Connector, OutboundResponse } from "../connector";
import { textAt } from "../inbound/read";
import { parseAnswer } from "../outbound/answer";
import { leftOpen } from "../outbound/failure";
import { mergeHeaders } from "../outbound/headers";
import { Message, partsOf, SENDING } from "./message";

const Config = z.strictObject({
	senders: z
		.array(z.email())
		.min(1)
		.max(50)
		.describe("The addresses that mail of this connection may be from. Each domain must be set up at Cloudflare."),
});

/** The binding needs none. */
const Credentials = z.strictObject({});

type Failure = Exclude<Outcome, { kind: "succeeded" }>;

/** https://developers.cloudflare.com/email-service/api/send-emails/workers-api/#error-codes; the others are `invalid`. */
const CLASSES: Readonly<Record<string, "permission">> = {
	E_RECIPIENT_NOT_ALLOWED: "permission",
	E_SENDER_DOMAIN_NOT_AVAILABLE: "permission",
	E_SENDER_NOT_VERIFIED: "permission",
};
/** Nothing was sent, and later it may be. The day's limit is looked at again every hour. */
const LATER: Readonly<Record<string, number | undefined>> = {
	E_DAILY_LIMIT_EXCEEDED: 3_600_000,
	E_RATE_LIMIT_EXCEEDED: undefined,
};
/** Mail may have gone out: to some of several recipients, where delivery failed for the others. */
const OPEN = ["E_DELIVERY_FAILED", "E_INTERNAL_SERVER_ERROR"];

const send: Action = {
	about:
		"Sends mail by the deployment's own binding. Nobody can tell afterwards whether a doubtful attempt sent it, so `on_unknown` decides; `stop`: at most once.",
	input: Message,
	...SENDING,
	repeatable: false,
	scopes: [],
	mark: "The headers `X-Signalbox-Run` and `X-Signalbox-Step` of the mail.",
	timeout_ms: 10_000,
	build: (input, connection, mark) => {
		const message = parseAs(Message, input, "with");
		if (!message.ok) return message;
		const config = parseAs(Config, connection.config, "config");
		if (!config.ok) return config;
		const credentials = parseAs(Credentials, connection.credentials, "credentials");
		if (!credentials.ok) return credentials;
		const { email } = partsOf(message.value.from);
		const isAllowed = config.value.senders.some((sender) => sender.toLowerCase() === email.toLowerCase());
		if (!isAllowed) return { ok: false, error: "with.from: not one of the connection's senders" };
		const marks = mergeHeaders({ "x-signalbox-run": mark.run, "x-signalbox-step": mark.step });
		if (!marks.ok) return marks;
		const body = JSON.stringify(bodyOf(message.value, marks.value));
		return ok({ method: "POST", url: "binding:EMAIL", headers: {}, secret_headers: [], body, binding: "EMAIL" });
	},
	read: (response) => judge(response),
};

/** As `SendEmail.send` takes it. */
function bodyOf({ reply_to, headers, ...message }: Message, marks: Record<string, string>) {
	return {
		...message,
		...(reply_to !== undefined && { replyTo: reply_to }),
		headers: { ...headers, ...marks },
	};
}

function judge({ status, body }: OutboundResponse): Outcome {
	const answer = parseAnswer(body);
	if (status === 200) return { kind: "succeeded", output: { id: textAt(answer, "messageId") ?? null } };
	return failureOf(status, textAt(answer, "code") ?? "");
}

function failureOf(status: number, code: string): Failure {
	if (status >= 500) {
		const reason = "this deployment sends no mail: add a send_email binding named EMAIL to wrangler.toml";
		return { kind: "permanent", class: "invalid", reason };
	}
	if (!/^E_[A-Z_]{1,60}$/.test(code)) return leftOpen("the binding did not say what it did", false);
	const reason = `the binding answered ${code}`;
	if (OPEN.includes(code)) return leftOpen(reason, false);
	if (Object.hasOwn(LATER, code)) {
		const after_ms = LATER[code];
		return { kind: "transient", reason, ...(after_ms !== undefined && { after_ms }) };
	}
	return { kind: "permanent", class: CLASSES[code] ?? "invalid", reason };
}

export const email: Connector = {
	id: "email",
	title: "Email by Cloudflare",
	connection: { config: Config, credentials: Credentials, hosts: () => [] },
	actions: { send },
};
