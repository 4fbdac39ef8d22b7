// Linear's own library verifies what we verify; it has no code to sign with, so Node's own HMAC signs.

import { LinearWebhookClient } from "@linear/sdk/webhooks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deliveryOf, NOW, signatureOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "lin_wh_test_secret";
const { side, config } = sourceOf("linear");
const scheme = side.verification(config);
const client = new LinearWebhookClient(SECRET);

/** Pretty-printed with a line break at its end: what JSON.stringify makes of it is another body. */
function bodyAt(webhookTimestamp: unknown): string {
	return `${JSON.stringify({ type: "Issue", action: "update", data: { id: "i1" }, webhookTimestamp }, null, 2)}\n`;
}
const BODY = bodyAt(NOW);

function signed(body = BODY, secret = SECRET): Promise<string> {
	return signatureOf({ hash: "SHA-256", encoding: "hex" }, secret, body);
}

function verdict(signature: string, body = BODY, secrets = [SECRET]): Promise<string> {
	const headers = { "linear-signature": signature, "linear-timestamp": String(NOW) };
	return verdictOf(deliveryOf(body, headers), scheme, secrets);
}

function acceptedByLinear(signature: string, body = BODY): boolean {
	try {
		return client.verify(Buffer.from(body), signature);
	} catch {
		return false;
	}
}

beforeEach(() => {
	vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});
afterEach(() => {
	vi.useRealTimers();
});

test("both accept what is signed", async () => {
	expect(acceptedByLinear(await signed())).toBe(true);
	expect(await verdict(await signed())).toBe("ok");
});

test.each([
	["one byte changed", BODY.replace("i1", "i2")],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["another time", bodyAt(NOW - 1)],
	["empty", ""],
])("both refuse the body %s", async (_, body) => {
	const signature = await signed();
	expect(acceptedByLinear(signature, body)).toBe(false);
	expect(await verdict(signature, body)).toBe("bad_signature");
});

test("both refuse another secret", async () => {
	const other = await signed(BODY, "other");
	expect([acceptedByLinear(other), await verdict(other)]).toEqual([false, "bad_signature"]);
});

test.each([
	[-60_000, true, "ok"],
	[-60_001, false, "stale"],
	[60_000, true, "ok"],
	[60_001, false, "future"],
	[-3_600_000, false, "stale"],
	[3_600_000, false, "future"],
])("both take a minute and no more, whatever a header says: %d ms from now", async (ms, byLinear, byUs) => {
	const body = bodyAt(NOW + ms);
	const signature = await signed(body);
	expect([acceptedByLinear(signature, body), await verdict(signature, body)]).toEqual([byLinear, byUs]);
});

test.each([
	["none", undefined, "missing_timestamp"],
	["null", null, "missing_timestamp"],
	["an object", {}, "missing_timestamp"],
	["a word", "now", "malformed_timestamp"],
	["a fraction", NOW + 0.5, "malformed_timestamp"],
])("a signed body whose time is %s is refused", async (_, time, expected) => {
	const body = bodyAt(time);
	expect(await verdict(await signed(body), body)).toBe(expected);
});

test("the old and the new secret count while both live", async () => {
	expect(await verdict(await signed(BODY, "new"), BODY, ["new", SECRET])).toBe("ok");
	expect(await verdict(await signed(), BODY, ["new", SECRET])).toBe("ok");
	expect(await verdict(await signed(BODY, "older"), BODY, ["new", SECRET])).toBe("bad_signature");
});

test("what Linear's library refuses of a signature's spellings we refuse", async () => {
	const signature = await signed();
	for (const spelling of [signature.toUpperCase(), `sha256=${signature}`, `${signature} `, signature.slice(1), "x"]) {
		expect([spelling, acceptedByLinear(spelling)]).toEqual([spelling, false]);
		expect(await verdict(spelling)).toBe("malformed_signature");
	}
	expect(await verdict("")).toBe("missing_signature");
});
