// Reading Stripe's objects: the requests, and what answers mean.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, judged, MARKED, mark, problemOf, requestOf } from "../actions";

const GET = "stripe.get_object";
const input = { type: "customer", id: "cus_1" };

describe("a read", () => {
	test("is this request", () => {
		expect(requestOf(GET, input)).toEqual({
			method: "GET",
			url: "https://api.stripe.com/v1/customers/cus_1",
			headers: { accept: "application/json", "user-agent": "signalbox", ...MARKED, authorization: "Bearer t0ken" },
			secret_headers: ["authorization"],
			body: null,
		});
	});

	test.each([
		["charge", "ch_1", "charges"],
		["charge", "py_1", "charges"],
		["checkout_session", "cs_test_1", "checkout/sessions"],
		["dispute", "dp_1", "disputes"],
		["invoice", "in_1", "invoices"],
		["payment_intent", "pi_1", "payment_intents"],
		["payment_method", "pm_1", "payment_methods"],
		["payout", "po_1", "payouts"],
		["price", "gold-yearly", "prices"],
		["product", "Gold_1", "products"],
		["refund", "re_1", "refunds"],
		["setup_intent", "seti_1", "setup_intents"],
		["subscription", "sub_1", "subscriptions"],
	])("of a %s %s is of %s", (type, id, path) => {
		expect(requestOf(GET, { type, id }).url).toBe(`https://api.stripe.com/v1/${path}/${id}`);
	});

	test("may be for a connected account, and in another version", () => {
		const config = {
			account: "acct_1",
			api_version: "2026-10-28.clover",
			base_url: "https://proxy.acme.example/stripe",
		};
		const built = actionOf(GET).build(input, { config, credentials: { token: "t" } }, mark);
		if (!built.ok) throw new Error(built.error);
		expect(built.value.url).toBe("https://proxy.acme.example/stripe/v1/customers/cus_1");
		expect(built.value.headers).toMatchObject({ "stripe-account": "acct_1", "stripe-version": "2026-10-28.clover" });
	});

	test.each<[JsonObject, string]>([
		[{ type: "account", id: "acct_1" }, "with.type: Invalid option"],
		[{ type: "toString", id: "cus_1" }, "with.type: Invalid option"],
		[{ type: "customer", id: "in_1" }, "with.id: no object of this type has such an id"],
		[{ type: "customer", id: "cus_1/sources" }, "with.id: write an object's id, like cus_123"],
		[{ type: "product", id: ".." }, "with.id: write an object's id, like cus_123"],
		[{ type: "product", id: "a?expand=b" }, "with.id: write an object's id, like cus_123"],
		[{ type: "product", id: "" }, "with.id: write an object's id, like cus_123"],
	])("of %j is refused with the reason", (bad, reason) => {
		expect(problemOf(GET, bad)).toContain(reason);
	});
});

describe("an answer", () => {
	test("is the object, with what is asked of most", () => {
		const object = { id: "sub_1", object: "subscription", status: "active", items: { data: [] } };
		expect(judged(GET, answer(200, object))).toEqual({
			kind: "succeeded",
			output: { id: "sub_1", type: "subscription", status: "active", deleted: false, object },
		});
	});

	test("of something deleted says so", () => {
		const object = { id: "cus_1", object: "customer", deleted: true };
		expect(judged(GET, answer(200, object))).toEqual({
			kind: "succeeded",
			output: { id: "cus_1", type: "customer", status: null, deleted: true, object },
		});
	});

	test.each([
		[
			400,
			{ error: { type: "invalid_request_error", code: "parameter_unknown", message: "x" } },
			"invalid",
			", parameter_unknown",
		],
		[401, { error: { type: "invalid_request_error" } }, "auth", ", invalid_request_error"],
		[402, {}, "policy", ""],
		[403, {}, "permission", ""],
		[404, { error: { code: "resource_missing", param: "id" } }, "not_found", ", resource_missing"],
		[404, { error: { code: "No such customer: cus_1 <script>" } }, "not_found", ""],
	])("%d %j is final: %s", (status, body, failure, code) => {
		const outcome = { kind: "permanent", class: failure, reason: `Stripe answered ${status}${code}` };
		expect(judged(GET, answer(status, body))).toEqual(outcome);
	});

	test.each([
		[409, { error: { code: "lock_timeout" } }, ", lock_timeout"],
		[429, { error: { code: "rate_limit" } }, ", rate_limit"],
		[500, { error: { type: "api_error" } }, ", api_error"],
		[503, "", ""],
	])("%d %j is worth another try", (status, body, code) => {
		const reason = `Stripe answered ${status}${code}`;
		expect(judged(GET, answer(status, body))).toEqual({ kind: "transient", reason });
		expect(judged(GET, answer(status, body, { "retry-after": "3" }))).toMatchObject({ after_ms: 3_000 });
	});

	test.each(["", "[]", "{}", '{"object":"list","data":[]}'])("200 %s is no object", (body) => {
		const reason = "Stripe answered 200 and did not say what it did";
		expect(judged(GET, answer(200, body))).toEqual({ kind: "transient", reason });
	});
});
