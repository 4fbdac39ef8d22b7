// The requests that http.request and http.get make, and what it makes of responses.

import { describe, expect, test } from "vitest";
import type { Mark, OutboundResponse } from "../../../src/connectors/connector";
import { http } from "../../../src/connectors/http/http";
import type { JsonObject } from "../../../src/model/json";
import type { Outcome } from "../../../src/model/outcome";
import { NOW } from "../deliveries";

const mark: Mark = {
	idempotency_key: "sb_run_1_notify",
	trace_id: "0af7651916cd43dd8448eb211c80319c",
	run: "run_1",
	step: "notify",
	since: NOW,
};
const connection = {
	config: { base_url: "https://api.partner.com/v1/", headers: { "X-Team": "ops" } },
	credentials: { headers: { Authorization: "Bearer s3cret" } },
};

function build(input: JsonObject, given: { config: JsonObject; credentials: JsonObject } = connection) {
	const action = http.actions?.request;
	if (action === undefined) throw new Error("no action");
	return action.build(input, given, mark);
}

function request(input: JsonObject, given: { config: JsonObject; credentials: JsonObject } = connection) {
	const built = build(input, given);
	if (!built.ok) throw new Error(built.error);
	return built.value;
}

function problem(input: JsonObject, given: { config: JsonObject; credentials: JsonObject } = connection): string {
	const built = build(input, given);
	return built.ok ? "" : built.error;
}

describe("a request", () => {
	test("is this one", () => {
		const input = {
			method: "PUT",
			path: "/tickets/42",
			query: { notify: true, n: 2 },
			headers: { "X-Reason": "sync" },
			body: { status: "paid", name: "Fernhöllow ✓" },
		};
		expect(request(input)).toEqual({
			method: "PUT",
			url: "https://api.partner.com/v1/tickets/42?notify=true&n=2",
			headers: {
				accept: "application/json",
				"user-agent": "signalbox",
				"content-type": "application/json",
				"x-team": "ops",
				"x-reason": "sync",
				authorization: "Bearer s3cret",
				traceparent: "00-0af7651916cd43dd8448eb211c80319c-bf8b41a95590312b-01",
				"x-signalbox-run": "run_1",
				"idempotency-key": "sb_run_1_notify",
			},
			secret_headers: ["authorization"],
			body: '{"status":"paid","name":"Fernhöllow ✓"}',
		});
	});

	test.each([
		["no body", undefined, null, undefined],
		["a string", "a=1", "a=1", "text/plain; charset=utf-8"],
		["null", null, "null", "application/json"],
		["a list", [1], "[1]", "application/json"],
	])("with %s as its body sends it as it is meant", (_, body, text, type) => {
		const built = request({ path: "/", ...(body !== undefined && { body }) });
		expect(built.body).toBe(text);
		expect(built.headers["content-type"]).toBe(type);
	});

	test("may state its own content type", () => {
		const built = request({ path: "/", body: "<a/>", headers: { "Content-Type": "application/xml" } });
		expect(built.headers["content-type"]).toBe("application/xml");
	});

	test("names every header as secret that usually is, wherever it was set", () => {
		const config = { ...connection.config, headers: { "X-Api-Key": "a" } };
		expect(request({ path: "/" }, { ...connection, config }).secret_headers).toEqual(["x-api-key", "authorization"]);
	});

	test("keeps secret what the credentials hold, by whatever name, and lets nobody else set it", () => {
		const credentials = { headers: { "X-Partner-Key": "s3cret", Authorization: "Basic s3cret" } };
		expect(request({ path: "/" }, { ...connection, credentials }).secret_headers).toEqual([
			"x-partner-key",
			"authorization",
		]);
		expect(problem({ headers: { "x-partner-KEY": "mine" } }, { ...connection, credentials })).toBe(
			"header x-partner-key is not for a workflow to set",
		);
	});

	test.each([
		[{}, "https://api.partner.com/v1"],
		[{ path: "tickets" }, "https://api.partner.com/v1/tickets"],
		[{ path: "/tickets?state=open", query: { page: 2 } }, "https://api.partner.com/v1/tickets?state=open&page=2"],
		[{ path: "/tickets#part" }, "https://api.partner.com/v1/tickets"],
		[{ path: "/Fernhöllow GmbH" }, "https://api.partner.com/v1/Fernh%C3%B6llow%20GmbH"],
		[{ path: "//evil.com/x" }, "https://api.partner.com/v1//evil.com/x"],
		[{ path: "@evil.com" }, "https://api.partner.com/v1/@evil.com"],
		[{ path: "/a..b/...c" }, "https://api.partner.com/v1/a..b/...c"],
		[{ path: "/a;x=1/...;y/b..;" }, "https://api.partner.com/v1/a;x=1/...;y/b..;"],
		[{ path: "/100%25/%2520?q=..;/%252e%00" }, "https://api.partner.com/v1/100%25/%2520?q=..;/%252e%00"],
		[{ url: "https://api.partner.com/v2/orders" }, "https://api.partner.com/v2/orders"],
	])("%j goes to %s", (input, url) => {
		expect(request(input).url).toBe(url);
	});

	test.each([
		[{ url: "https://evil.com/" }, "requests of this connection go to https://api.partner.com only"],
		[{ url: "http://api.partner.com/" }, "requests of this connection go to https://api.partner.com only"],
		[{ url: "https://api.partner.com:8443/" }, "requests of this connection go to https://api.partner.com only"],
		[{ url: "https://api.partner.com.evil.com/" }, "requests of this connection go to https://api.partner.com only"],
		[{ url: "https://api.partner.com@evil.com/" }, "requests of this connection go to https://api.partner.com only"],
		[{ url: "https://u:p@api.partner.com/" }, "a URL must not carry credentials"],
		[{ url: "/tickets" }, "that is not a URL"],
		[{ url: "https://api.partner.com/", path: "/" }, "set either path or url"],
		[{ path: "/../admin" }, "the URL holds a . or .. segment"],
		[{ path: "/a/../../admin" }, "the URL holds a . or .. segment"],
		[{ path: "/%2e%2E/admin" }, "the URL holds a . or .. segment"],
		[{ path: "/.%2e\\admin" }, "the URL holds a . or .. segment"],
		[{ path: "/a/..%2Fadmin" }, "the URL holds a . or .. segment"],
		[{ path: "/a/..;/admin" }, "the URL holds a . or .. segment"],
		[{ path: "/a/..;x=1/admin" }, "the URL holds a . or .. segment"],
		[{ path: "/a/.;x" }, "the URL holds a . or .. segment"],
		[{ path: "/a/%2E.%3Bx/admin" }, "the URL holds a . or .. segment"],
		[{ url: "https://api.partner.com/v1/..;/admin" }, "the URL holds a . or .. segment"],
		[{ path: "/%252e%252e/admin" }, "the URL holds a . or .. segment"],
		[{ path: "/a%252Fb" }, "the URL holds a . or .. segment"],
		[{ path: "/a%255cb" }, "the URL holds a . or .. segment"],
		[{ path: "/a%25252fb" }, "the URL holds a . or .. segment"],
		[{ path: "/a%00" }, "the URL holds a line break or another control character"],
		[{ path: "/..%00/admin" }, "the URL holds a line break or another control character"],
		[{ path: "/a%2500" }, "the URL holds a line break or another control character"],
		[{ path: "/.\t./admin" }, "the URL holds a line break or another control character"],
		[{ path: "/a\nb" }, "the URL holds a line break or another control character"],
		[{ method: "GET", path: "/", body: {} }, "a GET request has no body"],
		[{ method: "TRACE" }, 'with.method: Invalid option: expected one of "GET"|"POST"|"PUT"|"PATCH"|"DELETE"'],
		[{ headers: { "Idempotency-Key": "mine" } }, "header idempotency-key is not for a workflow to set"],
		[{ headers: { Traceparent: "mine" } }, "header traceparent is not for a workflow to set"],
		[{ headers: { "X-Signalbox-Run": "mine" } }, "header x-signalbox-run is not for a workflow to set"],
		[{ headers: { authorization: "mine" } }, "header authorization is not for a workflow to set"],
		[{ headers: { "a b": "1" } }, "with.headers.a b: Invalid key in record"],
		[
			{ headers: { a: "1\r\nb: 2" } },
			"the value of header a holds a line break or a character outside Latin-1; encode it first",
		],
		[
			{ headers: { a: "✓" } },
			"the value of header a holds a line break or a character outside Latin-1; encode it first",
		],
		[
			{ headers: { a: "\u0000" } },
			"the value of header a holds a line break or a character outside Latin-1; encode it first",
		],
	])("%j is refused with the reason", (input, reason) => {
		expect(problem(input)).toBe(reason);
	});

	test("may carry Latin-1 in headers", () => {
		expect(request({ headers: { a: "Fernhöllow\t." } }).headers.a).toBe("Fernhöllow\t.");
	});

	test.each([
		["ftp://api.partner.com"],
		["https://u:p@api.partner.com"],
		["https://api.partner.com?a=1"],
		["https://api.partner.com/#a"],
		["api.partner.com"],
		[""],
	])("is not made under the base URL %s", (base_url) => {
		expect(problem({}, { ...connection, config: { base_url } })).toBe(
			"config.base_url: write a URL like https://api.example.com/v1, without credentials, query or fragment",
		);
	});
});

const LATER: Omit<OutboundResponse, "status"> = { headers: {}, body: "" };

function read(status: number, rest: Partial<OutboundResponse> = {}): Outcome {
	const action = http.actions?.request;
	if (action === undefined) throw new Error("no action");
	return action.read({ ...LATER, status, ...rest }, NOW, {});
}

describe("a reading", () => {
	const get = http.actions?.get;
	if (get === undefined) throw new Error("no action");

	test("is this request", () => {
		const input = { path: "/tickets/42", query: { full: true }, headers: { "X-Reason": "sync" } };
		expect(get.build(input, connection, mark)).toEqual({
			ok: true,
			value: {
				method: "GET",
				url: "https://api.partner.com/v1/tickets/42?full=true",
				headers: {
					accept: "application/json",
					"user-agent": "signalbox",
					"x-team": "ops",
					"x-reason": "sync",
					authorization: "Bearer s3cret",
					traceparent: "00-0af7651916cd43dd8448eb211c80319c-bf8b41a95590312b-01",
					"x-signalbox-run": "run_1",
					"idempotency-key": "sb_run_1_notify",
				},
				secret_headers: ["authorization"],
				body: null,
			},
		});
	});

	test.each([
		[{ path: "/", method: "POST" }, 'with: Unrecognized key: "method"'],
		[{ path: "/", body: {} }, 'with: Unrecognized key: "body"'],
		[{ path: "/../admin" }, "the URL holds a . or .. segment"],
		[{ url: "https://evil.com/" }, "requests of this connection go to https://api.partner.com only"],
		[{ headers: { authorization: "mine" } }, "header authorization is not for a workflow to set"],
	])("%j is refused with the reason", (input: JsonObject, reason) => {
		expect(get.build(input, connection, mark)).toEqual({ ok: false, error: reason });
	});

	test("gives what a request gives", () => {
		const response = { status: 200, headers: {}, body: '{"state":"open"}' };
		expect(get.read(response, NOW, {})).toEqual({
			kind: "succeeded",
			output: { status: 200, body: { state: "open" } },
		});
		expect(get.read({ ...response, status: 404 }, NOW, {})).toMatchObject({ kind: "permanent", class: "not_found" });
		expect(get.read({ ...response, status: 500 }, NOW, {})).toMatchObject({ kind: "transient" });
	});
});

describe("a response", () => {
	test.each([
		[200, '{"id":7}', { status: 200, body: { id: 7 } }],
		[201, "[1]", { status: 201, body: [1] }],
		[204, "", { status: 204 }],
		[200, "<html>", { status: 200 }],
		[200, `"${"x".repeat(100_000)}"`, { status: 200, body: "x".repeat(100_000) }],
		[200, '{"__proto__":{"a":1}}', { status: 200 }],
		[200, '{"a":{"constructor":1}}', { status: 200 }],
		[200, "[".repeat(65) + "]".repeat(65), { status: 200 }],
		[200, "[1e400]", { status: 200 }],
	])("%d %.40s is a success with what can be kept of it", (status, body, output) => {
		expect(read(status, { body })).toEqual({ kind: "succeeded", output });
	});

	test.each([
		[400, "invalid"],
		[401, "auth"],
		[402, "invalid"],
		[403, "permission"],
		[404, "not_found"],
		[409, "invalid"],
		[410, "not_found"],
		[418, "invalid"],
		[422, "invalid"],
	])("%d is final: %s", (status, failure) => {
		expect(read(status)).toEqual({ kind: "permanent", class: failure, reason: `the target answered ${status}` });
	});

	test.each([[301], [302], [303], [304], [307], [308]])("%d is refused by policy", (status) => {
		expect(read(status, { headers: { location: "https://evil.com" } })).toEqual({
			kind: "permanent",
			class: "policy",
			reason: `the target answered ${status}; redirects are not followed`,
		});
	});

	test.each([[408], [425], [429], [500], [502], [503], [504], [529]])("%d may be tried again", (status) => {
		expect(read(status)).toEqual({ kind: "transient", reason: `the target answered ${status}` });
	});
});

describe("Retry-After", () => {
	const DAY = 86_400_000;
	test.each([
		["120", 120_000],
		["0", 0],
		["1.5", 1_500],
		[" 5 ", 5_000],
		["Fri, 20 Nov 2026 10:00:30 GMT", 30_000],
		["Fri, 20 Nov 2026 09:00:00 GMT", 0],
		["Fri, 20 Nov 2099 10:00:00 GMT", 31 * DAY],
		["9".repeat(400), 31 * DAY],
		["999999999", 31 * DAY],
		["-5", undefined],
		["soon", undefined],
		["", undefined],
		["5 seconds", undefined],
		["0x10", undefined],
		["1e3", undefined],
		["2026-11-20T10:00:30Z", undefined],
		["Fri, 99 Nov 2026 10:00:30 GMT", undefined],
		["10, 20", undefined],
	])("%s means %s ms", (value, after_ms) => {
		const outcome = read(429, { headers: { "retry-after": value } });
		expect(outcome).toEqual({
			kind: "transient",
			reason: "the target answered 429",
			...(after_ms !== undefined && { after_ms }),
		});
	});
});
