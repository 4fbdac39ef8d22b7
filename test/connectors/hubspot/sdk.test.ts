// HubSpot's own library signs, we verify; where it verifies too, both must agree, but for what it is lax about.

import { createHash } from "node:crypto";
import { Signature } from "@hubspot/api-client";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, NOW, sourceOf, verdictOf } from "../deliveries";

const SECRET = "7e57c11e-0000-4000-8000-7e57c11e0001";
const URL_SET = "https://hooks.example.test/in/acme/crm?conn=abc";
/** Pretty-printed with a line break at its end: what JSON.stringify makes of it is another body. */
const BODY = `${JSON.stringify([{ eventId: 1, subscriptionType: "contact.creation", objectId: 1 }], null, 2)}\n`;
const CHANGES: [string, string][] = [
	["one byte changed", BODY.replace('"eventId": 1', '"eventId": 2')],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["empty", ""],
];
type Version = "v1" | "v2" | "v3";
const VERSIONS: Version[] = ["v1", "v2", "v3"];
const SIGNATURE = { v1: "x-hubspot-signature", v2: "x-hubspot-signature", v3: "x-hubspot-signature-v3" };

interface Sending {
	secret?: string;
	timestamp?: number;
	url?: string;
	method?: string;
}

/** The headers of a delivery that the library signed. */
function signed(version: Version, sending: Sending = {}): Record<string, string> {
	const { secret = SECRET, timestamp = NOW, url = URL_SET, method = "POST" } = sending;
	const options = { signature: "", clientSecret: secret, requestBody: BODY, url, timestamp };
	const signature = Signature.getSignature(method, version, options);
	if (version !== "v3") return { [SIGNATURE[version]]: signature, "x-hubspot-signature-version": version };
	return { [SIGNATURE.v3]: signature, "x-hubspot-request-timestamp": String(timestamp) };
}

/** Whether the library itself takes a signature, by the clock of this machine. */
function takenByLibrary(version: Version, signature: string, timestamp: number): boolean {
	const options = { signature, clientSecret: SECRET, requestBody: BODY, url: URL_SET, timestamp };
	return Signature.isValid({ ...options, method: "POST", signatureVersion: version });
}

interface Judging {
	method?: string;
	url?: string;
	body?: string;
	secrets?: string[];
	settings?: JsonObject;
	now?: number;
}

function verdict(version: Version, headers: Record<string, string>, judging: Judging = {}): Promise<string> {
	const { method = "POST", url = URL_SET, body = BODY, secrets = [SECRET], settings = {}, now = NOW } = judging;
	const { side, config } = sourceOf("hubspot", { signature: version, ...settings });
	return verdictOf({ ...deliveryOf(body, headers), method, url }, side.verification(config), secrets, now);
}

describe.each(VERSIONS)("signature %s", (version) => {
	test("is verified as the library signs", async () => {
		expect(await verdict(version, signed(version))).toBe("ok");
	});

	test.each(CHANGES)("is refused with the body %s", async (_, body) => {
		expect(await verdict(version, signed(version), { body })).toBe("bad_signature");
	});

	test("is verified with the old and the new secret while both live, and with no other", async () => {
		const secrets = ["new", SECRET];
		expect(await verdict(version, signed(version), { secrets })).toBe("ok");
		expect(await verdict(version, signed(version, { secret: "new" }), { secrets })).toBe("ok");
		expect(await verdict(version, signed(version, { secret: "other" }), { secrets })).toBe("bad_signature");
	});

	test("is not taken for another version", async () => {
		for (const other of VERSIONS.filter((one) => one !== version)) {
			const expected = version === "v3" ? "missing_signature" : "other_version";
			expect(await verdict(version, signed(other))).toBe(expected);
		}
	});

	test("agrees with the library about spellings of a signature", async () => {
		const now = Date.now();
		const headers = signed(version, { timestamp: now });
		const signature = headers[SIGNATURE[version]] ?? "";
		const spellings = [
			signature,
			signature.toUpperCase(),
			` ${signature}`,
			`${signature}=`,
			signature.slice(0, -1),
			"x",
		];
		for (const spelling of spellings) {
			const verified = await verdict(version, { ...headers, [SIGNATURE[version]]: spelling }, { now });
			expect(verified === "ok").toBe(takenByLibrary(version, spelling, now));
		}
	});
});

test("v1 signs the body alone, v2 method and address too", async () => {
	expect(signed("v1")["x-hubspot-signature"]).toBe(
		createHash("sha256")
			.update(SECRET + BODY)
			.digest("hex"),
	);
	expect(await verdict("v1", signed("v1"), { url: "https://other.example.test/" })).toBe("ok");
	expect(await verdict("v2", signed("v2"), { url: "https://other.example.test/" })).toBe("bad_signature");
	expect(await verdict("v2", signed("v2"), { method: "PUT" })).toBe("bad_signature");
	expect(await verdict("v2", signed("v2", { method: "PUT" }), { method: "PUT" })).toBe("ok");
});

test("nothing is verified by an older signature that came along where v3 is asked for", async () => {
	const both = { ...signed("v1"), ...signed("v3", { secret: "other" }) };
	expect(await verdict("v3", both)).toBe("bad_signature");
	expect(await verdict("v3", signed("v1"))).toBe("missing_signature");
	expect(sourceOf("hubspot").config).toMatchObject({ signature: "v3" });
});

describe("the time of v3", () => {
	test.each([
		[-300_000, "ok"],
		[-300_001, "stale"],
		[300_000, "ok"],
		[300_001, "future"],
	])("%d ms from now is %s", async (offset, expected) => {
		expect(await verdict("v3", signed("v3", { timestamp: NOW + offset }))).toBe(expected);
	});

	test("an hour ahead is refused, though the library takes it", async () => {
		const now = Date.now();
		const ahead = now + 3_600_000;
		const headers = signed("v3", { timestamp: ahead });
		expect(takenByLibrary("v3", headers[SIGNATURE.v3] ?? "", ahead)).toBe(true);
		expect(await verdict("v3", headers, { now })).toBe("future");
	});

	test("that has passed is refused by both", async () => {
		const now = Date.now();
		const passed = now - 300_001;
		const headers = signed("v3", { timestamp: passed });
		expect(() => takenByLibrary("v3", headers[SIGNATURE.v3] ?? "", passed)).toThrow("Timestamp is invalid");
		expect(await verdict("v3", headers, { now })).toBe("stale");
	});

	test("is a part of what is signed, and must be there once, in milliseconds", async () => {
		const headers = signed("v3");
		const at = (text: string) => ({ ...headers, "x-hubspot-request-timestamp": text });
		expect(await verdict("v3", at(String(NOW - 1)))).toBe("bad_signature");
		expect(await verdict("v3", at(""))).toBe("missing_timestamp");
		expect(await verdict("v3", at(`${NOW}, ${NOW}`))).toBe("malformed_timestamp");
		expect(await verdict("v3", signed("v3", { timestamp: NOW / 1_000 }))).toBe("stale");
	});
});

describe("the address that v3 signs", () => {
	test("is that of the delivery, or the one in the settings behind a proxy", async () => {
		const settings = { public_url: URL_SET };
		const url = "http://10.0.0.7:8787/in/acme/crm?conn=abc";
		expect(await verdict("v3", signed("v3"), { url })).toBe("bad_signature");
		expect(await verdict("v3", signed("v3"), { url, settings })).toBe("ok");
		expect(await verdict("v2", signed("v2"), { url, settings })).toBe("ok");
		expect(await verdict("v3", signed("v3", { url }), { url, settings })).toBe("bad_signature");
	});

	test("is signed with some characters decoded, which the library leaves to its caller", async () => {
		const sent = "https://hooks.example.test/in/a%3Ab%2Fc%3Fd%40e%21f%24g%27h%28i%29j%2Ak%2Cl%3Bm%20n%26o";
		const read = "https://hooks.example.test/in/a:b/c?d@e!f$g'h(i)j*k,l;m%20n%26o";
		expect(await verdict("v3", signed("v3", { url: read }), { url: sent })).toBe("ok");
		expect(await verdict("v3", signed("v3", { url: sent }), { url: sent })).toBe("ok");
		expect(await verdict("v3", signed("v3", { url: decodeURIComponent(sent) }), { url: sent })).toBe("bad_signature");
	});

	test.each(["hooks.example.test/in", "ftp://a.test/", "https://a.test/#x", ""])(
		"cannot be set to %j",
		(public_url) => {
			expect(() => sourceOf("hubspot", { public_url })).toThrow("write the whole URL as it was entered there");
		},
	);
});
