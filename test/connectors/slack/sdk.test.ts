// Bolt verifies what we verify; it has no code to sign with, so Node's own HMAC signs.

import { verifySlackRequest } from "@slack/bolt/dist/receivers/verify-request.js";
import { expect, test } from "vitest";
import { deliveryOf, NOW, NOW_S, signatureOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const { side, config } = sourceOf("slack");
const scheme = side.verification(config);

/** Pretty-printed with a line break at its end: what JSON.stringify makes of it is another body. */
const BODY = `${JSON.stringify({ type: "event_callback", event_id: "Ev1", event: { type: "message" } }, null, 2)}\n`;

interface Sent {
	body?: string;
	secret?: string;
	at?: number;
}

async function signed({ body = BODY, secret = SECRET, at = NOW_S }: Sent = {}): Promise<Record<string, string>> {
	const hash = await signatureOf({ hash: "SHA-256", encoding: "hex" }, secret, `v0:${at}:`, body);
	return { "x-slack-signature": `v0=${hash}`, "x-slack-request-timestamp": String(at) };
}

function verdict(headers: Record<string, string>, body = BODY, secrets = [SECRET]): Promise<string> {
	return verdictOf(deliveryOf(body, headers), scheme, secrets);
}

function acceptedByBolt(headers: Record<string, string>, body = BODY): boolean {
	const timestamp = headers["x-slack-request-timestamp"] ?? "";
	const read = {
		"x-slack-signature": headers["x-slack-signature"] ?? "",
		"x-slack-request-timestamp": Number.parseInt(timestamp, 10),
	};
	try {
		verifySlackRequest({ signingSecret: SECRET, body, headers: read, nowMilliseconds: NOW });
		return true;
	} catch {
		return false;
	}
}

test("both accept what is signed", async () => {
	expect(acceptedByBolt(await signed())).toBe(true);
	expect(await verdict(await signed())).toBe("ok");
});

test("both accept the example of Slack's documentation", async () => {
	// https://docs.slack.dev/authentication/verifying-requests-from-slack
	const body =
		"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
	const headers = {
		"x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
		"x-slack-request-timestamp": "1531420618",
	};
	const secret = "8f742231b10e8888abcd99yyyzzz85a5";
	expect(await verdictOf(deliveryOf(body, headers), scheme, [secret], 1_531_420_618_000)).toBe("ok");
});

test.each([
	["one byte changed", BODY.replace("Ev1", "Ev2")],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["empty", ""],
])("both refuse the body %s", async (_, body) => {
	const headers = await signed();
	expect(acceptedByBolt(headers, body)).toBe(false);
	expect(await verdict(headers, body)).toBe("bad_signature");
});

test("both refuse another secret and another time", async () => {
	const other = await signed({ secret: "other" });
	expect([acceptedByBolt(other), await verdict(other)]).toEqual([false, "bad_signature"]);
	const moved = { ...(await signed()), "x-slack-request-timestamp": String(NOW_S - 1) };
	expect([acceptedByBolt(moved), await verdict(moved)]).toEqual([false, "bad_signature"]);
});

test("both take five minutes and no more for the past, and we for the future, too", async () => {
	for (const [at, byBolt, byUs] of [
		[NOW_S - 300, true, "ok"],
		[NOW_S - 301, false, "stale"],
		[NOW_S + 300, true, "ok"],
		[NOW_S + 301, true, "future"],
		[NOW_S + 3_600, true, "future"],
	] as const) {
		const headers = await signed({ at });
		expect([acceptedByBolt(headers), await verdict(headers)]).toEqual([byBolt, byUs]);
	}
});

test("the old and the new secret count while both live", async () => {
	const secrets = ["new", SECRET];
	expect(await verdict(await signed({ secret: "new" }), BODY, secrets)).toBe("ok");
	expect(await verdict(await signed(), BODY, secrets)).toBe("ok");
	expect(await verdict(await signed({ secret: "older" }), BODY, secrets)).toBe("bad_signature");
});

test("what Bolt refuses of a header's spellings we refuse", async () => {
	const headers = await signed();
	const signature = headers["x-slack-signature"] ?? "";
	const digits = signature.slice("v0=".length);
	for (const spelling of [digits, `v1=${digits}`, `v0=${digits.toUpperCase()}`, `v0=${digits}0`, "v0=", "v0"]) {
		const other = { ...headers, "x-slack-signature": spelling };
		expect([spelling, acceptedByBolt(other)]).toEqual([spelling, false]);
		expect(await verdict(other)).not.toBe("ok");
	}
});

test.each([
	["x-slack-signature", "missing_signature"],
	["x-slack-request-timestamp", "missing_timestamp"],
])("a delivery without %s is refused", async (name, expected) => {
	const { [name]: _, ...headers } = await signed();
	expect(await verdict(headers)).toBe(expected);
});

test("the handshake is signed like everything else", async () => {
	const body = '{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}';
	expect(await verdict(await signed({ body }), body)).toBe("ok");
	expect(await verdict({}, body)).toBe("missing_signature");
});
