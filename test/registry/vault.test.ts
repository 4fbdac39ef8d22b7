// Envelopes: what opens, what does not, and that a key can be replaced.

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { open, type Place, parseVaultKeys, rewrap, seal, type VaultKeys } from "../../src/registry/vault";

const OLD = `k1:${btoa("1".repeat(32))}`;
const NEW = `k2:${btoa("2".repeat(32))}`;
const PLACE: Place = { tenant: "acme", record: "source/github", field: "secret/1" };

let old: VaultKeys;
let both: VaultKeys;
let young: VaultKeys;

async function keysOf(text: string): Promise<VaultKeys> {
	const keys = await parseVaultKeys(text);
	if (!keys.ok) throw new Error(keys.error);
	return keys.value;
}

beforeAll(async () => {
	old = await keysOf(OLD);
	both = await keysOf(`${NEW},${OLD}`);
	young = await keysOf(NEW);
});

describe("an envelope", () => {
	test.each(["", "whsec_abc", "ключ 🔑", "x".repeat(100_000)])("opens to what was sealed", async (secret) => {
		expect(await open(old, PLACE, await seal(old, PLACE, secret))).toEqual({ ok: true, value: secret });
	});

	test("names its key and shows nothing of the secret", async () => {
		const sealed = await seal(old, PLACE, "whsec_abc");
		expect(sealed).toMatch(/^v1\.k1\.[\w-]+\.[\w-]+$/);
		expect(atob(sealed.split(".")[3]?.replaceAll("-", "+").replaceAll("_", "/") ?? "")).not.toContain("whsec");
	});

	test("is different each time", async () => {
		expect(await seal(old, PLACE, "x")).not.toBe(await seal(old, PLACE, "x"));
	});

	test.each<[string, Partial<Place>]>([
		["tenant", { tenant: "other" }],
		["record", { record: "source/gitlab" }],
		["field", { field: "secret/2" }],
		["split of the same letters", { tenant: "acm", record: "esource/github" }],
	])("does not open for another %s", async (_, other) => {
		const sealed = await seal(old, PLACE, "x");
		expect(await open(old, { ...PLACE, ...other }, sealed)).toEqual({ ok: false, error: { reason: "refused" } });
	});

	test("does not open without its key, and says which one that is", async () => {
		const sealed = await seal(old, PLACE, "x");
		expect(await open(young, PLACE, sealed)).toEqual({ ok: false, error: { reason: "unknown_key", key: "k1" } });
	});

	test("does not open with another key of the same name", async () => {
		const sealed = await seal(old, PLACE, "x");
		const impostor = await keysOf(`k1:${btoa("9".repeat(32))}`);
		expect(await open(impostor, PLACE, sealed)).toEqual({ ok: false, error: { reason: "refused" } });
	});

	test("does not open with its body put under another envelope's key", async () => {
		const [version, key, wrapped] = (await seal(old, PLACE, "x")).split(".");
		const body = (await seal(old, PLACE, "y")).split(".")[3];
		expect(await open(old, PLACE, [version, key, wrapped, body].join("."))).toMatchObject({ ok: false });
	});

	test("does not open after any change of a character", async () => {
		const sealed = await seal(old, PLACE, "whsec_abc");
		await fc.assert(
			fc.asyncProperty(fc.nat(sealed.length - 1), fc.constantFrom("A", "B", "-", ".", " "), async (at, char) => {
				fc.pre(sealed[at] !== char);
				const changed = sealed.slice(0, at) + char + sealed.slice(at + 1);
				expect((await open(old, PLACE, changed)).ok).toBe(false);
			}),
			{ numRuns: 200 },
		);
	});

	test.each(["", "v1", "v2.k1.AA.AA", "v1.k1..", "v1.k1.AA.AA.AA", "v1.k1.A!.AA", "plain text"])(
		"%j is malformed or refused, and nothing is thrown",
		async (sealed) => {
			expect((await open(old, PLACE, sealed)).ok).toBe(false);
		},
	);
});

describe("rewrapping", () => {
	test("moves a secret to the newest key, after which the old one is not needed", async () => {
		const sealed = await seal(old, PLACE, "x");
		const moved = await rewrap(both, PLACE, sealed);
		expect(moved.ok && (await open(young, PLACE, moved.value))).toEqual({ ok: true, value: "x" });
		expect(moved.ok && (await open(old, PLACE, moved.value))).toMatchObject({ ok: false });
	});

	test("leaves what is under the newest key as it is", async () => {
		const sealed = await seal(both, PLACE, "x");
		expect(await rewrap(both, PLACE, sealed)).toEqual({ ok: true, value: sealed });
	});

	test("does not move a secret to another place", async () => {
		const sealed = await seal(old, PLACE, "x");
		expect(await rewrap(both, { ...PLACE, tenant: "other" }, sealed)).toMatchObject({ ok: false });
	});
});

describe("VAULT_KEYS", () => {
	test("seals with the first key and opens with all of them", async () => {
		expect(both.newest).toBe("k2");
		expect((await open(both, PLACE, await seal(old, PLACE, "x"))).ok).toBe(true);
	});

	test.each([
		["", "entry 1 is not id:base64"],
		["k1", "entry 1 is not id:base64"],
		[`${OLD},`, "entry 2 is not id:base64"],
		[`K1:${btoa("1".repeat(32))}`, "entry 1 is not id:base64"],
		["k1:@@@", "key k1 is not base64"],
		[`k1:${btoa("1".repeat(16))}`, "key k1 has 16 bytes and must have 32; openssl rand -base64 32"],
		[`${OLD},${OLD}`, "two keys are named k1"],
	])("%j is refused with what to change", async (text, message) => {
		const keys = await parseVaultKeys(text);
		expect(keys).toEqual({ ok: false, error: expect.stringContaining(message) });
	});

	test("an error never repeats a key", async () => {
		const keys = await parseVaultKeys(`k1:${btoa("secret-key-bytes")}`);
		expect(JSON.stringify(keys)).not.toContain(btoa("secret-key-bytes"));
	});
});
