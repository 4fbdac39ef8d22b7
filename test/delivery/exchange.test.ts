// What is kept of a request and its answer: enough to find out what happened, and no secret.

import { describe, expect, test } from "vitest";
import type { OutboundRequest, OutboundResponse } from "../../src/connectors/connector";
import { exchangeOf } from "../../src/delivery/exchange";

const TOKEN = "xoxb-1234/abc+def==";

function request(parts: Partial<OutboundRequest> = {}): OutboundRequest {
	return {
		method: "POST",
		url: "https://api.example.com/v1/things",
		headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
		secret_headers: ["authorization"],
		body: '{"a":1}',
		...parts,
	};
}

function response(parts: Partial<OutboundResponse> = {}): OutboundResponse {
	return { status: 200, headers: { "content-type": "application/json" }, body: '{"ok":true}', ...parts };
}

test("what is no secret is kept as it was", () => {
	expect(exchangeOf(request(), response(), undefined)).toEqual({
		request: {
			method: "POST",
			url: "https://api.example.com/v1/things",
			headers: { authorization: "[redacted]", "content-type": "application/json" },
			body: '{"a":1}',
		},
		response: { status: 200, headers: { "content-type": "application/json" }, body: '{"ok":true}' },
	});
});

test("without an answer there is a reason", () => {
	const exchange = exchangeOf(request(), undefined, `the connection failed: ${TOKEN} was refused`);
	expect(exchange.response).toBeUndefined();
	expect(exchange.error).toBe("the connection failed: [redacted] was refused");
});

describe("a secret is blotted out", () => {
	const echoes: [string, string][] = [
		["as it is", TOKEN],
		["with its scheme", `Bearer ${TOKEN}`],
		["encoded for a URL", encodeURIComponent(TOKEN)],
		["in JSON", JSON.stringify({ token: TOKEN })],
		["in JSON with escaped slashes", JSON.stringify({ token: TOKEN }).replaceAll("/", "\\/")],
		["twice", `${TOKEN} and ${TOKEN}`],
	];

	test.each(echoes)("%s, wherever the target echoes it", (_, echo) => {
		const exchange = exchangeOf(
			request({ url: `https://api.example.com/?q=${echo}`, body: `before ${echo} after` }),
			response({ headers: { "x-debug": echo, location: `/login?${echo}` }, body: `before ${echo} after` }),
			`failed: ${echo}`,
		);
		const kept = JSON.stringify(exchange);
		for (const [, spelling] of echoes.slice(0, 3)) expect(kept).not.toContain(spelling);
		expect(kept).not.toContain("xoxb");
		expect(exchange.response?.body).toMatch(/^before .*\[redacted\].* after$/);
	});

	test("that is part of basic credentials, encoded, as a pair, or the password alone", () => {
		const pair = "deploy-bot:correct horse battery";
		const basic = request({ headers: { authorization: `Basic ${btoa(pair)}` } });
		const body = `${btoa(pair)} | ${pair} | correct horse battery | deploy-bot`;
		const exchange = exchangeOf(basic, response({ body }), undefined);
		expect(exchange.response?.body).toBe("[redacted] | [redacted] | [redacted] | deploy-bot");
	});

	test("that is not ASCII", () => {
		const pair = "bücher:geheimnis-äöü";
		const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(pair)));
		const exchange = exchangeOf(
			request({ headers: { authorization: `Basic ${encoded}` } }),
			response({ body: "said geheimnis-äöü" }),
			undefined,
		);
		expect(exchange.response?.body).toBe("said [redacted]");
	});

	test("in any header that a connector or everybody calls secret, in either direction", () => {
		const exchange = exchangeOf(
			request({
				headers: { "X-Custom-Key": "custom-secret-1", cookie: "session=abcdef", "x-api-key": "key-key-key" },
				secret_headers: ["x-custom-key"],
			}),
			response({
				headers: { "set-cookie": "session=123456", "x-custom-key": "custom-secret-2", "x-other": "custom-secret-1" },
				body: "custom-secret-1 session=abcdef key-key-key",
			}),
			undefined,
		);
		expect(exchange.request?.headers).toEqual({
			"X-Custom-Key": "[redacted]",
			cookie: "[redacted]",
			"x-api-key": "[redacted]",
		});
		expect(exchange.response?.headers).toEqual({
			"set-cookie": "[redacted]",
			"x-custom-key": "[redacted]",
			"x-other": "[redacted]",
		});
		expect(exchange.response?.body).toBe("[redacted] [redacted] [redacted]");
	});

	test("the longer before the shorter, so that nothing is left of it", () => {
		const exchange = exchangeOf(
			request({ headers: { a: "secret", b: "secret-and-more" }, secret_headers: ["a", "b"] }),
			response({ body: "secret-and-more secret" }),
			undefined,
		);
		expect(exchange.response?.body).toBe("[redacted] [redacted]");
	});

	test("but words as short as any word are left alone", () => {
		const exchange = exchangeOf(
			request({ headers: { authorization: "Bearer ok" } }),
			response({ body: '{"ok":true}' }),
			undefined,
		);
		expect(exchange.response?.body).toBe('{"ok":true}');
		expect(exchange.request?.headers.authorization).toBe("[redacted]");
	});
});

describe("what is long is cut", () => {
	test("bodies, after secrets are gone", () => {
		const body = `${"x".repeat(4_090)}${TOKEN}${"y".repeat(10_000)}`;
		const exchange = exchangeOf(request({ body }), response({ body }), undefined);
		for (const kept of [exchange.request?.body, exchange.response?.body]) {
			expect(kept).toBe(`${"x".repeat(4_090)}[redac… (10004 more characters)`);
		}
	});

	test("headers, their number, the URL and the reason", () => {
		const many = Object.fromEntries(
			Array.from({ length: 100 }, (_, n) => [`x-${n}-${"n".repeat(600)}`, "v".repeat(600)]),
		);
		const exchange = exchangeOf(
			request({ url: `https://api.example.com/?q=${"q".repeat(10_000)}` }),
			response({ headers: many }),
			"e".repeat(10_000),
		);
		const names = Object.keys(exchange.response?.headers ?? {});
		expect(names).toHaveLength(3);
		expect(names[0]).toMatch(/^x-0-n+… \(\d+ more characters\)$/);
		expect(exchange.response?.headers[names[0] ?? ""]).toBe(`${"v".repeat(512)}… (88 more characters)`);
		expect(exchange.request?.url.length).toBeLessThan(2_100);
		expect(exchange.error?.length).toBeLessThan(600);
	});

	test("so that the whole stays within a message of the journal", () => {
		const wild = "\u0001".repeat(1_000_000);
		const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x-${n}`, "v".repeat(10_000)]));
		const exchange = exchangeOf(
			request({ headers: many, body: wild, url: `https://x.com/${"ü".repeat(9_000)}` }),
			response({ headers: many, body: wild }),
			undefined,
		);
		expect(new TextEncoder().encode(JSON.stringify(exchange)).byteLength).toBeLessThan(80_000);
	});
});

describe("a link by which somebody votes is no part of what is kept", () => {
	const LINK = `https://signalbox.example.com/approve/k2.${"eyJ0ZW5hbnQiOiJhY21lIn0".repeat(3)}.${"s1gn-at_ure".repeat(4)}`;

	test.each([
		["in a message", LINK],
		["as JSON escapes it", LINK.replaceAll("/", "\\/")],
		["as a URL carries it", encodeURIComponent(LINK)],
		["twice", `${LINK} and ${LINK}`],
	])("%s", (_, text) => {
		const kept = JSON.stringify(
			exchangeOf(request({ body: text, url: `https://api.example.com/?to=${text}` }), response({ body: text }), text),
		);
		expect(kept).not.toContain("eyJ0ZW5hbnQ");
		expect(kept).toContain("[redacted]");
	});
});

test("a token that is told back without its name is blotted out too", () => {
	const headers = { authorization: "Token token=u+Sup3rSecretKey" };
	const exchange = exchangeOf(request({ headers }), response({ body: "no such key: u+Sup3rSecretKey" }), undefined);
	expect(exchange.response?.body).toBe("no such key: [redacted]");
});

test("secrets that stand in the body are blotted out of it and of the answer", () => {
	const body = '{"routing_key":"r0uting-key"}';
	const exchange = exchangeOf(request({ body, secret_values: ["r0uting-key"] }), response({ body }), undefined);
	expect([exchange.request?.body, exchange.response?.body]).toEqual(Array(2).fill('{"routing_key":"[redacted]"}'));
});
