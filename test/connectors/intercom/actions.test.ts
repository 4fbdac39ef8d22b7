// The requests that Intercom's actions make, and what they make of answers.

import { describe, expect, test } from "vitest";
import { intercom } from "../../../src/connectors/intercom/intercom";
import type { Json, JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged, lookFor, MARKED, mark, problemOf, requestOf } from "../actions";
import { NOW_S } from "../deliveries";
import { NOTED, REPLIED } from "./golden";

const target = { conversation_id: "215470001", admin_id: "814860" };
const headers = {
	accept: "application/json",
	"intercom-version": "2.16",
	"user-agent": "signalbox",
	authorization: "Bearer t0ken",
	...MARKED,
};
const author = { type: "admin", id: "814860" };
const SINCE = Date.parse("2026-11-20T09:54:00.250Z") / 1_000;

function conversation(...parts: Json[]): JsonObject {
	return { type: "conversation", id: "215470001", conversation_parts: { conversation_parts: parts } };
}

describe.each([
	["reply", { ...target, body: REPLIED.body }, REPLIED],
	["add_note", { ...target, body: "See FERN-12" }, NOTED],
])("%s", (name, input, body) => {
	const use = `intercom.${name}`;

	test("is this request", () => {
		const request = requestOf(use, input);
		expect({ ...request, body: JSON.parse(request.body ?? "") }).toEqual({
			method: "POST",
			url: "https://api.intercom.io/conversations/215470001/reply",
			headers: { ...headers, "content-type": "application/json" },
			secret_headers: ["authorization"],
			body,
		});
	});

	test("goes to the conversation that is named, and never to the last one", () => {
		for (const conversation_id of ["last", "", "1/../2", "1?a", " 1"]) {
			expect(problemOf(use, { ...input, conversation_id })).toContain("with.conversation_id");
		}
		expect(problemOf(use, { ...input, admin_id: "me" })).toContain("with.admin_id");
	});

	test("is a success with the part that is new", () => {
		const part = { id: "9002", part_type: body.message_type, body: body.body, author };
		const partOf = (...parts: Json[]) => {
			const outcome = judged(use, answer(200, conversation(...parts)), input);
			if (outcome.kind !== "succeeded") throw new Error(outcome.reason);
			return outcome.output;
		};
		const output = { conversation_id: "215470001", part_id: "9002" };
		expect(partOf({ id: "1", part_type: "open", author }, part)).toEqual(output);
		for (const other of [{ author: { type: "admin", id: "1" } }, { part_type: "close" }]) {
			expect(partOf({ ...part, ...other })).toEqual({ ...output, part_id: null });
		}
		expect(partOf()).toEqual({ ...output, part_id: null });
	});

	test.each([500, 502, 503, 504, 408])("is open with %d", (status) => {
		expect(judged(use, answer(status), input)).toEqual({
			kind: "unknown",
			reason: `Intercom answered ${status}`,
			timed_out: false,
		});
	});
});

describe("the address", () => {
	const urlWith = (config: JsonObject) => {
		const built = actionOf("intercom.reply").build(
			{ ...target, body: "a" },
			{ config, credentials: { token: "t" } },
			mark,
		);
		return built.ok ? new URL(built.value.url).origin : built.error;
	};

	test.each([
		[{}, "https://api.intercom.io"],
		[{ region: "us" }, "https://api.intercom.io"],
		[{ region: "eu" }, "https://api.eu.intercom.io"],
		[{ region: "au" }, "https://api.au.intercom.io"],
		[{ region: "eu", base_url: "https://proxy.acme.com" }, "https://proxy.acme.com"],
	])("with %j is %s, and no other host is allowed", (config, origin) => {
		expect(urlWith(config)).toBe(origin);
		expect(intercom.connection?.hosts(config)).toEqual([new URL(origin).hostname]);
	});

	test("is in no region that is not known", () => {
		expect(urlWith({ region: "mars" })).toContain("config.region");
	});
});

describe("a refusal", () => {
	const errors = (code: string) => ({ type: "error.list", errors: [{ code, message: "s3cret" }] });

	test.each([
		[400, errors("parameter_invalid"), "invalid", "400, parameter_invalid"],
		[401, errors("unauthorized"), "auth", "401, unauthorized"],
		[401, errors("token_revoked"), "auth", "401, token_revoked"],
		[403, errors("api_plan_restricted"), "permission", "403, api_plan_restricted"],
		[404, errors("not_found"), "not_found", "404, not_found"],
		[409, errors("conflict"), "invalid", "409, conflict"],
		[422, errors("not a code!"), "invalid", "422"],
		[302, "", "policy", "302; redirects are not followed"],
	])("with %d %j is final: %s", (status, body, kind, reason) => {
		expect(judged("intercom.reply", answer(status, body))).toEqual({
			kind: "permanent",
			class: kind,
			reason: `Intercom answered ${reason}`,
		});
	});

	test.each([
		[429, "", { "x-ratelimit-reset": String(NOW_S + 7) }, { reason: "Intercom answered 429", after_ms: 7_000 }],
		[429, "", { "x-ratelimit-reset": String(NOW_S - 7) }, { reason: "Intercom answered 429", after_ms: 0 }],
		[429, "", { "x-ratelimit-reset": "soon" }, { reason: "Intercom answered 429" }],
		[
			429,
			errors("rate_limit_exceeded"),
			{ "retry-after": "3", "x-ratelimit-reset": String(NOW_S + 7) },
			{ reason: "Intercom answered 429, rate_limit_exceeded", after_ms: 3_000 },
		],
		[
			400,
			errors("retry_after"),
			{ "retry-after": "3" },
			{ reason: "Intercom answered 400, retry_after", after_ms: 3_000 },
		],
		[503, errors("too_many_requests"), {}, { reason: "Intercom answered 503, too_many_requests" }],
	])("with %d %j %j will pass", (status, body, sent: Record<string, string>, rest) => {
		expect(judged("intercom.reply", answer(status, body, sent))).toEqual({ kind: "transient", ...rest });
	});
});

describe("a note", () => {
	const use = "intercom.add_note";
	const input = { ...target, body: "See FERN-12" };

	function note(body: string | null, more: JsonObject = {}): JsonObject {
		return { id: "9002", part_type: "note", body, author, created_at: NOW_S, ...more };
	}

	function lookedFor(...parts: Json[]) {
		return found(use, answer(200, conversation(...parts)), input);
	}

	test("is not written with a key that could read otherwise afterwards", () => {
		const action = actionOf(use);
		const connection = { config: {}, credentials: { token: "t" } };
		for (const idempotency_key of ["a<b", "a]b", "", "a b"]) {
			expect(action.build(input, connection, { ...mark, idempotency_key })).toEqual({
				ok: false,
				error: "the idempotency key cannot stand in a note",
			});
		}
	});

	test("is looked for in its conversation", () => {
		expect(lookFor(use, input)).toEqual({
			method: "GET",
			url: "https://api.intercom.io/conversations/215470001?display_as=plaintext",
			headers,
			secret_headers: ["authorization"],
			body: null,
		});
	});

	test("is found by its last line", () => {
		const output = { conversation_id: "215470001", part_id: "9002" };
		for (const body of ["See FERN-12\n\n[signalbox:sb_run_1_tell]", "<p>[signalbox:sb_run_1_tell]</p>"]) {
			expect(lookedFor(note("other"), note(body), { id: "9003" })).toEqual({ kind: "found", output });
		}
	});

	test.each([
		["another's key", note("[signalbox:sb_run_1_tell2]")],
		["another admin's", note("[signalbox:sb_run_1_tell]", { author: { type: "admin", id: "1" } })],
		["a message", note("[signalbox:sb_run_1_tell]", { part_type: "comment" })],
		["an erased one from before", note(null, { created_at: SINCE - 1 })],
	])("is not %s", (_, part) => {
		expect(lookedFor(part)).toEqual({ kind: "absent" });
	});

	test("is absent of a long conversation only if its parts go back far enough", () => {
		const parts = Array.from({ length: 500 }, () => note("other"));
		expect(lookedFor(...parts.slice(1))).toEqual({ kind: "absent" });
		expect(lookedFor(note("other", { created_at: SINCE - 1 }), ...parts.slice(1))).toEqual({ kind: "absent" });
		expect(lookedFor(...parts)).toEqual({
			kind: "unclear",
			reason: "it is not among the 500 parts that Intercom showed, and there are more",
		});
	});

	test("is not told by the answer if the newest note is without a last line of ours", () => {
		expect(judged(use, answer(200, conversation(note("See FERN-12"))), input)).toEqual({
			kind: "succeeded",
			output: { conversation_id: "215470001", part_id: null },
		});
	});

	test("is not held up by a limit that was not reached", () => {
		const response = answer(500, "", { "x-ratelimit-reset": String(NOW_S + 7) });
		expect(found(use, response, input)).toEqual({ kind: "unclear", reason: "Intercom answered 500" });
	});

	test("is unclear if what may be it was erased, and if there is nothing to see", () => {
		expect(lookedFor(note(null))).toEqual({
			kind: "unclear",
			reason: "the text of a note that may be it was erased",
		});
		expect(found(use, answer(200, {}), input).kind).toBe("unclear");
		expect(found(use, answer(404), input)).toEqual({ kind: "unclear", reason: "Intercom answered 404" });
	});
});

test("a reply is at most once, because nothing in it could be found again", () => {
	const { repeatable, probe, about } = actionOf("intercom.reply");
	expect([repeatable, probe]).toEqual([false, undefined]);
	expect(about).toContain("at most once");
});
