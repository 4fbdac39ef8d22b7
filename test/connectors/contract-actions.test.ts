// What holds for every action there is, whatever it does.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { actionNames, connectors, findAction } from "../../src/connectors";
import type { Action, Connector, Found, OutboundRequest, OutboundResponse } from "../../src/connectors/connector";
import type { Json, JsonObject } from "../../src/model/json";
import { Outcome } from "../../src/model/outcome";
import type { Result } from "../../src/model/result";
import { Step } from "../../src/model/workflow";
import { actionOf, answer, mark } from "./actions";
import { NOW } from "./deliveries";
import { EXAMPLES, exampleOf, type GoodAction } from "./examples";
import { anyValue, nearly } from "./nearly";

const acting = Object.values(connectors).filter((connector) => connector.actions !== undefined);

describe.each(acting)("the actions of $id", (connector: Connector) => {
	const { connection } = connector;
	if (connection === undefined) throw new Error("actions without a connection");

	describe.each(Object.entries(connector.actions ?? {}))("%s", (name, action) => {
		const use = `${connector.id}.${name}`;
		const good = EXAMPLES[connector.id]?.actions?.[name];
		// A throw while tests are collected would take all others of the file with it.
		if (good === undefined) {
			test("has an example", () => expect(exampleOf(connector.id, name)).toBeDefined());
			return;
		}

		function holdsForRequests(build: Action["build"]): OutboundRequest {
			const config = connection?.config.parse(good?.config) ?? {};
			const credentials = connection?.credentials.parse(good?.credentials) ?? {};
			const { url, headers, secret_headers, ...rest } = builtBy(build, { ...good, config, credentials });
			if (rest.binding === undefined) {
				expect(connection?.hosts(config)).toContain(new URL(url).hostname);
				expect(headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
				expect(headers["x-signalbox-run"]).toBe("run_1");
			}
			expect(Object.keys(headers)).toEqual(Object.keys(headers).map((header) => header.toLowerCase()));
			const shown = Object.entries(headers).filter(([header]) => !secret_headers.includes(header));
			expect(JSON.stringify([shown, url])).not.toContain("s3cret");
			const body = rest.body ?? "";
			expect((rest.secret_values ?? []).reduce((text, secret) => text.replaceAll(secret, ""), body)).not.toContain(
				"s3cret",
			);
			const request = { url, headers, secret_headers, ...rest };
			expect(new Request(url, request)).toBeInstanceOf(Request);
			return request;
		}

		function builtBy(build: Action["build"], given: Partial<GoodAction>): OutboundRequest {
			const input = action.input.parse(given.input);
			const built = build(input, { config: given.config ?? {}, credentials: given.credentials ?? {} }, mark);
			if (!built.ok) throw new Error(built.error);
			return built.value;
		}

		function holdsForRefusals(build: Action["build"], given: GoodAction) {
			const bad: Result<OutboundRequest, string>[] = [
				build({ no_such_field: "s3cret" }, given, mark),
				build(given.input, { ...given, config: { no_such_field: "s3cret" } }, mark),
				build(given.input, { ...given, credentials: { no_such_field: "s3cret" } }, mark),
				build(given.input, given, { ...mark, run: "run\r\nx-injected: 1" }),
				build(given.input, given, { ...mark, run: "run \u2713" }),
			];
			for (const built of bad) {
				expect(built.ok).toBe(false);
				expect(JSON.stringify(built)).not.toContain("s3cret");
			}
		}

		/** What became of the step is told in declared fields, and its undoing in what the undoing action accepts. */
		function holdsForSuccess({ output, undo }: { output: Json; undo?: JsonObject }) {
			expect(typeof output === "object" && output !== null && !Array.isArray(output)).toBe(true);
			for (const field of Object.keys(output ?? {})) expect(Object.keys(action.output)).toContain(field);
			if (undo === undefined) return;
			expect(action.undo).toBeDefined();
			expect(actionOf(action.undo ?? "").input.safeParse(undo)).toEqual({ success: true, data: undo });
		}

		test("can be named by a step", () => {
			expect(Step.shape.use.safeParse(use).success).toBe(true);
			expect(findAction(use)).toBe(action);
			expect(action.about).toMatch(/^[A-Z].*\.$/);
			expect(action.timeout_ms).toBeGreaterThan(0);
			expect(z.toJSONSchema(action.input, { io: "input" })).toHaveProperty("properties");
		});

		test("says what later steps can read", () => {
			expect(Object.keys(action.output)).not.toEqual([]);
			for (const [field, about] of Object.entries(action.output)) {
				expect(field).toMatch(/^[a-z][a-z0-9_]*$/);
				expect(about).toMatch(/^[A-Z].*\.$/);
			}
		});

		test("reads by GET, and only if that is all it does", () => {
			const { method, body } = builtBy(action.build, good);
			if (action.reads && good.by_post) expect(method).toBe("POST");
			else expect(method === "GET" && body === null).toBe(action.reads === true);
			const isWrite = !action.repeatable || action.undo !== undefined || action.probe !== undefined;
			if (action.reads) expect(isWrite).toBe(false);
		});

		test("is repeatable, or can be looked for, or is known as neither", () => {
			const isNeither = EXAMPLES[connector.id]?.neither?.includes(name) ?? false;
			expect([action.repeatable, action.probe !== undefined, isNeither].filter(Boolean)).toHaveLength(1);
			if (action.once !== undefined) expect([action.repeatable, action.reads]).toEqual([true, undefined]);
			if (isNeither)
				expect(action.about).toMatch(/Nobody can tell afterwards .+ `on_unknown` decides; `stop`: at most once\.$/);
		});

		test("says what it changes, what it needs for that, and how that is recognised, unless it only reads", () => {
			expect(action.writes === undefined).toBe(action.reads === true);
			expect(action.mark === undefined).toBe(action.reads === true);
			if (action.writes !== undefined) expect(action.writes.fields).not.toEqual([]);
			if (action.mark !== undefined) expect(action.mark).toMatch(/^[A-Z`].*\.$/);
			expect(new Set(action.scopes).size).toBe(action.scopes.length);
		});

		test("is undone by another action of its connector, if by any", () => {
			const undoing = action.undo === undefined ? undefined : actionOf(action.undo);
			if (undoing !== undefined) expect(Object.values(connector.actions ?? {})).toContain(undoing);
			expect(undoing).not.toBe(action);
			expect(undoing?.repeatable ?? true).toBe(true);
			expect(undoing?.reads).toBeUndefined();
		});

		test("goes to a host of its connection, marked and with every secret named", () => {
			holdsForRequests(action.build);
		});

		test("is built equally every time, so that attempts can be recognised as one", () => {
			const build = () => action.build(good.input, good, mark);
			expect(build()).toEqual(build());
			expect(action.build(good.input, good, { ...mark, step: "other" })).not.toEqual(build());
		});

		test("says what is wrong with input, settings or credentials, without their values", () => {
			holdsForRefusals(action.build, good);
		});

		test("gives every field that it declares, and what undoes it", () => {
			const outcome = action.read(answer(...good.done), NOW, action.input.parse(good.input));
			if (outcome.kind !== "succeeded") throw new Error(outcome.reason);
			holdsForSuccess(outcome);
			expect(Object.keys(outcome.output ?? {}).sort()).toEqual(Object.keys(action.output).sort());
			expect(Object.hasOwn(outcome, "undo")).toBe(action.undo !== undefined);
		});

		test("makes an outcome of any answer", () => {
			const kinds = new Set<string>();
			const run = (response: OutboundResponse, input: JsonObject) => {
				const outcome = action.read(response, NOW, input);
				expect(Outcome.safeParse(outcome).error).toBeUndefined();
				if (outcome.kind === "succeeded") holdsForSuccess(outcome);
				kinds.add(outcome.kind);
			};
			const anyInput = fc.constantFrom<JsonObject>({}, good.input, { channel: 1, owner: null, repo: [], id: {} });
			fc.assert(fc.property(answersLike(...good.done), anyInput, run), { numRuns: 500 });
			expect(kinds.size).toBeGreaterThanOrEqual(3);
		});

		const { probe } = action;
		if (probe === undefined) return;

		test("is looked for by a request that only reads", () => {
			const request = holdsForRequests(probe.build);
			if (good.by_post) expect(request.method).toBe("POST");
			else expect(request).toMatchObject({ method: "GET", body: null });
			holdsForRefusals(probe.build, good);
		});

		test("says so where its credentials are refused, so that they can be renewed", () => {
			const input = action.input.parse(good.input);
			expect(probe.read(answer(401), NOW, { input, mark })).toMatchObject({
				...{ kind: "unclear", refused: { why: "unauthorized" } },
			});
		});

		test("is found with all that its own answer would have given", () => {
			const input = action.input.parse(good.input);
			const done = action.read(answer(...good.done), NOW, input);
			const found = probe.read(answer(200, good.shown), NOW, { input, mark });
			if (found.kind !== "found" || done.kind !== "succeeded") throw new Error(`${found.kind} of ${done.kind}`);
			expect({ output: found.output, undo: found.undo }).toEqual({ output: done.output, undo: done.undo });
		});

		test("is found in any answer by its key, or by the state that was wanted, and by nothing else", () => {
			const kinds = new Set<string>();
			const run = (response: OutboundResponse, input: JsonObject) => {
				const found = probe.read(response, NOW, { input, mark });
				kinds.add(found.kind);
				holdsForFound(found);
				if (found.kind !== "unclear") expect(response.status).toBeLessThan(300);
				if (found.kind === "found") {
					holdsForSuccess(found);
					if (!good.found_by_state) expect(response.body).toContain(good.known_by ?? mark.idempotency_key);
				}
			};
			const anyInput = fc.constantFrom<JsonObject>({}, good.input, { channel: 1, owner: null, repo: [], number: {} });
			fc.assert(fc.property(answersLike(200, good.shown ?? null), anyInput, run), { numRuns: 500 });
			expect([...kinds]).toEqual(expect.arrayContaining(["found", "unclear"]));
		});
	});

	test("names no host where the settings name none", () => {
		for (const base_url of [1, "", "no url", null]) {
			expect(connection.hosts({ base_url })).toEqual([]);
		}
	});
});

function holdsForFound(found: Found) {
	if (found.kind !== "unclear") return;
	expect(found.reason).not.toBe("");
	if (found.after_ms !== undefined) expect(found.after_ms).toBeGreaterThanOrEqual(0);
}

/** Answers of all kinds, and many that are close to the right one. */
function answersLike(status: number, body: Json): fc.Arbitrary<OutboundResponse> {
	const header = fc.oneof(fc.string(), fc.constantFrom("0", "1", "-1", "1e9", "9".repeat(400), "1795168796"));
	const names = fc.constantFrom("retry-after", "content-type", "x-ratelimit-remaining", "x-ratelimit-reset");
	const text = (json: Json) => JSON.stringify(json) ?? "";
	return fc.record({
		status: fc.oneof(fc.constant(status), fc.integer({ min: 100, max: 999 }), fc.constantFrom(200, 403, 404, 429, 500)),
		headers: fc.dictionary(names, header),
		body: fc.oneof(
			{ weight: 4, arbitrary: nearly(body).map(text) },
			anyValue.map(text),
			fc.string(),
			fc.constantFrom("", "{}", "[]", "null", '{"ok":false}', '{"ok":true}', '{"ok":false,"error":1}'),
		),
	});
}

test("actions are found by their whole name only", () => {
	const examples = Object.entries(EXAMPLES).flatMap(([id, { actions = {} }]) =>
		Object.keys(actions).map((name) => `${id}.${name}`),
	);
	expect(actionNames()).toEqual(examples.sort());
	for (const use of [
		"",
		"slack",
		"slack.",
		".post_message",
		"slack.post_message.x",
		"slack.toString",
		"constructor.name",
	]) {
		expect(findAction(use)).toBeUndefined();
	}
});

test("a repetition is recognised without end, but for these", () => {
	const limited = actionNames().filter((name) => actionOf(name).once !== undefined);
	expect(limited.sort()).toEqual(["http.request", "pagerduty.trigger", "resend.send_email"]);
});
