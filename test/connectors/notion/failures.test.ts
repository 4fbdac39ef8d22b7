// What Notion's refusals mean, for every action.

import { describe, expect, test } from "vitest";
import { actionNames, findConnector } from "../../../src/connectors";
import { actionOf, answer, judged } from "../actions";

const actions = actionNames().filter((name) => name.startsWith("notion."));
const once = actions.filter((name) => !actionOf(name).repeatable);
const again = actions.filter((name) => actionOf(name).repeatable);

test("one action must not be repeated, the others may be", () => {
	expect(once).toEqual(["notion.create_page"]);
	expect(again).toEqual(["notion.get_page", "notion.trash_page", "notion.update_page"]);
});

test("a connection reaches Notion, or where it says that Notion is", () => {
	const hosts = findConnector("notion")?.connection?.hosts;
	expect(hosts?.({})).toEqual(["api.notion.com"]);
	expect(hosts?.({ base_url: "https://proxy.example.com/notion" })).toEqual(["proxy.example.com"]);
});

test("a token of OAuth stands where a static one would", () => {
	const { bearer, credentials } = findConnector("notion")?.connection ?? {};
	expect(bearer?.("t", { oauth: {} })).toEqual({ token: "t" });
	expect(credentials?.parse({ oauth: { client_id: "c", client_secret: "s", refresh_token: "r" } })).toMatchObject({
		oauth: { token_url: "https://api.notion.com/v1/oauth/token", auth: "basic" },
	});
});

function refusal(status: number, code: string, headers: Record<string, string> = {}) {
	return answer(status, { object: "error", status, code, message: "No: secret@example.com" }, headers);
}

describe.each(actions)("%s", (use) => {
	test.each([
		[400, "validation_error", "invalid"],
		[400, "invalid_json", "invalid"],
		[400, "invalid_request_url", "invalid"],
		[400, "missing_version", "invalid"],
		[401, "unauthorized", "auth"],
		[403, "restricted_resource", "permission"],
		[404, "object_not_found", "not_found"],
		[413, "payload_too_large", "invalid"],
	])("is over with %d %s: %s", (status, code, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `Notion answered ${status}, ${code}` };
		expect(judged(use, refusal(status, code))).toEqual(outcome);
	});

	test.each([
		[409, "conflict_error"],
		[429, "rate_limited"],
		[529, "service_overload"],
	])("comes back later with %d %s, which has done nothing", (status, code) => {
		const reason = `Notion answered ${status}, ${code}`;
		expect(judged(use, refusal(status, code))).toEqual({ kind: "transient", reason });
		const later = refusal(status, code, { "retry-after": "7" });
		expect(judged(use, later)).toEqual({ kind: "transient", reason, after_ms: 7_000 });
	});

	test.each(["Not a code", "UPPER", "a.b@example.com", "", 7])("tells no %j in its reason", (code) => {
		const reason = "Notion answered 400";
		expect(judged(use, answer(400, { code }))).toEqual({ kind: "permanent", class: "invalid", reason });
	});

	test("follows no redirect", () => {
		const reason = "Notion answered 301; redirects are not followed";
		expect(judged(use, answer(301))).toEqual({ kind: "permanent", class: "policy", reason });
	});
});

const FAILING = [
	[500, "internal_server_error"],
	[502, "bad_gateway"],
	[503, "service_unavailable"],
	[503, "database_connection_unavailable"],
	[504, "gateway_timeout"],
] as const;

test.each(FAILING)("a page may have been created with %d %s", (status, code) => {
	const outcome = { kind: "unknown", reason: `Notion answered ${status}, ${code}`, timed_out: false };
	expect(judged("notion.create_page", refusal(status, code))).toEqual(outcome);
});

test.each(again)("%s is tried again after a failing server", (use) => {
	for (const [status, code] of FAILING) {
		const reason = `Notion answered ${status}, ${code}`;
		expect(judged(use, refusal(status, code))).toEqual({ kind: "transient", reason });
	}
});
