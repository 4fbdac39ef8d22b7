// Sending a mail. SendGrid neither recognises a repeated request nor lets anybody look for a mail, so whether one that was
// perhaps sent is sent again is for the workflow to say.

import { type Mailbox, Message, partsOf, SENDING } from "../email/message";
import { jsonAction } from "../outbound/json-api";
import { sendgridApi } from "./api";
import { argumentsOf } from "./mark";

type Parts = { email: string; name?: string };

export const sendEmail = jsonAction(sendgridApi, {
	about:
		"Sends a mail. Nobody can tell afterwards whether a doubtful attempt sent it, so `on_unknown` decides; `stop`: at most once.",
	input: Message,
	output: SENDING.output,
	writes: SENDING.writes,
	scopes: ["mail.send"],
	mark: "The custom arguments `signalbox_run` and `signalbox_key`, which come back in every event of the mail.",
	repeatable: false,
	call: ({ from, reply_to, subject, text, html, headers, ...recipients }, { mark }) => ({
		method: "POST",
		path: "/mail/send",
		body: {
			personalizations: [{ ...onceEach(recipients), custom_args: argumentsOf(mark) }],
			from: partsOf(from),
			...(reply_to !== undefined && { reply_to: partsOf(reply_to) }),
			subject,
			// Plain text must come first.
			content: [
				...(text === undefined ? [] : [{ type: "text/plain", value: text }]),
				...(html === undefined ? [] : [{ type: "text/html", value: html }]),
			],
			...(Object.keys(headers).length > 0 && { headers }),
		},
	}),
	done: [202],
	result: (_answer, _input, { headers }) => ({ output: { id: idIn(headers["x-message-id"]) } }),
});

/** SendGrid refuses an address that stands twice in whatever spelling, so it stays where it stands first. */
function onceEach({ to, cc, bcc }: { to: Mailbox[]; cc: Mailbox[]; bcc: Mailbox[] }): Record<string, Parts[]> {
	const seen = new Set<string>();
	const unseen = (mailboxes: Mailbox[]) =>
		mailboxes.map(partsOf).filter(({ email }) => {
			const isNew = !seen.has(email.toLowerCase());
			seen.add(email.toLowerCase());
			return isNew;
		});
	const lists = Object.entries({ to, cc, bcc }).map(([name, mailboxes]) => [name, unseen(mailboxes)] as const);
	return Object.fromEntries(lists.filter(([, mailboxes]) => mailboxes.length > 0));
}

function idIn(header: string | undefined): string | null {
	return header !== undefined && /^[\x21-\x7e]{1,200}$/.test(header) ? header : null;
}
