// The request that reads an envelope, and what is made of answers.

import { describe, expect, test } from "vitest";
import { docusign } from "../../../src/connectors/docusign/docusign";
import type { JsonObject } from "../../../src/model/json";
import type { Outcome } from "../../../src/model/outcome";
import { actionOf, answer, judged, MARKED, mark } from "../actions";
import { NOW } from "../deliveries";
import { envelope } from "./examples";

const GET = "docusign.get_envelope";
const ENVELOPE = "e0e0e0e0-0000-4000-8000-000000000012";
const account: JsonObject = {
	account_id: "aaaa1111-0000-4000-8000-000000000001",
	base_uri: "https://na3.docusign.net",
};
const input = { id: ENVELOPE };

function built(given: JsonObject, config: JsonObject = account) {
	return actionOf(GET).build(given, { config, credentials: { token: "t0ken" } }, mark);
}

function outcome(status: number, body: unknown = "", headers: Record<string, string> = {}): Outcome {
	return judged(GET, answer(status, body, headers), input);
}

test("the request is this", () => {
	expect(built(input)).toEqual({
		ok: true,
		value: {
			method: "GET",
			url: `https://na3.docusign.net/restapi/v2.1/accounts/aaaa1111-0000-4000-8000-000000000001/envelopes/${ENVELOPE}?include=custom_fields%2Crecipients`,
			headers: { accept: "application/json", "user-agent": "signalbox", authorization: "Bearer t0ken", ...MARKED },
			secret_headers: ["authorization"],
			body: null,
		},
	});
});

test("the request can go through a proxy, and no further", () => {
	const config = { ...account, base_url: "https://proxy.example.com/ds/" };
	expect(built(input, config)).toMatchObject({
		value: { url: expect.stringMatching(/^https:\/\/proxy\.example\.com\/ds\/v2\.1\/accounts\//) },
	});
	expect(docusign.connection?.hosts(config)).toEqual(["proxy.example.com"]);
	expect(docusign.connection?.hosts(account)).toEqual(["na3.docusign.net"]);
	expect(docusign.connection?.hosts({})).toEqual([]);
});

test.each([
	"https://docusign.net",
	"http://na3.docusign.net",
	"https://na3.docusign.net/",
	"https://na3.docusign.net.example.com",
	"https://evil.example.com/.docusign.net",
	"https://evil@na3.docusign.net",
	"https://.docusign.net",
	"https://NA3.docusign.net",
	"https://na3.docusign.net\n",
	"https://notdocusign.net",
	"https://na3.docusignxnet",
])("a base URI of %j is none of DocuSign's", (base_uri) => {
	expect(built(input, { ...account, base_uri })).toMatchObject({ ok: false });
});

test.each(["https://www.docusign.net", "https://demo.docusign.net", "https://eu-1.a.docusign.net"])(
	"a base URI of %j is one of DocuSign's",
	(base_uri) => {
		expect(built(input, { ...account, base_uri })).toMatchObject({ ok: true });
	},
);

test("ids lead nowhere else", () => {
	for (const id of ["", "..", "a/b", "a?b", "é"]) {
		expect(built({ id })).toMatchObject({ ok: false });
		expect(built(input, { ...account, account_id: id })).toMatchObject({ ok: false });
	}
});

test("an envelope is read with its custom fields and recipients", () => {
	expect(outcome(200, envelope)).toEqual({
		kind: "succeeded",
		output: {
			id: ENVELOPE,
			status: "completed",
			subject: "Order form FERN-12",
			sender: { name: "Dana", email: "dana@example.com", user_id: "u1" },
			created_at: "2026-11-20T09:00:00.0000000Z",
			sent_at: "2026-11-20T09:10:00.0000000Z",
			delivered_at: "2026-11-20T09:20:00.0000000Z",
			completed_at: "2026-11-20T09:59:54.5230000Z",
			declined_at: null,
			voided_at: null,
			voided_reason: null,
			changed_at: "2026-11-20T09:59:54.5230000Z",
			custom_fields: { deal: "991" },
			recipients: [
				{
					id: "1",
					kind: "signers",
					name: "Kim",
					email: "kim@example.com",
					status: "completed",
					signed_at: "2026-11-20T09:59:54.5230000Z",
				},
				{
					id: "2",
					kind: "carbonCopies",
					name: "Ada",
					email: "ada@example.com",
					status: "created",
					signed_at: null,
				},
			],
		},
	});
});

test("an envelope without them has none", () => {
	expect(outcome(200, { status: "created" })).toMatchObject({
		output: {
			status: "created",
			custom_fields: {},
			recipients: [],
			sender: { name: null, email: null, user_id: null },
		},
	});
});

test.each(["", "<html>", "{}", "[]", '{"status":1}'])("200 %s is no final state to act on", (body) => {
	const reason = "DocuSign answered 200 and did not say what it did";
	expect(outcome(200, body)).toEqual({ kind: "transient", reason });
});

test("200 with an error is no success", () => {
	const reason = "DocuSign answered 200, ENVELOPE_DOES_NOT_EXIST";
	expect(outcome(200, { errorCode: "ENVELOPE_DOES_NOT_EXIST" })).toEqual({
		kind: "permanent",
		class: "not_found",
		reason,
	});
});

describe("a refusal", () => {
	const error = (errorCode: string) => ({ errorCode, message: "No dana@example.com." });

	test.each([
		[401, "AUTHORIZATION_INVALID_TOKEN", "auth"],
		[401, "USER_AUTHENTICATION_FAILED", "auth"],
		[400, "PARTNER_AUTHENTICATION_FAILED", "auth"],
		[401, "USER_LACKS_PERMISSIONS", "permission"],
		[400, "ACCOUNT_LACKS_PERMISSIONS", "permission"],
		[400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT", "permission"],
		[400, "USER_NOT_ENVELOPE_SENDER_OR_RECIPIENT", "permission"],
		[400, "ENVELOPE_DOES_NOT_EXIST", "not_found"],
		[404, "ENVELOPE_NOT_FOUND", "not_found"],
		[400, "INVALID_REQUEST_PARAMETER", "invalid"],
		[404, "RESOURCE_NOT_FOUND", "not_found"],
		[403, "SOMETHING_NEW", "permission"],
	])("of %d with %s is final: %s", (status, code, failure) => {
		const reason = `DocuSign answered ${status}, ${code}`;
		expect(outcome(status, error(code))).toEqual({ kind: "permanent", class: failure, reason });
	});

	test.each([
		[400, "invalid"],
		[401, "auth"],
		[403, "permission"],
		[404, "not_found"],
	])("of %d without a code is final: %s", (status, failure) => {
		const reason = `DocuSign answered ${status}`;
		for (const body of ["", "<html>", error("No dana@example.com."), { errorCode: 1 }]) {
			expect(outcome(status, body)).toEqual({ kind: "permanent", class: failure, reason });
		}
	});

	test("of a redirect is not followed", () => {
		const reason = "DocuSign answered 302; redirects are not followed";
		expect(outcome(302)).toEqual({ kind: "permanent", class: "policy", reason });
	});
});

describe("a limit", () => {
	const TO_NEXT_HOUR = 3_600_000;

	test.each([
		[400, "HOURLY_APIINVOCATION_LIMIT_EXCEEDED", {}, TO_NEXT_HOUR],
		[429, "HOURLY_APIINVOCATION_LIMIT_EXCEEDED", {}, TO_NEXT_HOUR],
		[400, "BURST_APIINVOCATION_LIMIT_EXCEEDED", {}, 30_000],
		[400, "BURST_APIINVOCATION_LIMIT_EXCEEDED", { "retry-after": "4" }, 4_000],
		[429, "HOURLY_APIINVOCATION_LIMIT_EXCEEDED", { "retry-after": "4" }, 4_000],
	])("of all calls, by %d %s with %j, is waited out", (status, errorCode, headers, after_ms) => {
		const reason = `DocuSign answered ${status}, ${errorCode}`;
		expect(outcome(status, { errorCode }, { ...headers })).toEqual({ kind: "transient", reason, after_ms });
	});

	test("of an hour ends with the hour", () => {
		const errorCode = "HOURLY_APIINVOCATION_LIMIT_EXCEEDED";
		const late = actionOf(GET).read(answer(400, { errorCode }), NOW + 59 * 60_000, input);
		expect(late).toMatchObject({ after_ms: 60_000 });
	});

	test("of one envelope lets the others go on", () => {
		const errorCode = "Hourly_Envelope_Polling_Limit_Exceeded";
		expect(outcome(400, { errorCode })).toEqual({
			kind: "transient",
			reason: "DocuSign answered 400, HOURLY_ENVELOPE_POLLING_LIMIT_EXCEEDED",
			after_ms: TO_NEXT_HOUR,
			scope: `envelope ${ENVELOPE}`,
		});
	});

	test("without a code is waited for as asked", () => {
		const later = { kind: "transient", reason: "DocuSign answered 429", after_ms: 9_000 };
		expect(outcome(429, "", { "retry-after": "9" })).toEqual(later);
		expect(outcome(429)).toEqual({ kind: "transient", reason: "DocuSign answered 429" });
	});
});

test.each([408, 500, 502, 503, 504])("a failing server is asked again after %d", (status) => {
	const body = { errorCode: "ENVELOPE_DOES_NOT_EXIST" };
	const reason = status === 408 ? "DocuSign answered 408" : `DocuSign answered ${status}, ENVELOPE_DOES_NOT_EXIST`;
	expect(outcome(status, status === 408 ? "" : body)).toEqual({ kind: "transient", reason });
});
