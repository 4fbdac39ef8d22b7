// Where Zendesk's actions go, and what they make of its refusals.

import { describe, expect, test } from "vitest";
import { zendesk } from "../../../src/connectors/zendesk/zendesk";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, judged, mark } from "../actions";

const input = { ticket_id: "35436" };

function urlWith(config: JsonObject): string {
	const built = actionOf("zendesk.get_ticket").build(input, { config, credentials: { token: "t" } }, mark);
	return built.ok ? built.value.url : built.error;
}

describe("the address", () => {
	test("is that of the account, or any other that is set", () => {
		expect(urlWith({ subdomain: "acme" })).toBe("https://acme.zendesk.com/api/v2/tickets/35436");
		expect(urlWith({ base_url: "http://localhost:9/" })).toBe("http://localhost:9/api/v2/tickets/35436");
		expect(urlWith({ subdomain: "acme", base_url: "https://proxy.acme.com/zd" })).toBe(
			"https://proxy.acme.com/zd/api/v2/tickets/35436",
		);
	});

	test("is the only host that is allowed", () => {
		const hosts = (config: JsonObject) => zendesk.connection?.hosts(config);
		expect(hosts({ subdomain: "acme" })).toEqual(["acme.zendesk.com"]);
		expect(hosts({ subdomain: "acme", base_url: "https://proxy.acme.com" })).toEqual(["proxy.acme.com"]);
		expect(hosts({ subdomain: "evil.example/" })).toEqual([]);
		expect(hosts({})).toEqual([]);
	});

	test.each(["Acme", "acme.evil", "acme/x", "-acme", "acme-", "a".repeat(64), "", "acme@evil.com", "127.0.0.1#"])(
		"is none with the subdomain %j",
		(subdomain) => expect(urlWith({ subdomain })).toContain("config.subdomain"),
	);

	test("is asked for", () => {
		expect(urlWith({})).toBe("config.subdomain: write what stands before .zendesk.com");
	});
});

test.each(["0", "-1", "1.5", "abc", "1/comments", "9999999999999999", "../users", 0, 2 ** 53])(
	"%j is no id",
	(ticket_id) => expect(actionOf("zendesk.get_ticket").input.safeParse({ ticket_id }).success).toBe(false),
);

describe("a refusal", () => {
	const body = { error: "RecordInvalid", description: "Record validation errors", details: { secret: "s3cret" } };

	test.each([
		[400, { error: "IdempotentRequestError", description: "s3cret" }, "invalid", "400, IdempotentRequestError"],
		[400, { error: { title: "Invalid attribute", message: "s3cret" } }, "invalid", "400"],
		[400, { error: "s3cret in a sentence" }, "invalid", "400"],
		[401, { error: "Couldn't authenticate you" }, "auth", "401"],
		[403, { error: "Forbidden" }, "permission", "403, Forbidden"],
		[404, { error: "RecordNotFound" }, "not_found", "404, RecordNotFound"],
		[422, body, "invalid", "422, RecordInvalid"],
		[422, "<html>", "invalid", "422"],
		[302, "", "policy", "302; redirects are not followed"],
	])("with %d %j is final: %s", (status, body, kind, reason) => {
		expect(judged("zendesk.update_ticket", answer(status, body), input)).toEqual({
			kind: "permanent",
			class: kind,
			reason: `Zendesk answered ${reason}`,
		});
	});

	test.each([
		[409, { error: "DatabaseConflict" }, {}, { reason: "Zendesk answered 409, DatabaseConflict" }],
		[429, "", { "retry-after": "93" }, { reason: "Zendesk answered 429", after_ms: 93_000 }],
		[503, "", { "retry-after": "60" }, { reason: "Zendesk answered 503", after_ms: 60_000 }],
	])(
		"with %d %j %j will pass, even of what cannot be repeated",
		(status, body, headers: Record<string, string>, rest) => {
			const create = judged("zendesk.create_ticket", answer(status, body, headers), {});
			expect(create).toEqual({ kind: "transient", ...rest });
		},
	);

	test.each([500, 502, 503, 504, 408])(
		"with %d leaves open whether it was done, and asks for it again if it may",
		(status) => {
			const reason = `Zendesk answered ${status}`;
			const create = judged("zendesk.create_ticket", answer(status), {});
			expect(create).toEqual({ kind: "unknown", reason, timed_out: false });
			expect(judged("zendesk.add_comment", answer(status), input)).toEqual(create);
			expect(judged("zendesk.update_ticket", answer(status), input)).toEqual({ kind: "transient", reason });
		},
	);

	test("for too many requests pauses one ticket, unless the account has none left", () => {
		const scopeOf = (headers: Record<string, string>) => {
			const outcome = judged("zendesk.update_ticket", answer(429, "", { "retry-after": "93", ...headers }), input);
			return outcome.kind === "transient" ? outcome.scope : outcome.kind;
		};
		expect(scopeOf({ "x-rate-limit-remaining": "699" })).toBe("ticket 35436");
		expect(scopeOf({ "ratelimit-remaining": "1" })).toBe("ticket 35436");
		expect(scopeOf({ "x-rate-limit-remaining": "0" })).toBeUndefined();
		expect(scopeOf({})).toBeUndefined();
	});
});
