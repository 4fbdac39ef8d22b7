// Intercom's signature, by the recipe of its documentation: https://developers.intercom.com/docs/webhooks/webhook-notifications

import { expect, test } from "vitest";
import { deliveryOf, signatureOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "client-secret-of-the-app";
const BODY = `${JSON.stringify({ id: "notif_1", topic: "conversation.read" }, null, 2)}\n`;
const { side, config } = sourceOf("intercom");
const scheme = side.verification(config);

async function signed(body = BODY, secret = SECRET): Promise<string> {
	return `sha1=${await signatureOf({ hash: "SHA-1", encoding: "hex" }, secret, body)}`;
}

async function verdict(signature: string, body = BODY, secrets = [SECRET]): Promise<string> {
	return verdictOf(deliveryOf(body, { "x-hub-signature": signature }), scheme, secrets);
}

test("is genuine over the body alone", async () => {
	expect(side.trust(config)).toBe("signed_untimed");
	expect(await verdict(await signed())).toBe("ok");
});

test.each([
	["one byte changed", BODY.replace("notif_1", "notif_2")],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["empty", ""],
])("is refused with the body %s", async (_, body) => {
	expect(await verdict(await signed(), body)).toBe("bad_signature");
});

test("is refused in any other spelling", async () => {
	const signature = await signed();
	const digits = signature.slice("sha1=".length);
	for (const spelling of [digits, `sha256=${digits}`, `sha1=${digits.toUpperCase()}`, `sha1=${digits} `, "sha1="]) {
		expect(await verdict(spelling)).toBe("malformed_signature");
	}
	expect(await verdict("")).toBe("missing_signature");
});

test("is verified with the old and the new secret while both live", async () => {
	expect(await verdict(await signed(), BODY, ["new", SECRET])).toBe("ok");
	expect(await verdict(await signed(BODY, "new"), BODY, ["new", SECRET])).toBe("ok");
	expect(await verdict(await signed(BODY, "older"), BODY, ["new", SECRET])).toBe("bad_signature");
});

test("is asked by HEAD whether there is anything at its address", () => {
	expect(side.checked_by_head).toBe(true);
});
