// Which workflows want an event, and why the others do not.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type CompiledWorkflow, checkDocument } from "../../src/core/document";
import { matchesGlob, parseGlob } from "../../src/core/glob";
import { planFor } from "../../src/core/match";
import type { CanonicalEvent } from "../../src/model/event";
import { cpuMs } from "../support/cpu";

const event: CanonicalEvent = {
	id: `evt_${"0".repeat(32)}`,
	tenant_id: "acme",
	source: "hubspot",
	source_system: "hubspot",
	event_type: "deal.updated",
	native_type: "object.propertyChange",
	entity: { type: "deal", id: "991" },
	entity_id: "hubspot/deal/991",
	actor: { kind: "human" },
	timestamp: "2026-11-20T09:59:56.000Z",
	received_at: "2026-11-20T09:59:57.000Z",
	changes: [{ field: "dealstage", from: "new", to: "legal" }],
	data: { dealstage: "legal", amount: 1200, owner: "ada", team: null, tags: ["a", "b"], long: "x".repeat(5_000) },
	trust: "signed",
	trace: { trace_id: "0".repeat(32), hops: 0, path: [] },
	schema_version: 1,
};

const catalogue = {
	action: (use: string) => ({
		...{ input: z.looseObject({}), output: { id: "" }, repeatable: true, timeout_ms: 1_000 },
		...(use === "slack.get_message" ? { reads: true as const } : {}),
		...(use === "slack.open_channel" ? { undo: "slack.archive_channel" } : {}),
	}),
	actions: () => ["slack.post_message"],
};

function workflow(change: Record<string, unknown>): CompiledWorkflow {
	const document = {
		name: "deal-desk",
		owner: "revops",
		on: { source: "hubspot", event: "deal.updated" },
		steps: [{ id: "tell", use: "slack.post_message", connection: "slack" }],
		...change,
	};
	const result = checkDocument(document, catalogue);
	if (!result.ok) throw new Error(JSON.stringify(result.error));
	return result.value;
}

function answer(change: Record<string, unknown>, about: Partial<CanonicalEvent> = {}) {
	return planFor(workflow(change), 3, { ...event, ...about });
}

const trigger = (change: Record<string, unknown>) => ({ source: "hubspot", event: "deal.updated", ...change });

describe("an event is wanted", () => {
	test.each([
		["by its type", trigger({})],
		["by a glob", trigger({ event: "deal.*" })],
		["by any type", trigger({ event: "*" })],
		["by its actor", trigger({ actors: ["automation", "human"] })],
		["by a condition", trigger({ if: 'changed_to("dealstage", "legal") && event.data.amount > 1000' })],
		["by one trigger of several", [trigger({ event: "deal.created" }), { source: "jira", event: "*" }, trigger({})]],
		["by one trigger after another has failed", [trigger({ if: "event.data.missing" }), trigger({})]],
	])("%s", (_, on) => {
		expect(answer({ on }).kind).toBe("plan");
	});
});

describe("an event is not wanted", () => {
	test.each([
		[
			"because of its type",
			trigger({ event: "deal.created" }),
			"event_type",
			"on wants deal.created, and the event is deal.updated",
		],
		[
			"because a glob does not fit",
			trigger({ event: "deal.*.done" }),
			"event_type",
			"on wants deal.*.done, and the event is deal.updated",
		],
		[
			"because of its actor",
			trigger({ actors: ["automation", "system"] }),
			"actor",
			"on wants automation or system, and the actor is human",
		],
		["because a condition is false", trigger({ if: "event.data.amount > 5000" }), "condition", "on.if is false"],
		[
			"because a condition fails",
			trigger({ if: "event.data.missing == 1" }),
			"expression",
			"on.if: event.data has no field missing; where it can be missing, test has(event.data.missing) first (column 11)",
		],
		[
			"because a condition is no condition",
			trigger({ if: "event.data.amount" }),
			"expression",
			"on.if: a condition must be true or false, and this one is a number; compare it with something",
		],
		[
			"and the actor is closer than the type",
			[trigger({ event: "deal.created" }), trigger({ actors: ["system"] })],
			"actor",
			"on[1] wants system, and the actor is human",
		],
		[
			"and the condition is closer than the actor",
			[trigger({ if: "false" }), trigger({ actors: ["system"] }), trigger({ event: "x" })],
			"condition",
			"on[0].if is false",
		],
		[
			"and the first of the closest says why",
			[trigger({ event: "x" }), trigger({ if: "1" }), trigger({ if: "false" })],
			"expression",
			"on[1].if: a condition must be true or false, and this one is a number; compare it with something",
		],
		[
			"and triggers of other sources say nothing",
			[{ source: "jira", event: "*", if: "false" }, trigger({ event: "x" })],
			"event_type",
			"on[1] wants x, and the event is deal.updated",
		],
	])("%s", (_, on, reason, detail) => {
		expect(answer({ on })).toEqual({ kind: "none", because: { workflow: "deal-desk", reason, detail } });
	});
});

test("a workflow of other sources has no opinion", () => {
	expect(answer({ on: { source: "jira", event: "*" } })).toEqual({ kind: "other_source" });
	expect(
		answer({
			on: [
				{ source: "jira", event: "*" },
				{ source: "hubspot-eu", event: "*" },
			],
		}),
	).toEqual({ kind: "other_source" });
});

test("a plan carries all that the Entity needs", () => {
	const timing = { debounce: { quiet: "90s", max_wait: "10m" } };
	expect(answer({ timing, priority: "urgent" })).toEqual({
		kind: "plan",
		plan: {
			workflow: "deal-desk",
			version: 3,
			entity_key: "e:hubspot/deal/991",
			priority: "urgent",
			timing: { kind: "debounce", quiet: 90_000, max_wait: 600_000, edge: "trailing", keep: "latest" },
			steps: [
				{
					id: "tell",
					use: "slack.post_message",
					connection: "slack",
					timeout_ms: 1_000,
					repeatable: true,
					on_unknown: "retry",
					attempts: 6,
					base_ms: 10_000,
					cap_ms: 3_600_000,
				},
			],
		},
	});
});

test("a plan says what is undone and compared", () => {
	const timing = { debounce: { quiet: "90s", max_wait: "10m", skip_unchanged: true } };
	const steps = [
		{ id: "read", use: "slack.get_message", connection: "slack" },
		{ id: "open", use: "slack.open_channel", connection: "slack", with: { id: "${{ steps.read.output.id }}" } },
	];
	const result = answer({ timing, steps, on_failure: { compensate: true } });
	expect(result).toMatchObject({ plan: { compensate: true, skip_unchanged: ["read"] } });
	const plain = answer({});
	expect(plain).not.toHaveProperty("plan.compensate");
	expect(plain).not.toHaveProperty("plan.skip_unchanged");
});

describe("the key", () => {
	test.each([
		["is home by default", undefined, "e:hubspot/deal/991"],
		["is home where it says so", "event.entity_id", "e:hubspot/deal/991"],
		["is home where it says so with room around", " event.entity_id ", "e:hubspot/deal/991"],
		[
			"is a group where it comes to the same, since for another event it may not",
			'"hubspot/" + event.entity.type + "/" + event.entity.id',
			"g:deal-desk:hubspot/deal/991",
		],
		["is a group of a text", "event.data.owner", "g:deal-desk:ada"],
		["is a group of a number", "event.data.amount", "g:deal-desk:1200"],
		["is a group of a truth", "event.data.amount > 1000", "g:deal-desk:true"],
		["is a group of all events", '"all"', "g:deal-desk:all"],
		["is a group of a long text", "truncate(event.data.long, 256)", `g:deal-desk:${"x".repeat(255)}…`],
	])("%s", (_, key, entity_key) => {
		const result = answer({ key });
		expect(result).toMatchObject({ kind: "plan", plan: { entity_key } });
		expect(result.kind === "plan" && result.plan.failed).toBeUndefined();
	});

	test.each([
		["null", "event.data.team", "key: the key must be text or a number, and it is not"],
		["a list", "event.data.tags", "key: the key must be text or a number, and it is not"],
		["an object", "event.entity", "key: the key must be text or a number, and it is not"],
		["empty", '""', "key: the key is empty"],
		["too long", "event.data.long.substring(0, 257)", "key: the key has 257 characters; at most 256 are allowed"],
		[
			"an error",
			"event.data.missing",
			"key: event.data has no field missing; where it can be missing, test has(event.data.missing) first (column 11)",
		],
	])("fails at home where it is %s", (_, key, failed) => {
		const timing = { aggregate: { window: "1h", summarize: { counts_by: "event.data.owner" } } };
		const result = answer({ key, timing });
		expect(result).toMatchObject({ kind: "plan", plan: { entity_key: "e:hubspot/deal/991", failed } });
		expect(result.kind === "plan" && result.plan.extract).toBeUndefined();
	});

	test("may be as long as an entity's id where it is one", () => {
		const entity_id = `hubspot/deal/${"9".repeat(400)}`;
		expect(answer({}, { entity_id })).toMatchObject({ plan: { entity_key: `e:${entity_id}` } });
		expect(answer({}, { entity_id })).not.toHaveProperty("plan.failed");
	});

	test("is text that any encoding keeps apart", () => {
		const result = answer({ key: "event.data.owner" }, { data: { owner: "\ud83d" } });
		expect(result).toMatchObject({ plan: { entity_key: "g:deal-desk:\ufffd" } });
	});
});

describe("a join", () => {
	const timing = {
		join: {
			by: "7d",
			branches: {
				legal: { on: { source: "hubspot", event: "deal.updated" } },
				built: { on: { source: "jira", event: "*" }, key: "event.data.owner" },
			},
		},
	};
	const joined = (change: Record<string, unknown>, about: Partial<CanonicalEvent> = {}) =>
		answer({ on: undefined, timing, key: "event.entity.id", ...change }, about);

	test("says which branch the event completes, in the group where all of them meet", () => {
		expect(joined({})).toMatchObject({ plan: { branch: "legal", entity_key: "g:deal-desk:991" } });
		const about = { source: "jira", entity_id: "jira/issue/7" };
		expect(joined({}, about)).toMatchObject({ plan: { branch: "built", entity_key: "g:deal-desk:ada" } });
	});

	test("meets in a group, though its key is the entity's own id", () => {
		expect(joined({ key: "event.entity_id" })).toMatchObject({ plan: { entity_key: "g:deal-desk:hubspot/deal/991" } });
	});

	test("fails at home where its key fails", () => {
		const result = joined({ key: "event.data.team" });
		expect(result).toMatchObject({ plan: { branch: "legal", entity_key: "e:hubspot/deal/991" } });
		expect(result).toHaveProperty("plan.failed", "key: the key must be text or a number, and it is not");
	});
});

describe("an aggregate takes from an event", () => {
	function extract(aggregate: Record<string, unknown>, about: Partial<CanonicalEvent> = {}) {
		const result = answer({ timing: { aggregate: { window: "1h", ...aggregate } } }, about);
		return result.kind === "plan" ? result.plan.extract : result;
	}

	test("nothing, where it asks for nothing", () => {
		expect(extract({})).toEqual({});
	});

	test("what it asks for", () => {
		const summarize = {
			counts_by: "event.data.owner",
			latest_by: "event.entity.id",
			top: { by: "event.data.amount" },
			sum: { amount: "event.data.amount", one: "1" },
			critical_if: "event.data.amount > 1000",
			keep: [
				"data.owner",
				"data.tags",
				"data.tags.1",
				"data.team",
				"entity.id",
				"changes.0.to",
				"data.missing.deeper",
				"sequence",
			],
		};
		expect(extract({ summarize, flush_if: "event.data.amount > 9000" })).toEqual({
			counts_by: "ada",
			latest_by: "991",
			top: "1200",
			sum: { amount: 1200, one: 1 },
			critical: true,
			flush: false,
			kept: {
				"data.owner": "ada",
				"data.tags": ["a", "b"],
				"data.tags.1": "b",
				"data.team": null,
				"entity.id": "991",
				"changes.0.to": "legal",
			},
		});
	});

	test("nothing of an expression that fails, and a note", () => {
		const summarize = {
			counts_by: "event.data.missing",
			latest_by: "event.data.tags",
			top: { by: "event.data.long" },
			sum: { amount: "event.data.amount", owner: "event.data.owner", none: "event.none" },
			critical_if: "event.data.amount",
			keep: ["data.owner"],
		};
		expect(extract({ summarize, flush_if: "event.nope" })).toEqual({
			sum: { amount: 1200 },
			kept: { "data.owner": "ada" },
			problems: [
				"counts_by: event.data has no field missing; where it can be missing, test has(event.data.missing) first (column 11)",
				"latest_by: must be text or a number of at most 256 characters",
				"top: must be text or a number of at most 256 characters",
				"sum.owner: must be a number; double() makes one of a text",
				"sum.none: event has no field none; where it can be missing, test has(event.none) first (column 6)",
				"critical_if: a condition must be true or false, and this one is a number; compare it with something",
				"flush_if: event has no field nope; where it can be missing, test has(event.nope) first (column 6)",
			],
		});
	});

	test("the beginning of a long text, and no other large value", () => {
		const data = { text: `${"x".repeat(2_046)}🚂🚂`, list: Array.from({ length: 2_000 }, () => 1) };
		expect(extract({ summarize: { keep: ["data.text", "data.list"] } }, { data })).toEqual({
			kept: { "data.text": `${"x".repeat(2_046)}…` },
			problems: ["keep: data.list is larger than 2048 characters"],
		});
	});

	test("own properties only", () => {
		const data = JSON.parse('{"a": {"constructor": {"name": "mine"}}}');
		expect(extract({ summarize: { keep: ["data.toString", "data.a.valueOf.name"] } }, { data })).toEqual({ kept: {} });
	});

	test("copies", () => {
		const result = extract({ summarize: { keep: ["data.tags"] } });
		if (result === undefined || !("kept" in result)) throw new Error("something is kept");
		expect(result.kept?.["data.tags"]).toEqual(event.data.tags);
		expect(result.kept?.["data.tags"]).not.toBe(event.data.tags);
	});
});

describe("a glob", () => {
	const matches = (glob: string, text: string) => matchesGlob(parseGlob(glob), text);

	test.each([
		["deal.updated", "deal.updated", true],
		["deal.updated", "deal.updated2", false],
		["deal.*", "deal.updated", true],
		["deal.*", "deal.", true],
		["deal.*", "dealer.updated", false],
		["*.updated", "deal.updated", true],
		["*.updated", "deal.updated.x", false],
		["*", "", true],
		["*", "anything", true],
		["a*b*c", "a1b2c", true],
		["a*b*c", "abc", true],
		["a*b*c", "acb", false],
		["a*a", "a", false],
		["a*a", "aa", true],
		["*a*", "bab", true],
		["a.b", "axb", false],
		["a+", "aa", false],
		["*ab*ab", "ab", false],
		["*ab*ab", "abab", true],
	])("%s matches %s: %s", (glob, text, expected) => {
		expect(matches(glob, text)).toBe(expected);
	});

	test("is slow for no text", () => {
		const took = cpuMs(() => expect(matches(`${"*a".repeat(100)}b`, "a".repeat(20_000))).toBe(false));
		expect(took).toBeLessThan(500);
	});

	test("agrees with the definition", () => {
		const letters = fc.array(fc.constantFrom("a", "b", "*"), { maxLength: 6 }).map((parts) => parts.join(""));
		const text = fc.array(fc.constantFrom("a", "b"), { maxLength: 8 }).map((parts) => parts.join(""));
		fc.assert(
			fc.property(letters, text, (glob, subject) => {
				expect(matches(glob, subject)).toBe(new RegExp(`^${glob.replaceAll("*", "[^]*")}$`).test(subject));
			}),
			{ numRuns: 2_000 },
		);
	});
});
