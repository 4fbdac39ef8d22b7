// Where requests may go and what they may carry, however an address is spelled.

import { describe, expect, test } from "vitest";
import { checkEgress } from "../../src/delivery/egress";

const HOST = "api.example.com";

/** A connection that may reach whatever host the URL has: what stands in the way is the guard alone. */
function check(url: string, headers: Record<string, string> = {}, allowPrivate = false) {
	const hosts = URL.canParse(url) ? [new URL(url).hostname, HOST] : [HOST];
	return checkEgress(url, headers, { hosts, allowPrivate });
}

function reasonOf(result: ReturnType<typeof checkEgress>): string {
	return result.ok ? "allowed" : result.error;
}

const AN_ADDRESS = "an address must be a host name, not an IP address";
const UNPARSABLE = "the URL cannot be parsed";
const CREDENTIALS = "the URL must not carry a user name or password";

describe("addresses that are allowed", () => {
	test.each([
		["https://api.example.com/", "https://api.example.com/"],
		["https://api.example.com/v1/things?q=a%20b#part", "https://api.example.com/v1/things?q=a%20b#part"],
		["HTTPS://API.Example.COM:443/", "https://api.example.com/"],
		["https://bücher.example.com/", "https://xn--bcher-kva.example.com/"],
		["https://xn--bcher-kva.example.com/", "https://xn--bcher-kva.example.com/"],
		["https://ａｐｉ.example.com/", "https://api.example.com/"],
		["https://api.example.com./", "https://api.example.com./"],
		["https://10.example.com/", "https://10.example.com/"],
		["https://localhost.example.com/", "https://localhost.example.com/"],
		["https://internal.example.com/", "https://internal.example.com/"],
		["https://notlocal/", "notlocal is not a public host name"],
		["https://mylocal.dev/", "https://mylocal.dev/"],
		["https:\\\\api.example.com\\path", "https://api.example.com/path"],
		["https://api.example.com\\@evil.com/", "https://api.example.com/@evil.com/"],
		["  https://api.example.com/  ", "https://api.example.com/"],
		["https://api.exa\nmple.com/", "https://api.example.com/"],
	])("%j", (url, expected) => {
		const result = check(url);
		expect(result.ok ? result.value.href : result.error).toBe(expected);
	});
});

describe("addresses that are refused", () => {
	test.each([
		// Loopback and private IPv4, in every spelling that a parser takes for an address.
		["https://127.0.0.1/", AN_ADDRESS],
		["https://127.1/", AN_ADDRESS],
		["https://127.0.1/", AN_ADDRESS],
		["https://2130706433/", AN_ADDRESS],
		["https://0x7f000001/", AN_ADDRESS],
		["https://0x7f.0.0.1/", AN_ADDRESS],
		["https://0x7f.1/", AN_ADDRESS],
		["https://0177.0.0.1/", AN_ADDRESS],
		["https://017700000001/", AN_ADDRESS],
		["https://0/", AN_ADDRESS],
		["https://0.0.0.0/", AN_ADDRESS],
		["https://10.0.0.1/", AN_ADDRESS],
		["https://192.168.1.1/", AN_ADDRESS],
		["https://172.16.0.1/", AN_ADDRESS],
		["https://169.254.169.254/latest/meta-data/", AN_ADDRESS],
		["https://2852039166/", AN_ADDRESS],
		["https://0xa9fea9fe/", AN_ADDRESS],
		["https://0251.0376.0251.0376/", AN_ADDRESS],
		["https://100.100.100.200/", AN_ADDRESS],
		["https://8.8.8.8/", AN_ADDRESS],
		["https://127.0.0.1./", AN_ADDRESS],
		["https://１２７.０.０.１/", AN_ADDRESS],
		["https://127。0。0。1/", AN_ADDRESS],
		["https://①②⑦.0.0.1/", AN_ADDRESS],
		["https://%31%32%37.0.0.1/", AN_ADDRESS],
		["https://256.0.0.1/", UNPARSABLE],
		["https://1.2.3.4.5/", UNPARSABLE],
		["https://0x100000000/", UNPARSABLE],
		// IPv6, with IPv4 inside and otherwise.
		["https://[::1]/", AN_ADDRESS],
		["https://[::]/", AN_ADDRESS],
		["https://[::ffff:127.0.0.1]/", AN_ADDRESS],
		["https://[::ffff:7f00:1]/", AN_ADDRESS],
		["https://[::127.0.0.1]/", AN_ADDRESS],
		["https://[64:ff9b::a9fe:a9fe]/", AN_ADDRESS],
		["https://[fd00:ec2::254]/", AN_ADDRESS],
		["https://[fe80::1]/", AN_ADDRESS],
		["https://[fe80::1%25eth0]/", UNPARSABLE],
		["https://[2606:4700::1111]/", AN_ADDRESS],
		["https://[::1/", UNPARSABLE],
		// Names that lead inside.
		["https://localhost/", "localhost is not a public host name"],
		["https://LOCALHOST/", "localhost is not a public host name"],
		["https://localhost./", "localhost is not a public host name"],
		["https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "localhost is not a public host name"],
		["https://loc%61lhost/", "localhost is not a public host name"],
		["https://metadata/", "metadata is not a public host name"],
		["https://kubernetes/", "kubernetes is not a public host name"],
		["https://a.localhost/", "names under .localhost are not public"],
		["https://printer.local/", "names under .local are not public"],
		["https://printer.LOCAL./", "names under .local are not public"],
		["https://printer。local/", "names under .local are not public"],
		["https://metadata.google.internal/", "names under .internal are not public"],
		["https://instance-data.ec2.internal/", "names under .internal are not public"],
		["https://host.docker.internal/", "names under .internal are not public"],
		["https://kubernetes.default.svc.cluster.local/", "names under .local are not public"],
		["https://router.lan/", "names under .lan are not public"],
		["https://router.home.arpa/", "names under .home.arpa are not public"],
		["https://wiki.corp/", "names under .corp are not public"],
		["https://wiki.intranet/", "names under .intranet are not public"],
		["https://db.private/", "names under .private are not public"],
		["https://machine.localdomain/", "names under .localdomain are not public"],
		["https://hidden.onion/", "names under .onion are not public"],
		["https://some.test/", "names under .test are not public"],
		["https://some.invalid/", "names under .invalid are not public"],
		["https://some.example/", "names under .example are not public"],
		// Other ways out.
		["http://api.example.com/", "only https is allowed, not http"],
		["ftp://api.example.com/", "only https is allowed, not ftp"],
		["ws://api.example.com/", "only https is allowed, not ws"],
		["file:///etc/passwd", "only https is allowed, not file"],
		["data:text/plain,hello", "only https is allowed, not data"],
		["javascript:alert(1)", "only https is allowed, not javascript"],
		["blob:https://api.example.com/1", "only https is allowed, not blob"],
		["about:blank", "only https is allowed, not about"],
		["gopher://api.example.com/", "only https is allowed, not gopher"],
		["https://user@api.example.com/", CREDENTIALS],
		["https://user:password@api.example.com/", CREDENTIALS],
		["https://:password@api.example.com/", CREDENTIALS],
		["https://api.example.com@evil.com/", CREDENTIALS],
		["https://api.example.com:8443/", "only the default port is allowed, not 8443"],
		["https://api.example.com:80/", "only the default port is allowed, not 80"],
		["https://api.example.com:0/", "only the default port is allowed, not 0"],
		["https://api.example.com:99999/", UNPARSABLE],
		["https://", UNPARSABLE],
		["https://a b.com/", UNPARSABLE],
		["//api.example.com/", UNPARSABLE],
		["/path", UNPARSABLE],
		["", UNPARSABLE],
	])("%j: %s", (url, reason) => {
		expect(reasonOf(check(url))).toBe(reason);
	});
});

describe("hosts of the connection", () => {
	const rules = { hosts: ["api.example.com", "Bücher.example.com", "files.example.com:8443"], allowPrivate: false };

	test.each([
		["https://api.example.com/", "allowed"],
		["https://API.EXAMPLE.COM./", "allowed"],
		["https://xn--bcher-kva.example.com/", "allowed"],
		["https://files.example.com/", "allowed"],
		["https://example.com/", "example.com is not a host of this connection"],
		["https://api.example.com.evil.com/", "api.example.com.evil.com is not a host of this connection"],
		["https://evil.com/api.example.com", "evil.com is not a host of this connection"],
		["https://evil.com#api.example.com", "evil.com is not a host of this connection"],
		["https://evil.com?api.example.com", "evil.com is not a host of this connection"],
		["https://evil.com\\.api.example.com/", "evil.com is not a host of this connection"],
		["https://xapi.example.com/", "xapi.example.com is not a host of this connection"],
		["https://аpi.example.com/", "xn--pi-6kc.example.com is not a host of this connection"],
		["https://127.0.0.1/", "127.0.0.1 is not a host of this connection"],
	])("%j: %s", (url, reason) => {
		expect(reasonOf(checkEgress(url, {}, rules))).toBe(reason);
	});

	test("a connection without hosts reaches nothing", () => {
		expect(checkEgress("https://api.example.com/", {}, { hosts: [], allowPrivate: false }).ok).toBe(false);
		expect(checkEgress("https://api.example.com/", {}, { hosts: [""], allowPrivate: false }).ok).toBe(false);
	});
});

describe("in development", () => {
	const rules = { hosts: ["127.0.0.1", "localhost", "[::1]", "api.example.com"], allowPrivate: true };

	test.each([
		["http://127.0.0.1:8787/x", "allowed"],
		["http://127.1:8787/x", "allowed"],
		["http://localhost:3000/", "allowed"],
		["http://[::1]:3000/", "allowed"],
		["http://api.example.com/", "allowed"],
		["https://api.example.com:8443/", "allowed"],
		["http://127.0.0.2/", "127.0.0.2 is not a host of this connection"],
		["http://169.254.169.254/", "169.254.169.254 is not a host of this connection"],
		["http://evil.com/", "evil.com is not a host of this connection"],
		["ftp://localhost/", "only https is allowed, not ftp"],
		["file:///etc/passwd", "only https is allowed, not file"],
		["data:text/plain,x", "only https is allowed, not data"],
		["http://user@localhost/", CREDENTIALS],
	])("%j: %s", (url, reason) => {
		expect(reasonOf(checkEgress(url, {}, rules))).toBe(reason);
	});
});

describe("headers", () => {
	test.each([
		[{ accept: "application/json", authorization: "Bearer abc", "x-api-key": "k", "idempotency-key": "sb_1" }],
		[{ traceparent: "00-1-1-01", "x-signalbox-run": "run_1", "content-type": "text/plain; charset=utf-8" }],
		[{ "x-name": "Bücher\twith a tab" }],
		[{ hostname: "x", "x-host": "x", "xcf-ray": "1" }],
	])("%j may be sent", (headers) => {
		expect(reasonOf(check("https://api.example.com/", headers))).toBe("allowed");
	});

	test.each([
		"Host",
		"content-length",
		"Transfer-Encoding",
		"connection",
		"keep-alive",
		"TE",
		"trailer",
		"upgrade",
		"expect",
		"via",
		"forwarded",
		"cookie",
		"proxy-authorization",
		"Proxy-Connection",
		"proxy-anything",
		"http2-settings",
		"cdn-loop",
		"true-client-ip",
		"cf-connecting-ip",
		"CF-Worker",
		"cf-access-client-secret",
		"x-forwarded-for",
		"X-Forwarded-Host",
		"x-real-ip",
	])("%s must not be set", (name) => {
		expect(reasonOf(check("https://api.example.com/", { accept: "*/*", [name]: "x" }))).toBe(
			`the header ${name} must not be set`,
		);
		expect(reasonOf(check("https://api.example.com/", { [name]: "x" }, true))).toBe(
			`the header ${name} must not be set`,
		);
	});

	test.each(["", "x y", "x:y", "x\r\ny", "x\u0000", "ü", "x(y)", " host", "host "])("%j is no name", (name) => {
		expect(reasonOf(check("https://api.example.com/", { [name]: "x" }))).toBe(
			`${JSON.stringify(name)} is not the name of a header`,
		);
	});

	test.each(["a\r\nx-injected: 1", "a\nb", "a\rb", "a\u0000b", "a\u007f", "a\u0085b", "snow ☃", "\ud83d\ude00"])(
		"%j is no value",
		(value) => {
			expect(reasonOf(check("https://api.example.com/", { "x-note": value }))).toBe(
				"the header x-note holds a character that no header can carry",
			);
		},
	);
});
