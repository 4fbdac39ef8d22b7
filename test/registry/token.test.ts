// The text of API tokens.

import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { createToken, hashToken, sameHash, tokenId } from "../../src/registry/token";

test("a token has a prefix, a public id, 160 random bits and a checksum", async () => {
	const { id, text, hash } = await createToken();
	expect(text).toMatch(/^sb_[0-9a-f]{16}_[0-9a-f]{40}_[0-9a-f]{8}$/);
	expect(tokenId(text)).toEqual({ ok: true, value: id });
	expect(hash).toBe(await hashToken(text));
});

test("two tokens have nothing in common", async () => {
	const [one, two] = [await createToken(), await createToken()];
	expect(one.id).not.toBe(two.id);
	expect(one.text.split("_")[2]).not.toBe(two.text.split("_")[2]);
});

test("the checksum is the CRC-32 that scanners know", async () => {
	const { text } = await createToken();
	const at = text.lastIndexOf("_");
	expect(text.slice(at + 1)).toBe(crc32(text.slice(0, at)).toString(16).padStart(8, "0"));
});

test("every typing error of one character is found without a look-up", async () => {
	const { text } = await createToken();
	for (let at = 0; at < text.length; at++) {
		const typo = text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
		expect(tokenId(typo).ok).toBe(false);
	}
});

test.each(["", "sb_", "Bearer x", "sb_0_0_0", `sb_${"0".repeat(66)}`])("%j is no token", (text) => {
	expect(tokenId(text)).toEqual({ ok: false, error: "malformed" });
});

test("hashes are equal only if every character is", () => {
	expect(sameHash("abc", "abc")).toBe(true);
	expect(sameHash("abc", "abd")).toBe(false);
	expect(sameHash("xbc", "abc")).toBe(false);
	expect(sameHash("abc", "abcd")).toBe(false);
	expect(sameHash("abc", "")).toBe(false);
});
