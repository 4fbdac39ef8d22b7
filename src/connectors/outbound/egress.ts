// The egress guard: where a request may go and what it may carry. It judges the URL as the platform's own parser reads
// it, so that no spelling of an address slips through. Names that resolve to private addresses are the platform's to
// refuse: a Worker cannot see what a name resolves to.

import { err, ok, type Result } from "../../model/result";

/** What a request can be refused for. They are asked in this order, and the first that applies is told. */
export const EGRESS_RULES = [
	"unparsable",
	"ambiguous",
	"scheme",
	"credentials",
	"host",
	"port",
	"address",
	"private_name",
	"header_name",
	"header_forbidden",
	"header_value",
	"headers_size",
] as const;
export type EgressRule = (typeof EGRESS_RULES)[number];

export interface EgressRefusal {
	rule: EgressRule;
	/** One sentence for whoever wrote the step or the connection. */
	reason: string;
}

const FORBIDDEN_HEADERS = new Set([
	"cdn-loop",
	"connection",
	"content-length",
	"cookie",
	"cookie2",
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
const MAX_HEADERS = 100;
/** Names and values together; most servers take 8,192 to 32,768 bytes. */
const HEADERS_CHARS = 32_768;
/** What some parsers read as a part of the host, some as its end, and some leave out. */
const AMBIGUOUS = /[\s\\\p{Cc}\p{Cf}]/u;
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
/** Names that look public, and under which clouds give their machines' credentials away. */
const METADATA_HOSTS = ["metadata.packet.net", "metadata.platformequinix.com", "metadata.tencentyun.com"];

export interface EgressRules {
	/** Host names that this connection may reach. */
	hosts: readonly string[];
	/** Development only: http, other ports, and loopback or private hosts are allowed too. */
	allowPrivate: boolean;
}

/** The URL to fetch, or the reason why this request must not leave. */
export function checkEgress(url: string, headers: Record<string, string>, rules: EgressRules): Result<URL, string> {
	const judged = judgeEgress(url, headers, rules);
	return judged.ok ? judged : err(judged.error.reason);
}

/** The same, with the rule that refuses. */
export function judgeEgress(
	url: string,
	headers: Record<string, string>,
	rules: EgressRules,
): Result<URL, EgressRefusal> {
	if (AMBIGUOUS.test(url))
		return refuse("ambiguous", "the URL holds a blank, a backslash, or a character that nobody sees");
	const parsed = URL.parse(url);
	if (parsed === null) return refuse("unparsable", "the URL cannot be parsed");
	const refusal = whereRefusal(parsed, rules) ?? headerRefusal(headers);
	return refusal === null ? ok(parsed) : err(refusal);
}

function refuse(rule: EgressRule, reason: string): Result<never, EgressRefusal> {
	return err({ rule, reason });
}

function whereRefusal(url: URL, rules: EgressRules): EgressRefusal | null {
	const { protocol, username, password, port } = url;
	const host = bareHost(url);
	if (protocol !== "https:" && !(rules.allowPrivate && protocol === "http:")) {
		return { rule: "scheme", reason: `only https is allowed, not ${protocol.slice(0, -1)}` };
	}
	if (username !== "" || password !== "") {
		return { rule: "credentials", reason: "the URL must not carry a user name or password" };
	}
	if (!rules.hosts.map(canonicalHost).includes(host)) {
		return { rule: "host", reason: `${host} is not a host of this connection` };
	}
	if (rules.allowPrivate) return null;
	if (port !== "") return { rule: "port", reason: `only the default port is allowed, not ${port}` };
	return privateRefusal(host);
}

function privateRefusal(host: string): EgressRefusal | null {
	if (host.startsWith("[") || /^\d+(\.\d+){3}$/.test(host)) {
		return { rule: "address", reason: "an address must be a host name, not an IP address" };
	}
	const labels = host.split(".");
	if (labels.length < 2 || labels.includes("") || METADATA_HOSTS.includes(host)) {
		return { rule: "private_name", reason: `${host} is not a public host name` };
	}
	const suffix = PRIVATE_SUFFIXES.find((name) => host.endsWith(`.${name}`));
	return suffix === undefined ? null : { rule: "private_name", reason: `names under .${suffix} are not public` };
}

function headerRefusal(headers: Record<string, string>): EgressRefusal | null {
	const all = Object.entries(headers);
	for (const [name, value] of all) {
		if (!HEADER_NAME.test(name)) {
			return { rule: "header_name", reason: `${JSON.stringify(name)} is not the name of a header` };
		}
		if (isForbidden(name.toLowerCase())) {
			return { rule: "header_forbidden", reason: `the header ${name} must not be set` };
		}
		if (!HEADER_VALUE.test(value)) {
			return { rule: "header_value", reason: `the header ${name} holds a character that no header can carry` };
		}
	}
	const chars = all.reduce((total, [name, value]) => total + name.length + value.length, 0);
	if (all.length <= MAX_HEADERS && chars <= HEADERS_CHARS) return null;
	const most = `${MAX_HEADERS} headers of ${HEADERS_CHARS} characters are the most`;
	return { rule: "headers_size", reason: `${most}, and these are ${all.length} of ${chars}` };
}

function isForbidden(name: string): boolean {
	return FORBIDDEN_HEADERS.has(name) || FORBIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Without the dot at its end, which says that a name is complete and names the same host. */
function bareHost({ hostname }: URL): string {
	return hostname.toLowerCase().replace(/\.$/, "");
}

/** A host of the allow-list in the spelling that the URL parser gives it. */
function canonicalHost(host: string): string {
	const url = URL.parse(`https://${host}`);
	return url === null ? host : bareHost(url);
}
