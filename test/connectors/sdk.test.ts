// The systems' own libraries sign, we verify; where they verify too, both must agree.

import { sign, verify as verifyByOctokit } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { describe, expect, test } from "vitest";
import type { Verification } from "../../src/connectors/connector";
import { deliveryOf, NOW, NOW_S, sourceOf, verdictOf } from "./deliveries";

/** Pretty-printed with a line break at its end: what JSON.stringify makes of it is another body. */
const BODY = `${JSON.stringify({ id: "evt_1", type: "customer.updated", data: { object: { id: "cus_1" } } }, null, 2)}\n`;
const CHANGES: [string, string][] = [
	["one byte changed", BODY.replace("cus_1", "cus_2")],
	["serialised again", JSON.stringify(JSON.parse(BODY))],
	["trimmed", BODY.trim()],
	["empty", ""],
];

function schemeOf(connector: string, settings = {}): Verification {
	const { side, config } = sourceOf(connector, settings);
	return side.verification(config);
}

describe("GitHub", () => {
	const SECRET = "It's a Secret to Everybody";
	const scheme = schemeOf("github");

	async function verdict(signature: string, body: string = BODY, secrets = [SECRET]): Promise<string> {
		return verdictOf(deliveryOf(body, { "x-hub-signature-256": signature }), scheme, secrets);
	}

	test("is verified as its library signs", async () => {
		expect(await verdict(await sign(SECRET, BODY))).toBe("ok");
	});

	test("is verified as its documentation's example is signed", async () => {
		// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
		const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
		expect(await verdict(signature, "Hello, World!")).toBe("ok");
	});

	test.each(CHANGES)("is refused with the body %s", async (_, body) => {
		expect(await verdict(await sign(SECRET, BODY), body)).toBe("bad_signature");
	});

	test("is verified with the old and the new secret while both live", async () => {
		expect(await verdict(await sign("old", BODY), BODY, ["new", "old"])).toBe("ok");
		expect(await verdict(await sign("new", BODY), BODY, ["new", "old"])).toBe("ok");
		expect(await verdict(await sign("older", BODY), BODY, ["new", "old"])).toBe("bad_signature");
	});

	test("agrees with its library about spellings of a signature", async () => {
		const signature = await sign(SECRET, BODY);
		const digits = signature.slice("sha256=".length);
		const spellings = [
			signature,
			`sha256=${digits.toUpperCase()}`,
			signature.toUpperCase(),
			digits,
			`sha256=${digits.replace(/../g, "$& ")}`,
			`sha256=${digits}\t`,
			`sha1=${digits}`,
			"sha256=",
			`sha256=${digits}${digits}`,
		];
		for (const spelling of spellings) {
			expect((await verdict(spelling)) === "ok").toBe(await verifyByOctokit(SECRET, BODY, spelling));
		}
	});
});

describe("Stripe", () => {
	const SECRET = "whsec_test_secret";
	const scheme = schemeOf("stripe");

	function header(timestamp: number = NOW_S, secret = SECRET, payload = BODY): string {
		return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
	}

	function verdict(signature: string, body: string = BODY, secrets = [SECRET]): Promise<string> {
		return verdictOf(deliveryOf(body, { "stripe-signature": signature }), scheme, secrets);
	}

	test("is verified as its library signs", async () => {
		expect(await verdict(header())).toBe("ok");
		expect(Stripe.webhooks.constructEvent(BODY, header(), SECRET, 300, undefined, NOW).id).toBe("evt_1");
	});

	test.each(CHANGES)("is refused with the body %s", async (_, body) => {
		expect(await verdict(header(), body)).toBe("bad_signature");
	});

	test("is verified when each live secret of an endpoint signs", async () => {
		const [, rotated] = header(NOW_S, "whsec_new").split(",");
		expect(await verdict(`${header()},${rotated}`)).toBe("ok");
		expect(await verdict(`${header()},${rotated}`, BODY, ["whsec_new"])).toBe("ok");
		expect(await verdict(`${header()},${rotated}`, BODY, ["whsec_other"])).toBe("bad_signature");
		expect(await verdict(header(), BODY, ["whsec_new", SECRET])).toBe("ok");
	});

	test("is not verified by a v0 signature", async () => {
		expect(await verdict(header().replace("v1=", "v0="))).toBe("malformed_signature");
		expect(await verdict(header().replace("v1=", `v1=${"0".repeat(64)},v0=`))).toBe("bad_signature");
	});

	test("is refused when it is old, and also when it comes from the future, which its library accepts", async () => {
		expect(await verdict(header(NOW_S - 300))).toBe("ok");
		expect(await verdict(header(NOW_S - 301))).toBe("stale");
		expect(await verdict(header(NOW_S + 301))).toBe("future");
		const ahead = header(NOW_S + 3_600);
		expect(Stripe.webhooks.constructEvent(BODY, ahead, SECRET, 300, undefined, NOW).id).toBe("evt_1");
		expect(await verdict(ahead)).toBe("future");
	});

	test.each([
		["upper case", header().toUpperCase().replace("T=", "t=").replace("V1=", "v1="), "malformed_signature"],
		["no time", header().replace(/^t=\d+,/, ""), "missing_timestamp"],
		["two times", `t=${NOW_S - 1},${header()}`, "malformed_timestamp"],
		["words", "t=now,v1=yes", "malformed_signature"],
		["nothing", "", "missing_signature"],
	])("is refused with %s in its header", async (_, signature, expected) => {
		expect(await verdict(signature)).toBe(expected);
	});
});

describe.each([
	["webhook", {}],
	["svix", { headers: "svix" }],
])("Standard Webhooks with %s headers", (prefix, settings) => {
	const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	const OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
	const scheme = schemeOf("standard-webhooks", settings);

	function signed(secret = SECRET, timestamp_s = NOW_S, id = "msg_1"): Record<string, string> {
		return {
			[`${prefix}-id`]: id,
			[`${prefix}-timestamp`]: String(timestamp_s),
			[`${prefix}-signature`]: new Webhook(secret).sign(id, new Date(timestamp_s * 1_000), BODY),
		};
	}

	function verdict(headers: Record<string, string>, body = BODY, secrets = [SECRET]): Promise<string> {
		return verdictOf(deliveryOf(body, headers), scheme, secrets);
	}

	test("is verified as its library signs", async () => {
		expect(await verdict(signed())).toBe("ok");
		expect(await verdict(signed(), BODY, [SECRET.slice("whsec_".length)])).toBe("ok");
	});

	test.each(CHANGES)("is refused with the body %s", async (_, body) => {
		expect(await verdict(signed(), body)).toBe("bad_signature");
	});

	test("is refused with another id or time", async () => {
		expect(await verdict({ ...signed(), [`${prefix}-id`]: "msg_2" })).toBe("bad_signature");
		expect(await verdict({ ...signed(), [`${prefix}-timestamp`]: String(NOW_S - 1) })).toBe("bad_signature");
	});

	test("finds its signature among others, by another key or of another kind", async () => {
		const name = `${prefix}-signature`;
		const both = { ...signed(), [name]: `v1a,Zm9v ${signed(OTHER)[name]} ${signed()[name]}` };
		expect(await verdict(both)).toBe("ok");
		expect(await verdict(both, BODY, [OTHER])).toBe("ok");
		expect(await verdict({ ...signed(), [name]: "v1a,Zm9v" })).toBe("malformed_signature");
		expect(await verdict({ ...signed(), [name]: `v1a,${signed()[name]?.slice(3)}` })).toBe("malformed_signature");
	});

	test("is held to five minutes both ways, like its library", async () => {
		expect(await verdict(signed(SECRET, NOW_S - 301))).toBe("stale");
		expect(await verdict(signed(SECRET, NOW_S + 301))).toBe("future");
	});

	test.each([
		["id", "missing_id"],
		["timestamp", "missing_timestamp"],
		["signature", "missing_signature"],
	])("is refused without its %s", async (name, expected) => {
		const { [`${prefix}-${name}`]: _, ...headers } = signed();
		expect(await verdict(headers)).toBe(expected);
	});

	test("does not take headers of the other prefix", async () => {
		const other = prefix === "svix" ? "webhook" : "svix";
		const entries = Object.entries(signed()).map(([name, value]) => [name.replace(prefix, other), value]);
		expect(await verdict(Object.fromEntries(entries))).toBe("missing_signature");
	});
});
