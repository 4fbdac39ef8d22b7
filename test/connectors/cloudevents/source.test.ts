// How CloudEvents become events, in each way that HTTP carries them.

import { describe, expect, test } from "vitest";
import { cloudevents } from "../../../src/connectors/cloudevents/cloudevents";
import type { Json, JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf, sourceOf } from "../deliveries";

const STRUCTURED = { "content-type": "application/cloudevents+json; charset=utf-8" };
const BATCH = { "content-type": "application/cloudevents-batch+json" };
const attributes = {
	specversion: "1.0",
	id: "e1",
	source: "/shop",
	type: "order.updated",
	subject: "o1",
	time: "2026-11-20T09:59:56Z",
};
const good: JsonObject = { ...attributes, datacontenttype: "application/json", data: { id: "d1", total: 7 } };
const binary = {
	"content-type": "application/json",
	...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
};

const IN_HEADERS = { mode: "binary" };

function event(body: Json | string, headers: Record<string, string> = STRUCTURED, settings: JsonObject = {}) {
	return eventOf("cloudevents", deliveryOf(typeof body === "string" ? body : JSON.stringify(body), headers), settings);
}

const expected = {
	delivery_key: "/shop e1",
	event_type: "order.updated",
	native_type: "order.updated",
	entity: { type: "order", id: "o1" },
	actor: { kind: "unknown", id: "/shop" },
	occurred_at: Date.parse("2026-11-20T09:59:56Z"),
	changes: [],
	data: good,
};

test("a structured event is itself, also where its content type does not say so", () => {
	expect(event(good)).toEqual(expected);
	expect(event(good, { "content-type": "application/json" })).toEqual(expected);
});

test("a binary event is put together from its headers", () => {
	expect(event({ id: "d1", total: 7 }, binary, IN_HEADERS)).toEqual(expected);
});

test("a batch is as many events, each by itself", () => {
	const body = [good, { ...good, id: "e2" }, { ...good, specversion: "0.3" }, 7];
	const { side, config } = sourceOf("cloudevents");
	const normalized = side.normalize(deliveryOf(JSON.stringify(body), BATCH), body, config);
	if (!normalized.ok || normalized.value.kind !== "events") throw new Error("no events");
	expect(normalized.value.events.map(({ delivery_key }) => delivery_key)).toEqual(["/shop e1", "/shop e2"]);
	expect(normalized.value.events[0]).toEqual(expected);
	expect(normalized.value.unreadable).toMatch(
		/3 of 4: it is not of version 1.0 of CloudEvents; .*4 of 4: it is not a JSON object/,
	);
});

describe("an event", () => {
	test("is told apart by its source and its id together", () => {
		const key = (source: string, id: string) => event({ ...good, source, id }).delivery_key;
		expect(new Set([key("/a", "1"), key("/a", "2"), key("/b", "1")]).size).toBe(3);
	});

	test("without a subject is about what its data names, or about its source", () => {
		const { subject: _, ...rest } = good;
		expect(event(rest).entity).toEqual({ type: "order", id: "d1" });
		expect(event({ ...rest, data: {} }).entity).toEqual({ type: "order", id: "/shop" });
		expect(event(rest, STRUCTURED, { entity_id: "data.total", entity_type: "value:sum" }).entity).toEqual({
			type: "sum",
			id: "7",
		});
	});

	test.each([
		[
			"a structured one",
			STRUCTURED,
			'{"specversion":"1.0","id":"e1","source":"/s","type":"a.b","data":{"id":820982911946154508}}',
		],
		["a batch", BATCH, '[{"specversion":"1.0","id":"e1","source":"/s","type":"a.b","data":{"id":820982911946154508}}]'],
		["a binary one", { ...binary, "ce-subject": "" }, '{"id":820982911946154508}', IN_HEADERS],
	])("keeps the digits of long ids: %s", (_, headers: Record<string, string>, body, settings: JsonObject = {}) => {
		expect(event(body, headers, settings).entity.id).toBe("820982911946154508");
	});

	test.each([
		["user", "human"],
		["app_user", "human"],
		["service_account", "automation"],
		["api_key", "automation"],
		["system", "system"],
		["unauthenticated", "unknown"],
	])("of authtype %s is of kind %s", (authtype, kind) => {
		expect(event({ ...good, authtype, authid: "p1" }).actor).toEqual({ kind, id: "p1" });
	});

	test("is ours by who did it, or by its source", () => {
		expect(event({ ...good, authtype: "user", authid: "p1" }, STRUCTURED, { own: ["p1"] }).actor.kind).toBe("self");
		expect(event(good, STRUCTURED, { own: ["/shop"] }).actor.kind).toBe("self");
	});

	test("may have in its headers what they cannot hold, encoded", () => {
		const headers = { ...binary, "ce-subject": "Caf%C3%A9%20%E2%9C%93", "ce-note": "100%" };
		const found = event({}, headers, IN_HEADERS);
		expect(found.entity.id).toBe("Café ✓");
		expect(found.data).toMatchObject({ subject: "Café ✓", note: "100%" });
	});

	test("takes no attributes from headers of other names", () => {
		const headers = {
			...binary,
			"ce-data": "x",
			"ce-__proto__": "x",
			"ce-constructor": "x",
			"ce-Upper": "x",
			"ce-": "x",
			"x-ce-a": "x",
		};
		expect(event({ id: "d1", total: 7 }, headers, IN_HEADERS).data).toEqual(good);
	});
});

const NOWHERE = "it has no specversion; where attributes stand in headers, set mode to binary";

test.each([
	[STRUCTURED, [good], "event 1 of 1: it is not a JSON object"],
	[STRUCTURED, { ...good, specversion: "0.3" }, "event 1 of 1: it is not of version 1.0 of CloudEvents"],
	[STRUCTURED, {}, `event 1 of 1: ${NOWHERE}`],
	[binary, { id: "d1", total: 7 }, `event 1 of 1: ${NOWHERE}`],
	[STRUCTURED, { ...good, id: "", type: 1 }, "event 1 of 1: it has no id and no type"],
	[BATCH, good, "the body is not a list of events"],
	[BATCH, [], "the delivery holds no events"],
])("%j with %j is refused with the reason", (headers: Record<string, string>, body, reason) => {
	expect(refusalOf("cloudevents", deliveryOf(JSON.stringify(body), headers))).toBe(reason);
});

test.each([
	[{ ...binary, "ce-source": "" }, {}, "event 1 of 1: it has no source"],
	[{ ...binary, "ce-specversion": "2.0" }, {}, "event 1 of 1: it is not of version 1.0 of CloudEvents"],
	[{}, {}, `event 1 of 1: ${NOWHERE}`],
	[binary, good, "the body holds events of its own; set mode to structured"],
	[binary, [good], "the body holds events of its own; set mode to structured"],
])("%j with %j is refused as a binary event with the reason", (headers: Record<string, string>, body, reason) => {
	expect(refusalOf("cloudevents", deliveryOf(JSON.stringify(body), headers), IN_HEADERS)).toBe(reason);
});

test.each(["application/json", "application/cloudevents+json", ""])(
	"headers that are put to a captured structured event of type %j change nothing",
	(type) => {
		const forged = { ...binary, "ce-id": "e2", "ce-type": "order.deleted", "content-type": type };
		expect(event(good, forged)).toEqual(expected);
	},
);

test.each([[{ signature_header: "ce-proof" }], [{ protection: "token", header: "ce-proof" }]])(
	"with %j what proves the sender is not kept",
	(settings) => {
		const headers = { ...binary, "ce-proof": "hush" };
		expect(event({ id: "d1", total: 7 }, headers, { ...IN_HEADERS, ...settings })).toEqual(expected);
	},
);

describe("the protection", () => {
	test.each([
		[{}, "signed_untimed", "hmac"],
		[{ timestamp_header: "x-time", signed: "{timestamp}.{body}" }, "signed", "hmac"],
		[{ mode: "binary" }, "bearer", "hmac"],
		[{ mode: "binary", timestamp_header: "x-time", signed: "{timestamp}.{body}" }, "bearer", "hmac"],
		[{ mode: "binary", protection: "token" }, "token", "token"],
		[{ protection: "token" }, "token", "token"],
		[{ protection: "token", places: ["path"] }, "token", "token"],
	])("with %j is %s", (settings: JsonObject, trust, kind) => {
		const { side, config } = sourceOf("cloudevents", settings);
		expect(side.trust(config)).toBe(trust);
		expect(side.verification(config).kind).toBe(kind);
	});

	test.each([
		[{ signed: "{timestamp}.{body}" }, false],
		[{ protection: "token", entity_id: "header:x-webhook-token" }, false],
		[{ protection: "token", signed: "{timestamp}.{body}" }, true],
	])("with %j is accepted: %j", (settings, isGood) => {
		expect(cloudevents.source?.config.safeParse(settings).success).toBe(isGood);
	});
});
