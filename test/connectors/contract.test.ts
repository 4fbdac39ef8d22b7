// What holds for every connector there is, whatever it connects to.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { actionNames, connectors, findAction, findConnector } from "../../src/connectors";
import type { Connector, Mark } from "../../src/connectors/connector";
import { EVENTS } from "../../src/connectors/github-events";
import { Actor, Change, TRUST_LEVELS } from "../../src/model/event";
import type { Json, JsonObject } from "../../src/model/json";
import { Name } from "../../src/model/name";
import { Outcome } from "../../src/model/outcome";
import { Step } from "../../src/model/workflow";
import { deliveryOf, NOW, verdictOf } from "./deliveries";

const all = Object.values(connectors);
const sources = all.filter((connector) => connector.source !== undefined);
const acting = all.filter((connector) => connector.actions !== undefined);

/** Settings, credentials and input that each acting connector accepts. */
const GOOD: Record<string, { config: JsonObject; credentials: JsonObject; input: JsonObject }> = {
	"http.request": {
		config: { base_url: "https://api.partner.com/v1" },
		credentials: { headers: { authorization: "Bearer s3cret" } },
		input: { path: "/orders", body: { a: 1 } },
	},
	"slack.post_message": { config: {}, credentials: { token: "s3cret" }, input: { channel: "C1", text: "hello" } },
};

const mark: Mark = {
	idempotency_key: "sb_run_1_post",
	trace_id: "0af7651916cd43dd8448eb211c80319c",
	run: "run_1",
	step: "post",
};

describe.each(all)("$id", (connector) => {
	test("stands in the list under its own name", () => {
		expect(connectors[connector.id]).toBe(connector);
		expect(findConnector(connector.id)).toBe(connector);
		expect(Name.safeParse(connector.id).success).toBe(true);
		expect(connector.title).not.toBe("");
		expect(connector.source ?? connector.actions).toBeDefined();
	});

	test("describes its settings to editors", () => {
		for (const schema of [connector.source?.config, connector.connection?.config, connector.connection?.credentials]) {
			if (schema !== undefined) expect(z.toJSONSchema(schema, { io: "input" })).toHaveProperty("properties");
		}
	});
});

describe.each(sources)("the source half of $id", ({ id, source }) => {
	if (source === undefined) throw new Error("not a source");
	const config = source.config.parse({});

	test("works without settings, and keeps settings that it has read", () => {
		expect(source.config.parse(config)).toEqual(config);
		expect(TRUST_LEVELS).toContain(source.trust(config));
	});

	test("refuses settings that it does not know", () => {
		expect(source.config.safeParse({ no_such_setting: 1 }).success).toBe(false);
	});

	test("believes nobody without a secret, and nobody who signs with none", async () => {
		const scheme = source.verification(config);
		for (const secrets of [[], [""]]) expect(await verdictOf(deliveryOf("{}"), scheme, secrets)).toBe("no_secret");
		expect(await verdictOf(deliveryOf("{}"), scheme, ["secret that is also base64=="])).not.toBe("ok");
	});

	test("makes of any JSON events that can be stored, or says why not", () => {
		let events = 0;
		const run = (json: Json, headers: Record<string, string>) => {
			const normalized = source.normalize(deliveryOf(JSON.stringify(json), headers), json, config);
			if (!normalized.ok) expect(normalized.error).not.toBe("");
			for (const event of normalized.ok && normalized.value.kind === "events" ? normalized.value.events : []) {
				events++;
				expect(event.delivery_key).not.toBe("");
				expect(event.entity.id).not.toBe("");
				expect(event.event_type.length).toBeLessThanOrEqual(200);
				expect(Actor.safeParse(event.actor).success).toBe(true);
				expect(z.array(Change).max(1_000).safeParse(event.changes).success).toBe(true);
				expect(new Date(event.occurred_at ?? 0).toISOString()).toHaveLength(24);
				expect(event.data).toBe(json);
			}
		};
		fc.assert(fc.property(anyBody, anyHeaders, run), { numRuns: 200 });
		fc.assert(fc.property(nearlyGood(id), anyHeaders, run), { numRuns: 600 });
		expect(events).toBeGreaterThan(100);
	});

	test("does not stumble over bodies that disagree with their bytes", () => {
		const run = (json: Json, body: Uint8Array, headers: Record<string, string>) => {
			expect(source.normalize(deliveryOf(body, headers), json, config)).toHaveProperty("ok");
		};
		fc.assert(fc.property(anyBody, fc.uint8Array({ maxLength: 20 }), anyHeaders, run), { numRuns: 100 });
	});
});

/** Values where connectors look for something else, at the keys that they look at. */
const { value: anyValue, object: anyBody } = fc.letrec<{ value: Json; object: Json }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, withCrossShrink: true },
		fc.constantFrom<Json>(null, true, "", "a", "x".repeat(500), 0, -1, 1.5, 1e21, 2 ** 60, 1e308, "\ud800"),
		fc.constantFrom<Json>("2026-11-20T09:59:56Z", "9999-12-31T23:59:59-23:59", "event", "v2.core.event", "Bot", []),
		tie("object"),
		fc.array(tie("value"), { maxLength: 3 }),
	),
	object: fc.dictionary(
		fc.oneof(
			fc.constantFrom("id", "type", "data", "object", "created", "updated_at", "sender", "repository", "issue"),
			fc.constantFrom("changes", "from", "to", "action", "previous_attributes", "request", "related_object", "actor"),
			fc.constantFrom("toString", "__proto__", "constructor", "hasOwnProperty", "length", "a.b", ""),
			fc.constantFrom(...EVENTS.keys()),
		),
		tie("value"),
		{ maxKeys: 6 },
	),
}));

/** Bodies that each source makes events of, small enough that a change somewhere is mostly a change that matters. */
const GOOD_BODIES: Record<string, JsonObject> = {
	github: {
		action: "edited",
		issue: { id: 11, title: "a", updated_at: "2026-11-20T09:59:57Z" },
		changes: { title: { from: "b" }, base: { ref: { from: "c" } } },
		repository: { id: 7, pushed_at: 1_795_168_796 },
		sender: { id: 1, login: "dana", type: "User" },
	},
	stripe: {
		id: "evt_1",
		object: "event",
		type: "customer.updated",
		created: 1_795_168_796,
		related_object: { id: "a", type: "b" },
		data: { object: { id: "cus_1", object: "customer", a: { b: 1 } }, previous_attributes: { a: { b: 2 }, c: 1 } },
		request: { id: "req_1", idempotency_key: "k" },
	},
	any: {
		id: "e1",
		type: "order.updated",
		timestamp: "2026-11-20T09:59:57Z",
		occurred_at: 1_795_168_796,
		data: { id: "o1", actor: { type: "user", id: "p1" } },
		actor: { kind: "bot", id: "p2" },
		source: "shop",
	},
};

/** A good body in which up to three things are something else. */
function nearlyGood(id: string): fc.Arbitrary<Json> {
	const good = GOOD_BODIES[id] ?? GOOD_BODIES.any ?? {};
	const replacements = fc.array(fc.tuple(fc.nat(), anyValue), { maxLength: 3 });
	return replacements.map((list) => list.reduce<Json>((json, [at, value]) => replacedAt(json, at, value), good));
}

/** `json` with one of its members, at any depth, replaced; `at` chooses which. */
function replacedAt(json: Json, at: number, value: Json): Json {
	if (typeof json !== "object" || json === null || Array.isArray(json)) return value;
	const keys = Object.keys(json);
	const key = keys[at % Math.max(keys.length, 1)];
	if (key === undefined) return value;
	const deeper = Math.floor(at / keys.length);
	const member = deeper % 3 === 0 ? value : replacedAt(json[key] ?? null, Math.floor(deeper / 3), value);
	return Object.fromEntries([...Object.entries(json).filter(([name]) => name !== key), [key, member]]);
}

const anyHeaders = fc.record({
	"x-github-event": fc.oneof(fc.constantFrom("issues", "", ...EVENTS.keys(), "constructor"), fc.string()),
	"x-github-delivery": fc.oneof(fc.constantFrom("d1", "", "x".repeat(600)), fc.string()),
	"webhook-id": fc.oneof(fc.constantFrom("m1", "", "x".repeat(600)), fc.string()),
});

describe.each(acting)("the actions of $id", (connector: Connector) => {
	const { connection } = connector;
	if (connection === undefined) throw new Error("actions without a connection");

	describe.each(Object.entries(connector.actions ?? {}))("%s", (name, action) => {
		const use = `${connector.id}.${name}`;
		const good = GOOD[use];
		if (good === undefined) throw new Error(`no example of ${use}`);

		test("can be named by a step", () => {
			expect(Step.shape.use.safeParse(use).success).toBe(true);
			expect(findAction(use)).toBe(action);
			expect(action.about).toMatch(/^[A-Z].*\.$/);
			expect(action.timeout_ms).toBeGreaterThan(0);
			expect(z.toJSONSchema(action.input, { io: "input" })).toHaveProperty("properties");
		});

		test("goes to a host of its connection, marked and with every secret named", () => {
			const config = connection.config.parse(good.config);
			const credentials = connection.credentials.parse(good.credentials);
			const built = action.build(action.input.parse(good.input), { config, credentials }, mark);
			if (!built.ok) throw new Error(built.error);
			const { url, headers, secret_headers } = built.value;
			expect(connection.hosts(config)).toContain(new URL(url).hostname);
			expect(headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
			expect(headers["x-signalbox-run"]).toBe("run_1");
			expect(Object.keys(headers)).toEqual(Object.keys(headers).map((header) => header.toLowerCase()));
			const shown = Object.entries(headers).filter(([header]) => !secret_headers.includes(header));
			expect(JSON.stringify([shown, url])).not.toContain("s3cret");
			expect(new Request(url, built.value)).toBeInstanceOf(Request);
		});

		test("is built equally every time, so that attempts can be recognised as one", () => {
			const build = () => action.build(good.input, good, mark);
			expect(build()).toEqual(build());
			expect(action.build(good.input, good, { ...mark, step: "other" })).not.toEqual(build());
		});

		test("says what is wrong with input, settings or credentials, without their values", () => {
			const bad = [
				action.build({ no_such_field: "s3cret" }, good, mark),
				action.build(good.input, { ...good, config: { no_such_field: "s3cret" } }, mark),
				action.build(good.input, { ...good, credentials: { no_such_field: "s3cret" } }, mark),
				action.build(good.input, good, { ...mark, run: "run\r\nx-injected: 1" }),
				action.build(good.input, good, { ...mark, run: "run \u2713" }),
			];
			for (const built of bad) {
				expect(built.ok).toBe(false);
				expect(JSON.stringify(built)).not.toContain("s3cret");
			}
		});

		test("makes an outcome of any response", () => {
			const header = fc.oneof(fc.string(), fc.constantFrom("1", "-1", "1e9", "9".repeat(400)));
			const response = fc.record({
				status: fc.integer({ min: 100, max: 999 }),
				headers: fc.dictionary(fc.constantFrom("retry-after", "content-type"), header),
				body: fc.oneof(
					fc.string(),
					fc.json(),
					fc.constantFrom('{"ok":false}', '{"ok":true}', '{"ok":false,"error":1}'),
				),
			});
			const run = (given: { status: number; headers: Record<string, string>; body: string }) => {
				expect(Outcome.safeParse(action.read(given, NOW)).error).toBeUndefined();
			};
			fc.assert(fc.property(response, run), { numRuns: 300 });
		});
	});

	test("names no host where the settings name none", () => {
		for (const base_url of [1, "", "no url", null]) {
			expect(connection.hosts({ base_url })).toEqual([]);
		}
	});
});

test("actions are found by their whole name only", () => {
	expect(actionNames()).toEqual(["http.request", "slack.post_message"]);
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
	for (const id of ["", "constructor", "__proto__", "toString", "Slack"]) expect(findConnector(id)).toBeUndefined();
});
