// Any HTTP API: a request as the workflow writes it, to one host per connection. It always carries an idempotency key,
// so a target that honours it can be asked twice.

import { z } from "zod";
import { orOAuth } from "../../core/token-settings";
import { Json, type JsonObject } from "../../model/json";
import type { Outcome } from "../../model/outcome";
import { err, ok, type Result } from "../../model/result";
import { parseAs } from "../config";
import type { Action, Connector, Mark, OutboundRequest, OutboundResponse } from "../connector";
import { HeaderName } from "../header-name";
import { parseAnswer } from "../outbound/answer";
import { BaseUrl, hostsOf, markHeaders, mergeHeaders } from "../outbound/headers";
import { transient } from "../outbound/retry-after";

const Headers = z.record(HeaderName, z.string().max(8_192));

const Config = z.strictObject({
	base_url: BaseUrl.describe("Where the API lives; requests go to this host only."),
	headers: Headers.default({}).describe("Headers of every request."),
});
const Credentials = z.strictObject({
	headers: Headers.default({}).describe("Secret headers of every request, like authorization."),
});
const Target = z.strictObject({
	path: z.string().max(4_096).optional().describe("Under the connection's base_url, like /tickets/42."),
	url: z.string().max(4_096).optional().describe("Or a whole URL at the connection's host."),
	headers: Headers.default({}),
	query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});
const Input = Target.extend({
	method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("POST"),
	body: Json.optional().describe("Sent as JSON; a string is sent as it is."),
});
type Input = z.infer<typeof Input>;

const output = {
	status: "The status of the answer, like 200.",
	body: "The answer as JSON; absent if it is something else or longer than 16,384 characters.",
};

const request: Action = {
	about: "Sends an HTTP request to the connection's host, always with an Idempotency-Key.",
	input: Input,
	output,
	repeatable: true,
	once: "if the target honours `Idempotency-Key`",
	writes: { entity: "*", fields: ["*"] },
	scopes: [],
	mark: "The headers `idempotency-key`, `traceparent` and `x-signalbox-run`.",
	timeout_ms: 25_000,
	build: (input, connection, mark) => build(parseAs(Input, input, "with"), connection, mark),
	read: judge,
};

const get: Action = {
	about: "Reads something from the connection's host.",
	input: Target,
	output,
	reads: true,
	scopes: [],
	repeatable: true,
	timeout_ms: 25_000,
	build: (input, connection, mark) => build(reading(parseAs(Target, input, "with")), connection, mark),
	read: judge,
};

function bearer(token: string, { headers }: JsonObject): JsonObject {
	return { headers: { ...Object(headers), authorization: `Bearer ${token}` } };
}

function reading(target: Result<z.infer<typeof Target>, string>): Result<Input, string> {
	return target.ok ? ok({ ...target.value, method: "GET" }) : target;
}

export const http: Connector = {
	id: "http",
	title: "Any HTTP API",
	connection: { config: Config, credentials: orOAuth(Credentials), bearer, hosts: hostsOf },
	actions: { get, request },
};

function build(
	parsed: Result<Input, string>,
	connection: { config: JsonObject; credentials: JsonObject },
	mark: Mark,
): Result<OutboundRequest, string> {
	if (!parsed.ok) return parsed;
	const config = parseAs(Config, connection.config, "config");
	if (!config.ok) return config;
	const credentials = parseAs(Credentials, connection.credentials, "credentials");
	if (!credentials.ok) return credentials;
	const secret = credentials.value.headers;
	const url = urlOf(parsed.value, config.value.base_url);
	if (!url.ok) return url;
	const { method, body } = parsed.value;
	if (method === "GET" && body !== undefined) return err("a GET request has no body");
	const reserved = Object.keys(parsed.value.headers).find((name) => isReserved(name, secret));
	if (reserved !== undefined) return err(`header ${reserved} is not for a workflow to set`);
	const headers = mergeHeaders(
		{ accept: "application/json", "user-agent": "signalbox", ...contentType(body) },
		config.value.headers,
		parsed.value.headers,
		secret,
		markHeaders(mark),
		{ "idempotency-key": mark.idempotency_key },
	);
	if (!headers.ok) return headers;
	return ok({
		method,
		url: url.value,
		headers: headers.value,
		secret_headers: secretHeaders(headers.value, secret),
		body: textOf(body),
	});
}

function contentType(body: Json | undefined): Record<string, string> {
	if (body === undefined) return {};
	return { "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json" };
}

function textOf(body: Json | undefined): string | null {
	if (body === undefined) return null;
	return typeof body === "string" ? body : JSON.stringify(body);
}

/** Headers that say whose request it is. What else a request must not carry, the egress guard knows. */
const RESERVED = /^(idempotency-key|traceparent|x-signalbox-.*)$/;

function isReserved(name: string, secret: Record<string, string>): boolean {
	return RESERVED.test(name) || Object.hasOwn(secret, name);
}

/** Names whose values are secrets wherever they were set. */
const ALWAYS_SECRET = ["authorization", "x-api-key", "api-key", "x-auth-token"];

function secretHeaders(headers: Record<string, string>, secret: Record<string, string>): string[] {
	return Object.keys(headers).filter((name) => Object.hasOwn(secret, name) || ALWAYS_SECRET.includes(name));
}

/** `path` and `url` often hold parts of events, so neither may lead out of the base URL's host, `path` not out of it. */
function urlOf({ path, url, query }: Input, baseUrl: string): Result<string, string> {
	if (path !== undefined && url !== undefined) return err("set either path or url");
	const text = path ?? url ?? "";
	if (/[^ -\uffff]/.test(text)) return err("the URL holds a line break or another control character");
	if (/%(25)*00/.test(pathIn(text))) return err("the URL holds a line break or another control character");
	if (hasDotSegment(text)) return err("the URL holds a . or .. segment");
	const target = URL.parse(url ?? (path === undefined ? baseUrl : `${baseUrl}/${path.replace(/^\//, "")}`));
	if (target === null) return err("that is not a URL");
	const { origin } = new URL(baseUrl);
	if (target.origin !== origin) return err(`requests of this connection go to ${origin} only`);
	if (target.username !== "" || target.password !== "") return err("a URL must not carry credentials");
	for (const [name, value] of Object.entries(query)) target.searchParams.set(name, String(value));
	target.hash = "";
	return ok(target.href);
}

/**
 * As the URL standard sees them, where `\` separates too and `%2e` is a dot; servers that decode `%2f` early; those that
 * cut off what follows a `;`; and those that decode twice, for which nothing that could be a dot or a separator is let by.
 */
function hasDotSegment(text: string): boolean {
	const path = pathIn(text);
	if (/%(25)+(2e|2f|5c)/i.test(path)) return true;
	return path.split(/[/\\]|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}(;|%3b|$)/i.test(segment));
}

function pathIn(text: string): string {
	return text.replace(/[?#].*$/s, "");
}

function judge(response: OutboundResponse, now: number): Outcome {
	const { status } = response;
	const reason = `the target answered ${status}`;
	if (status >= 200 && status < 300) return { kind: "succeeded", output: outputOf(response) };
	if (status === 408 || status === 425 || status === 429 || status >= 500) return transient(reason, response, now);
	if (status >= 400) return { kind: "permanent", class: CLASSES.get(status) ?? "invalid", reason };
	if (status >= 300) return { kind: "permanent", class: "policy", reason: `${reason}; redirects are not followed` };
	return { kind: "permanent", class: "invalid", reason };
}

const CLASSES: ReadonlyMap<number, "auth" | "permission" | "not_found"> = new Map([
	[401, "auth"],
	[403, "permission"],
	[404, "not_found"],
	[410, "not_found"],
]);

function outputOf({ status, body }: OutboundResponse): Json {
	const json = parseAnswer(body);
	return json === undefined ? { status } : { status, body: json };
}
