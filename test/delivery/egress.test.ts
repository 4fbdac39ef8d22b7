// Where requests may go and what they may carry, however an address is spelled.

import { describe, expect, test } from "vitest";
import { checkEgress, EGRESS_RULES, type EgressRule, judgeEgress } from "../../src/connectors/outbound/egress";
import { FORBIDDEN_HEADERS, HOSTILE_ADDRESSES, NO_HEADER_NAMES, NO_HEADER_VALUES, STRANGERS } from "./egress-rows";

const HOST = "api.example.com";
const HERE = `https://${HOST}/`;

/** A connection that may reach whatever host the URL has: what stands in the way is the guard alone. */
function judge(url: string, headers: Record<string, string> = {}, allowPrivate = false) {
	const hosts = URL.canParse(url) ? [new URL(url).hostname, HOST] : [HOST];
	return judgeEgress(url, headers, { hosts, allowPrivate });
}

function ruleOf(result: ReturnType<typeof judgeEgress>): EgressRule | "allowed" {
	return result.ok ? "allowed" : result.error.rule;
}

describe("addresses that are allowed", () => {
	test.each([
		[HERE, HERE],
		["https://api.example.com/v1/things?q=a%20b#part", "https://api.example.com/v1/things?q=a%20b#part"],
		["HTTPS://API.Example.COM:443/", HERE],
		["https:api.example.com/", HERE],
		["https:///api.example.com/", HERE],
		["https://bücher.example.com/", "https://xn--bcher-kva.example.com/"],
		["https://xn--bcher-kva.example.com/", "https://xn--bcher-kva.example.com/"],
		["https://ａｐｉ.example.com/", HERE],
		["https://api。example。com/", HERE],
		["https://%61pi.example.com/", HERE],
		["https://api.example.com./", "https://api.example.com./"],
		["https://api.example.com/@evil.com/", "https://api.example.com/@evil.com/"],
		["https://api.example.com/?url=http://127.0.0.1/", "https://api.example.com/?url=http://127.0.0.1/"],
		["https://10.example.com/", "https://10.example.com/"],
		["https://127.0.0.1.example.com/", "https://127.0.0.1.example.com/"],
		["https://localhost.example.com/", "https://localhost.example.com/"],
		["https://internal.example.com/", "https://internal.example.com/"],
		["https://metadata.example.com/", "https://metadata.example.com/"],
		["https://mylocal.dev/", "https://mylocal.dev/"],
		["https://notinternal.com/", "https://notinternal.com/"],
		["https://test.com/", "https://test.com/"],
	])("%j", (url, expected) => {
		const result = judge(url);
		expect(result.ok ? result.value.href : result.error.reason).toBe(expected);
	});

	test("a name that resolves to a private address is the platform's to refuse, if the connection names it", () => {
		expect(ruleOf(judge("https://127.0.0.1.nip.io/"))).toBe("allowed");
	});
});

test.each(HOSTILE_ADDRESSES)("%j is refused even where its host is allowed: %s", (url, rule) => {
	expect(ruleOf(judge(url))).toBe(rule);
});

describe("hosts of the connection", () => {
	const rules = { hosts: [HOST, "Bücher.example.com", "files.example.com:8443"], allowPrivate: false };

	test.each([
		HERE,
		"https://API.EXAMPLE.COM./",
		"https://xn--bcher-kva.example.com/",
		"https://BÜCHER.example.com/",
		"https://files.example.com/",
	])("%j is one", (url) => {
		expect(ruleOf(judgeEgress(url, {}, rules))).toBe("allowed");
	});

	test.each(STRANGERS)("%j is none", (url) => {
		expect(ruleOf(judgeEgress(url, {}, rules))).toBe("host");
	});

	test("a connection without hosts reaches nothing", () => {
		expect(ruleOf(judgeEgress(HERE, {}, { hosts: [], allowPrivate: false }))).toBe("host");
		expect(ruleOf(judgeEgress(HERE, {}, { hosts: [""], allowPrivate: false }))).toBe("host");
		expect(ruleOf(judgeEgress(HERE, {}, { hosts: [".", "*", "*.example.com"], allowPrivate: true }))).toBe("host");
	});
});

describe("in development", () => {
	const rules = { hosts: ["127.0.0.1", "localhost", "[::1]", HOST], allowPrivate: true };

	test.each<[string, EgressRule | "allowed"]>([
		["http://127.0.0.1:8787/x", "allowed"],
		["http://127.1:8787/x", "allowed"],
		["http://localhost:3000/", "allowed"],
		["http://[::1]:3000/", "allowed"],
		["http://api.example.com/", "allowed"],
		["https://api.example.com:8443/", "allowed"],
		["http://127.0.0.2/", "host"],
		["http://169.254.169.254/", "host"],
		["http://evil.com/", "host"],
		["ftp://localhost/", "scheme"],
		["file:///etc/passwd", "scheme"],
		["data:text/plain,x", "scheme"],
		["http://user@localhost/", "credentials"],
		["http://localhost\\@evil.com/", "ambiguous"],
	])("%j: %s", (url, rule) => {
		expect(ruleOf(judgeEgress(url, {}, rules))).toBe(rule);
	});
});

describe("headers", () => {
	const many = (count: number, value: string) =>
		Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${100 + n}`, value]));

	test.each<[string, Record<string, string>]>([
		["of an API", { accept: "*/*", authorization: "Bearer abc", "x-api-key": "k", "idempotency-key": "sb_1" }],
		["of ours", { traceparent: "00-1-1-01", "x-signalbox-run": "run_1", "content-type": "text/plain" }],
		["in Latin-1, with a tab", { "x-name": "Bücher\twith a tab" }],
		["that resemble forbidden ones", { hostname: "x", "x-host": "x", "xcf-ray": "1", "x-cookie": "1", proxy: "1" }],
		["without a value", { "x-empty": "" }],
		["a hundred", many(100, "x")],
		["of 32,768 characters", { "x-long": "x".repeat(32_762) }],
	])("%s may be sent", (_, headers) => {
		expect(ruleOf(judge(HERE, headers))).toBe("allowed");
	});

	test.each(FORBIDDEN_HEADERS)("%s must not be set, nor in development", (name) => {
		expect(ruleOf(judge(HERE, { accept: "*/*", [name]: "x" }))).toBe("header_forbidden");
		expect(ruleOf(judge(HERE, { [name]: "x" }, true))).toBe("header_forbidden");
	});

	test.each(NO_HEADER_NAMES)("%j is no name", (name) => {
		expect(ruleOf(judge(HERE, { [name]: "x" }))).toBe("header_name");
	});

	test.each(NO_HEADER_VALUES)("%j is no value", (value) => {
		expect(ruleOf(judge(HERE, { "x-note": value }))).toBe("header_value");
	});

	test.each<[string, Record<string, string>]>([
		["a hundred and one", many(101, "x")],
		["of 32,769 characters", { "x-long": "x".repeat(32_763) }],
		["that are too long together", many(90, "x".repeat(400))],
	])("%s are too many", (_, headers) => {
		expect(ruleOf(judge(HERE, headers))).toBe("headers_size");
		expect(ruleOf(judge(HERE, headers, true))).toBe("headers_size");
	});
});

describe("every rule", () => {
	const reasons: Record<EgressRule, [string, Record<string, string>, string]> = {
		unparsable: ["/path", {}, "the URL cannot be parsed"],
		ambiguous: ["https://a b/", {}, "the URL holds a blank, a backslash, or a character that nobody sees"],
		scheme: ["http://api.example.com/", {}, "only https is allowed, not http"],
		credentials: ["https://u:p@api.example.com/", {}, "the URL must not carry a user name or password"],
		host: ["https://evil.com/", {}, "evil.com is not a host of this connection"],
		port: ["https://api.example.com:8443/", {}, "only the default port is allowed, not 8443"],
		address: ["https://127.1/", {}, "an address must be a host name, not an IP address"],
		private_name: ["https://printer.local/", {}, "names under .local are not public"],
		header_name: [HERE, { "x y": "1" }, '"x y" is not the name of a header'],
		header_forbidden: [HERE, { Cookie: "1" }, "the header Cookie must not be set"],
		header_value: [HERE, { "x-note": "a\nb" }, "the header x-note holds a character that no header can carry"],
		headers_size: [
			HERE,
			{ "x-long": "x".repeat(40_000) },
			"100 headers of 32768 characters are the most, and these are 1 of 40006",
		],
	};

	test.each(EGRESS_RULES)("%s says in a sentence why", (rule) => {
		const [url, headers, reason] = reasons[rule];
		const rules = { hosts: [HOST, "127.0.0.1", "printer.local"], allowPrivate: false };
		expect(judgeEgress(url, headers, rules)).toEqual({ ok: false, error: { rule, reason } });
		expect(checkEgress(url, headers, rules)).toEqual({ ok: false, error: reason });
	});
});
