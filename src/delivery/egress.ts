// The egress guard: where a request may go and what it may carry. It judges the URL as the platform's own parser reads
// it, so that no spelling of an address slips through. Names that resolve to private addresses are the platform's to
// refuse: a Worker cannot see what a name resolves to.

import { err, ok, type Result } from "../model/result";

const FORBIDDEN_HEADERS = new Set([
	"cdn-loop",
	"connection",
	"content-length",
	"cookie",
	"expect",
	"forwarded",
	"host",
	"http2-settings",
	"keep-alive",
	"te",
	"trailer",
	"transfer-encoding",
	"true-client-ip",
	"upgrade",
	"via",
]);
const FORBIDDEN_PREFIXES = ["cf-", "proxy-", "x-forwarded-", "x-real-"];
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Printable Latin-1 and tabs: a line break would begin another header. */
const HEADER_VALUE = /^[\t\x20-\x7e\xa0-\xff]*$/;
/** Reserved by RFC 6761, 7686, 8375, 9476 and ICANN, or in wide use inside of networks. */
const PRIVATE_SUFFIXES = [
	"alt",
	"corp",
	"example",
	"home",
	"home.arpa",
	"internal",
	"intranet",
	"invalid",
	"lan",
	"local",
	"localdomain",
	"localhost",
	"onion",
	"private",
	"test",
];

export interface EgressRules {
	/** Host names that this connection may reach. */
	hosts: readonly string[];
	/** Development only: http, other ports, and loopback or private hosts are allowed too. */
	allowPrivate: boolean;
}

/** The URL to fetch, or the reason why this request must not leave. */
export function checkEgress(url: string, headers: Record<string, string>, rules: EgressRules): Result<URL, string> {
	if (!URL.canParse(url)) return err("the URL cannot be parsed");
	const parsed = new URL(url);
	const host = bareHost(parsed);
	const reason =
		schemeReason(parsed, rules) ??
		(parsed.username !== "" || parsed.password !== "" ? "the URL must not carry a user name or password" : null) ??
		(rules.hosts.map(canonicalHost).includes(host) ? null : `${host} is not a host of this connection`) ??
		(rules.allowPrivate ? null : privateReason(parsed, host)) ??
		headerReason(headers);
	return reason === null ? ok(parsed) : err(reason);
}

function schemeReason({ protocol }: URL, { allowPrivate }: EgressRules): string | null {
	if (protocol === "https:" || (allowPrivate && protocol === "http:")) return null;
	return `only https is allowed, not ${protocol.slice(0, -1)}`;
}

function privateReason({ port }: URL, host: string): string | null {
	if (port !== "") return `only the default port is allowed, not ${port}`;
	if (host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host)) return "an address must be a host name, not an IP address";
	if (!host.includes(".")) return `${host} is not a public host name`;
	const suffix = PRIVATE_SUFFIXES.find((name) => host === name || host.endsWith(`.${name}`));
	return suffix === undefined ? null : `names under .${suffix} are not public`;
}

function headerReason(headers: Record<string, string>): string | null {
	for (const [name, value] of Object.entries(headers)) {
		if (!HEADER_NAME.test(name)) return `${JSON.stringify(name)} is not the name of a header`;
		if (isForbidden(name.toLowerCase())) return `the header ${name} must not be set`;
		if (!HEADER_VALUE.test(value)) return `the header ${name} holds a character that no header can carry`;
	}
	return null;
}

function isForbidden(name: string): boolean {
	return FORBIDDEN_HEADERS.has(name) || FORBIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function bareHost({ hostname }: URL): string {
	return hostname.toLowerCase().replace(/\.+$/, "");
}

/** A host of the allow-list in the spelling that the URL parser gives it. */
function canonicalHost(host: string): string {
	const url = `https://${host}`;
	return URL.canParse(url) ? bareHost(new URL(url)) : host;
}
