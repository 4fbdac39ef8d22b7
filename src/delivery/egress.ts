// The egress guard: where a request may go and what it may carry. It judges the URL as the platform's own parser reads
// it, so that no spelling of an address slips through. Names that resolve to private addresses are the platform's to
// refuse: a Worker cannot see what a name resolves to.

import { err, ok, type Result } from "../model/result";

const FORBIDDEN_HEADERS = new Set([
	"connection",
	"content-length",
	"cookie",
	"expect",
	"forwarded",
	"host",
	"keep-alive",
	"proxy-authorization",
	"proxy-connection",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"via",
]);
const FORBIDDEN_PREFIXES = ["cf-", "x-forwarded-", "x-real-"];
const PRIVATE_SUFFIXES = [
	"localhost",
	"local",
	"internal",
	"intranet",
	"lan",
	"home.arpa",
	"test",
	"invalid",
	"example",
	"onion",
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
	const forbidden = Object.keys(headers).find((name) => {
		const lower = name.toLowerCase();
		return FORBIDDEN_HEADERS.has(lower) || FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix));
	});
	return forbidden === undefined ? null : `the header ${forbidden} must not be set`;
}

function bareHost({ hostname }: URL): string {
	return hostname.toLowerCase().replace(/\.+$/, "");
}

/** A host of the allow-list in the spelling that the URL parser gives it. */
function canonicalHost(host: string): string {
	const url = `https://${host}`;
	return URL.canParse(url) ? bareHost(new URL(url)) : host;
}
