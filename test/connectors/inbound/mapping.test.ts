// How senders that we do not know are read, by the settings of their source.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, NOW, refusalOf, sourceOf } from "../deliveries";

const order = { id: "e1", type: "order.updated", data: { id: "o1" } };

function event(body: JsonObject | string, settings: JsonObject = {}, headers: Record<string, string> = {}) {
	return eventOf("hmac", deliveryOf(typeof body === "string" ? body : JSON.stringify(body), headers), settings);
}

describe("an event", () => {
	test("is read from the usual places", () => {
		const body = {
			...order,
			occurred_at: "2026-11-20T09:59:56.000Z",
			actor: { kind: "user", id: "p1" },
		};
		expect(event(body)).toEqual({
			delivery_key: "e1",
			event_type: "order.updated",
			native_type: "order.updated",
			entity: { type: "order", id: "o1" },
			actor: { kind: "human", id: "p1" },
			occurred_at: Date.parse("2026-11-20T09:59:56.000Z"),
			changes: [],
			data: body,
		});
	});

	test("is read from the places that the settings name: paths, headers and fixed values, the first that holds something", () => {
		const body = { event: { uid: "u1" }, rows: [{ key: 5 }] };
		const settings = {
			event_id: ["nowhere", "header:X-Request-Id", "event.uid"],
			event_type: "value:row.updated",
			entity_type: "value:row",
			entity_id: "rows.0.key",
			actor_kind: "value:application",
			actor_id: ["header:x-user", "value:nobody"],
			occurred_at: "header:x-time",
		};
		const found = event(body, settings, { "x-request-id": "r1", "x-time": String(NOW) });
		expect(found).toMatchObject({ delivery_key: "r1", event_type: "row.updated", occurred_at: NOW });
		expect(found.entity).toEqual({ type: "row", id: "5" });
		expect(found.actor).toEqual({ kind: "automation", id: "nobody" });
		expect(event(body, settings).delivery_key).toBe("u1");
	});

	test("without a type for its entity takes what stands before the last dot of its own", () => {
		const typeOf = (type: string) => event({ ...order, type }).entity.type;
		expect(typeOf("order.updated")).toBe("order");
		expect(typeOf("shop.order.updated")).toBe("shop.order");
		expect(typeOf("ping")).toBe("ping");
		expect(typeOf(".odd")).toBe(".odd");
	});

	test("keeps every digit of ids that a double cannot hold", () => {
		const body = '{"id":9007199254740993,"type":"order.updated","data":{"id":12345678901234567890123}}';
		expect(event(body).delivery_key).toBe("9007199254740993");
		expect(event(body).entity.id).toBe("12345678901234567890123");
		expect(event('{"id":-9007199254740993,"type":"a","data":{"id":0}}').delivery_key).toBe("-9007199254740993");
	});

	test("is not read from a body's key that looks like a place outside of it", () => {
		const body = { ...order, "header:x-id": "e2", "value:a": "e3" };
		expect(refusalOf("hmac", deliveryOf(JSON.stringify(body)), { event_id: "header:x-id" })).toContain("no event id");
	});

	test("is not read from what every object inherits", () => {
		expect(refusalOf("hmac", deliveryOf(JSON.stringify(order)), { entity_id: "data.toString.name" })).toBe(
			"no entity id: nothing at data.toString.name; set entity_id to where it stands",
		);
		expect(refusalOf("hmac", deliveryOf(JSON.stringify(order)), { event_id: "header:constructor" })).toContain(
			"no event id",
		);
	});
});

describe("the actor", () => {
	test.each([
		["user", "human"],
		["User", "human"],
		["bot", "automation"],
		["service", "automation"],
		["api_key", "automation"],
		["system", "system"],
		["alien", "unknown"],
		["constructor", "unknown"],
		["robot", "automation"],
		["staff", "human"],
	])("of kind %s is %s", (word, kind) => {
		const settings = { actor_kinds: { robot: "automation", staff: "human" } };
		expect(event({ ...order, actor: { kind: word } }, settings).actor.kind).toBe(kind);
	});

	test("is us where its id is one of ours, whatever its kind", () => {
		const settings = { own: ["flow"] };
		expect(event({ ...order, actor: { kind: "user", id: "flow" } }, settings).actor.kind).toBe("self");
		expect(event({ ...order, source: "flow" }, settings).actor.kind).toBe("self");
		expect(event({ ...order, actor: { kind: "user", id: "flown" } }, settings).actor.kind).toBe("human");
	});
});

test("an actor's id that is too long to keep is left out, and still recognised as ours up to its greatest length", () => {
	const long = "x".repeat(257);
	expect(event({ ...order, actor: { kind: "bot", id: long } }).actor).toEqual({ kind: "automation" });
	const own = "x".repeat(256);
	expect(event({ ...order, actor: { id: own } }, { own: [own] }).actor).toEqual({ kind: "self", id: own });
});

describe("the time", () => {
	test.each([
		["RFC 3339", "2026-11-20T09:59:56Z", "2026-11-20T09:59:56.000Z"],
		["RFC 3339 with an offset", "2026-11-20T10:59:56+01:00", "2026-11-20T09:59:56.000Z"],
		["RFC 3339 with seven digits of a second", "2026-11-20T09:59:56.1234567Z", "2026-11-20T09:59:56.123Z"],
		["RFC 3339 with a space, in lower case", "2026-11-20 09:59:56z", "2026-11-20T09:59:56.000Z"],
		["seconds", 1_795_168_796, "2026-11-20T09:59:56.000Z"],
		["seconds with a fraction", 1_795_168_796.5, "2026-11-20T09:59:56.500Z"],
		["milliseconds", 1_795_168_796_123, "2026-11-20T09:59:56.123Z"],
		["seconds as text", "1795168796", "2026-11-20T09:59:56.000Z"],
	])("can be %s", (_, timestamp, expected) => {
		expect(new Date(event({ ...order, timestamp }).occurred_at ?? 0).toISOString()).toBe(expected);
	});

	test.each([
		["2026-11-20"],
		["2026-11-20T09:59:56"],
		["20 Nov 2026"],
		["9999-99-99T99:99:99Z"],
		[""],
		[true],
		[null],
		[-1],
		[1e300],
		[{ toString: "x" }],
	])("cannot be %j", (timestamp) => {
		expect(event({ ...order, timestamp }).occurred_at).toBeUndefined();
	});
});

describe("a body that gives no event", () => {
	test.each([
		["[]", "the body is not a JSON object"],
		["null", "the body is not a JSON object"],
		["{}", "no event id: nothing at id; set event_id to where it stands"],
		['{"id":""}', "no event id: nothing at id; set event_id to where it stands"],
		['{"id":1.5}', "no event id: nothing at id; set event_id to where it stands"],
		['{"id":{"a":1}}', "no event id: nothing at id; set event_id to where it stands"],
		['{"id":"\\ud800"}', "no event id: nothing at id; set event_id to where it stands"],
		['{"id":1}', "no event type: nothing at type; set event_type to where it stands"],
		['{"id":1,"type":"a"}', "no entity id: nothing at data.id; set entity_id to where it stands"],
		[
			`{"id":1,"type":"${"a".repeat(201)}","data":{"id":1}}`,
			"the event type is 201 characters long; at most 200 are possible",
		],
		[
			`{"id":1,"type":"${"a".repeat(65)}","data":{"id":1}}`,
			"the entity type is 65 characters long; at most 64 are possible",
		],
		[
			`{"id":"${"a".repeat(401)}","type":"a","data":{"id":1}}`,
			"the event id is 401 characters long; at most 400 are possible",
		],
	])("%.40s is refused with the reason", (body, reason) => {
		expect(refusalOf("hmac", deliveryOf(body))).toBe(reason);
	});
});

describe("settings that cannot work are refused with what to do", () => {
	function problem(connector: string, settings: JsonObject): string {
		const parsed = sourceOf(connector).side.config.safeParse(settings);
		return parsed.success
			? ""
			: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
	}

	const signed = "{timestamp}.{body}";
	test.each([
		["hmac", {}, ""],
		["hmac", { signed, timestamp_header: "X-Time" }, ""],
		["hmac", { signed, timestamp_header: "x", timestamp_unit: "ms", tolerance_sec: 60 }, ""],
		["hmac", { signed: "no body" }, "signed: write {body} once, where the body stands"],
		["hmac", { signed: "{body}{body}" }, "signed: write {body} once, where the body stands"],
		[
			"hmac",
			{ timestamp_header: "x" },
			"signed: a timestamp proves nothing unless it is signed: write {timestamp} where it stands",
		],
		["hmac", { signed }, "signed: set timestamp_header or timestamp_field, which {timestamp} stands for"],
		["hmac", { signed, timestamp_field: "t" }, "timestamp_field: only a signature_format of fields has fields"],
		["hmac", { id_header: "x-id" }, "id_header: id_header and {id} in signed belong together"],
		["hmac", { signed: "{id}.{body}" }, "id_header: id_header and {id} in signed belong together"],
		["hmac", { signature_header: "x signature" }, "signature_header: write a header name, like x-signature"],
		["hmac", { tolerance_sec: 0 }, "tolerance_sec: Too small: expected number to be >=1"],
		[
			"hmac",
			{ entity_id: "a..b" },
			"entity_id: write a path into the body like data.id, a header like header:x-event-id, or a fixed value like value:order",
		],
		[
			"hmac",
			{ actor_id: "header:Authorization" },
			"actor_id: write a path into the body like data.id, a header like header:x-event-id, or a fixed value like value:order",
		],
		[
			"hmac",
			{ event_id: "value:same" },
			"event_id: name a place whose value differs between events: events with one id count as one",
		],
		[
			"hmac",
			{ event_id: [] },
			"event_id: name a place whose value differs between events: events with one id count as one",
		],
		["hmac", { sgned: "{body}" }, ': Unrecognized key: "sgned"'],
		["token", { actor_id: "header:x-webhook-token" }, "actor_id: x-webhook-token carries the token"],
		["token", { places: [] }, "places: Too small: expected array to have >=1 items"],
		["standard-webhooks", { event_id: "id" }, ': Unrecognized key: "event_id"'],
		["standard-webhooks", { headers: "other" }, 'headers: Invalid option: expected one of "webhook"|"svix"'],
		["github", { own: [1] }, "own.0: Invalid input: expected string, received number"],
		["stripe", { own_key_prefix: "" }, "own_key_prefix: Too small: expected string to have >=1 characters"],
	])("%s %j", (connector, settings, expected) => {
		expect(problem(connector, settings)).toBe(expected);
	});
});

describe("how far a sender is believed", () => {
	test.each([
		["github", {}, "signed_untimed"],
		["stripe", {}, "signed"],
		["standard-webhooks", {}, "signed"],
		["hmac", {}, "signed_untimed"],
		["hmac", { signed: "{timestamp}.{body}", timestamp_header: "x-time" }, "signed"],
		["hmac", { signed: "{id}.{body}", id_header: "x-id" }, "signed_untimed"],
		["token", {}, "token"],
	])("%s %j: %s", (connector, settings, trust) => {
		const { side, config } = sourceOf(connector, settings);
		expect(side.trust(config)).toBe(trust);
	});
});

describe("the scheme of a signed sender", () => {
	test("follows its settings", () => {
		const { side, config } = sourceOf("hmac", {
			signature_header: "X-Sig",
			signature_format: "fields",
			signature_field: "s",
			timestamp_field: "t",
			timestamp_unit: "ms",
			tolerance_sec: 60,
			hash: "SHA-512",
			encoding: "base64",
			key_encoding: "base64",
			key_prefix: "k_",
			signed: "{id}:{timestamp}:{body}",
			id_header: "X-Id",
		});
		expect(side.verification(config)).toEqual({
			kind: "hmac",
			hash: "SHA-512",
			encoding: "base64",
			key: { encoding: "base64", prefix: "k_" },
			signed: "{id}:{timestamp}:{body}",
			signature: { header: "x-sig", format: { kind: "fields", field: "s" } },
			timestamp: { from: "signature", field: "t", unit: "ms", tolerance_s: 60 },
			id: { header: "x-id" },
		});
	});

	test("of a list has its separator and prefix", () => {
		const { side, config } = sourceOf("hmac", { signature_format: "list", separator: " ", prefix: "v1=" });
		expect(side.verification(config)).toMatchObject({
			signature: { format: { kind: "list", separator: " ", prefix: "v1=" } },
			encoding: "hex-any-case",
			timestamp: undefined,
		});
	});
});

test("a Standard Webhook's id is the one of its signed headers", () => {
	const delivery = deliveryOf(JSON.stringify(order), { "webhook-id": "msg_1", "svix-id": "msg_2" });
	expect(eventOf("standard-webhooks", delivery).delivery_key).toBe("msg_1");
	expect(eventOf("standard-webhooks", delivery, { headers: "svix" }).delivery_key).toBe("msg_2");
});

test("a token is looked for where the settings say", () => {
	const { side, config } = sourceOf("token", { places: ["query", "header"], header: "X-Key", query: "k" });
	expect(side.verification(config)).toEqual({
		kind: "token",
		places: [
			{ in: "query", name: "k" },
			{ in: "header", name: "x-key" },
		],
	});
});
