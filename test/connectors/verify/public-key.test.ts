// Signatures by public keys, made by Node's own cryptography, and spellings of them that only look right.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { PublicKeyScheme, Verification } from "../../../src/connectors/connector";
import { canVerify } from "../../../src/connectors/verify/verify";
import { deliveryOf, NOW_S, verdictOf } from "../deliveries";

const BODY = '{"a": 1}\r\n';
const TIME = String(NOW_S);

const common = {
	signed: "{timestamp}{body}",
	signature: { header: "x-signature", format: { kind: "prefixed", prefix: "" } },
	timestamp: { from: "header", header: "x-time", unit: "s", tolerance_s: 600 },
} as const;
const ecdsa: PublicKeyScheme = { kind: "ecdsa-p256", ...common };
const ed25519: PublicKeyScheme = { kind: "ed25519", key_prefix: "whpk_", ...common };

const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const P256 = p256.publicKey.export({ format: "der", type: "spki" }).toString("base64");
const edwards = generateKeyPairSync("ed25519");
const ED25519 = `whpk_${edwards.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64")}`;

function der(text = TIME + BODY): Buffer {
	return sign("sha256", Buffer.from(text), p256.privateKey);
}

function verdict(scheme: Verification, signature: string, { body = BODY, secret = P256, time = TIME } = {}) {
	return verdictOf(deliveryOf(body, { "x-signature": signature, "x-time": time }), scheme, [secret]);
}

describe("ECDSA", () => {
	test("is verified as Node signs, however short its numbers are", async () => {
		for (let n = 0; n < 300; n++) expect(await verdict(ecdsa, der().toString("base64"))).toBe("ok");
	});

	test.each([
		["another body", der("x"), "bad_signature"],
		[
			"another key's",
			sign("sha256", Buffer.from(TIME + BODY), generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
			"bad_signature",
		],
		[
			"both numbers side by side",
			sign("sha256", Buffer.from(TIME + BODY), { key: p256.privateKey, dsaEncoding: "ieee-p1363" }),
			"malformed_signature",
		],
		["a byte behind it", Buffer.concat([der(), Buffer.from([0])]), "malformed_signature"],
		["its end cut off", der().subarray(0, -1), "malformed_signature"],
		["nothing", Buffer.from([0x30, 0]), "malformed_signature"],
		["a zero too many", lengthened(der()), "malformed_signature"],
		["a length in long form", Buffer.concat([Buffer.from([0x30, 0x81]), der().subarray(1)]), "malformed_signature"],
	])("is refused with %s", async (_, signature, expected) => {
		expect(await verdict(ecdsa, signature.toString("base64"))).toBe(expected);
	});

	test("is refused in any other spelling of the base64", async () => {
		const text = der().toString("base64");
		for (const other of [` ${text}`, `${text}\n`, text.replace(/=*$/, "==="), text.slice(0, 4), "A".repeat(5_000)]) {
			expect(await verdict(ecdsa, other)).toBe("malformed_signature");
		}
	});

	test("is held to its time, both ways", async () => {
		for (const [s, expected] of [
			[601, "stale"],
			[-601, "future"],
		] as const) {
			const time = String(NOW_S - s);
			expect(await verdict(ecdsa, der(time + BODY).toString("base64"), { time })).toBe(expected);
		}
	});
});

describe("Ed25519", () => {
	const signature = sign(null, Buffer.from(TIME + BODY), edwards.privateKey).toString("base64");

	test("is verified as Node signs", async () => {
		expect(await verdict(ed25519, signature, { secret: ED25519 })).toBe("ok");
		expect(await verdict(ed25519, signature, { secret: ED25519, body: "{}" })).toBe("bad_signature");
		expect(await verdict(ed25519, signature.slice(4), { secret: ED25519 })).toBe("malformed_signature");
	});

	test("is of keys only that say that they are public", async () => {
		expect(await verdict(ed25519, signature, { secret: ED25519.slice("whpk_".length) })).toBe("no_secret");
	});
});

test("a secret that is no such key is told from one that is", async () => {
	const secretKey = createPrivateKey(p256.privateKey.export({ format: "pem", type: "pkcs8" }));
	const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "der", type: "spki" });
	const keys: [string, boolean][] = [
		[P256, true],
		[createPublicKey(secretKey).export({ format: "der", type: "spki" }).toString("base64"), true],
		[p384.toString("base64"), false],
		["whsec_abc", false],
		["", false],
	];
	for (const [key, is] of keys) expect(await canVerify(ecdsa, key)).toBe(is);
	expect(await canVerify({ kind: "any", of: [ecdsa, ed25519] }, ED25519)).toBe(true);
	expect(await canVerify({ kind: "any", of: [ecdsa, ed25519] }, "no key")).toBe(false);
	expect(await canVerify({ kind: "jwt", tolerance_s: 60 }, "")).toBe(false);
});

test("of several schemes one is enough, and the nearest failure is told", async () => {
	const both: Verification = { kind: "any", of: [ecdsa, ed25519] };
	expect(await verdict(both, der().toString("base64"))).toBe("ok");
	expect(
		await verdict(both, sign(null, Buffer.from(TIME + BODY), edwards.privateKey).toString("base64"), {
			secret: ED25519,
		}),
	).toBe("ok");
	expect(await verdict(both, der("x").toString("base64"))).toBe("bad_signature");
	expect(await verdict(both, der().toString("base64"), { secret: "no key" })).toBe("no_secret");
});

/** The same signature with a zero before its first number, where that needs none. */
function lengthened(signature: Buffer): Buffer {
	const [, whole = 0, , first = 0] = signature;
	const longer = Buffer.concat([Buffer.from([0x30, whole + 1, 0x02, first + 1, 0]), signature.subarray(4)]);
	return longer;
}
