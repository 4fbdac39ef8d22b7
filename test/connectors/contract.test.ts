// What holds for every connector there is and for its source half, whatever it connects to.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connectors, findConnector } from "../../src/connectors";
import { EVENTS } from "../../src/connectors/github/events";
import { Actor, Change, TRUST_LEVELS } from "../../src/model/event";
import type { Json, JsonObject } from "../../src/model/json";
import { Name } from "../../src/model/name";
import { deliveryOf, verdictOf } from "./deliveries";
import { anyBody, nearly } from "./nearly";

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

	test("makes of any JSON events that can be stored, or says why not", () => {
		let events = 0;
		const run = (json: Json, headers: Record<string, string>) => {
			const normalized = source.normalize(deliveryOf(JSON.stringify(json), headers), json, config);
			if (!normalized.ok) expect(normalized.error).not.toBe("");
			for (const event of normalized.ok && normalized.value.kind === "events" ? normalized.value.events : []) {
				events++;
				expect(event.delivery_key).not.toBe("");
				expect(event.entity.id).not.toBe("");
				expect(event.event_type.length).toBeLessThanOrEqual(200);
				expect(Actor.safeParse(event.actor).success).toBe(true);
				expect(z.array(Change).max(1_000).safeParse(event.changes).success).toBe(true);
				expect(new Date(event.occurred_at ?? 0).toISOString()).toHaveLength(24);
				expect(event.data).toBe(json);
			}
		};
		fc.assert(fc.property(anyBody, anyHeaders, run), { numRuns: 200 });
		fc.assert(fc.property(nearlyGood(id), anyHeaders, run), { numRuns: 600 });
		expect(events).toBeGreaterThan(100);
	});

	test("does not stumble over bodies that disagree with their bytes", () => {
		const run = (json: Json, body: Uint8Array, headers: Record<string, string>) => {
			expect(source.normalize(deliveryOf(body, headers), json, config)).toHaveProperty("ok");
		};
		fc.assert(fc.property(anyBody, fc.uint8Array({ maxLength: 20 }), anyHeaders, run), { numRuns: 100 });
	});
});

/** Bodies that each source makes events of, small enough that a change somewhere is mostly a change that matters. */
const GOOD_BODIES: Record<string, JsonObject> = {
	github: {
		action: "edited",
		issue: { id: 11, title: "a", updated_at: "2026-11-20T09:59:57Z" },
		changes: { title: { from: "b" }, base: { ref: { from: "c" } } },
		repository: { id: 7, pushed_at: 1_795_168_796 },
		sender: { id: 1, login: "dana", type: "User" },
	},
	stripe: {
		id: "evt_1",
		object: "event",
		type: "customer.updated",
		created: 1_795_168_796,
		related_object: { id: "a", type: "b" },
		data: { object: { id: "cus_1", object: "customer", a: { b: 1 } }, previous_attributes: { a: { b: 2 }, c: 1 } },
		request: { id: "req_1", idempotency_key: "k" },
	},
	any: {
		id: "e1",
		type: "order.updated",
		timestamp: "2026-11-20T09:59:57Z",
		occurred_at: 1_795_168_796,
		data: { id: "o1", actor: { type: "user", id: "p1" } },
		actor: { kind: "bot", id: "p2" },
		source: "shop",
	},
};

/** Bodies close to those that a source makes events of. */
function nearlyGood(id: string): fc.Arbitrary<Json> {
	return nearly(GOOD_BODIES[id] ?? GOOD_BODIES.any ?? {});
}

const anyHeaders = fc.record({
	"x-github-event": fc.oneof(fc.constantFrom("issues", "", ...EVENTS.keys(), "constructor"), fc.string()),
	"x-github-delivery": fc.oneof(fc.constantFrom("d1", "", "x".repeat(600)), fc.string()),
	"webhook-id": fc.oneof(fc.constantFrom("m1", "", "x".repeat(600)), fc.string()),
});

test("connectors are found by their whole id only", () => {
	for (const id of ["", "constructor", "__proto__", "toString", "Slack"]) expect(findConnector(id)).toBeUndefined();
});
