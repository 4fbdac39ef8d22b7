// PagerDuty has no library that signs or verifies, so its documentation is followed:
// https://developer.pagerduty.com/docs/verifying-signatures

import { expect, test } from "vitest";
import { deliveryOf, signatureOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "test-only-pagerduty-secret-01";
/** Pretty-printed with a line break at its end, and more than ASCII. */
const BODY = `${JSON.stringify({ event: { id: "e1", event_type: "incident.resolved", summary: "Grün ✓" } }, null, 2)}\n`;

const { side, config } = sourceOf("pagerduty");
const scheme = side.verification(config);

async function sign(secret = SECRET, body = BODY): Promise<string> {
	return `v1=${await signatureOf({ hash: "SHA-256", encoding: "hex" }, secret, body)}`;
}

function verdict(signature: string, body = BODY, secrets = [SECRET]): Promise<string> {
	return verdictOf(deliveryOf(body, { "x-pagerduty-signature": signature }), scheme, secrets);
}

test("is verified as it is signed", async () => {
	expect(await verdict(await sign())).toBe("ok");
});

test.each([
	["one byte changed", BODY.replace("e1", "e2")],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["empty", ""],
])("is refused with the body %s", async (_, body) => {
	expect(await verdict(await sign(), body)).toBe("bad_signature");
});

test.each([",", ", ", " , "])("is verified by any of several signatures, separated by %j", async (separator) => {
	const other = await sign("other");
	for (const list of [
		[await sign(), other],
		[other, await sign()],
		[`v0=${"0".repeat(64)}`, other, await sign()],
	]) {
		expect(await verdict(list.join(separator))).toBe("ok");
	}
	expect(await verdict([other, other].join(separator))).toBe("bad_signature");
});

test("is verified with the old and the new secret while both live", async () => {
	const both = `${await sign("old")},${await sign("new")}`;
	for (const secrets of [["old"], ["new"], ["new", "old"]]) expect(await verdict(both, BODY, secrets)).toBe("ok");
	expect(await verdict(await sign("old"), BODY, ["new", "old"])).toBe("ok");
	expect(await verdict(await sign("older"), BODY, ["new", "old"])).toBe("bad_signature");
});

test("is not verified by a signature of another version, or in another spelling", async () => {
	const digits = (await sign()).slice("v1=".length);
	for (const signature of [`v2=${digits}`, digits, `v1=${digits.toUpperCase()}`, "v1=", `v1=${digits.slice(1)}`, ","]) {
		expect(await verdict(signature)).toBe("malformed_signature");
	}
	expect(await verdict("")).toBe("missing_signature");
});

test("is as fresh after a year as it was: nothing in the signature tells when it was made", async () => {
	const delivery = deliveryOf(BODY, { "x-pagerduty-signature": await sign() });
	expect(await verdictOf(delivery, scheme, [SECRET], Date.parse("2027-11-20T10:00:00Z"))).toBe("ok");
	expect(side.trust(config)).toBe("signed_untimed");
});
