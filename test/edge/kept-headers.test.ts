import { expect, test } from "vitest";
import { keptHeaders } from "../../src/edge/kept-headers";

const SOURCE = { secrets: ["very-secret"], config: { entity_type: ["header:X-Kind"] } };

test.each<[string, string, boolean]>([
	["x-shopify-shop-domain", "a.myshopify.com", true],
	["i-twilio-idempotency-token", "one", true],
	["x-kind", "order", true],
	["x-other", "order", false],
	["authorization", "Bearer x", false],
	["x-hub-signature-256", "sha256=1", false],
	["cookie", "session=1", false],
	["x-event", "is very-secret", false],
	["x-event", "e".repeat(1_600), false],
])("%s: %s is kept: %s", (name, value, isKept) => {
	expect(keptHeaders(SOURCE, { headers: { [name]: value } })).toEqual(isKept ? { [name]: value } : {});
});
