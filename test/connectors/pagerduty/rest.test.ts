// Notes and incidents by REST: requests, answers, and how a note is looked for that may have been written.

import { describe, expect, test } from "vitest";
import { actionNames, findConnector } from "../../../src/connectors";
import type { Action, OutboundRequest } from "../../../src/connectors/connector";
import type { JsonObject } from "../../../src/model/json";
import { actionOf, answer, found, judged, MARKED, mark } from "../actions";
import { NOW } from "../deliveries";
import * as golden from "./golden";

const connection = { config: { from: "flow@example.com" }, credentials: { token: "t0ken" } };
const reading = {
	accept: "application/vnd.pagerduty+json;version=2",
	"user-agent": "signalbox",
	authorization: "Token token=t0ken",
	...MARKED,
};
const secret_headers = ["authorization"];
const url = "https://api.pagerduty.com/incidents/QFERN12INC";
const incident = { incident_id: "QFERN12INC" };
const note = { ...incident, note_id: "PWL7QXS" };
const add = { ...incident, content: "Restarted ✓" };
const MARKER = "[signalbox sb_run_1_tell]";

interface Given {
	config?: JsonObject;
	credentials?: JsonObject;
}

function sent(build: Action["build"] | undefined, input: JsonObject, given: Given = {}): OutboundRequest {
	const built = build?.(input, { ...connection, ...given }, mark);
	if (built?.ok !== true) throw new Error(built?.error);
	return built.value;
}

function problemOf(use: string, input: JsonObject, given: Given = {}): string {
	const built = actionOf(use).build(input, { ...connection, ...given }, mark);
	return built.ok ? "" : built.error;
}

const added = actionOf("pagerduty.add_note");

describe("add_note", () => {
	test("is this request, in the name of the user that the connection names", () => {
		expect(sent(added.build, add)).toEqual({
			method: "POST",
			url: `${url}/notes`,
			headers: { ...reading, "content-type": "application/json", from: "flow@example.com" },
			secret_headers,
			body: JSON.stringify(golden.note),
		});
	});

	test.each<[JsonObject, Given, string | RegExp]>([
		[add, { config: {} }, "config.from: write the address of the user that notes are written by"],
		[add, { config: { from: "nobody" } }, /^config\.from: /],
		[{ ...add, content: "" }, {}, /^with\.content: Too small/],
		[{ ...add, incident_id: "../users" }, {}, /^with\.incident_id: /],
		[incident, {}, /^with\.content: /],
	])("is refused with %j and %j", (input, given, problem) => {
		expect(problemOf("pagerduty.add_note", input, given)).toMatch(problem);
	});

	test("is refused with a key that would be no single word in it", () => {
		const built = added.build(add, connection, { ...mark, idempotency_key: "a] b" });
		expect(built).toEqual({ ok: false, error: "the idempotency key cannot stand in a note" });
	});

	test.each([200, 201])("is a success with %d, and with what deletes it", (status) => {
		const body = { note: { id: "PWL7QXS", content: "x", created_at: "2026-11-20T09:59:57Z" } };
		expect(judged("pagerduty.add_note", answer(status, body), add)).toEqual({
			kind: "succeeded",
			output: { id: "PWL7QXS", created_at: "2026-11-20T09:59:57Z" },
			undo: note,
		});
	});

	test.each([
		[200, ""],
		[200, "{}"],
		[200, '{"note":{}}'],
		[202, '{"note":{"id":"PWL7QXS"}}'],
		[500, ""],
		[503, ""],
		[408, ""],
	])("is left open by %d %s", (status, body) => {
		expect(judged("pagerduty.add_note", answer(status, body), add)).toMatchObject({ kind: "unknown" });
	});
});

describe("the look for a note", () => {
	const theirs = { id: "P1", content: "Restarted ✓", created_at: "2026-11-20T09:59:56Z" };
	const ours = { id: "PWL7QXS", content: `Restarted ✓\n\n${MARKER}`, created_at: "2026-11-20T09:59:57Z" };
	const copy = { id: "P0", content: `> Restarted ✓\n> ${MARKER}`, created_at: "2026-11-20T10:07:00Z" };
	const look = (body: unknown, ended_ms = 60_000) =>
		added.probe?.read(answer(200, body), NOW, { input: add, mark: { ...mark, tried_at: NOW - ended_ms } });

	test("lists all notes of the incident", () => {
		expect(sent(added.probe?.build, add)).toEqual({
			method: "GET",
			url: `${url}/notes`,
			headers: reading,
			secret_headers,
			body: null,
		});
	});

	test.each([[[theirs, ours]], [[copy, ours]], [[ours, copy]], [[{ ...ours, content: `${ours.content}\n` }]]])(
		"finds it by its last line: %j",
		(notes) => {
			const output = { id: "PWL7QXS", created_at: "2026-11-20T09:59:57Z" };
			expect(look({ notes })).toEqual({ kind: "found", output, undo: note });
		},
	);

	test.each([
		[[]],
		[[theirs]],
		[[{ ...ours, content: `${MARKER} and more` }]],
		[
			[
				{ ...ours, content: "[signalbox sb_run_1_tel]" },
				{ ...ours, content: "[signalbox sb_run_1_tell2]" },
			],
		],
		[[null, 7, {}, { content: 1 }]],
	])("is sure of its absence where no note ends with it: %j", (notes) => {
		expect(look({ notes })).toEqual({ kind: "absent" });
	});

	test.each([[{ notes: [theirs], more: true }], [{ notes: [{ ...ours, id: undefined }] }]])(
		"settles nothing with %j",
		(body) => {
			const reason = "it cannot be told from the 1 notes that PagerDuty listed";
			expect(look(body)).toMatchObject({ kind: "unclear", reason });
		},
	);

	test.each([
		[200, "{}", {}, { reason: "PagerDuty answered without notes" }],
		[200, "[]", {}, { reason: "PagerDuty answered without notes" }],
		[404, { error: { code: 2100 } }, {}, { reason: "PagerDuty answered 404, code 2100" }],
		[429, "", { "ratelimit-reset": "20" }, { reason: "PagerDuty answered 429", after_ms: 20_000 }],
		[500, "", {}, { reason: "PagerDuty answered 500" }],
	])("settles nothing with %d %j %j", (status, body, headers: Record<string, string>, unclear) => {
		expect(found("pagerduty.add_note", answer(status, body, headers), add)).toMatchObject({
			kind: "unclear",
			...unclear,
		});
	});
});

describe("delete_note", () => {
	test("is this request", () => {
		expect(sent(actionOf("pagerduty.delete_note").build, note, { config: {} })).toEqual({
			method: "DELETE",
			url: `${url}/notes/PWL7QXS`,
			headers: reading,
			secret_headers,
			body: null,
		});
	});

	test.each([
		[204, ""],
		[404, { error: { message: "Not Found", code: 2100 } }],
	])("is done with %d %j", (status, body) => {
		const outcome = { kind: "succeeded", output: { id: "PWL7QXS" } };
		expect(judged("pagerduty.delete_note", answer(status, body), note)).toEqual(outcome);
	});

	test.each(["", "..", "a/b", "a?b", 7])("has no note %j", (note_id) => {
		expect(problemOf("pagerduty.delete_note", { ...incident, note_id })).toMatch(/^with\.note_id: /);
	});
});

describe("get_incident", () => {
	const shown = {
		id: "QFERN12INC",
		incident_number: 812,
		title: "Checkout latency above 2 s",
		status: "acknowledged",
		urgency: "high",
		priority: { summary: "P1" },
		incident_key: "db01/disk",
		service: { id: "PFERNSVC", summary: "Checkout" },
		assignments: [{ assignee: { id: "PDANA01" } }, { assignee: null }, null],
		html_url: "https://fern.pagerduty.com/incidents/QFERN12INC",
		created_at: "2026-11-20T09:50:12Z",
		updated_at: "2026-11-20T09:59:55Z",
	};
	const { incident_number, html_url, service, assignments: _, ...same } = shown;

	test("is this request", () => {
		const request = { method: "GET", url, headers: reading, secret_headers, body: null };
		expect(sent(actionOf("pagerduty.get_incident").build, incident, { config: {} })).toEqual(request);
	});

	test("gives the incident as it is now", () => {
		expect(judged("pagerduty.get_incident", answer(200, { incident: shown }), incident)).toEqual({
			kind: "succeeded",
			output: {
				...same,
				number: 812,
				priority: "P1",
				service_id: "PFERNSVC",
				service: "Checkout",
				assignees: ["PDANA01"],
				url: html_url,
			},
		});
	});

	test("gives null for what the incident does not have", () => {
		const body = { incident: { id: "QFERN12INC", priority: null, assignments: {} } };
		const outcome = judged("pagerduty.get_incident", answer(200, body), incident);
		expect(outcome).toMatchObject({ output: { id: "QFERN12INC", number: null, priority: null, assignees: [] } });
	});

	test.each([{}, { incident: {} }, { incident: [] }, []])("has read nothing with 200 %j", (body) => {
		const reason = "PagerDuty answered 200 and did not say what it did";
		expect(judged("pagerduty.get_incident", answer(200, body), incident)).toEqual({ kind: "transient", reason });
	});
});

const actions = ["pagerduty.add_note", "pagerduty.delete_note", "pagerduty.get_incident"];
const inputs: Record<string, JsonObject> = {
	"pagerduty.add_note": add,
	"pagerduty.delete_note": note,
	"pagerduty.get_incident": incident,
};

describe.each(actions)("%s", (use) => {
	const input = inputs[use] ?? {};

	test("shows an API key or a token of OAuth, and cannot go without either", () => {
		const authorization = (credentials: JsonObject) =>
			sent(actionOf(use).build, input, { credentials }).headers.authorization;
		expect(authorization({ token: "t0ken" })).toBe("Token token=t0ken");
		expect(authorization({ access_token: "acc3ss" })).toBe("Bearer acc3ss");
		const reason = "credentials.token: write an API key";
		expect(problemOf(use, input, { credentials: { routing_key: golden.ROUTING_KEY } })).toBe(reason);
	});

	test("goes to where the connection says, and not to where events go", () => {
		const config = {
			...connection.config,
			base_url: "https://api.eu.pagerduty.com",
			events_url: "https://e.example.com",
		};
		expect(new URL(sent(actionOf(use).build, input, { config }).url).host).toBe("api.eu.pagerduty.com");
	});

	test.each([
		[400, "invalid"],
		[401, "auth"],
		[402, "permission"],
		[403, "permission"],
		...(use === "pagerduty.delete_note" ? [] : [[404, "not_found"] as const]),
	] as const)("is over with %d: %s", (status, failure) => {
		const body = { error: { message: "secret", code: 2001, errors: ["secret"] } };
		const outcome = { kind: "permanent", class: failure, reason: `PagerDuty answered ${status}, code 2001` };
		expect(judged(use, answer(status, body), input)).toEqual(outcome);
		const other = { ...outcome, reason: `PagerDuty answered ${status}` };
		expect(judged(use, answer(status, { error: { code: "secret" } }), input)).toEqual(other);
	});

	test.each([
		[{ "ratelimit-reset": "20" }, { after_ms: 20_000, scope: "rest" }],
		[{ "ratelimit-reset": "0" }, { after_ms: 0, scope: "rest" }],
		[
			{ "retry-after": "7", "ratelimit-reset": "20" },
			{ after_ms: 7_000, scope: "rest" },
		],
		[{ "ratelimit-reset": "soon" }, {}],
		[{}, {}],
	])("makes REST wait after 429 with %j", (headers: Record<string, string>, wait) => {
		const body = { error: { message: "Rate Limit Exceeded", code: 2020 } };
		const outcome = { kind: "transient", reason: "PagerDuty answered 429, code 2020", ...wait };
		expect(judged(use, answer(429, body, headers), input)).toEqual(outcome);
		expect(actionOf(use).scope?.(input)).toBe("rest");
	});

	test.each([
		[{ "retry-after": "9" }, { after_ms: 9_000 }],
		[{ "ratelimit-reset": "20" }, {}],
	])("pauses everything, if anything, where the whole service is down: %j", (headers: Record<string, string>, wait) => {
		const reason = "PagerDuty answered 503";
		const outcome = actionOf(use).repeatable
			? { kind: "transient", reason, ...wait }
			: { kind: "unknown", reason, timed_out: false };
		expect(judged(use, answer(503, "", headers), input)).toEqual(outcome);
	});
});

test("one action must not be repeated, the others may be", () => {
	const all = actionNames().filter((name) => name.startsWith("pagerduty."));
	expect(all.filter((name) => !actionOf(name).repeatable)).toEqual(["pagerduty.add_note"]);
});

describe("a connection", () => {
	const { hosts, bearer, credentials } = findConnector("pagerduty")?.connection ?? {};

	test("reaches the hosts of both APIs, and no other", () => {
		expect(hosts?.({})).toEqual(["api.pagerduty.com", "events.pagerduty.com"]);
		expect(hosts?.({ base_url: "https://a.example.com" })).toEqual(["a.example.com", "events.pagerduty.com"]);
		expect(hosts?.({ events_url: "https://b.example.com/v2" })).toEqual(["api.pagerduty.com", "b.example.com"]);
		const both = "https://proxy.example.com/pagerduty";
		expect(hosts?.({ base_url: both, events_url: both })).toEqual(["proxy.example.com"]);
		expect(hosts?.({ events_url: "no url" })).toEqual([]);
		expect(hosts?.({ events_url: 1 })).toEqual([]);
	});

	test("by OAuth keeps the key of its integration", () => {
		expect(bearer?.("t", { routing_key: "r", oauth: {} })).toEqual({ routing_key: "r", access_token: "t" });
		expect(bearer?.("t", { oauth: {} })).toEqual({ access_token: "t" });
		expect(credentials?.parse({ oauth: { client_id: "c", client_secret: "s", refresh_token: "r" } })).toMatchObject({
			oauth: { token_url: "https://identity.pagerduty.com/oauth/token", auth: "body" },
		});
	});

	test("may be for events alone, for REST alone, or for both", () => {
		for (const given of [
			{ routing_key: "r" },
			{ token: "t" },
			{ routing_key: "r", token: "t" },
			{ access_token: "t" },
		]) {
			expect(credentials?.safeParse(given).success).toBe(true);
		}
		expect(credentials?.safeParse({}).success).toBe(false);
	});
});
