// A message to be sent by mail, as every connector that sends mail takes it. Parts of it often come from events, so what
// goes into a header of the mail can hold no line break, and what goes into an address nothing that begins another one.

import { z } from "zod";

/**
 * As browsers judge addresses (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address), but with a dot
 * in the domain: none of these characters has to be quoted anywhere, or ends an address in a list.
 */
const ADDRESS =
	/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{3,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
/** Line breaks and whatever else no header can hold, also where RFC 2047 hides it in the place of a word. */
const UNSENDABLE = /[\p{Cc}\u2028\u2029]|=\?[^?]*\?[bq]\?/iu;
/** What ends a name where it is quoted, or begins an address. */
const DELIMITERS = /["\\<>]/;

const Address = z.string().max(254).regex(ADDRESS, "write an address like dana@example.com");

const Named = z.strictObject({
	email: Address,
	name: z
		.string()
		.min(1)
		.max(200)
		.refine(isOneLine, "a name is one line")
		.refine((text) => !DELIMITERS.test(text), "a name holds no double quotes, backslashes or angle brackets")
		.optional()
		.describe("What people see in the place of the address."),
});

/** An address, or one with a name. */
export const Mailbox = z.union([Address, Named]);
export type Mailbox = z.infer<typeof Mailbox>;

function isOneLine(text: string): boolean {
	return text.isWellFormed() && !UNSENDABLE.test(text);
}

/**
 * Only what says something about the message as a whole and is nobody else's to set: not who it is from and to, not how
 * its body is encoded, not what servers write on its way.
 */
const HEADER_NAME =
	/^(?:Auto-Submitted|Feedback-ID|Importance|In-Reply-To|List-(?:Archive|Help|ID|Owner|Post|Subscribe|Unsubscribe|Unsubscribe-Post)|Organization|Precedence|Priority|References|X-(?!Signalbox-)[A-Za-z0-9-]{1,70})$/i;
/** One line of printable ASCII, and short enough to be one with its name (RFC 5322, section 2.1.1). */
const HEADER_VALUE = /^[\x20-\x7e]{1,900}$/;

const Headers = z
	.record(
		z.string().regex(HEADER_NAME, "write a header that may be set here, like List-Unsubscribe or X-Ticket"),
		z.string().regex(HEADER_VALUE, "write one line of ASCII").refine(isOneLine, "write it as it is"),
	)
	.refine((headers) => Object.keys(headers).length <= 20, "at most 20 headers");

const Recipients = z.array(Mailbox).max(50);
/** More than any template makes, and far less than the systems take. */
const Body = z.string().min(1).max(500_000);

const Fields = z.strictObject({
	from: Mailbox.describe("Who it is from, of a domain that may be sent for."),
	to: Recipients.min(1).describe("Who it is to. Everybody sees all of these."),
	cc: Recipients.default([]),
	bcc: Recipients.default([]).describe("Who else it goes to, unseen by the others."),
	reply_to: Mailbox.optional().describe("Where answers go, if not to the sender."),
	subject: z.string().min(1).max(900).refine(isOneLine, "a subject is one line"),
	text: Body.optional().describe("The message as plain text."),
	html: Body.optional().describe("The message as HTML; with text, which of them is seen is up to the reader."),
	headers: Headers.default({}).describe("Further headers, like List-Unsubscribe, In-Reply-To or X-…"),
});

/** The least that the systems take is fifty recipients in all. */
const MAX_RECIPIENTS = 50;

export const Message = Fields.refine(({ text, html }) => text !== undefined || html !== undefined, {
	path: ["text"],
	message: "write text, html, or both",
}).refine(({ to, cc, bcc }) => to.length + cc.length + bcc.length <= MAX_RECIPIENTS, {
	path: ["to"],
	message: `at most ${MAX_RECIPIENTS} recipients, with cc and bcc`,
});
export type Message = z.infer<typeof Message>;

/** The address and the name of a mailbox, for systems that take them apart. */
export function partsOf(mailbox: Mailbox): { email: string; name?: string } {
	return typeof mailbox === "string" ? { email: mailbox } : mailbox;
}

/** What needs no quotes: letters, digits and marks of any language, and what is never a delimiter (RFC 5322, 3.2.3). */
const PLAIN_NAME = /^[\p{L}\p{M}\p{N} !#$%&'*+/=?^_`{|}~-]+$/u;

/** A mailbox as headers have it, for systems that read them from one text. */
export function lineOf(mailbox: Mailbox): string {
	const { email, name } = partsOf(mailbox);
	if (name === undefined) return email;
	return PLAIN_NAME.test(name) ? `${name} <${email}>` : `"${name}" <${email}>`;
}

/** What sending says of itself in every connector that sends mail. */
export const SENDING = {
	writes: { entity: "email", fields: ["*"] },
	output: { id: "The message's id at the system; null if it did not say." },
} as const;
