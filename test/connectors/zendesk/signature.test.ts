// Zendesk's signature, by the recipe of its documentation: https://developer.zendesk.com/documentation/webhooks/verifying/

import { describe, expect, test } from "vitest";
import { checkSecrets, checkSource } from "../../../src/admin/check-connector";
import { deliveryOf, signatureOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "6h1Yk3vXAmq5nQ2tUu0vQ-of-the-webhook";
const BODY = `${JSON.stringify({ id: "e1", type: "zen:event-type:ticket.created" }, null, 2)}\n`;
const { side, config } = sourceOf("zendesk");
const scheme = side.verification(config);

async function signed(body = BODY, at = "2026-11-20T09:59:58Z", secret = SECRET): Promise<Record<string, string>> {
	return {
		"x-zendesk-webhook-signature-timestamp": at,
		"x-zendesk-webhook-signature": await signatureOf({ hash: "SHA-256", encoding: "base64" }, secret, at, body),
	};
}

async function verdict(headers: Promise<Record<string, string>>, body = BODY, secrets = [SECRET]): Promise<string> {
	return verdictOf(deliveryOf(body, await headers), scheme, secrets);
}

test("is genuine over time and body", async () => {
	expect(side.trust(config)).toBe("signed");
	expect(await verdict(signed())).toBe("ok");
	expect(await verdict(signed(""), "")).toBe("ok");
});

test.each([
	["one byte changed", BODY.replace("e1", "e2")],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["empty", ""],
])("is refused with the body %s", async (_, body) => {
	expect(await verdict(signed(), body)).toBe("bad_signature");
});

test("is refused with another time than that which is signed", async () => {
	const other = { "x-zendesk-webhook-signature-timestamp": "2026-11-20T09:59:59Z" };
	expect(await verdict(signed().then((headers) => ({ ...headers, ...other })))).toBe("bad_signature");
});

test.each([
	["2026-11-20T09:55:00Z", "ok"],
	["2026-11-20T09:54:59Z", "stale"],
	["2026-11-20T10:05:00Z", "ok"],
	["2026-11-20T10:05:01Z", "future"],
	["2026-11-20T12:00:00+02:00", "ok"],
	["2026-11-20T09:59:58", "malformed_timestamp"],
	["1795168798", "malformed_timestamp"],
])("signed at %s is %s at ten o'clock", async (at, expected) => {
	expect(await verdict(signed(BODY, at))).toBe(expected);
});

test("is verified with the old and the new secret while both live", async () => {
	expect(await verdict(signed(), BODY, ["new", SECRET])).toBe("ok");
	expect(await verdict(signed(BODY, undefined, "new"), BODY, ["new", SECRET])).toBe("ok");
	expect(await verdict(signed(BODY, undefined, "older"), BODY, ["new", SECRET])).toBe("bad_signature");
});

describe("the secret that signs tries of webhooks that do not exist yet", () => {
	const TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
	const refusal = {
		path: "secrets[1]",
		message: "is published for tries and known to everybody; copy the one that the sending system has made",
	};

	test("cannot be given to a source, new or old", async () => {
		const secrets = [SECRET, TEST_SECRET];
		expect(await checkSource({ connector: "zendesk", config: {}, secrets })).toEqual([refusal]);
		expect(await checkSecrets({ connector: "zendesk", config: {} }, secrets)).toEqual([refusal]);
		expect(await checkSecrets({ connector: "zendesk", config: {} }, [SECRET])).toEqual([]);
	});
});
