// Jira as its libraries have it: Atlassian's own signs web tokens that we verify; the client library makes requests that
// must be ours, and knows the shape of answers.

import { createHmac } from "node:crypto";
import { decodeSymmetric, encodeSymmetric, SymmetricAlgorithm } from "atlassian-jwt";
import type { Client } from "jira.js/core";
import { describe, expect, test } from "vitest";
import { actionOf } from "../actions";
import { deliveryOf, NOW_S, sourceOf, verdictOf } from "../deliveries";
import { actions as examples } from "./examples";
import { GOLDEN } from "./golden";
import { HEADERS, lookFor, requestOf } from "./requests";

/** Pretty-printed with a line break at its end: what JSON.stringify makes of it is another body. */
const BODY = `${JSON.stringify({ webhookEvent: "jira:issue_updated", issue: { id: "10412" } }, null, 2)}\n`;

function schemeOf(webhook: string) {
	const { side, config } = sourceOf("jira", { webhook });
	return side.verification(config);
}

describe("an administrator's webhook", () => {
	const SECRET = "test-only-secret-of-a-webhook";
	const scheme = schemeOf("admin");

	function signature(secret = SECRET, body = BODY, method = "sha256"): string {
		return `${method}=${createHmac(method, secret).update(body).digest("hex")}`;
	}

	function verdict(header: string, body = BODY, secrets = [SECRET]): Promise<string> {
		return verdictOf(deliveryOf(body, { "x-hub-signature": header }), scheme, secrets);
	}

	test("is verified as WebSub signs", async () => {
		expect(await verdict(signature())).toBe("ok");
		expect(await verdict(signature(SECRET, ""), "")).toBe("ok");
	});

	test.each([
		["one byte changed", BODY.replace("10412", "10413")],
		["serialised again", JSON.stringify(JSON.parse(BODY))],
		["trimmed", BODY.trim()],
		["empty", ""],
	])("is refused with the body %s", async (_, body) => {
		expect(await verdict(signature(), body)).toBe("bad_signature");
	});

	test("is refused with another secret, and verified with the old and the new one while both live", async () => {
		expect(await verdict(signature("old"))).toBe("bad_signature");
		expect(await verdict(signature("old"), BODY, [SECRET, "old"])).toBe("ok");
		expect(await verdict(signature(), BODY, ["new", SECRET])).toBe("ok");
	});

	test.each(["sha1", "sha384", "sha512"])("is not signed by %s, however well", async (method) => {
		expect(await verdict(signature(SECRET, BODY, method))).toBe("malformed_signature");
	});

	test.each([
		["none", "", "missing_signature"],
		["no method", signature().slice("sha256=".length), "malformed_signature"],
		["another spelling of its method", signature().replace("sha256", "SHA256"), "malformed_signature"],
		["upper case", `sha256=${signature().slice("sha256=".length).toUpperCase()}`, "malformed_signature"],
		["half of it", signature().slice(0, 39), "malformed_signature"],
		["two of them", `${signature()},${signature()}`, "malformed_signature"],
	])("is refused with %s", async (_, header, reason) => {
		expect(await verdict(header)).toBe(reason);
	});

	test("is not verified by an app's token", async () => {
		const token = encodeSymmetric({ exp: NOW_S + 60 }, SECRET);
		expect(await verdictOf(deliveryOf(BODY, { authorization: `Bearer ${token}` }), scheme, [SECRET])).toBe(
			"missing_signature",
		);
	});
});

describe("an app's webhook", () => {
	const SECRET = "test-only-client-secret-of-an-app";
	const scheme = schemeOf("oauth");
	const claims = { iss: "client-id", sub: "712020:d", iat: NOW_S - 5, exp: NOW_S + 300, jti: "1", context: {} };

	function verdict(token: string, body = BODY, secrets = [SECRET]): Promise<string> {
		return verdictOf(deliveryOf(body, { authorization: `Bearer ${token}` }), scheme, secrets);
	}

	test("is verified as Atlassian's library signs, which reads the same", async () => {
		const token = encodeSymmetric(claims, SECRET);
		expect(await verdict(token)).toBe("ok");
		expect(decodeSymmetric(token, SECRET, SymmetricAlgorithm.HS256)).toEqual(claims);
	});

	test("is refused as Atlassian's library refuses: with another secret, and changed", async () => {
		const token = encodeSymmetric(claims, SECRET);
		const [head, , signature] = token.split(".");
		const other = Buffer.from(JSON.stringify({ ...claims, sub: "712020:e" })).toString("base64url");
		for (const bad of [encodeSymmetric(claims, "other"), `${head}.${other}.${signature}`]) {
			expect(await verdict(bad)).toBe("bad_token");
			expect(() => decodeSymmetric(bad, SECRET, SymmetricAlgorithm.HS256)).toThrow("Signature verification failed");
		}
	});

	test("is verified with the old and the new secret while both live", async () => {
		const token = encodeSymmetric(claims, "old");
		expect(await verdict(token, BODY, [SECRET, "old"])).toBe("ok");
		expect(await verdict(token, BODY, ["old", SECRET])).toBe("ok");
	});

	test.each([SymmetricAlgorithm.HS384, SymmetricAlgorithm.HS512])("is not signed by %s", async (algorithm) => {
		expect(await verdict(encodeSymmetric(claims, SECRET, algorithm))).toBe("bad_token");
	});

	test("is refused unsigned", async () => {
		const part = (json: object) => Buffer.from(JSON.stringify(json)).toString("base64url");
		expect(await verdict(`${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`)).toBe("bad_token");
	});

	test("is held to its times, give or take a minute, which Atlassian's library leaves to its caller", async () => {
		const at = (times: object) => encodeSymmetric({ ...claims, ...times }, SECRET);
		expect(await verdict(at({ exp: NOW_S - 59 }))).toBe("ok");
		expect(await verdict(at({ exp: NOW_S - 61 }))).toBe("stale");
		expect(await verdict(at({ iat: NOW_S + 60 }))).toBe("ok");
		expect(await verdict(at({ iat: NOW_S + 61 }))).toBe("future");
		expect(await verdict(at({ exp: undefined }))).toBe("bad_token");
		const late = at({ exp: NOW_S - 3_600 });
		expect(decodeSymmetric(late, SECRET, SymmetricAlgorithm.HS256).exp).toBe(NOW_S - 3_600);
	});

	test("may hold any body: the token says nothing of it, and so it counts as that", async () => {
		const { side, config } = sourceOf("jira", { webhook: "oauth" });
		expect(await verdict(encodeSymmetric(claims, SECRET), "{}")).toBe("ok");
		expect(side.trust(config)).toBe("bearer");
	});

	test("is not verified by a signature of the body", async () => {
		const signature = `sha256=${createHmac("sha256", SECRET).update(BODY).digest("hex")}`;
		expect(await verdictOf(deliveryOf(BODY, { "x-hub-signature": signature }), scheme, [SECRET])).toBe("missing_token");
	});
});

type Options = Parameters<Client["sendRequest"]>[0];

/** What the client library would send. */
async function recorded(call: (client: Client) => Promise<unknown>): Promise<Options> {
	let options: Options | undefined;
	await call({
		sendRequest: (given) => {
			options = given;
			return Promise.reject(new Error("it is not sent"));
		},
	}).catch(() => undefined);
	if (options === undefined) throw new Error("the library makes no request");
	return options;
}

/** A query, whatever the order. */
function queryOf(entries: Iterable<[string, unknown]>): string[] {
	return [...entries]
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${name}=${value}`)
		.sort();
}

describe("a request", () => {
	test.each(GOLDEN)("$name, and is this one", ({ use, look, input, method, path, body }) => {
		expect(look ? lookFor(use, input) : requestOf(use, input)).toEqual({
			method,
			url: `https://fern.atlassian.net${path}`,
			headers: { ...HEADERS, ...(body !== undefined && { "content-type": "application/json" }) },
			secret_headers: ["authorization"],
			body: body === undefined ? null : JSON.stringify(body),
		});
	});

	test.each(GOLDEN)("$name as the client library does", async ({ method, path, body, call }) => {
		const options = await recorded(call);
		const url = new URL(path, "https://fern.atlassian.net");
		expect(options.method).toBe(method);
		expect(options.url).toBe(url.pathname);
		expect(queryOf(Object.entries(options.searchParams ?? {}))).toEqual(queryOf(url.searchParams));
		expect(options.body === undefined ? undefined : JSON.parse(JSON.stringify(options.body))).toEqual(body);
	});

	test("is there for every action and every look", () => {
		const uses = Object.keys(examples).flatMap((name) => {
			const { probe } = actionOf(`jira.${name}`);
			return probe === undefined ? [`jira.${name}`] : [`jira.${name}`, `look jira.${name}`];
		});
		expect(GOLDEN.map(({ use, look }) => (look ? `look ${use}` : use)).sort()).toEqual(uses.sort());
	});
});

describe("an answer", () => {
	test.each(GOLDEN)(
		"that the client library can read is what the examples hold: $name",
		async ({ use, look, call }) => {
			const { schema } = await recorded(call);
			const example = examples[use.slice("jira.".length)];
			const body = look ? example?.shown : example?.done[1];
			if (schema === undefined) expect(body).toBe("");
			else expect(schema.safeParse(body).error).toBeUndefined();
		},
	);
});
