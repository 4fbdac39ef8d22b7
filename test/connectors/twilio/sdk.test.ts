// Twilio's own library signs and verifies, and so do we.

import twilio from "twilio";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, sourceOf, verdictOf } from "../deliveries";

const TOKEN = "test0only0twilio0auth0token00001";
const URL_GIVEN = "https://hooks.example.test/in/twilio?conn=a%20b";
const FORM = { MessageSid: "SM1", From: "+447700900001", Body: "Still slow + café ✓", Empty: "" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

interface Sent {
	url?: string;
	type?: Record<string, string>;
	body?: string;
	signature: string;
	settings?: JsonObject;
	secrets?: string[];
}

function verdict({
	url = URL_GIVEN,
	type = FORM_TYPE,
	body = formText(FORM),
	signature,
	settings,
	secrets = [TOKEN],
}: Sent) {
	const { side, config } = sourceOf("twilio", settings);
	const query = Object.fromEntries(new URL(url).searchParams);
	const delivery = { ...deliveryOf(body, { ...type, "x-twilio-signature": signature }, query), url };
	return verdictOf(delivery, side.verification(config), secrets);
}

function formText(form: Record<string, string | string[]>): string {
	const pairs = Object.entries(form).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
	return new URLSearchParams(pairs).toString();
}

const { getExpectedTwilioSignature, getExpectedBodyHash, validateRequest, validateRequestWithBody } = twilio;

describe("a form", () => {
	const signature = getExpectedTwilioSignature(TOKEN, URL_GIVEN, FORM);

	test("is verified as its library signs", async () => {
		expect(validateRequest(TOKEN, signature, URL_GIVEN, FORM)).toBe(true);
		expect(await verdict({ signature })).toBe("ok");
	});

	test("may have several values of a name, in any order", async () => {
		const form = { ...FORM, Media: ["b", "a", "b"] };
		const many = getExpectedTwilioSignature(TOKEN, URL_GIVEN, form);
		expect(await verdict({ signature: many, body: formText(form) })).toBe("ok");
		expect(await verdict({ signature: many, body: formText({ ...form, Media: ["a", "b"] }) })).toBe("ok");
		expect(await verdict({ signature: many, body: formText({ ...form, Media: ["a", "c"] }) })).toBe("bad_signature");
	});

	test.each([
		["another value", formText({ ...FORM, From: "+447700900009" })],
		["a field more", formText({ ...FORM, Extra: "1" })],
		["a field less", formText({ MessageSid: "SM1" })],
		["nothing", ""],
	])("is refused by both with %s", async (_, body) => {
		const fields = Object.fromEntries(new URLSearchParams(body));
		expect(validateRequest(TOKEN, signature, URL_GIVEN, fields)).toBe(false);
		expect(await verdict({ signature, body })).toBe("bad_signature");
	});

	test("is the same however it is encoded", async () => {
		const body = formText(FORM).replaceAll("+", "%20").split("&").reverse().join("&");
		expect(await verdict({ signature, body })).toBe("ok");
	});

	test("is refused with another token, and accepted with the old one while both live", async () => {
		expect(validateRequest("other", signature, URL_GIVEN, FORM)).toBe(false);
		expect(await verdict({ signature, secrets: ["other"] })).toBe("bad_signature");
		expect(await verdict({ signature, secrets: ["new", TOKEN] })).toBe("ok");
	});

	test("is refused at another address", async () => {
		const url = URL_GIVEN.replace("conn=a", "conn=b");
		expect(validateRequest(TOKEN, signature, url, FORM)).toBe(false);
		expect(await verdict({ signature, url })).toBe("bad_signature");
	});

	test("is verified at the address that Twilio was given, wherever it arrives", async () => {
		const settings = { public_url: URL_GIVEN };
		expect(await verdict({ signature, url: "http://10.0.0.7:8080/in/acme/twilio", settings })).toBe("ok");
		expect(await verdict({ signature, url: "http://10.0.0.7:8080/in/acme/twilio" })).toBe("bad_signature");
	});

	test.each(["https://hooks.example.test:443/in", "https://hooks.example.test/in"])(
		"is verified by both with and without the default port: %s",
		async (url) => {
			for (const signed of ["https://hooks.example.test:443/in", "https://hooks.example.test/in"]) {
				const either = getExpectedTwilioSignature(TOKEN, signed, FORM);
				expect(validateRequest(TOKEN, either, url, FORM)).toBe(true);
				expect(await verdict({ signature: either, url })).toBe("ok");
				expect(await verdict({ signature: either, url: "https://a.test/", settings: { public_url: url } })).toBe("ok");
			}
		},
	);

	test.each([
		["in hex", Buffer.from(signature, "base64").toString("hex"), "malformed_signature"],
		["cut", signature.slice(0, -1), "malformed_signature"],
		["missing", "", "missing_signature"],
	])("is refused where the signature is %s", async (_, changed, reason) => {
		expect(await verdict({ signature: changed })).toBe(reason);
	});
});

describe("a JSON body", () => {
	const type = { "content-type": "application/json" };
	const body = '{"MessageSid":"SM1",\n "Body":"café ✓"}';
	const url = `${URL_GIVEN}&bodySHA256=${getExpectedBodyHash(body)}`;
	const signature = getExpectedTwilioSignature(TOKEN, url, {});

	test("is verified by its hash in the address, as its library verifies it", async () => {
		expect(validateRequestWithBody(TOKEN, signature, url, body)).toBe(true);
		expect(await verdict({ signature, url, type, body })).toBe("ok");
	});

	test("is verified with the hash that Twilio adds to the address that it was given", async () => {
		const arrives = `http://10.0.0.7/in?bodySHA256=${getExpectedBodyHash(body)}`;
		expect(await verdict({ signature, url: arrives, type, body, settings: { public_url: URL_GIVEN } })).toBe("ok");
		const bare = "https://hooks.example.test/in";
		const first = getExpectedTwilioSignature(TOKEN, `${bare}?bodySHA256=${getExpectedBodyHash(body)}`, {});
		expect(await verdict({ signature: first, url: arrives, type, body, settings: { public_url: bare } })).toBe("ok");
		expect(await verdict({ signature: first, url: arrives, type, body, settings: { public_url: URL_GIVEN } })).toBe(
			"bad_signature",
		);
	});

	test.each([
		["one byte changed", body.replace("SM1", "SM2")],
		["serialised again", JSON.stringify(JSON.parse(body))],
		["a byte more", `${body} `],
	])("is refused by both with %s", async (_, changed) => {
		expect(validateRequestWithBody(TOKEN, signature, url, changed)).toBe(false);
		expect(await verdict({ signature, url, type, body: changed })).toBe("bad_body_hash");
	});

	test("is refused without its hash, even if the address is signed", async () => {
		const bare = getExpectedTwilioSignature(TOKEN, URL_GIVEN, {});
		expect(await verdict({ signature: bare, type, body })).toBe("unsigned_body");
	});
});
