// What the contract says of connectors that cannot work, so that whoever adds one is told what is wrong with it.

import { expect, test } from "vitest";
import type { HmacScheme, JwtScheme, TokenScheme } from "../../src/connectors/connector";
import { deliveryOf, NOW, verdictOf } from "./deliveries";
import { deliveriesFor, exampleOf } from "./examples";
import { flawsOf, unknownWords } from "./flaws";
import { signedBy } from "./signer";

const scheme: HmacScheme = {
	kind: "hmac",
	hash: "SHA-256",
	encoding: "hex",
	key: { encoding: "text" },
	signed: "{timestamp}.{body}",
	signature: { header: "lantern-signature", format: { kind: "prefixed", prefix: "v1=" } },
	timestamp: { from: "header", header: "lantern-time", unit: "s", tolerance_s: 300 },
};
const { timestamp: _, ...untimed } = scheme;

async function verdictOn(changed: HmacScheme): Promise<string> {
	const [signed] = signedBy(changed, deliveryOf("{}"), NOW);
	return signed === undefined ? "" : verdictOf(signed.delivery, changed, [signed.secret]);
}

test("a scheme that can verify has no flaw", async () => {
	expect([flawsOf(scheme, "signed"), await verdictOn(scheme)]).toEqual([[], "ok"]);
});

test("a header in capitals is never found", async () => {
	expect(await verdictOn({ ...scheme, signature: { ...scheme.signature, header: "Lantern-Signature" } })).toBe(
		"missing_signature",
	);
});

test("what no hole stands for, or nothing fills, is told", () => {
	expect(flawsOf({ ...scheme, signed: "{timestamp}.{payload}.{body}" }, "signed")).toEqual([
		"{payload} is no hole of a template",
	]);
	expect(flawsOf({ ...untimed, signed: "{id}.{timestamp}.{url}.{secret}.{body}" }, "signed_untimed")).toEqual(
		["id", "timestamp", "url", "secret"].map((name) => `nothing fills {${name}}`),
	);
});

test("trust needs a body that is covered, and trust signed a time", () => {
	const noTime = "trust signed needs a time that the signature covers";
	expect(flawsOf({ ...scheme, signed: "{timestamp}" }, "signed")).toEqual([
		"trust signed needs a body that the signature covers",
	]);
	expect(flawsOf({ ...scheme, signed: "{body}" }, "signed")).toEqual([noTime]);
	expect(flawsOf({ ...untimed, signed: "{body}" }, "signed")).toEqual([noTime]);
	expect(flawsOf({ ...untimed, signed: "{url}{form}", url: {} }, "signed_untimed")).toEqual([
		"trust signed_untimed needs a body that the signature covers",
	]);
	expect(flawsOf({ ...untimed, signed: "{url}{form}", url: { body_hash: "sha" } }, "signed_untimed")).toEqual([]);
	expect(flawsOf(scheme, "token")).toEqual(["a signature is not trusted as token"]);
});

test("tokens are trusted as what they are", () => {
	const shared: TokenScheme = { kind: "token", places: [{ in: "path" }] };
	const web: JwtScheme = { kind: "jwt", tolerance_s: 60 };
	expect([flawsOf(shared, "token"), flawsOf(web, "bearer")]).toEqual([[], []]);
	expect(flawsOf(shared, "signed_untimed")).toEqual(["a shared token is trusted as token, not as signed_untimed"]);
	expect(flawsOf(web, "signed")).toEqual(["a web token is trusted as bearer, not as signed"]);
});

test("a word that is not in the vocabulary is named, with its event", () => {
	expect(unknownWords({ native: "a.b", event_type: "alarm.raised", entity: "alarm" })).toEqual([
		"alarm.raised (a.b): “alarm” is no noun of src/connectors/vocabulary.ts",
		"alarm.raised (a.b): “raised” is no verb of src/connectors/vocabulary.ts",
	]);
	expect(unknownWords({ native: "a.b", event_type: "issue.created", entity: "alarm" })).toEqual([
		"issue.created (a.b): “alarm” is no noun of src/connectors/vocabulary.ts",
	]);
});

test("a missing example says where it belongs", () => {
	expect(() => deliveriesFor("lantern")).toThrow("no example of lantern: add test/connectors/lantern/examples.ts");
	expect(() => exampleOf("lantern", "mute")).toThrow(
		"no example of lantern.mute: add it to test/connectors/lantern/examples.ts",
	);
});
