// The requests that Postmark gets, what its answers mean, and how a mail is looked for that was perhaps sent.

import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged, lookFor, MARKED, mark, requestOf } from "../actions";
import { NOW } from "../deliveries";
import { least as leastMail, mail } from "../email/golden";
import { full, least } from "./golden";

const SEND = "postmark.send_email";
const common = {
	headers: {
		accept: "application/json",
		"user-agent": "signalbox",
		...MARKED,
		"x-postmark-server-token": "t0ken",
	},
	secret_headers: ["x-postmark-server-token"],
};
const MessageID = "b7bc2f4a-e38e-4336-af7d-e6c392c2f817";

function built(input: JsonObject, { config = {}, key = mark.idempotency_key } = {}) {
	const connection = { config, credentials: { token: "t" } };
	const action = actionOf(SEND);
	const marked = { ...mark, idempotency_key: key };
	const [sent, look] = [action.build(input, connection, marked), action.probe?.build(input, connection, marked)];
	if (!sent.ok || look?.ok !== true) throw new Error("no request");
	return { body: JSON.parse(sent.value.body ?? ""), look: new URL(look.value.url).searchParams };
}

describe("a mail", () => {
	test("is this request", () => {
		expect(requestOf(SEND, mail)).toEqual({
			method: "POST",
			url: "https://api.postmarkapp.com/email",
			...common,
			headers: { ...common.headers, "content-type": "application/json" },
			body: JSON.stringify(full),
		});
	});

	test("has nothing in it that was not given", () => {
		expect(JSON.parse(requestOf(SEND, leastMail).body ?? "")).toEqual(least);
	});

	test("goes through the stream that the settings name, and is looked for there", () => {
		const { body, look } = built(leastMail, { config: { message_stream: "receipts" } });
		expect(body.MessageStream).toBe("receipts");
		expect(look.get("messagestream")).toBe("receipts");
	});

	test("carries a key of any length, as metadata hold no more than eighty characters", () => {
		const key = `sb_${"a".repeat(77)}${"b".repeat(80)}c`;
		const { body, look } = built(leastMail, { key });
		expect(body.Metadata).toEqual({ k: key.slice(0, 80), k2: "b".repeat(80), k3: "c", trace: mark.trace_id });
		expect(look.get("metadata_k")).toBe(key.slice(0, 80));
	});

	test("cannot be sent twice without harm", () => {
		expect(actionOf(SEND).repeatable).toBe(false);
		expect(actionOf(SEND).undo).toBeUndefined();
	});
});

describe("an answer", () => {
	test("with the mail's id and no error is a success", () => {
		const said = answer(200, { To: "a", SubmittedAt: "b", MessageID, ErrorCode: 0, Message: "OK" });
		expect(judged(SEND, said)).toEqual({ kind: "succeeded", output: { id: MessageID } });
	});

	test.each([
		[401, 10, "auth"],
		[401, 402, "auth"],
		[422, 300, "invalid"],
		[422, 400, "permission"],
		[422, 401, "permission"],
		[422, 402, "invalid"],
		[422, 405, "permission"],
		[422, 406, "invalid"],
		[422, 412, "permission"],
		[422, 413, "permission"],
		[422, 1235, "not_found"],
		[413, 500, "invalid"],
		[200, 300, "invalid"],
		[200, 406, "invalid"],
	])("%d with error %d is final: %s", (status, ErrorCode, failure) => {
		const said = answer(status, { ErrorCode, Message: "about dana@fern.example" });
		const reason = `Postmark answered ${status}, error ${ErrorCode}`;
		expect(judged(SEND, said)).toEqual({ kind: "permanent", class: failure, reason });
	});

	test.each([
		[401, "auth"],
		[404, "not_found"],
		[413, "invalid"],
		[422, "invalid"],
	])("%d without a word is final: %s", (status, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `Postmark answered ${status}` };
		expect(judged(SEND, answer(status, "<html>"))).toEqual(outcome);
	});

	test("429 and maintenance took nothing", () => {
		expect(judged(SEND, answer(429, { ErrorCode: 429 }))).toEqual({
			kind: "transient",
			reason: "Postmark answered 429",
		});
		expect(judged(SEND, answer(429, "", { "retry-after": "5" }))).toMatchObject({ after_ms: 5_000 });
		const reason = "Postmark answered 503, error 100";
		expect(judged(SEND, answer(503, { ErrorCode: 100 }))).toEqual({ kind: "transient", reason });
	});

	test.each([
		[500, ""],
		[500, { ErrorCode: 500 }],
		[502, ""],
		[503, ""],
		[408, ""],
	])("%d %j leaves open whether it was sent", (status, body) => {
		const outcome = { kind: "unknown", reason: `Postmark answered ${status}`, timed_out: false };
		expect(judged(SEND, answer(status, body))).toEqual(outcome);
	});

	test.each(["", "{}", '{"ErrorCode":"0"}', '{"MessageID":"a"}'])("200 %s does not say that it was sent", (body) => {
		const reason = "Postmark answered 200 and did not say what it did";
		expect(judged(SEND, answer(200, body))).toEqual({ kind: "unknown", reason, timed_out: false });
	});
});

describe("the look for a mail", () => {
	const Metadata = { k: mark.idempotency_key, trace: mark.trace_id };

	test("is this request", () => {
		expect(lookFor(SEND, mail)).toEqual({
			method: "GET",
			url: "https://api.postmarkapp.com/messages/outbound?count=100&offset=0&messagestream=outbound&metadata_k=sb_run_1_tell",
			...common,
			body: null,
		});
	});

	test("finds it by its whole key", () => {
		const others = [
			null,
			{},
			{ MessageID: "a", Metadata: { k: "sb_run_1_tel" } },
			{ MessageID: "b", Metadata: { trace: mark.trace_id } },
		];
		const Messages = [...others, { MessageID, Metadata }];
		expect(found(SEND, answer(200, { TotalCount: 5, Messages }))).toEqual({ kind: "found", output: { id: MessageID } });
	});

	test("finds no other step's, whose key begins like it", () => {
		const key = `sb_${"a".repeat(100)}`;
		const look = (k2: string) =>
			actionOf(SEND).probe?.read(
				answer(200, { Messages: [{ MessageID, Metadata: { k: key.slice(0, 80), k2 } }] }),
				NOW,
				{ input: {}, mark: { ...mark, idempotency_key: key } },
			).kind;
		expect(look(key.slice(80))).toBe("found");
		expect(look(`${key.slice(80)}b`)).toBe("unclear");
	});

	function lookAt(after_ms: number | undefined, Messages: object[] = []) {
		const tried = after_ms === undefined ? {} : { tried_at: NOW - after_ms };
		return actionOf(SEND).probe?.read(answer(200, { Messages }), NOW, { input: {}, mark: { ...mark, ...tried } });
	}

	test("is sure that it was not sent only half an hour after the attempt: it may be listed later", () => {
		const reason = "Postmark does not list it, and may lag behind";
		expect(lookAt(0)).toMatchObject({ kind: "unclear", reason, after_ms: 1_800_000 });
		expect(lookAt(1_799_999)).toMatchObject({ kind: "unclear", reason, after_ms: 1 });
		expect(lookAt(1_800_000)).toEqual({ kind: "absent" });
	});

	test("is never sure where nobody knows when the attempt was", () => {
		expect(lookAt(undefined)).toMatchObject({ kind: "unclear", after_ms: 1_800_000 });
	});

	test("is never sure where there may be more on the next page", () => {
		const many = (count: number) =>
			Array.from({ length: count }, (_, i) => ({ MessageID: `m${i}`, Metadata: { k: "a" } }));
		expect(lookAt(86_400_000, many(99))).toEqual({ kind: "absent" });
		expect(lookAt(86_400_000, many(100))).toMatchObject({
			kind: "unclear",
			reason: "it is not among the mails that Postmark listed first",
		});
	});

	test.each([
		[200, {}, "Postmark answered without messages"],
		[200, { Messages: {} }, "Postmark answered without messages"],
		[401, { ErrorCode: 10 }, "Postmark answered 401, error 10"],
		[422, { ErrorCode: 600 }, "Postmark answered 422, error 600"],
		[500, "", "Postmark answered 500"],
	])("settles nothing with %d %j", (status, body, reason) => {
		expect(found(SEND, answer(status, body))).toMatchObject({ kind: "unclear", reason });
	});
});
