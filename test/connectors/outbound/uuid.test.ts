// Ids that come of a text.

import { expect, test } from "vitest";
import { z } from "zod";
import { murmur128 } from "../../../src/connectors/murmur128";
import { uuidOf } from "../../../src/connectors/outbound/uuid";

test.each([
	["", "00000000000000000000000000000000"],
	["hello", "cbd8a7b341bd9b025b1e906a48ae1d19"],
	["The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c7a433ca9c49a9347"],
	["I will not buy this tobacconist's, it is scratched.", "d30654abbd8227e367d73523f0079673"],
])("the hash of %j is what MurmurHash3 makes of it elsewhere", (text, hash) => {
	expect(murmur128(new TextEncoder().encode(text))).toBe(hash);
});

test("every length has a hash of its own", () => {
	expect(new Set(Array.from({ length: 256 }, (_, i) => murmur128(new Uint8Array(i)))).size).toBe(256);
});

test("an id is the same for the same text, and a UUID of version 4", () => {
	expect(uuidOf("issue sb_run_1_tell")).toBe(uuidOf("issue sb_run_1_tell"));
	const ids = Array.from({ length: 2_000 }, (_, i) => uuidOf(`issue sb_run_${i}.tell`));
	for (const id of ids) expect(z.uuidv4().safeParse(id).success).toBe(true);
	expect(new Set(ids).size).toBe(ids.length);
});

test("texts that differ in one character share nothing", () => {
	const [one = "", other = ""] = ["issue sb_run_1.tell", "issue sb_run_2.tell"].map(uuidOf);
	const equal = [...one].filter((digit, i) => digit !== "-" && digit === other[i]).length;
	expect(equal).toBeLessThan(10);
});
