// The events that open, take on and close incidents, and what is made of answers to them.

import { describe, expect, test } from "vitest";
import type { OutboundRequest } from "../../../src/connectors/connector";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, judged, MARKED, mark } from "../actions";
import { acknowledge, least, ROUTING_KEY, resolve, trigger } from "./golden";

const connection = { config: {}, credentials: { routing_key: ROUTING_KEY } };
const full = {
	summary: "Disk is full ✓",
	source: "db01",
	severity: "critical",
	component: "/var",
	group: "shop",
	class: "disk",
	custom_details: { free: "1 %" },
	client_url: "https://status.example.com/db01",
};
const known = { dedup_key: "db01/disk" };
const accepted = { status: "success", message: "Event processed", dedup_key: "db01/disk" };

function requestOf(use: string, input: JsonObject, given: Partial<typeof connection> = {}): OutboundRequest {
	const built = actionOf(use).build(input, { ...connection, ...given }, mark);
	if (!built.ok) throw new Error(built.error);
	return built.value;
}

function problemOf(use: string, input: JsonObject, credentials: JsonObject = connection.credentials): string {
	const built = actionOf(use).build(input, { config: {}, credentials }, mark);
	return built.ok ? "" : built.error;
}

test.each<[string, JsonObject, object]>([
	["pagerduty.trigger", full, trigger],
	["pagerduty.trigger", { summary: "Disk is full", source: "db01", ...known }, least],
	["pagerduty.acknowledge", known, acknowledge],
	["pagerduty.resolve", known, resolve],
])("%s of %j is this request, whose only secret stands in its body", (use, input, body) => {
	const { body: sent, ...request } = requestOf(use, input);
	expect(request).toEqual({
		method: "POST",
		url: "https://events.pagerduty.com/v2/enqueue",
		headers: { accept: "application/json", "content-type": "application/json", "user-agent": "signalbox", ...MARKED },
		secret_headers: [],
		secret_values: [ROUTING_KEY],
	});
	expect(JSON.parse(sent ?? "")).toEqual(body);
});

test("the key of a step is the same in every attempt, and another for another step", () => {
	const keyOf = (idempotency_key: string) => {
		const built = actionOf("pagerduty.trigger").build(full, connection, { ...mark, idempotency_key });
		return built.ok && JSON.parse(built.value.body ?? "").dedup_key;
	};
	expect([keyOf("sb_1.page"), keyOf("sb_1.page"), keyOf("sb_1.tell")]).toEqual(["sb_1.page", "sb_1.page", "sb_1.tell"]);
});

test("events go to where the connection says, and not to where REST is", () => {
	const config = { base_url: "https://rest.example.com", events_url: "https://events.eu.pagerduty.com/v2/" };
	expect(requestOf("pagerduty.resolve", known, { config }).url).toBe("https://events.eu.pagerduty.com/v2/enqueue");
});

test("no token of REST goes along", () => {
	const credentials = { routing_key: ROUTING_KEY, token: "t0ken", access_token: "acc3ss" };
	expect(JSON.stringify(requestOf("pagerduty.resolve", known, { credentials }))).not.toMatch(/t0ken|acc3ss/);
});

test.each<[string, JsonObject, RegExp]>([
	["pagerduty.trigger", { source: "db01" }, /^with\.summary: /],
	["pagerduty.trigger", { ...full, summary: "x".repeat(1_025) }, /^with\.summary: Too big/],
	["pagerduty.trigger", { ...full, source: "" }, /^with\.source: /],
	["pagerduty.trigger", { ...full, severity: "fatal" }, /^with\.severity: /],
	["pagerduty.trigger", { ...full, client_url: "javascript:alert(1)" }, /^with\.client_url: /],
	["pagerduty.trigger", { ...full, dedup_key: "x".repeat(256) }, /^with\.dedup_key: Too big/],
	["pagerduty.trigger", { ...full, client: "me" }, /^with: /],
	["pagerduty.acknowledge", {}, /^with\.dedup_key: /],
	["pagerduty.resolve", { dedup_key: "" }, /^with\.dedup_key: Too small/],
])("%s is refused with %j", (use, input, problem) => {
	expect(problemOf(use, input)).toMatch(problem);
});

const actions = ["pagerduty.acknowledge", "pagerduty.resolve", "pagerduty.trigger"];

describe.each(actions)("%s", (use) => {
	const input = use === "pagerduty.trigger" ? full : known;

	test("needs the key of an integration", () => {
		const reason = "credentials.routing_key: write the key of an integration";
		expect(problemOf(use, input, { token: "t0ken" })).toBe(reason);
		expect(problemOf(use, input, { routing_key: 'a"b' })).toBe("credentials.routing_key: write an integration key");
	});

	test("is done once it is accepted", () => {
		expect(judged(use, answer(202, accepted), known)).toEqual({
			kind: "succeeded",
			output: known,
		});
	});

	test("keeps the key that it was given, if the answer has none", () => {
		const { output } = judged(use, answer(202, { status: "success" }), known) as { output: unknown };
		expect(output).toEqual(known);
	});

	test.each([
		[202, { status: "invalid event", message: "Event object is invalid", errors: ["secret"] }],
		[200, { status: "throttled", message: "secret" }],
	])("is refused where %d says so in its body: %j", (status, body) => {
		const reason = `PagerDuty answered ${status} and did not accept the event`;
		expect(judged(use, answer(status, body))).toEqual({ kind: "permanent", class: "invalid", reason });
	});

	test.each([
		[202, ""],
		[202, "{}"],
		[202, '{"status":1}'],
		[200, accepted],
		[204, ""],
	])("is sent again where %d %j leaves it open: its key tells that it is the same", (status, body) => {
		const reason = `PagerDuty answered ${status} and did not say what it did`;
		expect(judged(use, answer(status, body))).toEqual({ kind: "transient", reason });
	});

	test.each([
		[400, "invalid"],
		[401, "auth"],
		[402, "permission"],
		[403, "permission"],
		[404, "not_found"],
		[413, "invalid"],
	])("is over with %d: %s", (status, failure) => {
		const outcome = { kind: "permanent", class: failure, reason: `PagerDuty answered ${status}` };
		expect(judged(use, answer(status, { status: "invalid event", errors: ["secret"] }))).toEqual(outcome);
	});

	test("follows no redirect", () => {
		const reason = "PagerDuty answered 307; redirects are not followed";
		expect(judged(use, answer(307))).toEqual({ kind: "permanent", class: "policy", reason });
	});

	test.each([
		[{}, 30_000],
		[{ "retry-after": "120" }, 120_000],
	])("makes all events wait after 429 with %j", (headers: Record<string, string>, after_ms) => {
		const outcome = { kind: "transient", reason: "PagerDuty answered 429", after_ms, scope: "events" };
		expect(judged(use, answer(429, "", headers))).toEqual(outcome);
		expect(actionOf(use).scope?.(input)).toBe("events");
	});

	test.each([408, 500, 502, 503, 504])("is sent again after %d", (status) => {
		expect(judged(use, answer(status))).toEqual({ kind: "transient", reason: `PagerDuty answered ${status}` });
	});
});

test("a trigger is undone by closing what it opened, and not where somebody else's incident may have had its key", () => {
	const done = { kind: "succeeded", output: known };
	expect(judged("pagerduty.trigger", answer(202, accepted), full)).toEqual({ ...done, undo: known });
	expect(judged("pagerduty.trigger", answer(202, accepted), { ...full, ...known })).toEqual(done);
});

test("what PagerDuty gives no key to cannot be undone", () => {
	const outcome = judged("pagerduty.trigger", answer(202, { status: "success" }), full);
	expect(outcome).toEqual({ kind: "succeeded", output: { dedup_key: null } });
});
