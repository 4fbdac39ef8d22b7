// What holds for every connector there is and for its source half, whatever it connects to.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connectors, findConnector } from "../../src/connectors";
import type { Delivery, NormalizedEvent, Verification } from "../../src/connectors/connector";
import { keptHeaders } from "../../src/edge/kept-headers";
import { Actor, Change, TRUST_LEVELS } from "../../src/model/event";
import type { Json } from "../../src/model/json";
import { Name } from "../../src/model/name";
import { deliveryOf, NOW, verdictOf } from "./deliveries";
import { deliveriesFor, type GoodDelivery } from "./examples";
import { coversBody, flawsOf, unknownWords } from "./flaws";
import { anyBody, nearly } from "./nearly";
import { signedBy } from "./signer";

const all = Object.values(connectors);
const sources = all.filter((connector) => connector.source !== undefined);

describe.each(all)("$id", (connector) => {
	test("stands in the list under its own name", () => {
		expect(connectors[connector.id]).toBe(connector);
		expect(findConnector(connector.id)).toBe(connector);
		expect(Name.safeParse(connector.id).success).toBe(true);
		expect(connector.title).not.toBe("");
		expect(connector.source ?? connector.actions).toBeDefined();
	});

	test("describes its settings to editors", () => {
		for (const schema of [connector.source?.config, connector.connection?.config, connector.connection?.credentials]) {
			if (schema !== undefined) expect(z.toJSONSchema(schema, { io: "input" })).toHaveProperty("properties");
		}
	});
});

describe.each(sources)("the source half of $id", ({ id, source }) => {
	if (source === undefined) throw new Error("not a source");
	const config = source.config.parse({});

	test("works without settings, and keeps settings that it has read", () => {
		expect(source.config.parse(config)).toEqual(config);
		expect(TRUST_LEVELS).toContain(source.trust(config));
	});

	test("refuses settings that it does not know", () => {
		expect(source.config.safeParse({ no_such_setting: 1 }).success).toBe(false);
	});

	test("believes nobody without a secret, and nobody who signs with none", async () => {
		const scheme = source.verification(config);
		for (const secrets of [[], [""]]) expect(await verdictOf(deliveryOf("{}"), scheme, secrets)).toBe("no_secret");
		expect(await verdictOf(deliveryOf("{}"), scheme, ["secret that is also base64=="])).not.toBe("ok");
	});

	test("trusts a delivery no further than what is signed of it", () => {
		for (const settings of [{}, ...deliveriesFor(id).map(({ config = {} }) => config)]) {
			const config = source.config.parse(settings);
			expect(flawsOf(source.verification(config), source.trust(config))).toEqual([]);
		}
	});

	test("believes its examples, signed as its scheme says, and none of which a byte was changed", async () => {
		for (const example of deliveriesFor(id)) {
			const config = source.config.parse(example.config ?? {});
			const scheme = source.verification(config);
			const isCovered = (scheme.kind === "any" ? scheme.of : [scheme]).every(
				(each) => "signed" in each && coversBody(each),
			);
			for (const { delivery, secret } of signedBy(scheme, sentAs(source.body?.(config), example), NOW)) {
				expect(await verdictOf(delivery, scheme, [secret])).toBe("ok");
				for (const at of isCovered ? [0, 0.5, 1].map((part) => Math.floor(part * (delivery.body.length - 1))) : []) {
					const body = delivery.body.map((byte, i) => (i === at ? byte ^ 1 : byte));
					expect(await verdictOf({ ...delivery, body }, scheme, [secret])).toBe("bad_signature");
				}
			}
		}
	});

	test("makes of any JSON events that can be stored, or says why not", () => {
		for (const { body, headers, config: settings = {} } of deliveriesFor(id)) {
			const config = source.config.parse(settings);
			let events = 0;
			const run = (json: Json, headers: Record<string, string>) => {
				const normalized = source.normalize(deliveryOf(JSON.stringify(json), headers), json, config);
				if (!normalized.ok) expect(normalized.error).not.toBe("");
				for (const event of normalized.ok && normalized.value.kind === "events" ? normalized.value.events : []) {
					events++;
					holdsForEvent(event);
				}
			};
			fc.assert(fc.property(anyBody, nearlyHeaders(headers), run), { numRuns: 200 });
			fc.assert(fc.property(nearly(body), nearlyHeaders(headers), run), { numRuns: 600 });
			expect(events).toBeGreaterThan(50);
		}
	});

	test("makes one event of one delivery, however often it comes, and another of another", () => {
		for (const { body, headers, config: settings = {} } of deliveriesFor(id)) {
			const read = () =>
				source.normalize(deliveryOf(JSON.stringify(body), headers), body, source.config.parse(settings));
			const first = read();
			if (!first.ok || first.value.kind !== "events") throw new Error("no events");
			expect(first.value.unreadable).toBeUndefined();
			expect(first.value.events.length).toBeGreaterThan(0);
			expect(new Set(first.value.events.map(({ delivery_key }) => delivery_key)).size).toBe(first.value.events.length);
			expect(read()).toEqual(first);
		}
	});

	test("reads the same of what is kept of a delivery as of the delivery itself", () => {
		for (const { body, headers, config: settings = {} } of deliveriesFor(id)) {
			const config = source.config.parse(settings);
			const came = deliveryOf(JSON.stringify(body), headers);
			const kept = { ...came, url: "", query: {}, headers: keptHeaders({ secrets: ["a secret"], config }, came) };
			expect(source.normalize(kept, body, config)).toEqual(source.normalize(came, body, config));
		}
	});

	test("says what it is known by, and calls things by their canonical names", () => {
		expect(source.identified_by).toMatch(/^[A-Z`].*\.$/);
		expect(source.own_writes).toMatch(/^[A-Z`].*\.$/);
		const natives = source.vocabulary.map(({ native }) => native);
		expect(new Set(natives).size).toBe(natives.length);
		expect(source.vocabulary.flatMap(unknownWords)).toEqual([]);
	});

	test("judges any delivery without a stumble, and believes none", async () => {
		const scheme = source.verification(config);
		const names = headerNamesOf(scheme);
		const value = fc.oneof(
			fc.string(),
			fc.base64String(),
			fc.constantFrom("sha256=", "v1=", "t=1,v1=", "Bearer a.b.c"),
		);
		const headers = fc.dictionary(fc.constantFrom("authorization", "content-type", ...names), value);
		const judge = async (body: Uint8Array, headers: Record<string, string>, secret: string) => {
			expect(await verdictOf(deliveryOf(body, headers), scheme, [secret])).not.toBe("ok");
		};
		const secret = fc.string({ minLength: 24 });
		await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), headers, secret, judge), { numRuns: 200 });
	});

	test("does not stumble over bodies that disagree with their bytes", () => {
		const run = (json: Json, body: Uint8Array, headers: Record<string, string>) => {
			expect(source.normalize(deliveryOf(body, headers), json, config)).toHaveProperty("ok");
		};
		const headers = nearlyHeaders(deliveriesFor(id)[0]?.headers);
		fc.assert(fc.property(anyBody, fc.uint8Array({ maxLength: 20 }), headers, run), { numRuns: 100 });
	});
});

/** An example as it comes in. How XML is written matters to none that signs its body. */
function sentAs(kind: "json" | "form" | "xml" | undefined, { body, headers }: GoodDelivery): Delivery {
	if (kind !== "form") return deliveryOf(JSON.stringify(body), headers);
	const form = new URLSearchParams(body as Record<string, string>).toString();
	return deliveryOf(form, { ...headers, "content-type": "application/x-www-form-urlencoded" });
}

function holdsForEvent(event: NormalizedEvent): void {
	expect(event.delivery_key).not.toBe("");
	expect(event.entity.id).not.toBe("");
	expect(event.event_type.length).toBeLessThanOrEqual(200);
	expect(Actor.safeParse(event.actor).success).toBe(true);
	expect(z.array(Change).max(1_000).safeParse(event.changes).success).toBe(true);
	expect(new Date(event.occurred_at ?? 0).toISOString()).toHaveLength(24);
	expect(typeof event.data === "object" && event.data !== null && !Array.isArray(event.data)).toBe(true);
}

function headerNamesOf(scheme: Verification): string[] {
	if (scheme.kind === "any") return scheme.of.flatMap(headerNamesOf);
	if (scheme.kind === "token" || scheme.kind === "jwt") return ["x-webhook-token"];
	const { signature, timestamp, id } = scheme;
	const time = timestamp?.from === "header" ? [timestamp.header] : [];
	const header = signature.format.kind === "numbered" ? `${signature.header}1` : signature.header;
	return [header, ...time, ...(id === undefined ? [] : [id.header])];
}

/** The headers of an example, of which any may be another, very long, or missing. */
function nearlyHeaders(headers: Record<string, string> = {}): fc.Arbitrary<Record<string, string>> {
	const values = Object.entries(headers).map(([name, value]) => [
		name,
		fc.oneof(
			{ weight: 6, arbitrary: fc.constant(value) },
			fc.constantFrom("", "x".repeat(600), "constructor"),
			fc.string(),
		),
	]);
	return fc.record(Object.fromEntries(values), { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>;
}

test("connectors are found by their whole id only", () => {
	for (const id of ["", "constructor", "__proto__", "toString", "Slack"]) expect(findConnector(id)).toBeUndefined();
});
