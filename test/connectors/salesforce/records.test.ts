// The requests that Salesforce's record actions make, and what they make of answers.

import { describe, expect, test } from "vitest";
import { salesforce } from "../../../src/connectors/salesforce/salesforce";
import type { JsonObject } from "../../../src/model/json";
import { answer, judged, MARKED } from "../actions";
import { ACME, headers, problemOf, RECORDS, requestOf, withBody, writing } from "./requests";

const target = { object: "Case", id: "5005e00000FERN1AAA" };
const secret_headers = ["authorization"];

describe("get_record", () => {
	const input = { ...target, fields: ["Status", "Score__c"] };

	test("is this request", () => {
		expect(requestOf("salesforce.get_record", input)).toEqual({
			method: "GET",
			url: `${RECORDS}/Case/5005e00000FERN1AAA?fields=Status%2CScore__c`,
			headers,
			secret_headers,
			body: null,
		});
	});

	test("gives the fields that were asked for, whole, as they could be put back", () => {
		const attributes = { type: "Case", url: "/services/data/v64.0/sobjects/Case/5005e00000FERN1AAA" };
		const text = "x".repeat(100_000);
		expect(judged("salesforce.get_record", answer(200, { attributes, Status: text, Score__c: null }), input)).toEqual({
			kind: "succeeded",
			output: { ...target, fields: { Status: text, Score__c: null } },
		});
	});

	test.each(["", "<html>", "[]", "{}", '{"Status":"New"}', '{"attributes":{"type":1}}'])(
		"with 200 %s has not read a record",
		(body) => {
			const reason = "Salesforce answered 200 and did not say what it did";
			expect(judged("salesforce.get_record", answer(200, body), input)).toEqual({ kind: "transient", reason });
		},
	);

	test("asks for something", () => {
		expect(problemOf("salesforce.get_record", { ...target, fields: [] })).toMatch(/^with\.fields: Too small/);
		expect(problemOf("salesforce.get_record", { ...target, fields: ["Owner.Name"] })).toMatch(/^with\.fields\.0: /);
	});
});

describe.each(["update_record", "restore_record"])("%s", (name) => {
	const use = `salesforce.${name}`;
	const input = { ...target, fields: { Status: "Escalated ✓", Score__c: 7, Reason: null, Account: { Key__c: "a" } } };

	test("is this request", () => {
		expect(requestOf(use, input)).toEqual({
			method: "PATCH",
			url: `${RECORDS}/Case/5005e00000FERN1AAA`,
			headers: withBody,
			secret_headers,
			body: '{"Status":"Escalated ✓","Score__c":7,"Reason":null,"Account":{"Key__c":"a"}}',
		});
	});

	test("is a success with 204 and nothing else", () => {
		expect(judged(use, answer(204), input)).toEqual({ kind: "succeeded", output: target });
		const reason = "Salesforce answered 200 and did not say what it did";
		expect(judged(use, answer(200, "<html>"), input)).toEqual({ kind: "transient", reason });
	});

	test("sets something", () => {
		expect(problemOf(use, { ...target, fields: {} })).toBe("with.fields: name at least one field");
		expect(problemOf(use, { ...target, fields: { "Owner.Name": "a" } })).toMatch(/^with\.fields\.Owner\.Name: /);
	});
});

describe("the undoing of an update", () => {
	const fields = { Status: "Escalated", Reason: "Late" };

	test("puts back what the workflow says that stood there", () => {
		const before = { Reason: null, Status: "New" };
		expect(judged("salesforce.update_record", answer(204), { ...target, fields, before })).toEqual({
			kind: "succeeded",
			output: target,
			undo: { ...target, fields: before },
		});
		expect(requestOf("salesforce.restore_record", { ...target, fields: before }).body).toBe(
			'{"Reason":null,"Status":"New"}',
		);
	});

	test("does not change what is sent", () => {
		const plain = requestOf("salesforce.update_record", { ...target, fields });
		expect(requestOf("salesforce.update_record", { ...target, fields, before: fields })).toEqual(plain);
	});

	test.each<JsonObject>([{ Status: "New" }, { ...fields, Other__c: 1 }, { Status: "New", Other__c: 1 }])(
		"is whole or not at all: %j",
		(before) => {
			const reason = "name the same fields as in `fields`: an update is undone as a whole";
			expect(problemOf("salesforce.update_record", { ...target, fields, before })).toBe(`with.before: ${reason}`);
		},
	);

	test("does not exist where nobody says what stood there", () => {
		expect(judged("salesforce.update_record", answer(204), { ...target, fields })).not.toHaveProperty("undo");
	});
});

describe("upsert_record", () => {
	const input = { object: "Case", external_id_field: "Order__c", external_id: "7", fields: { Subject: "Late" } };
	const { external_id: _, ...own } = input;
	const id = target.id;

	test("is this request", () => {
		expect(requestOf("salesforce.upsert_record", input)).toEqual({
			method: "PATCH",
			url: `${RECORDS}/Case/Order__c/7`,
			headers: withBody,
			secret_headers,
			body: '{"Subject":"Late"}',
		});
	});

	test("goes by the step's own key, if there is no other id", () => {
		expect(requestOf("salesforce.upsert_record", own).url).toBe(`${RECORDS}/Case/Order__c/sb_run_1_tell`);
	});

	test.each([
		["a/b?c#d", "a%2Fb%3Fc%23d"],
		["../x", "..%2Fx"],
		["ü 1", "%C3%BC%201"],
	])("takes the id %j as one", (external_id, encoded) => {
		expect(requestOf("salesforce.upsert_record", { ...input, external_id }).url).toBe(
			`${RECORDS}/Case/Order__c/${encoded}`,
		);
	});

	test.each(["", ".", "..", "x".repeat(201)])("does not take the id %j", (external_id) => {
		expect(problemOf("salesforce.upsert_record", { ...input, external_id })).toMatch(/^with\.external_id: /);
	});

	test("that has created a record is undone by deleting it", () => {
		const body = { id, success: true, errors: [], created: true };
		expect(judged("salesforce.upsert_record", answer(201, body), input)).toEqual({
			kind: "succeeded",
			output: { ...target, created: true },
			undo: target,
		});
	});

	test("that has changed a record cannot be undone", () => {
		const body = { id, success: true, errors: [], created: false };
		expect(judged("salesforce.upsert_record", answer(200, body), input)).toEqual({
			kind: "succeeded",
			output: { ...target, created: false },
		});
		expect(judged("salesforce.upsert_record", answer(204), input)).toEqual({
			kind: "succeeded",
			output: { object: "Case", id: null, created: false },
		});
	});

	test("by the step's own key has created the record, if not now then by an earlier attempt", () => {
		const body = { id, success: true, errors: [], created: false };
		expect(judged("salesforce.upsert_record", answer(200, body), own)).toEqual({
			kind: "succeeded",
			output: { ...target, created: true },
			undo: target,
		});
	});

	test("does not know what to delete, if the answer names no record", () => {
		expect(judged("salesforce.upsert_record", answer(201, { success: true }), input)).toEqual({
			kind: "succeeded",
			output: { object: "Case", id: null, created: true },
		});
	});

	test("is over where several records have the id", () => {
		const list = ["/services/data/v64.0/sobjects/Case/1", "/services/data/v64.0/sobjects/Case/2"];
		expect(judged("salesforce.upsert_record", answer(300, list), input)).toEqual({
			kind: "permanent",
			class: "invalid",
			reason: "Salesforce answered 300: several records have that id",
		});
	});

	test.each([
		[{ success: false, errors: [{ statusCode: "DUPLICATES_DETECTED", message: "a@b" }] }, ", DUPLICATES_DETECTED"],
		[{ success: false, errors: [] }, ""],
		[[{ errorCode: "FIELD_CUSTOM_VALIDATION_EXCEPTION", message: "a@b" }], ", FIELD_CUSTOM_VALIDATION_EXCEPTION"],
	])("has failed where a success says so in its body: %j", (body, code) => {
		const reason = `Salesforce answered 200${code}`;
		expect(judged("salesforce.upsert_record", answer(200, body), input)).toEqual({
			kind: "permanent",
			class: "invalid",
			reason,
		});
	});

	test.each(["", "<html>", "[]", "{}", '{"success":"true"}'])("with 200 %s has not said what it did", (body) => {
		const reason = "Salesforce answered 200 and did not say what it did";
		expect(judged("salesforce.upsert_record", answer(200, body), input)).toEqual({ kind: "transient", reason });
	});
});

describe("delete_record", () => {
	test("is this request", () => {
		expect(requestOf("salesforce.delete_record", target)).toEqual({
			method: "DELETE",
			url: `${RECORDS}/Case/5005e00000FERN1AAA`,
			headers: writing,
			secret_headers,
			body: null,
		});
	});

	test.each([
		[204, ""],
		[404, [{ errorCode: "ENTITY_IS_DELETED", message: "entity is deleted" }]],
		[404, [{ errorCode: "NOT_FOUND", message: "The requested resource does not exist" }]],
		[400, [{ errorCode: "ENTITY_IS_DELETED", message: "entity is deleted" }]],
	])("is a success with %d %j: the record is gone", (status, body) => {
		expect(judged("salesforce.delete_record", answer(status, body), target)).toEqual({
			kind: "succeeded",
			output: target,
		});
	});
});

describe("what every write carries", () => {
	const input = { ...target, fields: { Status: "New" } };

	test.each([
		[{ client: "flow" }, { "sforce-call-options": "client=flow" }],
		[{ auto_assign: true }, { "sforce-auto-assign": "true" }],
		[{ allow_duplicates: true }, { "sforce-duplicate-rule-header": "allowSave=true" }],
	])("is what the settings say: %j", (config, changed) => {
		expect(requestOf("salesforce.update_record", input, config).headers).toEqual({ ...withBody, ...changed });
	});

	test("is not carried by what only reads, except who calls", () => {
		const config = { client: "flow", auto_assign: true, allow_duplicates: true };
		const request = requestOf("salesforce.get_record", { ...target, fields: ["Status"] }, config);
		expect(request.headers).toEqual({ ...headers, "sforce-call-options": "client=flow" });
	});
});

describe("a record", () => {
	test.each(["Case", "Invoice__c", "fern__Invoice__c", "Product2"])("may be of %s", (object) => {
		const { url } = requestOf("salesforce.delete_record", { ...target, object });
		expect(new URL(url).pathname).toBe(`/services/data/v64.0/sobjects/${object}/5005e00000FERN1AAA`);
	});

	test.each(["", "..", "Case/x", "Case?", "2Case", "Ca se", "Käse", "x".repeat(81)])("may not be of %j", (object) => {
		expect(problemOf("salesforce.delete_record", { ...target, object })).toBe(
			"with.object: write an API name, like Invoice__c",
		);
	});

	test.each(["", "..", "5005e00000FERN", "5005e00000FERN1A", "5005e00000FERN1AA/", "5005e00000FERN1AAAA"])(
		"has no id %j",
		(id) => {
			expect(problemOf("salesforce.delete_record", { ...target, id })).toBe(
				"with.id: write a record id of 15 or 18 characters",
			);
		},
	);
});

describe("the organization", () => {
	test.each([
		"https://acme.my.salesforce.com",
		"https://acme--uat.sandbox.my.salesforce.com",
		"https://acme-dev-ed.develop.my.salesforce.com",
	])("stands at %s", (instance_url) => {
		const { url } = requestOf("salesforce.delete_record", target, { instance_url });
		expect(url).toBe(`${instance_url}/services/data/v64.0/sobjects/Case/5005e00000FERN1AAA`);
		expect(salesforce.connection?.hosts({ instance_url })).toEqual([new URL(instance_url).hostname]);
	});

	test.each([
		"http://acme.my.salesforce.com",
		"https://acme.my.salesforce.com/",
		"https://acme.my.salesforce.com.evil.example",
		"https://evil.example/.my.salesforce.com",
		"https://evil.example#.my.salesforce.com",
		"https://a@acme.my.salesforce.com",
		"https://acme.my.salesforce.com:8443",
		"https://a.b.c.my.salesforce.com",
		"https://.my.salesforce.com",
		"https://my.salesforce.com",
		"https://acme.my.salesforce.org",
		"https://acme.my.salesforce.com\n",
		"acme",
	])("does not stand at %j", (instance_url) => {
		const reason = "config.instance_url: write the address of My Domain, like https://acme.my.salesforce.com";
		expect(problemOf("salesforce.delete_record", target, { instance_url })).toBe(reason);
	});

	test("may be reached by another address, and has some", () => {
		const base_url = "https://proxy.acme.com/sf/";
		const { url } = requestOf("salesforce.delete_record", target, { base_url, api_version: "61.0" });
		expect(url).toBe("https://proxy.acme.com/sf/services/data/v61.0/sobjects/Case/5005e00000FERN1AAA");
		expect(salesforce.connection?.hosts({ instance_url: ACME, base_url })).toEqual(["proxy.acme.com"]);
		expect(salesforce.connection?.hosts({})).toEqual([]);
		expect(problemOf("salesforce.delete_record", target, {})).toBe(
			"config.instance_url: say where the organization is",
		);
	});
});

describe("the credentials", () => {
	const { credentials, bearer } = salesforce.connection ?? {};
	const oauth = {
		token_url: `${ACME}/services/oauth2/token`,
		client_id: "3MVG9",
		client_secret: "s",
		grant: "client_credentials",
	};

	test("are a token, or a client that acts by itself or by somebody's consent", () => {
		expect(credentials?.safeParse({ access_token: "t" }).success).toBe(true);
		expect(credentials?.safeParse({ oauth }).success).toBe(true);
		expect(credentials?.safeParse({ oauth: { ...oauth, grant: "refresh_token", refresh_token: "r" } }).success).toBe(
			true,
		);
		expect(credentials?.safeParse({}).success).toBe(false);
	});

	test("are sent as a bearer token", () => {
		expect(bearer?.("fresh", { oauth })).toEqual({ access_token: "fresh" });
		expect(requestOf("salesforce.delete_record", target).headers).toMatchObject({
			...MARKED,
			authorization: "Bearer t0ken",
		});
	});
});
