// How Stripe's snapshot and thin events become events.

import { describe, expect, test } from "vitest";
import { connectors } from "../../../src/connectors";
import type { JsonObject } from "../../../src/model/json";
import { deliveryOf, eventOf, refusalOf } from "../deliveries";

const snapshot: JsonObject = {
	id: "evt_1",
	object: "event",
	type: "customer.updated",
	created: 1_795_168_796,
	data: { object: { id: "cus_1", object: "customer" } },
	request: { id: "req_1", idempotency_key: "k" },
};
const thin: JsonObject = {
	id: "evt_thin_1",
	object: "v2.core.event",
	type: "v1.billing.meter.error_report_triggered",
	created: "2026-11-20T09:59:56.000Z",
	related_object: { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" },
	reason: null,
};

function event(payload: JsonObject, settings: JsonObject = {}) {
	return eventOf("stripe", deliveryOf(JSON.stringify(payload)), settings);
}

describe("a snapshot event", () => {
	test("keeps its id and type, and is about its object", () => {
		expect(event(snapshot)).toEqual({
			delivery_key: "evt_1",
			event_type: "customer.updated",
			native_type: "customer.updated",
			entity: { type: "customer", id: "cus_1" },
			actor: { kind: "unknown" },
			occurred_at: Date.parse("2026-11-20T09:59:56Z"),
			changes: [],
			data: snapshot,
		});
	});

	test.each([
		["invoice.payment_failed", "invoice", "invoice.payment_failed", "invoice"],
		["customer.subscription.updated", "subscription", "subscription.updated", "subscription"],
		["charge.dispute.created", "dispute", "dispute.created", "dispute"],
		["payment_intent.canceled", "payment_intent", "payment_intent.cancelled", "payment_intent"],
		["charge.refund.updated", "refund", "refund.updated", "refund"],
		["checkout.session.completed", "checkout.session", "checkout.completed", "checkout"],
		[
			"identity.verification_session.verified",
			"identity.verification_session",
			"identity_verification_session.verified",
			"identity_verification_session",
		],
		["account.application.deauthorized", "application", "account_application.deauthorized", "application"],
		["unheard_of", "thing", "unheard_of", "thing"],
	])("%s of a %s is %s of a %s", (type, object, event_type, entity) => {
		const found = event({ ...snapshot, type, data: { object: { id: "x_1", object } } });
		expect(found).toMatchObject({ event_type, native_type: type, entity: { type: entity, id: "x_1" } });
	});

	test.each([
		["of a preview is about its customer", { object: "invoice", customer: "cus_2" }, "customer", "cus_2"],
		["of a balance is about the account", { object: "balance" }, "balance", "own_account"],
	])("%s", (_, object, type, id) => {
		expect(event({ ...snapshot, data: { object } }).entity).toEqual({ type, id });
	});

	test("keeps no secrets, wherever they stand", () => {
		const secrets = { client_secret: "pi_1_secret_a", secret: "whsec_a" };
		const object = { id: "pi_1", object: "payment_intent", ...secrets, nested: [{ id: "a", ...secrets }] };
		const data = { object, previous_attributes: { ...secrets, nested: [{ id: "a", ...secrets }] } };
		const found = event({ ...snapshot, data });
		expect(JSON.stringify(found)).not.toContain("secret");
		expect(found.data).toEqual({
			...snapshot,
			data: {
				object: { id: "pi_1", object: "payment_intent", nested: [{ id: "a" }] },
				previous_attributes: { nested: [{ id: "a" }] },
			},
		});
	});

	test("of a connected account without an object's id is about that account", () => {
		const balance = { ...snapshot, account: "acct_9", data: { object: { object: "balance" } } };
		expect(event(balance).entity).toEqual({ type: "balance", id: "acct_9" });
	});
});

describe("a thin event", () => {
	test("is about what it relates to", () => {
		expect(event(thin)).toEqual({
			delivery_key: "evt_thin_1",
			event_type: "billing_meter.error_report_triggered",
			native_type: "v1.billing.meter.error_report_triggered",
			entity: { type: "billing_meter", id: "mtr_1" },
			actor: { kind: "system" },
			occurred_at: Date.parse("2026-11-20T09:59:56Z"),
			changes: [],
			data: thin,
		});
	});

	test("that relates to nothing is about its account", () => {
		expect(event({ ...thin, related_object: null }).entity).toEqual({ type: "account", id: "own_account" });
		expect(event({ ...thin, related_object: null, context: "acct_9" }).entity).toEqual({
			type: "account",
			id: "acct_9",
		});
	});

	test("says by its reason who caused it", () => {
		const reason = (idempotency_key: string) => ({ type: "request", request: { id: "req_1", idempotency_key } });
		expect(event({ ...thin, reason: reason("sb_run_step") }).actor.kind).toBe("self");
		expect(event({ ...thin, reason: reason("k") }).actor.kind).toBe("unknown");
	});
});

describe("the actor", () => {
	test.each([
		["somebody's request", { id: "req_1", idempotency_key: "k" }, "unknown"],
		["a request without a key", { id: "req_1", idempotency_key: null }, "unknown"],
		["our request", { id: "req_1", idempotency_key: "sb_r1_s1" }, "self"],
		["a key that holds our prefix further on", { id: "req_1", idempotency_key: "x_sb_r1" }, "unknown"],
		["Stripe itself", { id: null, idempotency_key: null }, "system"],
		["no request", null, "system"],
		["a request by its id, as old versions have it", "req_1", "unknown"],
	])("is told by %s", (_, request, kind) => {
		expect(event({ ...snapshot, request }).actor).toEqual({ kind });
	});

	test("is us by the prefix that the settings name", () => {
		const request = { id: "req_1", idempotency_key: "flow_1" };
		expect(event({ ...snapshot, request }, { own_key_prefix: "flow_" }).actor.kind).toBe("self");
	});
});

describe("the changes", () => {
	function changes(previous_attributes: JsonObject, object: JsonObject) {
		return event({ ...snapshot, data: { object: { id: "cus_1", ...object }, previous_attributes } }).changes;
	}

	test("are the previous attributes with what stands there now", () => {
		expect(changes({ email: "old@x", phone: null }, { email: "new@x", phone: "1" })).toEqual([
			{ field: "email", from: "old@x", to: "new@x" },
			{ field: "phone", from: null, to: "1" },
		]);
	});

	test("within an object are told by their path, because only those that changed are given", () => {
		const address = { city: "Oslo", zip: "1", geo: { lat: 2, lon: 3 } };
		expect(changes({ address: { zip: "0", geo: { lat: 1 } } }, { address })).toEqual([
			{ field: "address.zip", from: "0", to: "1" },
			{ field: "address.geo.lat", from: 1, to: 2 },
		]);
	});

	test("from or to something that is no object are told whole", () => {
		expect(changes({ a: { b: 1 }, c: [1], d: {} }, { a: null, c: [1, 2], d: { e: 1 } })).toEqual([
			{ field: "a", from: { b: 1 }, to: null },
			{ field: "c", from: [1], to: [1, 2] },
			{ field: "d", from: {}, to: { e: 1 } },
		]);
	});

	test("are at most a thousand, and none of a name that is too long", () => {
		const many = Object.fromEntries(Array.from({ length: 1_100 }, (_, i) => [`field_${i}`, i]));
		const found = changes({ ["x".repeat(257)]: 1, ...many }, {});
		expect(found.length).toBe(1_000);
		expect(found[0]).toEqual({ field: "field_0", from: 0, to: undefined });
	});

	test("of names like built-in ones are what the object itself holds", () => {
		expect(changes({ toString: "a", hasOwnProperty: "b" }, {})).toEqual([
			{ field: "toString", from: "a", to: undefined },
			{ field: "hasOwnProperty", from: "b", to: undefined },
		]);
	});
});

test.each([
	["no object", "[]", "the body is not a JSON object"],
	["no id", '{"type":"a","data":{"object":{}}}', "the body has no id and type, so it is no Stripe event"],
	["an empty type", '{"id":"a","type":""}', "the body has no id and type, so it is no Stripe event"],
	["no data", '{"id":"a","type":"b"}', "the body has no data.object, so it is no Stripe event"],
	[
		"data of another kind",
		'{"id":"a","type":"b","data":[{}]}',
		"the body has no data.object, so it is no Stripe event",
	],
])("a body with %s is refused with the reason", (_, body, reason) => {
	expect(refusalOf("stripe", deliveryOf(body))).toBe(reason);
});

test("the words of the documentation are those that events have", () => {
	for (const { native, event_type, entity } of connectors.stripe?.source?.vocabulary ?? []) {
		const object = native.slice(0, native.lastIndexOf("."));
		const found = event({ ...snapshot, type: native, data: { object: { id: "x_1", object } } });
		expect(found).toMatchObject({ native_type: native, event_type, entity: { type: entity } });
	}
});
