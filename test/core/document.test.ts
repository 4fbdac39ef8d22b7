// Workflow documents: what a sound one becomes, and what the author of any other is told.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDocument } from "../../src/core/document";
import { catalogue, compiled, problems } from "./document-catalogue";

const step = { id: "tell", use: "slack.post_message", connection: "slack", with: { channel: "C1", text: "hello" } };
const base = { name: "deal-desk", owner: "revops", on: { source: "hubspot", event: "deal.*" }, steps: [step] };
const debounce = { quiet: "90s", max_wait: "10m" };

const withStep = (change: Record<string, unknown>) => ({ ...base, steps: [{ ...step, ...change }] });
const withInput = (input: unknown) => withStep({ with: input });
const withTiming = (timing: unknown) => ({ ...base, timing });
const withAggregate = (aggregate: Record<string, unknown>) =>
	withTiming({ aggregate: { window: "15m", ...aggregate } });
const withClock = (aggregate: Record<string, unknown>) =>
	withTiming({ aggregate: { every: "0 9 * * 1-5", tz: "Europe/Berlin", ...aggregate } });

const wrong: [what: string, input: unknown, problems: string[]][] = [
	["nothing", null, [": a workflow is an object, and this is null"]],
	["a text", "name: x", [": a workflow is an object, and this is text"]],
	["a list", [base], [": a workflow is an object, and this is a list"]],
	[
		"an empty object",
		{},
		[
			"name: is missing",
			"owner: is missing: the team that answers for it",
			"steps: is missing",
			"on: is missing: the events that it is about, like on: { source: github, event: issue.created }",
		],
	],
	["a key with a typing error", { ...base, prioriy: "urgent" }, [": unknown key prioriy; did you mean priority?"]],
	[
		"a key of another system",
		{ ...base, permissions: {} },
		[
			": unknown key permissions; allowed here: name, owner, about, on, key, timing, priority, retry_budget, steps, on_failure",
		],
	],
	[
		"a name that is a title",
		{ ...base, name: "Deal Desk" },
		["name: use lower-case letters, digits and single hyphens, starting with a letter, like deal-in-review"],
	],
	["a long name", { ...base, name: "a".repeat(64) }, ["name: must have at most 63 characters"]],
	["an owner that is a number", { ...base, owner: 7 }, ["owner: must be text, and this is a number"]],
	["an empty owner", { ...base, owner: "" }, ["owner: must not be empty"]],
	[
		"an unknown priority",
		{ ...base, priority: "urgnt" },
		["priority: must be one of normal, urgent; did you mean urgent?"],
	],
	["a priority that is a level", { ...base, priority: 1 }, ["priority: must be one of normal, urgent"]],

	["no trigger", { ...base, on: [] }, ["on: must not be empty: without a trigger, the workflow never acts"]],
	["a trigger that is a text", { ...base, on: "deal.updated" }, ["on: must be an object, and this is text"]],
	[
		"a trigger without an event",
		{ ...base, on: { source: "hubspot" } },
		["on.event: is missing: the event type; * stands for any characters, like issue.*"],
	],
	[
		"a trigger with a wrong key",
		{ ...base, on: [{ ...base.on, iff: "true" }] },
		["on[0]: unknown key iff; did you mean if?"],
	],
	[
		"a source that is a name of a system",
		{ ...base, on: { source: "HubSpot", event: "*" } },
		["on.source: use lower-case letters, digits and single hyphens, starting with a letter, like deal-in-review"],
	],
	[
		"a glob with spaces",
		{ ...base, on: { ...base.on, event: "deal updated" } },
		["on.event: may hold letters, digits, . _ - : and /, and * for any characters"],
	],
	[
		"a glob with two stars",
		{ ...base, on: { ...base.on, event: "deal.**" } },
		["on.event: has ** where one * already stands for any characters"],
	],
	[
		"an unknown kind of actor",
		{ ...base, on: { ...base.on, actors: ["humans"] } },
		["on.actors[0]: must be one of human, automation, system, self, mixed, unknown; did you mean human?"],
	],
	["no kind of actor", { ...base, on: { ...base.on, actors: [] } }, ["on.actors: must not be empty"]],
	[
		"a condition that is not CEL, in the second trigger",
		{ ...base, on: [base.on, { ...base.on, if: "event.id = 'a'" }] },
		["on[1].if: = has no meaning here; write == to compare (column 10)"],
	],
	[
		"a condition that reads the window",
		{ ...base, on: { ...base.on, if: "window.count > 1" } },
		["on.if: window is not available in this place; only event can be used here (column 1)"],
	],
	["an empty condition", { ...base, on: { ...base.on, if: "" } }, ["on.if: must not be empty"]],
	[
		"too many triggers",
		{ ...base, on: Array.from({ length: 21 }, () => base.on) },
		["on: must have at most 20 triggers"],
	],

	[
		"a key that is not CEL",
		{ ...base, key: "event.data." },
		["key: the expression ends after ., where a value should follow (column 12)"],
	],
	[
		"a key with a wrong name",
		{ ...base, key: "evnt.entity_id" },
		["key: there is no variable evnt; did you mean event? (column 1)"],
	],
	["a key that is a number", { ...base, key: 5 }, ["key: must be text, and this is a number"]],

	[
		"a timing that is a word",
		withTiming("immediate"),
		[
			"timing: must say immediate, debounce, aggregate or join, like timing: { debounce: { quiet: 90s, max_wait: 10m } }, and this is text",
		],
	],
	[
		"an empty timing",
		withTiming({}),
		[
			"timing: says nothing; write one of immediate, debounce, aggregate, join, like timing: { debounce: { quiet: 90s, max_wait: 10m } }",
		],
	],
	["an unknown timing", withTiming({ debouce: debounce }), ["timing: unknown key debouce; did you mean debounce?"]],
	[
		"two timings",
		withTiming({ debounce, immediate: {} }),
		["timing: says immediate and debounce; a workflow has one timing, so keep one of them"],
	],
	["an immediate without braces", withTiming({ immediate: null }), ["timing.immediate: is null; write immediate: {}"]],
	[
		"an immediate with settings",
		withTiming({ immediate: { quiet: "1s" } }),
		["timing.immediate: unknown key quiet; no keys are allowed here"],
	],
	[
		"a debounce without an end",
		withTiming({ debounce: { quiet: "90s" } }),
		[
			"timing.debounce.max_wait: is missing: without it, events that keep coming put the run off for ever; write the longest that the first event may wait, like max_wait: 10m",
		],
	],
	[
		"a debounce without quiet",
		withTiming({ debounce: { max_wait: "10m" } }),
		["timing.debounce.quiet: is missing: act once no event has arrived for this long"],
	],
	[
		"a debounce that ends before it is quiet",
		withTiming({ debounce: { quiet: "10m", max_wait: "90s" } }),
		["timing.debounce.max_wait: is shorter than quiet, so the workflow would never wait for quiet; make it longer"],
	],
	[
		"a duration without a unit",
		withTiming({ debounce: { ...debounce, quiet: 90 } }),
		["timing.debounce.quiet: must be a duration like 90s, and this is a number"],
	],
	[
		"a duration in words",
		withTiming({ debounce: { ...debounce, quiet: "90 seconds" } }),
		["timing.debounce.quiet: write a duration as a whole number and a unit: 500ms, 90s, 10m, 36h or 7d"],
	],
	[
		"a duration out of bounds",
		withTiming({ debounce: { ...debounce, max_wait: "90d" } }),
		["timing.debounce.max_wait: must be between 100ms and 30d"],
	],
	[
		"an unknown edge",
		withTiming({ debounce: { ...debounce, edge: "trail" } }),
		["timing.debounce.edge: must be one of trailing, leading"],
	],
	[
		"a debounce with a wrong key",
		withTiming({ debounce: { ...debounce, maxWait: "1h" } }),
		["timing.debounce: unknown key maxWait; did you mean max_wait?"],
	],
	[
		"an aggregate without an end",
		withTiming({ aggregate: {} }),
		["timing.aggregate: needs an end: window, like window: 15m, or every, like every: 0 9 * * 1-5"],
	],
	[
		"an aggregate with two ends",
		withClock({ window: "15m" }),
		[
			"timing.aggregate: has window and every; keep one: window counts from the first event, every ends with a tick of a clock",
		],
	],
	[
		"a clock without a time zone",
		withTiming({ aggregate: { every: "0 9 * * *" } }),
		["timing.aggregate.tz: is missing: every ticks in a time zone, like tz: Europe/Berlin"],
	],
	[
		"a time zone without a clock",
		withAggregate({ tz: "UTC" }),
		["timing.aggregate.tz: is the time zone of every, which is not there"],
	],
	[
		"a misspelt time zone",
		withClock({ tz: "Europe/Berln" }),
		["timing.aggregate.tz: is not an IANA time zone; did you mean Europe/Berlin?"],
	],
	[
		"an offset for a time zone",
		withClock({ tz: "+02:00" }),
		["timing.aggregate.tz: is not an IANA time zone; write one like Europe/Berlin"],
	],
	[
		"a clock of six fields",
		withClock({ every: "0 0 9 * * *" }),
		["timing.aggregate.every: must have five fields: minute, hour, day, month, weekday, like 0 9 * * 1-5; this has 6"],
	],
	[
		"a clock by nickname",
		withClock({ every: "@daily" }),
		["timing.aggregate.every: must have five fields: minute, hour, day, month, weekday, like 0 9 * * 1-5; this has 1"],
	],
	[
		"a clock that is out of range",
		withClock({ every: "61 9 * * *" }),
		["timing.aggregate.every: is not a cron expression: Invalid value for minute: 61"],
	],
	[
		"a clock that never ticks",
		withClock({ every: "0 9 30 2 *" }),
		["timing.aggregate.every: never ticks: there is no such day"],
	],
	["a clock that is a number", withClock({ every: 9 }), ["timing.aggregate.every: must be text, and this is a number"]],
	[
		"an empty run without a clock",
		{ ...withAggregate({ when_empty: "run" }), key: "'all'" },
		["timing.aggregate.when_empty: run needs every: a window opens with its first event, so it is never empty"],
	],
	[
		"an empty run with a key that reads the event",
		withClock({ when_empty: "run" }),
		[
			`timing.aggregate.when_empty: run needs a key that is the same for all events, like key: '"all"': where no event came, there is none to read`,
		],
	],
	[
		"an empty run with a key that asks for changes",
		{ ...withClock({ when_empty: "run" }), key: "string(changed('a'))" },
		[
			`timing.aggregate.when_empty: run needs a key that is the same for all events, like key: '"all"': where no event came, there is none to read`,
		],
	],
	[
		"an expression of an aggregate that is wrong",
		withAggregate({ flush_if: "evnt.x" }),
		["timing.aggregate.flush_if: there is no variable evnt; did you mean event? (column 1)"],
	],
	[
		"expressions of a summary that are wrong",
		withAggregate({
			summarize: { counts_by: "1 +", latest_by: "(", top: { by: "x" }, sum: { total: "y" }, critical_if: "a b" },
		}),
		[
			"timing.aggregate.summarize.counts_by: the expression ends after +, where a value should follow (column 4)",
			"timing.aggregate.summarize.latest_by: the ( is never closed (column 1)",
			"timing.aggregate.summarize.top.by: there is no variable x; only event can be used here (column 1)",
			"timing.aggregate.summarize.sum.total: there is no variable y; only event can be used here (column 1)",
			"timing.aggregate.summarize.critical_if: b follows a without an operator between them (column 3)",
		],
	],
	[
		"a name of a sum that is not one",
		withAggregate({ summarize: { sum: { "Total EUR": "1" } } }),
		[
			'timing.aggregate.summarize.sum["Total EUR"]: has a name that is not allowed; use lower-case letters, digits and underscores',
		],
	],
	[
		"paths to keep that are none",
		withAggregate({ summarize: { keep: ["issue.title", "dat.x", "data..x", "data.__proto__"] } }),
		[
			"timing.aggregate.summarize.keep[0]: an event has no field issue; paths start at the event, like data.issue.title",
			"timing.aggregate.summarize.keep[1]: an event has no field dat; did you mean data?",
			"timing.aggregate.summarize.keep[2]: must be names with single dots between them, like data.issue.title",
			"timing.aggregate.summarize.keep[3]: must be names with single dots between them, like data.issue.title",
		],
	],
	["too few events", withAggregate({ max_events: 0 }), ["timing.aggregate.max_events: must be at least 1"]],
	[
		"half an event",
		withAggregate({ max_events: 1.5 }),
		["timing.aggregate.max_events: must be a whole number, and this is a number with a fraction"],
	],
	["too many bytes", withAggregate({ max_bytes: 1e9 }), ["timing.aggregate.max_bytes: must be at most 524288"]],
	[
		"an aggregate that is a text",
		withTiming({ aggregate: "15m" }),
		["timing.aggregate: must be an object, and this is text"],
	],

	["no steps", { ...base, steps: [] }, ["steps: must not be empty"]],
	["steps that are an object", { ...base, steps: { tell: step } }, ["steps: must be a list, and this is an object"]],
	[
		"a step that is a text",
		{ ...base, steps: ["slack.post_message"] },
		["steps[0]: must be an object, and this is text"],
	],
	["a step without anything", { ...base, steps: [{}] }, ["steps[0].id: is missing", "steps[0].use: is missing"]],
	[
		"a step id with a hyphen",
		withStep({ id: "post-note" }),
		["steps[0].id: use lower-case letters, digits and underscores, starting with a letter, like post_note"],
	],
	[
		"two steps of one id",
		{ ...base, steps: [step, step, { ...step, id: "b" }] },
		["steps[1].id: is the id of steps[0] too; every step needs its own"],
	],
	[
		"an action without its connector",
		withStep({ use: "post_message" }),
		["steps[0].use: write an action as connector.action, like slack.post_message, or approve or wait"],
	],
	[
		"a misspelt action",
		withStep({ use: "slack.post_mesage" }),
		["steps[0].use: there is no action slack.post_mesage; did you mean slack.post_message?"],
	],
	[
		"an action that the connector lacks",
		withStep({ use: "slack.archive_channel" }),
		[
			"steps[0].use: there is no action slack.archive_channel; slack has slack.post_message, slack.delete_message, slack.add_reaction",
		],
	],
	[
		"an action of no connector",
		withStep({ use: "jira.create_issue" }),
		["steps[0].use: there is no action jira.create_issue; connectors with actions: slack, http"],
	],
	[
		"an action of the prototype",
		withStep({ use: "slack.constructor" }),
		[
			"steps[0].use: there is no action slack.constructor; slack has slack.post_message, slack.delete_message, slack.add_reaction",
		],
	],
	["a step with a key of another version", withStep({ uses: "x" }), ["steps[0]: unknown key uses; did you mean use?"]],
	["a step that waits too long", withStep({ timeout: "5m" }), ["steps[0].timeout: must be between 100ms and 2m"]],
	["too many attempts", withStep({ retry: { attempts: 100 } }), ["steps[0].retry.attempts: must be at most 20"]],
	[
		"a retry with a wrong key",
		withStep({ retry: { max: 3 } }),
		["steps[0].retry: unknown key max; allowed here: attempts, base, cap"],
	],
	[
		"pauses that are longer than the longest",
		withStep({ retry: { base: "10m", cap: "1m" } }),
		["steps[0].retry: base is longer than cap: the first pause cannot be longer than the longest"],
	],
	[
		"an unknown answer to the unknown",
		withStep({ on_unknown: "stopp" }),
		["steps[0].on_unknown: must be one of retry, stop; did you mean stop?"],
	],

	["an input that is a text", withInput("hello"), ["steps[0].with: must be an object, and this is text"]],
	["an input without what it needs", withInput({ text: "a" }), ["steps[0].with.channel: is missing: the channel's id"]],
	[
		"no input at all",
		withStep({ with: undefined }),
		["steps[0].with.channel: is missing: the channel's id", "steps[0].with.text: is missing"],
	],
	[
		"an input with a wrong key",
		withInput({ chanel: "C1", text: "a" }),
		["steps[0].with.channel: is missing: the channel's id", "steps[0].with: unknown key chanel; did you mean channel?"],
	],
	[
		"an input of a wrong kind",
		withInput({ channel: 5, text: "a" }),
		["steps[0].with.channel: must be text, and this is a number"],
	],
	[
		"an input that is wrong deep inside",
		withInput({ channel: "C1", text: "a", blocks: [{ type: "sektion", txt: "x" }] }),
		[
			"steps[0].with.blocks[0].type: must be one of section, divider; did you mean section?",
			"steps[0].with.blocks[0]: unknown key txt; did you mean text?",
		],
	],
	[
		"an input that is too long",
		withInput({ channel: "C1", text: "a".repeat(101) }),
		["steps[0].with.text: must have at most 100 characters"],
	],
	[
		"an input of none of the kinds",
		{ ...base, steps: [{ ...step, use: "http.request", with: { url: "https://a.example", body: { text: 1 } } }] },
		["steps[0].with.body: an object like this is not allowed here"],
	],
	[
		"a template that is wrong",
		withInput({ channel: "C1", text: "Hi ${{ evnt.id }}" }),
		["steps[0].with.text: there is no variable evnt; did you mean event? (column 8)"],
	],
	[
		"a template that is not closed",
		withInput({ channel: "C1", text: "Hi ${{ event.id" }),
		["steps[0].with.text: the ${{ is never closed with }} (column 4)"],
	],
	[
		"an expression deep inside",
		withInput({ channel: "C1", text: "a", blocks: [{ type: "section", text: "${{ event.data. }}" }] }),
		["steps[0].with.blocks[0].text: the expression ends after ., where a value should follow (column 17)"],
	],
	[
		"a wrong expression and a missing key",
		withInput({ text: "${{ 1 + }}" }),
		[
			"steps[0].with.channel: is missing: the channel's id",
			"steps[0].with.text: the expression ends after +, where a value should follow (column 9)",
		],
	],
	[
		"a value that JSON has not",
		withInput({ channel: "C1", text: "a", at: new Date(0) }),
		["steps[0].with.at: an object like this is not allowed here"],
	],
	[
		"a key that could become a prototype",
		withInput(JSON.parse('{"channel": "C1", "text": "a", "constructor": 1}')),
		[
			"steps[0].with: unknown key constructor; allowed here: channel, text, blocks, urgent",
			"steps[0].with.constructor: a key cannot be named constructor",
		],
	],
	[
		"a step that reads another, which is not there",
		withInput({ channel: "C1", text: "${{ steps.deal.output }}" }),
		["steps[0].with.text: there is no step deal, and no other step at all"],
	],

	[
		"very many unknown keys",
		{ ...base, ...Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`x${i}`, 1])) },
		[
			...Array.from(
				{ length: 10 },
				(_, i) =>
					`: unknown key x${i}; allowed here: name, owner, about, on, key, timing, priority, retry_budget, steps, on_failure`,
			),
			": 4990 more unknown keys",
		],
	],
	[
		"mistakes all over",
		{
			...base,
			name: "Deal Desk",
			on: { source: "hubspot", event: "deal updated", if: "evnt.x" },
			key: "(",
			timing: { debounce: { quiet: "90s" }, immediate: {} },
			steps: [{ ...step, connection: "Slack!", foo: 1, with: { channel: "${{ x }}" } }],
		},
		[
			"name: use lower-case letters, digits and single hyphens, starting with a letter, like deal-in-review",
			"steps[0].connection: use lower-case letters, digits and single hyphens, starting with a letter, like deal-in-review",
			"steps[0]: unknown key foo; allowed here: id, use, connection, with, timeout, retry, on_unknown, needs, if, for_each, concurrency, continue_on_error, output, fallback, undo",
			"on.event: may hold letters, digits, . _ - : and /, and * for any characters",
			"on.if: there is no variable evnt; did you mean event? (column 1)",
			"key: the ( is never closed (column 1)",
			"timing: says immediate and debounce; a workflow has one timing, so keep one of them",
			"timing.debounce.max_wait: is missing: without it, events that keep coming put the run off for ever; write the longest that the first event may wait, like max_wait: 10m",
			"steps[0].with.text: is missing",
			"steps[0].with.channel: there is no variable x; available here: event, window, steps, run, workflow, now, approvals (column 5)",
		],
	],
];

describe("a wrong document is refused, with every problem", () => {
	test.each(wrong)("%s", (_, input, expected) => {
		expect(problems(input)).toEqual(expected);
	});
});

test("a document that is nested very deep is refused before it is read", () => {
	let deep: unknown = "x";
	for (let i = 0; i < 100_000; i++) deep = [deep];
	expect(problems({ ...base, about: deep })).toEqual([": the document is nested more than 64 deep"]);
	const circle: Record<string, unknown> = {};
	circle.self = circle;
	expect(problems({ ...base, about: circle })).toEqual([": the document is nested more than 64 deep"]);
});

test("a document of very many parts is refused before it is read", () => {
	const wide = Array.from({ length: 30_000 }, () => 1);
	expect(problems({ ...base, about: wide })).toEqual([": the document has more than 20000 parts"]);
});

test("a document of very many mistakes is told the first of them", () => {
	const wrongInput = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, "${{"]));
	const result = problems({ ...base, steps: Array.from({ length: 50 }, () => ({ ...step, with: wrongInput })) });
	expect(result).toHaveLength(200);
	expect(problems({ ...base, steps: Array.from({ length: 51 }, (_, i) => ({ ...step, id: `s${i}` })) })).toEqual([
		"steps: must have at most 50 elements",
	]);
});

test("no input makes the check throw", () => {
	const part = fc.oneof(
		fc.jsonValue(),
		fc.constantFrom("${{", "${{ event.x }}", "90s", "event.id", "deal.*", "slack.post_message"),
	);
	const anything = fc.anything({
		maxDepth: 3,
		withBigInt: true,
		withDate: true,
		withMap: true,
		withNullPrototype: true,
	});
	const document = fc.record(
		{
			name: fc.oneof(part, fc.constant("a")),
			owner: part,
			on: fc.oneof(part, fc.record({ source: part, event: part, if: part, actors: part }, { requiredKeys: [] })),
			key: part,
			timing: fc.oneof(
				part,
				fc.record(
					{
						debounce: part,
						aggregate: fc.record(
							{ window: part, every: part, tz: part, summarize: part, when_empty: fc.constant("run") },
							{ requiredKeys: [] },
						),
					},
					{ requiredKeys: [] },
				),
			),
			steps: fc.oneof(
				part,
				fc.array(fc.record({ id: part, use: part, connection: part, with: part, retry: part }, { requiredKeys: [] }), {
					maxLength: 3,
				}),
			),
		},
		{ requiredKeys: [] },
	);
	fc.assert(
		fc.property(fc.oneof(anything, document), (input) => {
			const result = checkDocument(input, catalogue);
			if (!result.ok) expect(result.error.length).toBeGreaterThan(0);
		}),
		{ numRuns: 1_000 },
	);
});

describe("a sound document", () => {
	test("compiles with its defaults", () => {
		const workflow = compiled(base);
		expect(workflow.document).toMatchObject({ name: "deal-desk", key: "event.entity_id", priority: "normal" });
		expect(workflow.triggers).toMatchObject([{ path: "on", source: "hubspot", event: ["deal.", ""] }]);
		expect(workflow.timing).toEqual({ kind: "immediate" });
		expect(workflow.extract).toBeUndefined();
		expect(workflow.steps.map(({ plan }) => plan)).toEqual([
			{
				...{ id: "tell", use: "slack.post_message", connection: "slack", timeout_ms: 10_000, repeatable: false },
				...{ on_unknown: "retry", attempts: 6, base_ms: 10_000, cap_ms: 3_600_000 },
				undo: {
					...{ use: "slack.delete_message", connection: "slack", timeout_ms: 10_000, repeatable: true },
					...{ on_unknown: "retry", attempts: 6, base_ms: 10_000, cap_ms: 3_600_000, natural: true },
				},
			},
		]);
	});

	test("keeps what it says of retries, times and the unknown", () => {
		const [first] = compiled(
			withStep({ timeout: "5s", on_unknown: "stop", retry: { attempts: 2, base: "1s", cap: "30s" } }),
		).steps;
		expect(first?.plan).toMatchObject({
			timeout_ms: 5_000,
			on_unknown: "stop",
			attempts: 2,
			base_ms: 1_000,
			cap_ms: 30_000,
		});
	});

	test("may stop on an unknown outcome although its action is repeatable", () => {
		const [first] = compiled(withStep({ use: "slack.add_reaction", with: {}, on_unknown: "stop" })).steps;
		expect(first?.plan).toMatchObject({ repeatable: true, on_unknown: "stop" });
	});

	test.each([
		[undefined, { kind: "immediate" }],
		[{ immediate: {} }, { kind: "immediate" }],
		[{ debounce }, { kind: "debounce", quiet: 90_000, max_wait: 600_000, edge: "trailing", keep: "latest" }],
		[
			{ debounce: { quiet: "1m", max_wait: "1m", edge: "leading", keep: "all" } },
			{ kind: "debounce", quiet: 60_000, max_wait: 60_000, edge: "leading", keep: "all" },
		],
		[
			{ aggregate: { window: "15m" } },
			{ kind: "aggregate", window: 900_000, max_events: 1_000, max_bytes: 262_144, when_empty: "skip", top_n: 10 },
		],
		[
			{
				aggregate: {
					every: "0 9 * * 1-5",
					tz: "Europe/Berlin",
					max_events: 5,
					summarize: { top: { by: "event.id", n: 3 } },
				},
			},
			{
				kind: "aggregate",
				every: "0 9 * * 1-5",
				tz: "Europe/Berlin",
				max_events: 5,
				max_bytes: 262_144,
				when_empty: "skip",
				top_n: 3,
			},
		],
	])("plans its timing: %j", (timing, plan) => {
		expect(compiled({ ...base, timing }).timing).toEqual(plan);
	});

	test("may run empty with a clock and a key that does not read the event", () => {
		expect(compiled({ ...withClock({ when_empty: "run" }), key: "'all'" }).timing).toMatchObject({ when_empty: "run" });
	});

	test("may tick on the 29th of February", () => {
		expect(problems(withClock({ every: "0 0 29 2 *", tz: "UTC" }))).toEqual([]);
	});

	test("compiles what an aggregate reads of each event", () => {
		const { extract } = compiled(
			withAggregate({
				flush_if: "event.data.now",
				summarize: {
					counts_by: "event.event_type",
					sum: { a: "1", b: "2" },
					keep: ["data.title", "data.labels.0.name"],
				},
			}),
		);
		expect(extract?.flush_if).toBeDefined();
		expect(extract?.counts_by).toBeDefined();
		expect(extract?.top).toBeUndefined();
		expect(extract?.sum.map(([name]) => name)).toEqual(["a", "b"]);
		expect(extract?.keep).toEqual([
			["data.title", ["data", "title"]],
			["data.labels.0.name", ["data", "labels", "0", "name"]],
		]);
	});

	test.each([
		["in place of a text", { channel: "${{ event.data.channel }}", text: "a" }],
		["in place of a truth", { channel: "C1", text: "a", urgent: "${{ event.data.urgent }}" }],
		["in place of a list", { channel: "C1", text: "a", blocks: "${{ event.data.blocks }}" }],
		["in place of a choice", { channel: "C1", text: "a", blocks: [{ type: "${{ event.data.kind }}" }] }],
		[
			"in a text that would be too long as it is written",
			{ channel: "C1", text: `\${{ event.data.name }}${" ".repeat(100)}` },
		],
	])("may hold expressions %s", (_, input) => {
		expect(problems(withInput(input))).toEqual([]);
	});

	test("may hold expressions where one of several shapes fits", () => {
		const request = (body: unknown) => ({ ...step, use: "http.request", with: { url: "https://a.example", body } });
		expect(problems({ ...base, steps: [request({ text: "${{ event.id }}" })] })).toEqual([]);
		expect(problems({ ...base, steps: [request({ lines: ["${{ event.data.n }}", 2] })] })).toEqual([]);
		expect(problems({ ...base, steps: [request("${{ event.data.body }}")] })).toEqual([]);
		expect(problems({ ...base, steps: [request({ lines: ["${{ event.data.n }}", "2"] })] })).toEqual([
			"steps[0].with.body: an object like this is not allowed here",
		]);
	});
});
