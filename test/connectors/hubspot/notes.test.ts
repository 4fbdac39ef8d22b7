// The requests that HubSpot's actions on notes make, and what they make of answers.

import { AssociationTypes } from "@hubspot/api-client";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged, lookFor, MARKED, mark, problemOf, requestOf } from "../actions";
import { note } from "./golden";

const headers = { accept: "application/json", "user-agent": "signalbox", authorization: "Bearer t0ken", ...MARKED };
const secret_headers = ["authorization"];
const input = { object: "deal", id: "991", body: "Paid ✓" };
const made = {
	id: "9001",
	properties: { hs_createdate: "2026-11-20T09:59:57.123Z", signalbox_key: "sb_run_1_tell" },
	createdAt: "2026-11-20T09:59:57.123Z",
	archived: false,
};
const done = { output: { id: "9001", created_at: "2026-11-20T09:59:57.123Z" }, undo: { id: "9001" } };

describe("create_note", () => {
	test("is this request, with its key in a unique property", () => {
		expect(requestOf("hubspot.create_note", input)).toEqual({
			method: "POST",
			url: "https://api.hubapi.com/crm/v3/objects/notes",
			headers: { ...headers, "content-type": "application/json" },
			secret_headers,
			body: JSON.stringify(note),
		});
	});

	test.each([
		["contact", AssociationTypes.noteToContact],
		["company", AssociationTypes.noteToCompany],
		["deal", AssociationTypes.noteToDeal],
		["ticket", AssociationTypes.noteToTicket],
	])("is on a %s by the association %d of HubSpot's library", (object, associationTypeId) => {
		const { associations } = JSON.parse(requestOf("hubspot.create_note", { ...input, object }).body ?? "");
		expect(associations).toEqual([
			{ to: { id: "991" }, types: [{ associationCategory: "HUBSPOT_DEFINED", associationTypeId }] },
		]);
	});

	test("can say when and whose it is, and has its key where the settings say", () => {
		const given = { ...input, at: "2026-11-01T00:00:00Z", owner_id: "55" };
		const connection = { config: { key_property: "our_key" }, credentials: { token: "t" } };
		const built = actionOf("hubspot.create_note").build(given, connection, mark);
		expect(built.ok && JSON.parse(built.value.body ?? "").properties).toEqual({
			hs_timestamp: "2026-11-01T00:00:00Z",
			hs_note_body: "Paid ✓",
			hubspot_owner_id: "55",
			our_key: "sb_run_1_tell",
		});
	});

	test.each<[JsonObject, string]>([
		[{ ...input, object: "note" }, "with.object"],
		[{ ...input, id: "a@b.c" }, "with.id"],
		[{ ...input, body: "" }, "with.body"],
		[{ ...input, body: "x".repeat(65_537) }, "with.body"],
		[{ ...input, at: "yesterday" }, "with.at"],
		[{ ...input, owner_id: "me" }, "with.owner_id"],
	])("is not made of %j", (given, problem) => {
		expect(problemOf("hubspot.create_note", given)).toContain(problem);
	});

	test("is a success with what deletes it", () => {
		expect(judged("hubspot.create_note", answer(201, made), input)).toEqual({ kind: "succeeded", ...done });
	});

	test.each([
		[409, { status: "error", category: "CONFLICT" }],
		[400, { status: "error", category: "VALIDATION_ERROR", message: '[{"error":"CONFLICTING_UNIQUE_VALUE"}]' }],
	])("of a key that is taken, by %d, was made before and is to be looked for", (status, body) => {
		const reason = "HubSpot has a note of this key already";
		const outcome = { kind: "unknown", reason, timed_out: false };
		expect(judged("hubspot.create_note", answer(status, body), input)).toEqual(outcome);
	});

	test("that is refused for another reason is final", () => {
		const outcome = { kind: "permanent", class: "invalid", reason: "HubSpot answered 400, VALIDATION_ERROR" };
		const body = { status: "error", category: "VALIDATION_ERROR", message: "Property hs_x does not exist" };
		expect(judged("hubspot.create_note", answer(400, body), input)).toEqual(outcome);
	});
});

describe("the look for a note", () => {
	test("reads it by its key, and not in an index that lags behind", () => {
		expect(lookFor("hubspot.create_note", input)).toEqual({
			method: "GET",
			url: "https://api.hubapi.com/crm/v3/objects/notes/sb_run_1_tell?idProperty=signalbox_key&properties=signalbox_key",
			headers,
			secret_headers,
			body: null,
		});
	});

	test("finds it with all that creating it would have told", () => {
		expect(found("hubspot.create_note", answer(200, made), input)).toEqual({ kind: "found", ...done });
	});

	test("is sure that there is none where HubSpot says so", () => {
		const body = { status: "error", message: "resource not found", category: "OBJECT_NOT_FOUND" };
		expect(found("hubspot.create_note", answer(404, body), input)).toEqual({ kind: "absent" });
	});

	test.each([
		[404, "<html>", "HubSpot answered 404"],
		[404, "", "HubSpot answered 404"],
		[401, { status: "error", category: "EXPIRED_AUTHENTICATION" }, "HubSpot answered 401, EXPIRED_AUTHENTICATION"],
		[400, { status: "error", category: "VALIDATION_ERROR" }, "HubSpot answered 400, VALIDATION_ERROR"],
		[500, "", "HubSpot answered 500"],
		[200, "", "HubSpot answered with another note"],
		[200, { ...made, properties: { signalbox_key: "sb_run_1_tel" } }, "HubSpot answered with another note"],
		[200, { ...made, properties: null }, "HubSpot answered with another note"],
		[200, { ...made, id: null }, "HubSpot answered with another note"],
	])("settles nothing with %d %j", (status, body, reason) => {
		expect(found("hubspot.create_note", answer(status, body), input)).toMatchObject({ kind: "unclear", reason });
	});

	test("waits as HubSpot asks", () => {
		const limit = answer(429, { status: "error", policyName: "TEN_SECONDLY_ROLLING" });
		const reason = "HubSpot answered 429, TEN_SECONDLY_ROLLING";
		expect(found("hubspot.create_note", limit, input)).toMatchObject({ kind: "unclear", reason, after_ms: 10_000 });
	});
});

describe("delete_note", () => {
	test("is this request", () => {
		expect(requestOf("hubspot.delete_note", { id: "9001" })).toEqual({
			method: "DELETE",
			url: "https://api.hubapi.com/crm/v3/objects/notes/9001",
			headers,
			secret_headers,
			body: null,
		});
	});

	test.each([
		[204, ""],
		[404, { status: "error", category: "OBJECT_NOT_FOUND" }],
	])("is a success with %d %j", (status, body) => {
		const outcome = { kind: "succeeded", output: { id: "9001" } };
		expect(judged("hubspot.delete_note", answer(status, body), { id: "9001" })).toEqual(outcome);
	});
});
