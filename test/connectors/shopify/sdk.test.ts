// Shopify's own library verifies what Node signs, and so do we.

import "@shopify/shopify-api/adapters/web-api";
import { createHmac } from "node:crypto";
import { ApiVersion, LogSeverity, shopifyApi } from "@shopify/shopify-api";
import { describe, expect, test } from "vitest";
import { deliveryOf, sourceOf, verdictOf } from "../deliveries";

const SECRET = "shpss_test_only";
const BODY = `${JSON.stringify({ id: 1, note: "Ñandú ✓" }, null, 2)}\n`;

function signed(body = BODY, secret = SECRET): string {
	return createHmac("sha256", secret).update(body).digest("base64");
}

const library = shopifyApi({
	apiKey: "key",
	apiSecretKey: SECRET,
	apiVersion: ApiVersion.January26,
	hostName: "hooks.example.test",
	isEmbeddedApp: false,
	logger: { level: LogSeverity.Error, log: () => {} },
});

describe.each([
	["webhooks", "x-shopify"],
	["events", "shopify"],
])("a delivery of %s", (generation, prefix) => {
	const { side, config } = sourceOf("shopify", { generation });
	const scheme = side.verification(config);

	function headersWith(signature: string): Record<string, string> {
		return {
			[`${prefix}-hmac-sha256`]: signature,
			[`${prefix}-topic`]: generation === "events" ? "Order" : "orders/paid",
			[`${prefix}-shop-domain`]: "fern.myshopify.com",
			[`${prefix}-api-version`]: "2026-01",
			[`${prefix}-webhook-id`]: "w1",
			[`${prefix}-event-id`]: "e1",
		};
	}

	/** What the library says, and what we say. */
	async function verdicts(signature: string, body = BODY, secrets = [SECRET]): Promise<[boolean, string]> {
		const headers = headersWith(signature);
		const rawRequest = new Request("https://hooks.example.test/in", { method: "POST", headers, body });
		const { valid } = await library.webhooks.validate({ rawBody: body, rawRequest });
		return [valid, await verdictOf(deliveryOf(body, headers), scheme, secrets)];
	}

	test("is accepted by both", async () => {
		expect(await verdicts(signed())).toEqual([true, "ok"]);
	});

	test.each([
		["one byte changed", BODY.replace("1", "2")],
		["serialised again", JSON.stringify(JSON.parse(BODY))],
		["trimmed", BODY.trim()],
		["a byte more", `${BODY} `],
	])("is refused by both with the body %s", async (_, body) => {
		expect(await verdicts(signed(), body)).toEqual([false, "bad_signature"]);
	});

	test.each([
		["another secret's", signed(BODY, "shpss_other"), "bad_signature"],
		["in hex", Buffer.from(signed(), "base64").toString("hex"), "malformed_signature"],
		["cut", signed().slice(0, -1), "malformed_signature"],
		["missing", "", "missing_signature"],
	])("is refused by both where the signature is %s", async (_, signature, reason) => {
		expect(await verdicts(signature)).toEqual([false, reason]);
	});

	test("is accepted with the old secret while both live", async () => {
		expect(await verdicts(signed(), BODY, ["shpss_new", SECRET])).toEqual([true, "ok"]);
		expect((await verdicts(signed(), BODY, ["shpss_new"]))[1]).toBe("bad_signature");
	});

	test("is not accepted by the header of the other generation", async () => {
		const other = prefix === "shopify" ? "x-shopify" : "shopify";
		const delivery = deliveryOf(BODY, { [`${other}-hmac-sha256`]: signed() });
		expect(await verdictOf(delivery, scheme, [SECRET])).toBe("missing_signature");
	});
});
