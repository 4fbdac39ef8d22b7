// What is kept of a request and its response for whoever has to find out what happened: secrets redacted, all of it cut
// to what fits a message of the journal.

import type { OutboundRequest, OutboundResponse } from "../connectors/connector";
import type { Exchange } from "../model/outcome";

const BODY_CHARS = 4_096;
const URL_CHARS = 2_048;
const BODY_BYTES = 6_144;
const HEADER_CHARS = 512;
const MAX_HEADERS = 40;
const HEADERS_CHARS = 4_096;
/** Shorter values would blot out words that are no secrets. */
const MIN_SECRET_CHARS = 6;
const REDACTED = "[redacted]";
/** Names that say so themselves; the key that every attempt carries is no secret. */
const SECRET_NAME = /auth|cookie|token|secret|signature|password|api-?key|credential/;

/** Whoever has the link may vote; its slash may be escaped, as in a URL or in JSON. */
const VOTING_LINK = /(approve(?:\/|\\\/|%2f))[\w-]{1,64}\.[\w-]{20,}\.[\w-]{20,}/gi;

/** Secret values are also blotted out wherever else they stand: a target that echoes its credentials leaks nothing. */
export function exchangeOf(
	request: OutboundRequest,
	response: OutboundResponse | undefined,
	error: string | undefined,
): Exchange {
	const named = new Set(request.secret_headers);
	const isSecret = (name: string) => named.has(name.toLowerCase()) || SECRET_NAME.test(name.toLowerCase());
	const secrets = Object.entries(request.headers)
		.filter(([name]) => isSecret(name))
		.flatMap(([, value]) => secretsIn(value));
	const spellings = [...new Set([...secrets, ...(request.secret_values ?? [])].flatMap(spellingsOf))].sort(
		(a, b) => b.length - a.length,
	);
	const blot = (text: string) =>
		spellings.reduce(
			(blotted, secret) => blotted.replaceAll(secret, REDACTED),
			text.replace(VOTING_LINK, `$1${REDACTED}`),
		);
	const headersOf = (headers: Record<string, string>) => {
		const shown = Object.entries(headers)
			.slice(0, MAX_HEADERS)
			.map(([name, value]): [string, string] => [
				cut(blot(name), HEADER_CHARS),
				isSecret(name) ? REDACTED : cut(blot(value), HEADER_CHARS),
			]);
		return Object.fromEntries(within(HEADERS_CHARS, shown));
	};
	return {
		request: {
			method: request.method,
			url: cut(blot(request.url), URL_CHARS),
			headers: headersOf(request.headers),
			body: cutBody(blot(request.body ?? "")),
		},
		...(response === undefined
			? {}
			: {
					response: {
						status: response.status,
						headers: headersOf(response.headers),
						body: cutBody(blot(response.body)),
					},
				}),
		...(error === undefined ? {} : { error: cut(blot(error), HEADER_CHARS) }),
	};
}

/** The value of a header, what follows its scheme, and of basic credentials the pair and the password inside. */
function secretsIn(value: string): string[] {
	const [scheme = "", rest = value] = /^(\S+)\s+(.*)$/s.exec(value)?.slice(1) ?? [];
	const pair = scheme.toLowerCase() === "basic" ? decodeBase64(rest) : "";
	const password = pair.slice(pair.indexOf(":") + 1);
	// As in `Token token=…`.
	const named = rest.slice(rest.indexOf("=") + 1);
	return [value, rest, pair, password, named].filter((secret) => secret.length >= MIN_SECRET_CHARS);
}

function decodeBase64(text: string): string {
	try {
		return new TextDecoder().decode(Uint8Array.from(atob(text.trim()), (char) => char.charCodeAt(0)));
	} catch {
		return "";
	}
}

/** As it is, as in a URL, and as in JSON, where some writers escape slashes too. */
function spellingsOf(secret: string): string[] {
	const json = JSON.stringify(secret).slice(1, -1);
	return [secret, encodeURIComponent(secret.toWellFormed()), json, json.replaceAll("/", "\\/")];
}

/** The first headers that fit in so many characters. */
function within(chars: number, headers: [string, string][]): [string, string][] {
	let left = chars;
	return headers.filter(([name, value]) => {
		left -= name.length + value.length;
		return left >= 0;
	});
}

/** Rows are measured in bytes, of which a character can take three. */
function cutBody(text: string): string {
	const shown = text.slice(0, BODY_CHARS);
	const bytes = new TextEncoder().encode(shown).byteLength;
	return cut(text, bytes <= BODY_BYTES ? BODY_CHARS : Math.floor((BODY_CHARS * BODY_BYTES) / bytes));
}

function cut(text: string, chars: number): string {
	return text.length <= chars ? text : `${text.slice(0, chars)}… (${text.length - chars} more characters)`;
}
