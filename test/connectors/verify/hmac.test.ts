// What counts as a signature, and what does not.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HmacScheme, SignatureFormat } from "../../../src/connectors/connector";
import { bytes, deliveryOf, NOW, NOW_S, signatureOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "correct horse battery staple";
const BODY = '{"a": 1}\r\n';

const plain: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{body}",
	signature: { header: "x-signature", format: { kind: "prefixed", prefix: "sha256=" } },
};
const HEX = await signatureOf(plain, SECRET, BODY);
const BASE64 = await signatureOf({ ...plain, encoding: "base64" }, SECRET, BODY);

function verdict(signature: string, scheme: HmacScheme = plain, body: string | Uint8Array = BODY): Promise<string> {
	return verdictOf(deliveryOf(body, { "x-signature": signature }), scheme, [SECRET]);
}

function withFormat(format: SignatureFormat, rest: Partial<HmacScheme> = {}): HmacScheme {
	return { ...plain, ...rest, signature: { header: "x-signature", format } };
}

describe("a prefixed signature in hex", () => {
	test.each([
		["the signature", `sha256=${HEX}`, "ok"],
		["upper case", `sha256=${HEX.toUpperCase()}`, "malformed_signature"],
		["an upper-case prefix", `SHA256=${HEX}`, "malformed_signature"],
		["no prefix", HEX, "malformed_signature"],
		["the prefix alone", "sha256=", "malformed_signature"],
		["another hash's prefix", `sha1=${HEX}`, "malformed_signature"],
		["the prefix twice", `sha256=sha256=${HEX}`, "malformed_signature"],
		["one digit less", `sha256=${HEX.slice(1)}`, "malformed_signature"],
		["one digit more", `sha256=${HEX}0`, "malformed_signature"],
		["a space within", `sha256=${HEX.slice(0, 32)} ${HEX.slice(32)}`, "malformed_signature"],
		["a space before", `sha256= ${HEX}`, "malformed_signature"],
		["junk between pairs", `sha256=${HEX.replace(/../, "$&:")}`, "malformed_signature"],
		["junk instead of a digit", `sha256=g${HEX.slice(1)}`, "malformed_signature"],
		["0x before", `sha256=0x${HEX.slice(2)}`, "malformed_signature"],
		["two signatures", `sha256=${HEX}, sha256=${HEX}`, "malformed_signature"],
		["its base64", `sha256=${BASE64}`, "malformed_signature"],
		["zeros", `sha256=${"0".repeat(64)}`, "bad_signature"],
		["nothing", "", "missing_signature"],
	])("judges %s", async (_, signature, expected) => {
		expect(await verdict(signature)).toBe(expected);
	});

	test("may be in upper case where the scheme says so", async () => {
		const scheme: HmacScheme = { ...plain, encoding: "hex-any-case" };
		expect(await verdict(`sha256=${HEX.toUpperCase()}`, scheme)).toBe("ok");
		expect(await verdict(`sha256=${HEX}`, scheme)).toBe("ok");
	});

	test("is missing where only a header of another name carries it", async () => {
		const delivery = deliveryOf(BODY, { "x-other": `sha256=${HEX}` });
		expect(await verdictOf(delivery, plain, [SECRET])).toBe("missing_signature");
	});

	test("is not taken from the prototype of the headers", async () => {
		const scheme = { ...plain, signature: { ...plain.signature, header: "constructor" } };
		expect(await verdict("", scheme)).toBe("missing_signature");
	});
});

describe("a signature in base64", () => {
	const scheme: HmacScheme = withFormat({ kind: "prefixed", prefix: "" }, { encoding: "base64" });
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const last = BASE64.at(-2) ?? "";
	// The last digit carries two bits that stand for nothing: three other digits decode to the same bytes.
	const stray = digits.charAt(digits.indexOf(last) ^ 1);

	test.each([
		["the signature", BASE64, "ok"],
		["no padding", BASE64.slice(0, -1), "malformed_signature"],
		["more padding", `${BASE64}=`, "malformed_signature"],
		["stray bits in the last digit", `${BASE64.slice(0, -2)}${stray}=`, "malformed_signature"],
		["white space within", `${BASE64.slice(0, 20)} ${BASE64.slice(20)}`, "malformed_signature"],
		["white space instead of a digit", ` ${BASE64.slice(1)}`, "malformed_signature"],
		["the URL alphabet", "-".repeat(43).concat("="), "malformed_signature"],
		["its hex", HEX, "malformed_signature"],
		["zeros", `${"A".repeat(43)}=`, "bad_signature"],
	])("judges %s", async (_, signature, expected) => {
		expect(await verdict(signature, scheme)).toBe(expected);
	});
});

describe("several signatures in one header", () => {
	const list = withFormat({ kind: "list", separator: ",", prefix: "v1=" });
	const fields = withFormat({ kind: "fields", field: "v1" });
	const wrong = "0".repeat(64);

	test.each([
		["the only one", `v1=${HEX}`, "ok"],
		["the first", `v1=${HEX},v1=${wrong}`, "ok"],
		["the last", `v1=${wrong},v1=${wrong},v1=${HEX}`, "ok"],
		["one with a space before it", `v1=${wrong}, v1=${HEX}`, "ok"],
		["one beside junk", `,,v1=,v9=1,v1=xyz,v1=${HEX},`, "ok"],
		["none that is right", `v1=${wrong},v1=${wrong}`, "bad_signature"],
		["a right one of another version", `v0=${HEX},v2=${HEX}`, "malformed_signature"],
		["a right one without a version", HEX, "malformed_signature"],
		["more than are worth trying", `${`v1=${wrong},`.repeat(100)}v1=${HEX}`, "malformed_signature"],
	])("are searched for the right one: %s", async (_, header, expected) => {
		expect(await verdict(header, list)).toBe(expected);
		expect(await verdict(header, fields)).toBe(expected);
	});
});

describe("live secrets", () => {
	const delivery = deliveryOf(BODY, { "x-signature": `sha256=${HEX}` });
	test.each([
		["the only one", [SECRET], "ok"],
		["the newest", [SECRET, "old"], "ok"],
		["the oldest", ["newest", "newer", SECRET], "ok"],
		["one beside an empty one", ["", SECRET], "ok"],
		["none that signed", ["a", "b"], "bad_signature"],
		["none at all", [], "no_secret"],
		["an empty one", [""], "no_secret"],
		["one that only begins like it", [SECRET.slice(0, -1)], "bad_signature"],
	])("are all tried: %s", async (_, secrets, expected) => {
		expect(await verdictOf(delivery, plain, secrets)).toBe(expected);
	});

	test("that are base64 are keys behind their prefix or without it", async () => {
		const key = bytes("\u0000\u0001 key bytes");
		const base64 = btoa(String.fromCharCode(...key));
		const scheme: HmacScheme = { ...plain, key: { encoding: "base64", prefix: "whsec_" } };
		const signature = `sha256=${await signatureOf(plain, key, BODY)}`;
		const judge = (secret: string) => verdictOf(deliveryOf(BODY, { "x-signature": signature }), scheme, [secret]);
		expect(await judge(`whsec_${base64}`)).toBe("ok");
		expect(await judge(base64)).toBe("ok");
		expect(await judge(base64.replace(/=+$/, ""))).toBe("ok");
		expect(await judge("whsec_%%%")).toBe("no_secret");
		expect(await judge("whsec_")).toBe("no_secret");
	});

	test("are not mixed up between schemes that read them differently", async () => {
		const scheme: HmacScheme = { ...plain, key: { encoding: "base64" } };
		const secret = "c2VjcmV0";
		const asText = `sha256=${await signatureOf(plain, secret, BODY)}`;
		const asBase64 = `sha256=${await signatureOf(plain, "secret", BODY)}`;
		const judge = (signature: string, by: HmacScheme) =>
			verdictOf(deliveryOf(BODY, { "x-signature": signature }), by, [secret]);
		expect(await judge(asText, plain)).toBe("ok");
		expect(await judge(asBase64, scheme)).toBe("ok");
		expect(await judge(asText, scheme)).toBe("bad_signature");
		expect(await judge(asBase64, plain)).toBe("bad_signature");
	});

	test("stay right when there are more of them than keys are kept", async () => {
		for (let i = 0; i < 1_100; i++) await verdictOf(delivery, plain, [`secret ${i}`]);
		expect(await verdictOf(delivery, plain, [SECRET])).toBe("ok");
		expect(await verdictOf(delivery, plain, ["secret 0"])).toBe("bad_signature");
	});
});

describe("the body", () => {
	test.each([
		["one byte changed", BODY.replace("1", "2")],
		["trimmed", BODY.trim()],
		["serialised again", JSON.stringify(JSON.parse(BODY))],
		["empty", ""],
		["with a byte more", `${BODY} `],
	])("is signed byte for byte: %s", async (_, body) => {
		expect(await verdict(`sha256=${HEX}`, plain, body)).toBe("bad_signature");
	});

	test("is not decoded: bytes that are not UTF-8 keep their difference", async () => {
		const [body, other] = [Uint8Array.of(0x22, 0xff, 0x22), Uint8Array.of(0x22, 0xfe, 0x22)];
		const signature = `sha256=${await signatureOf(plain, SECRET, body)}`;
		expect(await verdict(signature, plain, body)).toBe("ok");
		expect(await verdict(signature, plain, other)).toBe("bad_signature");
	});

	test("cannot fill holes of the template", async () => {
		const scheme: HmacScheme = { ...timed, signed: "{timestamp}.{body}" };
		const body = "{timestamp}{id}{body}";
		const signature = await signatureOf(plain, SECRET, `${NOW_S}.`, body);
		const headers = { "x-signature": `sha256=${signature}`, "x-timestamp": String(NOW_S) };
		expect(await verdictOf(deliveryOf(body, headers), scheme, [SECRET])).toBe("ok");
	});

	test("is judged right whatever it holds and whichever hash signs it", async () => {
		const schemes = fc.record({
			hash: fc.constantFrom("SHA-1" as const, "SHA-256" as const, "SHA-512" as const),
			encoding: fc.constantFrom("hex" as const, "base64" as const),
		});
		const run = async (body: Uint8Array, { hash, encoding }: Pick<HmacScheme, "hash" | "encoding">, flip: number) => {
			const scheme: HmacScheme = { ...plain, hash, encoding };
			const signature = `sha256=${await signatureOf(scheme, SECRET, body)}`;
			expect(await verdict(signature, scheme, body)).toBe("ok");
			const tampered = Uint8Array.from(body);
			const at = flip % body.length;
			tampered[at] = (tampered[at] ?? 0) ^ 1;
			expect(await verdict(signature, scheme, tampered)).toBe("bad_signature");
		};
		await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), schemes, fc.nat(), run), {
			numRuns: 60,
		});
	});
});

const timed: HmacScheme = {
	...plain,
	signed: "{timestamp}.{body}",
	timestamp: { from: "header", header: "x-timestamp", unit: "s", tolerance_s: 300 },
};

describe("the time of signing", () => {
	async function at(timestamp: string, scheme: HmacScheme = timed): Promise<string> {
		const signature = await signatureOf(plain, SECRET, `${timestamp}.`, BODY);
		const headers = { "x-signature": `sha256=${signature}`, "x-timestamp": timestamp };
		return verdictOf(deliveryOf(BODY, headers), scheme, [SECRET]);
	}

	test.each([
		["now", String(NOW_S), "ok"],
		["as old as it may be", String(NOW_S - 300), "ok"],
		["a second older", String(NOW_S - 301), "stale"],
		["as far ahead as it may be", String(NOW_S + 300), "ok"],
		["a second further ahead", String(NOW_S + 301), "future"],
		["an hour ahead", String(NOW_S + 3_600), "future"],
		["1970", "0", "stale"],
		["in milliseconds instead of seconds", String(NOW), "future"],
		["with a fraction", `${NOW_S}.5`, "malformed_timestamp"],
		["negative", `-${NOW_S}`, "malformed_timestamp"],
		["with a sign", `+${NOW_S}`, "malformed_timestamp"],
		["in hex", "0x6b000000", "malformed_timestamp"],
		["with an exponent", "1e9", "malformed_timestamp"],
		["words", "now", "malformed_timestamp"],
		["too long to be exact", "9".repeat(17), "malformed_timestamp"],
		["two of them", `${NOW_S}, ${NOW_S}`, "malformed_timestamp"],
		["empty", "", "missing_timestamp"],
	])("is held to the tolerance both ways: %s", async (_, timestamp, expected) => {
		expect(await at(timestamp)).toBe(expected);
	});

	test("can be in milliseconds", async () => {
		const inMs: HmacScheme = {
			...timed,
			timestamp: { from: "header", header: "x-timestamp", unit: "ms", tolerance_s: 300 },
		};
		expect(await at(String(NOW - 300_000), inMs)).toBe("ok");
		expect(await at(String(NOW - 300_001), inMs)).toBe("stale");
		expect(await at(String(NOW_S), inMs)).toBe("stale");
	});

	test("is signed: another one makes the signature bad", async () => {
		const signature = await signatureOf(plain, SECRET, `${NOW_S - 9_000}.`, BODY);
		const headers = { "x-signature": `sha256=${signature}`, "x-timestamp": String(NOW_S) };
		expect(await verdictOf(deliveryOf(BODY, headers), timed, [SECRET])).toBe("bad_signature");
	});

	test("is missing where its header is", async () => {
		expect(await verdictOf(deliveryOf(BODY, { "x-signature": `sha256=${HEX}` }), timed, [SECRET])).toBe(
			"missing_timestamp",
		);
	});

	test("stands in one field of the signature header, once", async () => {
		const scheme: HmacScheme = {
			...timed,
			signature: { header: "x-signature", format: { kind: "fields", field: "v1" } },
			timestamp: { from: "signature", field: "t", unit: "s", tolerance_s: 300 },
		};
		const signature = await signatureOf(plain, SECRET, `${NOW_S}.`, BODY);
		expect(await verdict(`t=${NOW_S},v1=${signature}`, scheme)).toBe("ok");
		expect(await verdict(`v1=${signature}, t=${NOW_S}`, scheme)).toBe("ok");
		expect(await verdict(`v1=${signature}`, scheme)).toBe("missing_timestamp");
		expect(await verdict(`t=${NOW_S},t=${NOW_S},v1=${signature}`, scheme)).toBe("malformed_timestamp");
		expect(await verdict(`t=,v1=${signature}`, scheme)).toBe("malformed_timestamp");
	});
});

describe("the id", () => {
	const scheme: HmacScheme = { ...timed, signed: "{id}.{timestamp}.{body}", id: { header: "x-id" } };

	test("is signed where the template holds it", async () => {
		const signature = `sha256=${await signatureOf(plain, SECRET, `m1.${NOW_S}.`, BODY)}`;
		const headers = { "x-signature": signature, "x-timestamp": String(NOW_S) };
		expect(await verdictOf(deliveryOf(BODY, { ...headers, "x-id": "m1" }), scheme, [SECRET])).toBe("ok");
		expect(await verdictOf(deliveryOf(BODY, { ...headers, "x-id": "m2" }), scheme, [SECRET])).toBe("bad_signature");
		expect(await verdictOf(deliveryOf(BODY, headers), scheme, [SECRET])).toBe("missing_id");
	});
});

test("a delivery without a usable secret is refused even if it is signed with what stands in for one", async () => {
	const decoy = "decoydecoydecoydecoydecoydecoyde";
	const signature = `sha256=${await signatureOf(plain, decoy, BODY)}`;
	expect(await verdictOf(deliveryOf(BODY, { "x-signature": signature }), plain, [])).toBe("no_secret");
	expect(await verdictOf(deliveryOf(BODY, { "x-signature": signature }), plain, [""])).toBe("no_secret");
});

test("nothing that a sender puts into headers and body makes verification throw", async () => {
	const schemes = ["github", "stripe", "standard-webhooks", "hmac", "token"].map((id) => {
		const { side, config } = sourceOf(id);
		return side.verification(config);
	});
	const names = schemes.flatMap((scheme) => (scheme.kind === "hmac" ? [scheme.signature.header] : []));
	const header = fc.constantFrom(...names, "webhook-id", "webhook-timestamp", "authorization", "x-webhook-token");
	const value = fc.oneof(
		fc.string({ unit: "binary" }),
		fc.constantFrom("sha256=", "t=1,v1=", "v1,", "v1,=", ",,,", "Bearer ", `sha256=${HEX}`),
	);
	const secrets = fc.array(fc.oneof(fc.string(), fc.constantFrom("", "whsec_", "whsec_!")), { maxLength: 3 });
	await fc.assert(
		fc.asyncProperty(
			fc.uint8Array({ maxLength: 50 }),
			fc.dictionary(header, value, { maxKeys: 4 }),
			fc.constantFrom(...schemes),
			secrets,
			async (body, headers, scheme, live) => {
				expect(await verdictOf(deliveryOf(body, headers), scheme, live)).not.toBe("ok");
			},
		),
		{ numRuns: 300 },
	);
});
