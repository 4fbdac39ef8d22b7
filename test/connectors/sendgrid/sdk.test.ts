// Node signs as SendGrid does; SendGrid's own library verifies, and so do we.

import { createSign, generateKeyPairSync } from "node:crypto";
import { EventWebhook } from "@sendgrid/eventwebhook";
import { describe, expect, test } from "vitest";
import { deliveryOf, NOW_S, sourceOf, verdictOf } from "../deliveries";

const BODY = `${JSON.stringify([{ event: "delivered", sg_event_id: "e1", note: "Ñandú ✓" }], null, 1)}\r\n`;

function keyPair() {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	return { privateKey, shown: publicKey.export({ type: "spki", format: "der" }).toString("base64") };
}
const ours = keyPair();
const other = keyPair();

const { side, config } = sourceOf("sendgrid");
const scheme = side.verification(config);
const library = new EventWebhook();

function signed(timestamp: number | string = NOW_S, body = BODY, { privateKey } = ours): string {
	return createSign("sha256").update(`${timestamp}${body}`).sign(privateKey, "base64");
}

interface Sent {
	signature?: string;
	timestamp?: number | string;
	body?: string;
	keys?: string[];
}

function verdict({ signature = signed(), timestamp = NOW_S, body = BODY, keys = [ours.shown] }: Sent): Promise<string> {
	const headers = {
		"x-twilio-email-event-webhook-signature": signature,
		"x-twilio-email-event-webhook-timestamp": String(timestamp),
	};
	return verdictOf(deliveryOf(body, headers), scheme, keys);
}

function byLibrary({ signature = signed(), timestamp = NOW_S, body = BODY, keys = [ours.shown] }: Sent): boolean {
	return library.verifySignature(library.convertPublicKeyToECDSA(keys[0] ?? ""), body, signature, String(timestamp));
}

describe("a delivery", () => {
	test("is accepted by both, signature after signature, as each is another", async () => {
		for (let i = 0; i < 20; i++) {
			const sent = { signature: signed() };
			expect(byLibrary(sent)).toBe(true);
			expect(await verdict(sent)).toBe("ok");
		}
	});

	test.each([
		["one byte changed", { body: BODY.replace("e1", "e2") }],
		["the body serialised again", { body: JSON.stringify(JSON.parse(BODY)) }],
		["the line break at its end cut off", { body: BODY.trim() }],
		["another time", { timestamp: NOW_S - 1 }],
		["another key", { keys: [other.shown] }],
		["another's signature", { signature: signed(NOW_S, BODY, other) }],
	])("is refused by both with %s", async (_, sent: Sent) => {
		expect(byLibrary(sent)).toBe(false);
		expect(await verdict(sent)).toBe("bad_signature");
	});

	test("may be ten minutes old, or ahead, and no more, which its library does not ask", async () => {
		const at = (timestamp: number) => ({ timestamp, signature: signed(timestamp) });
		for (const timestamp of [NOW_S - 601, NOW_S + 601, NOW_S + 3_600]) expect(byLibrary(at(timestamp))).toBe(true);
		expect(await verdict(at(NOW_S - 600))).toBe("ok");
		expect(await verdict(at(NOW_S - 601))).toBe("stale");
		expect(await verdict(at(NOW_S + 600))).toBe("ok");
		expect(await verdict(at(NOW_S + 601))).toBe("future");
		expect(await verdict(at(NOW_S + 3_600))).toBe("future");
	});

	test("is accepted with the old key while both live", async () => {
		expect(await verdict({ keys: [other.shown, ours.shown] })).toBe("ok");
	});

	test.each([
		["signature", { signature: "" }, "missing_signature"],
		["signature that is one", { signature: "Zm9v" }, "malformed_signature"],
		["time", { timestamp: "" }, "missing_timestamp"],
		["time that is one", { timestamp: "now", signature: signed("now") }, "malformed_timestamp"],
		["key that is one", { keys: ["Zm9v"] }, "no_secret"],
	])("is refused without a %s", async (_, sent: Sent, reason) => {
		expect(await verdict(sent)).toBe(reason);
	});
});
