// Standard Webhooks signed with a private key (v1a): Node signs, we verify with the public half.

import { generateKeyPairSync, sign } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import { describe, expect, test } from "vitest";
import { deliveryOf, NOW_S, sourceOf, verdictOf } from "../deliveries";

const BODY = `${JSON.stringify({ type: "user.updated", data: { id: "usr_1", name: "Ñandú ✓" } }, null, 2)}\n`;
const SHARED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function keyPair() {
	const { privateKey, publicKey } = generateKeyPairSync("ed25519");
	const { x = "" } = publicKey.export({ format: "jwk" });
	return { privateKey, shown: `whpk_${Buffer.from(x, "base64url").toString("base64")}` };
}
const ours = keyPair();
const other = keyPair();

describe.each([
	["webhook", {}],
	["svix", { headers: "svix" }],
])("with %s headers", (prefix, settings) => {
	const { side, config } = sourceOf("standard-webhooks", settings);
	const scheme = side.verification(config);

	function signatureBy({ privateKey } = ours, timestamp_s = NOW_S, id = "msg_1"): string {
		const message = Buffer.from(`${id}.${timestamp_s}.${BODY}`);
		return `v1a,${sign(null, message, privateKey).toString("base64")}`;
	}

	function headersOf(signature = signatureBy(), timestamp_s = NOW_S): Record<string, string> {
		return {
			[`${prefix}-id`]: "msg_1",
			[`${prefix}-timestamp`]: String(timestamp_s),
			[`${prefix}-signature`]: signature,
		};
	}

	function verdict(headers: Record<string, string>, body = BODY, secrets = [ours.shown]): Promise<string> {
		return verdictOf(deliveryOf(body, headers), scheme, secrets);
	}

	test("is accepted", async () => {
		expect(await verdict(headersOf())).toBe("ok");
	});

	test.each([
		["one byte changed", BODY.replace("usr_1", "usr_2")],
		["serialised again", JSON.stringify(JSON.parse(BODY))],
		["trimmed", BODY.trim()],
		["empty", ""],
	])("is refused with the body %s", async (_, body) => {
		expect(await verdict(headersOf(), body)).toBe("bad_signature");
	});

	test("is refused with another's signature, id or time", async () => {
		expect(await verdict(headersOf(signatureBy(other)))).toBe("bad_signature");
		expect(await verdict({ ...headersOf(), [`${prefix}-id`]: "msg_2" })).toBe("bad_signature");
		expect(await verdict({ ...headersOf(), [`${prefix}-timestamp`]: String(NOW_S - 1) })).toBe("bad_signature");
	});

	test("is held to five minutes both ways", async () => {
		const at = (timestamp_s: number) => headersOf(signatureBy(ours, timestamp_s), timestamp_s);
		expect(await verdict(at(NOW_S - 300))).toBe("ok");
		expect(await verdict(at(NOW_S - 301))).toBe("stale");
		expect(await verdict(at(NOW_S + 301))).toBe("future");
	});

	test("is accepted with the old key while both live, and beside a shared secret", async () => {
		expect(await verdict(headersOf(), BODY, [other.shown, ours.shown])).toBe("ok");
		expect(await verdict(headersOf(), BODY, [SHARED, ours.shown])).toBe("ok");
		expect(await verdict(headersOf(), BODY, [other.shown])).toBe("bad_signature");
	});

	test("stands beside a shared secret's signature, and either is enough, for its library too", async () => {
		const shared = new Webhook(SHARED).sign("msg_1", new Date(NOW_S * 1_000), BODY);
		const both = headersOf(`${signatureBy()} ${shared}`);
		expect(await verdict(both)).toBe("ok");
		expect(await verdict(both, BODY, [SHARED])).toBe("ok");
		const now_s = Math.floor(Date.now() / 1_000);
		const library = prefix === "svix" ? new Svix(SHARED) : new Webhook(SHARED);
		const fresh = `${signatureBy(ours, now_s)} ${library.sign("msg_1", new Date(now_s * 1_000), BODY)}`;
		expect(library.verify(BODY, headersOf(fresh, now_s))).toEqual(JSON.parse(BODY));
	});

	test("is no signature of the other version", async () => {
		expect(await verdict(headersOf(signatureBy().replace("v1a,", "v1,")))).toBe("malformed_signature");
		const shared = new Webhook(SHARED).sign("msg_1", new Date(NOW_S * 1_000), BODY);
		expect(await verdict(headersOf(shared))).toBe("malformed_signature");
		expect(await verdict(headersOf(shared.replace("v1,", "v1a,")))).toBe("malformed_signature");
	});

	test.each([
		["without its prefix", ours.shown.slice("whpk_".length)],
		["as a shared secret", ours.shown.replace("whpk_", "whsec_")],
	])("is refused with its key %s", async (_, key) => {
		expect(await verdict(headersOf(), BODY, [key])).not.toBe("ok");
	});

	test("a public key is never the key of a shared secret's signature: everybody has it", async () => {
		const key = ours.shown.slice("whpk_".length);
		const forged = new Webhook(`whsec_${key}`).sign("msg_1", new Date(NOW_S * 1_000), BODY);
		expect(await verdict(headersOf(forged))).toBe("malformed_signature");
		expect(await verdict(headersOf(`${forged} ${signatureBy(other)}`))).toBe("bad_signature");
	});
});
