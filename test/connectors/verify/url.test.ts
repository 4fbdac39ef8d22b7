// Addresses and forms that are signed: which spellings count, and that nothing unsigned slips in beside them.

import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Delivery, HmacScheme, UrlReading } from "../../../src/connectors/connector";
import { formText, urlSpellings } from "../../../src/connectors/verify/url";
import { cpuMs } from "../../support/cpu";
import { deliveryOf, verdictOf } from "../deliveries";

const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

function at(url: string, body = "", headers: Record<string, string> = {}): Delivery {
	return { ...deliveryOf(body, headers, Object.fromEntries(new URL(url).searchParams)), url };
}

describe("an address", () => {
	test.each<[string, UrlReading, string[]]>([
		["https://a.example/x?y=1", {}, ["https://a.example/x?y=1"]],
		["https://a.example/x", { address: "https://b.example/y" }, ["https://b.example/y"]],
		["https://a.example/x", { address: "https://me:pw@b.example/y" }, ["https://b.example/y"]],
		["https://a.example/x?u=me@b", {}, ["https://a.example/x?u=me@b"]],
		["https://a.example/x", { any_port: true }, ["https://a.example/x", "https://a.example:443/x"]],
		["http://a.example:80/x", { any_port: true }, ["http://a.example/x", "http://a.example:80/x"]],
		["https://a.example:8443/x", { any_port: true }, ["https://a.example:8443/x"]],
		["https://a.example/%3Fx%2f%41", { decoded: "?/" }, ["https://a.example/%3Fx%2f%41", "https://a.example/?x/%41"]],
	])("%s read by %j is %j", (url, reading, spellings) => {
		expect(urlSpellings(at(url), reading)).toEqual(spellings);
	});

	test("that is not signed has one empty spelling", () =>
		expect(urlSpellings(at("https://a.example/"), undefined)).toEqual([""]));
});

describe("a form", () => {
	test.each([
		["b=2&a=1", "a1b2"],
		["a=x+y%26z", "ax y&z"],
		["a=2&a=1&a=2", "a1a2"],
		["B=1&a=2", "B1a2"],
		["toString=1&__proto__=2", "__proto__2toString1"],
		["", ""],
	])("%s is signed as %j", (body, text) => expect(formText(at("https://a.example/", body, FORM))).toBe(text));

	test("is nothing where the body is something else", () => {
		expect(formText(at("https://a.example/", "a=1", { "content-type": "application/json" }))).toBe("");
	});
});

describe("a body that is no form", () => {
	const scheme: HmacScheme = {
		kind: "hmac",
		hash: "SHA-1",
		encoding: "base64",
		key: { encoding: "text" },
		signed: "{url}{form}",
		signature: { header: "x-signature", format: { kind: "prefixed", prefix: "" } },
		url: { any_port: true, body_hash: "hash" },
	};
	const BODY = '{"a":1}';
	const hash = createHash("sha256").update(BODY).digest("hex");

	function verdict(url: string, body = BODY, headers: Record<string, string> = {}): Promise<string> {
		const signature = createHmac("sha1", "secret").update(url).digest("base64");
		return verdictOf(at(url, body, { ...headers, "x-signature": signature }), scheme, ["secret"]);
	}

	test("counts by its hash in the address", async () => {
		expect(await verdict(`https://a.example/?hash=${hash}`)).toBe("ok");
		expect(await verdict(`https://a.example/?hash=${hash.toUpperCase()}`)).toBe("ok");
	});

	test("is refused with another hash, or without one", async () => {
		expect(await verdict(`https://a.example/?hash=${hash}`, '{"a":2}')).toBe("bad_body_hash");
		expect(await verdict("https://a.example/?hash=")).toBe("unsigned_body");
		expect(await verdict("https://a.example/")).toBe("unsigned_body");
		expect(await verdict("https://a.example/", "")).toBe("ok");
	});

	test("does not become a form by saying so", async () => {
		expect(await verdict("https://a.example/", "a=1", FORM)).toBe("bad_signature");
	});
});

test("a form of more fields than anybody sends is not read, and costs nothing", () => {
	const body = Array.from({ length: 40_000 }, (_, n) => n.toString(36)).join("&");
	const took = cpuMs(() => expect(formText(at("https://a.example/", body, FORM))).toBe(""));
	expect(took).toBeLessThan(500);
});
