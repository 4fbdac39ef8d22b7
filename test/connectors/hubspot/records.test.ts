// The requests that HubSpot's actions on records make, and what they make of answers.

import { describe, expect, test } from "vitest";
import { hubspot } from "../../../src/connectors/hubspot/hubspot";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, judged, MARKED, mark, problemOf, requestOf } from "../actions";
import { update, upsert } from "./golden";

const headers = { accept: "application/json", "user-agent": "signalbox", authorization: "Bearer t0ken", ...MARKED };
const withBody = { ...headers, "content-type": "application/json" };
const secret_headers = ["authorization"];
const record = {
	id: "512",
	properties: { email: "dana@example.com", lifecyclestage: "customer", phone: null },
	createdAt: "2026-11-19T08:00:00.000Z",
	updatedAt: "2026-11-20T09:59:57.123Z",
	archived: false,
};
const written = { id: "512", updated_at: "2026-11-20T09:59:57.123Z" };

describe("update_object", () => {
	const properties = { lifecyclestage: "customer", amount: 7.5, vip: true, phone: null };
	const input = { object: "contact", id: "512", properties };

	test("is this request, with every value as a text", () => {
		expect(requestOf("hubspot.update_object", input)).toEqual({
			method: "PATCH",
			url: "https://api.hubapi.com/crm/v3/objects/contacts/512",
			headers: withBody,
			secret_headers,
			body: JSON.stringify(update),
		});
	});

	test("goes to the kind of record, by another unique property too, which can lead nowhere else", () => {
		const urls = ["contact", "company", "deal", "ticket"].map((object) => {
			const named = { ...input, object, id: "../a b@x?&#", id_property: "email" };
			return requestOf("hubspot.update_object", named).url;
		});
		expect(urls).toEqual(
			["contacts", "companies", "deals", "tickets"].map(
				(kind) => `https://api.hubapi.com/crm/v3/objects/${kind}/..%2Fa%20b%40x%3F%26%23?idProperty=email`,
			),
		);
	});

	test("goes where the settings say", () => {
		const config = { base_url: "https://proxy.example.com/hubspot/" };
		const built = actionOf("hubspot.update_object").build(input, { config, credentials: { token: "t" } }, mark);
		expect(hubspot.connection?.hosts(config)).toEqual(["proxy.example.com"]);
		expect(hubspot.connection?.hosts({})).toEqual(["api.hubapi.com"]);
		expect(built).toMatchObject({ value: { url: "https://proxy.example.com/hubspot/crm/v3/objects/contacts/512" } });
	});

	test("is a success with when it was", () => {
		expect(judged("hubspot.update_object", answer(200, record), input)).toEqual({ kind: "succeeded", output: written });
		expect(judged("hubspot.update_object", answer(200, { id: "512" }), input)).toEqual({
			kind: "succeeded",
			output: { id: "512", updated_at: null },
		});
	});

	test.each<[JsonObject, string]>([
		[{ ...input, object: "note" }, "with.object"],
		[{ ...input, id: ".." }, "with.id"],
		[{ ...input, properties: {} }, "name at least one property"],
		[{ ...input, properties: { "a b": "1" } }, "with.properties"],
		[{ ...input, properties: { a: [1] } }, "with.properties.a"],
		[{ ...input, properties: JSON.parse('{"__proto__":"1"}') }, "with.properties"],
	])("is not made of %j", (given, problem) => {
		expect(problemOf("hubspot.update_object", given)).toContain(problem);
	});
});

describe.each(["hubspot.update_object", "hubspot.upsert_object"])("%s", (use) => {
	const named = { object: "contact", id: "dana@example.com", id_property: "email" };

	test.each(["dan@example.com", "Dana@example.com", "", null, 7])("does not rename a record to %j", (email) => {
		expect(problemOf(use, { ...named, properties: { email, phone: "1" } })).toBe(
			"with.properties: leave out the property that id_property names, or write id as its value: the record is named by it",
		);
	});

	test("may name the record among its properties", () => {
		expect(problemOf(use, { ...named, properties: { email: "dana@example.com", other_email: "d@example.com" } })).toBe(
			"",
		);
		expect(problemOf(use, { object: "deal", id: "7", id_property: "number", properties: { number: 7 } })).toBe("");
		expect(problemOf(use, { ...named, id_property: "constructor", properties: { phone: "1" } })).toBe("");
	});
});

test("a record that is named by its id may be given another address", () => {
	const properties = { email: "dan@example.com" };
	expect(problemOf("hubspot.update_object", { object: "contact", id: "512", properties })).toBe("");
});

describe("upsert_object", () => {
	const input = {
		object: "contact",
		id: "dana@example.com",
		id_property: "email",
		properties: { lifecyclestage: "customer" },
	};

	test("is this request", () => {
		expect(requestOf("hubspot.upsert_object", input)).toEqual({
			method: "POST",
			url: "https://api.hubapi.com/crm/v3/objects/contacts/batch/upsert",
			headers: withBody,
			secret_headers,
			body: JSON.stringify(upsert),
		});
	});

	test("needs the property by which the record is known", () => {
		const { id_property: _, ...rest } = input;
		expect(problemOf("hubspot.upsert_object", rest)).toContain("with.id_property");
	});

	test.each([true, false])("is a success that says whether it is new: %s", (isNew) => {
		const done = answer(200, { status: "COMPLETE", results: [{ ...record, new: isNew }] });
		expect(judged("hubspot.upsert_object", done, input)).toEqual({
			kind: "succeeded",
			output: { ...written, created: isNew },
		});
	});

	test.each([
		["VALIDATION_ERROR", "invalid"],
		["OBJECT_ALREADY_EXISTS", "invalid"],
		["OBJECT_NOT_FOUND", "not_found"],
		["MISSING_SCOPES", "permission"],
		["BANNED", "permission"],
		["INVALID_AUTHENTICATION", "auth"],
	])("has failed with 207 and %s: %s", (category, failure) => {
		const body = { status: "COMPLETE", results: [], numErrors: 1, errors: [{ status: "error", category }] };
		const reason = `HubSpot answered 207, ${category}`;
		expect(judged("hubspot.upsert_object", answer(207, body), input)).toEqual({
			kind: "permanent",
			class: failure,
			reason,
		});
	});

	test.each(["RATE_LIMITS", "LOCKED", "INTERNAL_ERROR", "TIMEOUT"])("is tried again after 207 and %s", (category) => {
		const reason = `HubSpot answered 207, ${category}`;
		const body = { errors: [{ category }] };
		expect(judged("hubspot.upsert_object", answer(207, body), input)).toEqual({ kind: "transient", reason });
	});

	test.each(["", "{}", '{"errors":[]}', '{"errors":[{"category":"dana@example.com"}]}'])(
		"is tried again after 207 %j, of which nothing is told",
		(body) => {
			const outcome = { kind: "transient", reason: "HubSpot answered 207" };
			expect(judged("hubspot.upsert_object", answer(207, body), input)).toEqual(outcome);
		},
	);

	test.each(["", "{}", '{"status":"PENDING","results":[]}', '{"results":[{"id":512}]}'])(
		"is tried again after 200 %j, which does not say what it did",
		(body) => {
			const reason = "HubSpot answered 200 and did not say what it did";
			expect(judged("hubspot.upsert_object", answer(200, body), input)).toEqual({ kind: "transient", reason });
		},
	);
});

describe("get_object", () => {
	const input = { object: "contact", id: "512", properties: ["email", "phone", "toString"] };

	test("is this request", () => {
		expect(requestOf("hubspot.get_object", input)).toEqual({
			method: "GET",
			url: "https://api.hubapi.com/crm/v3/objects/contacts/512?properties=email%2Cphone%2CtoString",
			headers,
			secret_headers,
			body: null,
		});
		expect(requestOf("hubspot.get_object", { ...input, id: "a@b.c", id_property: "email" }).url).toBe(
			"https://api.hubapi.com/crm/v3/objects/contacts/a%40b.c?idProperty=email&properties=email%2Cphone%2CtoString",
		);
	});

	test("gives the properties that were asked for, and no others", () => {
		expect(judged("hubspot.get_object", answer(200, record), input)).toEqual({
			kind: "succeeded",
			output: {
				...written,
				properties: { email: "dana@example.com", phone: null, toString: null },
				created_at: "2026-11-19T08:00:00.000Z",
				archived: false,
			},
		});
	});

	test("cuts what is too long to keep in a run, between characters", () => {
		const long = { ...record, archived: true, properties: { email: `${"x".repeat(16_383)}\u{1f600}` } };
		expect(judged("hubspot.get_object", answer(200, long), input)).toMatchObject({
			output: { archived: true, properties: { email: `${"x".repeat(16_383)}\ufffd` } },
		});
	});

	test("reads at least one property", () => {
		expect(problemOf("hubspot.get_object", { ...input, properties: [] })).toContain("with.properties");
		expect(problemOf("hubspot.get_object", { ...input, properties: ["a,b"] })).toContain("with.properties.0");
	});

	test("without an id in the answer is no final state to act on", () => {
		const reason = "HubSpot answered 200 and did not say what it did";
		expect(judged("hubspot.get_object", answer(200, {}), input)).toEqual({ kind: "transient", reason });
	});
});
