// Approval links: the same grant is the same text, and nothing that was not signed here allows anything.

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { approvalLink, type Grant, readApprovalToken } from "../../src/registry/approval-link";
import { decodeBase64Url, encodeBase64Url } from "../../src/registry/base64";
import { parseVaultKeys, signingKey, type VaultKeys } from "../../src/registry/vault";

const OLD = `k1:${btoa("1".repeat(32))}`;
const NEW = `k2:${btoa("2".repeat(32))}`;
const BASE = "https://signalbox.example.com";
const NOW = 1_800_000_000_000;
const GRANT: Grant = {
	...{ tenant: "acme", entity_key: "e:hubspot/deal/9???91 ÿÿÿ", run: `run_${"0".repeat(32)}.deal-in-review` },
	...{ step: "sign_off", approver: "ann", expires_at: NOW + 1_000 },
};

let old: VaultKeys;
let both: VaultKeys;

async function keysOf(text: string): Promise<VaultKeys> {
	const keys = await parseVaultKeys(text);
	if (!keys.ok) throw new Error(keys.error);
	return keys.value;
}

beforeAll(async () => {
	old = await keysOf(OLD);
	both = await keysOf(`${NEW},${OLD}`);
});

async function tokenFor(keys: VaultKeys, grant: Grant = GRANT): Promise<string> {
	return (await approvalLink(keys, BASE, grant)).slice(`${BASE}/approve/`.length);
}

/** The parts of a token: key id, grant and signature. */
async function partsOf(keys: VaultKeys, grant: Grant = GRANT): Promise<[string, string, string]> {
	const [key = "", payload = "", signature = ""] = (await tokenFor(keys, grant)).split(".");
	return [key, payload, signature];
}

/** Signs a text as links are signed, whatever it says. */
async function sign(keys: VaultKeys, text: string, purpose = "signalbox approval link v1"): Promise<string> {
	const key = await signingKey(keys, keys.newest, purpose);
	if (key === null) throw new Error("no key");
	const signed = `${keys.newest}.${encodeBase64Url(new TextEncoder().encode(text))}`;
	const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed));
	return `${signed}.${encodeBase64Url(new Uint8Array(signature))}`;
}

describe("a link", () => {
	test("allows what it was made for until its time, and not at that moment any more", async () => {
		const token = await tokenFor(old);
		expect(await readApprovalToken(old, token, NOW)).toEqual({ ok: true, value: GRANT });
		expect(await readApprovalToken(old, token, GRANT.expires_at - 1)).toMatchObject({ ok: true });
		expect(await readApprovalToken(old, token, GRANT.expires_at)).toEqual({
			ok: false,
			error: { reason: "expired", expires_at: GRANT.expires_at },
		});
	});

	test("is the same text for the same grant, in whatever order its members come", async () => {
		const turned = Object.fromEntries(Object.entries(GRANT).reverse()) as Grant;
		expect(await approvalLink(old, BASE, turned)).toBe(await approvalLink(await keysOf(OLD), BASE, GRANT));
	});

	test("is one path segment of letters that no mail program breaks off", async () => {
		const link = await approvalLink(both, "https://signalbox.example.com//", GRANT);
		expect(link).toMatch(/^https:\/\/signalbox\.example\.com\/approve\/k2\.[\w-]+\.[\w-]{42}[A-Za-z0-9]$/);
	});

	test.each<[string, Partial<Grant>]>([
		["tenant", { tenant: "acme-b" }],
		["entity", { entity_key: "e:hubspot/deal/992" }],
		["run", { run: "run_x.other" }],
		["step", { step: "sign" }],
		["approver", { approver: "bob" }],
		["time", { expires_at: NOW + 1_001 }],
	])("for another %s is another text, and its signature does not fit this one", async (_, other) => {
		const [key, payload, signature] = await partsOf(old);
		const [, otherPayload, otherSignature] = await partsOf(old, { ...GRANT, ...other });
		expect(otherSignature).not.toBe(signature);
		for (const token of [`${key}.${otherPayload}.${signature}`, `${key}.${payload}.${otherSignature}`]) {
			expect(await readApprovalToken(old, token, NOW)).toEqual({ ok: false, error: { reason: "forged" } });
		}
	});

	test("of the longest entity that there can be is read", async () => {
		const grant = { ...GRANT, entity_key: "\u0001".repeat(1_024) };
		expect(await readApprovalToken(old, await tokenFor(old, grant), NOW)).toEqual({ ok: true, value: grant });
	});
});

describe("keys", () => {
	test("the newest signs, all of them verify", async () => {
		expect((await partsOf(both))[0]).toBe("k2");
		expect(await readApprovalToken(both, await tokenFor(old), NOW)).toMatchObject({ ok: true });
	});

	test("a key that was taken out is told as such", async () => {
		expect(await readApprovalToken(old, await tokenFor(both), NOW)).toEqual({
			ok: false,
			error: { reason: "unknown_key", key: "k2" },
		});
	});

	test("another key of the same name does not verify", async () => {
		const impostor = await keysOf(`k1:${btoa("9".repeat(32))}`);
		expect(await readApprovalToken(impostor, await tokenFor(old), NOW)).toMatchObject({ error: { reason: "forged" } });
	});

	test("a signature of one key is none of another", async () => {
		const [, payload, signature] = await partsOf(old);
		expect(await readApprovalToken(both, `k2.${payload}.${signature}`, NOW)).toMatchObject({
			error: { reason: "forged" },
		});
	});

	test("what the same key signs for another purpose is no link", async () => {
		const text = JSON.stringify(GRANT);
		expect(await readApprovalToken(old, await sign(old, text), NOW)).toMatchObject({ ok: true });
		expect(await readApprovalToken(old, await sign(old, text, "something else"), NOW)).toMatchObject({
			error: { reason: "forged" },
		});
	});
});

describe("a token is refused", () => {
	test("after any change of a character", async () => {
		const token = await tokenFor(old);
		await fc.assert(
			fc.asyncProperty(
				fc.nat(token.length - 1),
				fc.constantFrom("A", "B", "-", "=", ".", " ", "ü"),
				async (at, char) => {
					fc.pre(token[at] !== char);
					const changed = token.slice(0, at) + char + token.slice(at + 1);
					expect((await readApprovalToken(old, changed, NOW)).ok).toBe(false);
				},
			),
			{ numRuns: 300 },
		);
	});

	test("when it was cut off anywhere, or something follows", async () => {
		const token = await tokenFor(old);
		for (let length = 0; length < token.length; length++) {
			expect((await readApprovalToken(old, token.slice(0, length), NOW)).ok).toBe(false);
		}
		for (const more of [".", ".x", "=", "A", "\n"]) {
			expect((await readApprovalToken(old, token + more, NOW)).ok).toBe(false);
		}
	});

	test("when it was encoded another way, though it says the same", async () => {
		const [key, payload, signature] = await partsOf(old);
		const bytes = decodeBase64Url(payload) ?? new Uint8Array();
		const spaced = encodeBase64Url(new TextEncoder().encode(JSON.stringify(GRANT, null, 1)));
		const standard = btoa(String.fromCharCode(...bytes));
		expect(standard).not.toBe(payload);
		const lastBits = `${signature.slice(0, -1)}${String.fromCharCode(signature.charCodeAt(42) + 1)}`;
		const others = [
			`${key}.${payload}=.${signature}`,
			`${key}.${spaced}.${signature}`,
			`${key}.${standard}.${signature}`,
		];
		for (const token of [...others, `${key}.${payload}.${lastBits}`, `K1.${payload}.${signature}`]) {
			expect((await readApprovalToken(old, token, NOW)).ok).toBe(false);
		}
	});

	test.each(["", ".", "..", "...", "k1..", "k1.e30.", "k1.e30.AA", "__proto__.e30.AA", "k1"])(
		"when it is %j, and nothing is thrown",
		async (token) => {
			expect((await readApprovalToken(old, token, NOW)).ok).toBe(false);
		},
	);

	test("when it is larger than any that is made, before anything of it is decoded", async () => {
		const token = await sign(old, " ".repeat(16_384) + JSON.stringify(GRANT));
		expect(await readApprovalToken(old, token, NOW)).toEqual({ ok: false, error: { reason: "malformed" } });
	});

	test.each(["{}", "[]", "null", JSON.stringify({ ...GRANT, more: 1 }), JSON.stringify({ ...GRANT, expires_at: "9" })])(
		"when what was signed is no grant: %s",
		async (text) => {
			expect(await readApprovalToken(old, await sign(old, text), NOW)).toEqual({
				ok: false,
				error: { reason: "malformed" },
			});
		},
	);
});
