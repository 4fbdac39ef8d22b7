// Notion's own library signs, we verify, and both must agree.

import { signWebhookPayload, verifyWebhookSignature } from "@notionhq/client";
import { expect, test } from "vitest";
import { deliveryOf, sourceOf, verdictOf } from "../deliveries";

const TOKEN = "secret_testOnlyVerificationToken0001";
/** Pretty-printed with a line break at its end, and more than ASCII. */
const BODY = `${JSON.stringify({ id: "e1", type: "page.created", entity: { id: "p1", type: "page" }, n: "Grün ✓" }, null, 2)}\n`;

const { side, config } = sourceOf("notion");
const scheme = side.verification(config);

function sign(body = BODY, verificationToken = TOKEN): Promise<string> {
	return signWebhookPayload({ body, verificationToken });
}

function verdict(signature: string, body = BODY, secrets = [TOKEN]): Promise<string> {
	return verdictOf(deliveryOf(body, { "x-notion-signature": signature }), scheme, secrets);
}

test("is verified as its library signs", async () => {
	expect(await verdict(await sign())).toBe("ok");
});

test.each([
	["one byte changed", BODY.replace("p1", "p2")],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["empty", ""],
])("is refused with the body %s, as by its library", async (_, body) => {
	const signature = await sign();
	expect(await verdict(signature, body)).toBe("bad_signature");
	expect(await verifyWebhookSignature({ body, signature, verificationToken: TOKEN })).toBe(false);
});

test("is verified by the token as it was handed over, and by nothing less", async () => {
	expect(await verdict(await sign(BODY, TOKEN.slice("secret_".length)))).toBe("bad_signature");
	expect(await verdict(await sign(BODY, "secret_other"))).toBe("bad_signature");
});

test("is verified with the old and the new token while both live", async () => {
	for (const token of ["secret_old", "secret_new"]) {
		expect(await verdict(await sign(BODY, token), BODY, ["secret_new", "secret_old"])).toBe("ok");
	}
	expect(await verdict(await sign(BODY, "secret_older"), BODY, ["secret_new", "secret_old"])).toBe("bad_signature");
});

test("agrees with its library about spellings of a signature, but for capital digits, which Notion does not write", async () => {
	const signature = await sign();
	const digits = signature.slice("sha256=".length);
	const spellings = [
		signature,
		signature.toUpperCase(),
		digits,
		`sha1=${digits}`,
		"sha256=",
		`sha256=${digits.slice(1)}`,
		`sha256=${digits}${digits}`,
		`sha256=${digits.replace(/../g, "$& ")}`,
	];
	for (const spelling of spellings) {
		const theirs = await verifyWebhookSignature({ body: BODY, signature: spelling, verificationToken: TOKEN });
		expect((await verdict(spelling)) === "ok").toBe(theirs);
	}
	const capital = `sha256=${digits.toUpperCase()}`;
	expect(await verifyWebhookSignature({ body: BODY, signature: capital, verificationToken: TOKEN })).toBe(true);
	expect(await verdict(capital)).toBe("malformed_signature");
});

test("is refused without a signature", async () => {
	expect(await verdictOf(deliveryOf(BODY), scheme, [TOKEN])).toBe("missing_signature");
});

test("is as fresh after a year as it was: nothing in the signature tells when it was made", async () => {
	const delivery = deliveryOf(BODY, { "x-notion-signature": await sign() });
	expect(await verdictOf(delivery, scheme, [TOKEN], Date.parse("2027-11-20T10:00:00Z"))).toBe("ok");
	expect(side.trust(config)).toBe("signed_untimed");
});
